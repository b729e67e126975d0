//! Asking a fog server or the cloud.

use std::time::Duration;

use mint::{Flags, FogReport, Sample};
use reqwest::{Method, StatusCode, header};
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::{ErrorAnswer, SampleAnswer, Signed};

/// Longer than this nobody is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] reqwest::Error),
    /// Nobody answers.
    #[error("{url} does not answer")]
    Request {
        /// Who was asked.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// What was asked is refused.
    #[error("{url} refuses: {reason}")]
    Refused {
        /// Who was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Why, in the server's words.
        reason: String,
    },
    /// The answer is not one.
    #[error("{url} answers something else")]
    Answer {
        /// Who was asked.
        url: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// Speaks to one server.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    /// Of the server at `url`, like `http://127.0.0.1:8080`.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        // Somebody else may have installed the same one before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().map_err(ClientError::Setup)?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned() })
    }

    /// Hands a sample to a fog server.
    pub async fn sample(&self, sample: &Signed<Sample>) -> Result<SampleAnswer, ClientError> {
        self.ask(Method::POST, "/v1/samples", None, serde_json::to_vec(sample)).await
    }

    /// Hands a report to the cloud.
    pub async fn report(&self, report: &Signed<FogReport>) -> Result<Signed<Flags>, ClientError> {
        self.ask(Method::POST, "/v1/reports", None, serde_json::to_vec(report)).await
    }

    /// Reads what only operators may, with their token.
    pub async fn read<A: DeserializeOwned>(&self, path: &str, token: &str) -> Result<A, ClientError> {
        self.ask(Method::GET, path, Some(token), Ok(Vec::new())).await
    }

    /// Tells a server what only operators may, with their token.
    pub async fn tell<A: DeserializeOwned>(&self, path: &str, token: &str) -> Result<A, ClientError> {
        self.ask(Method::POST, path, Some(token), Ok(Vec::new())).await
    }

    async fn ask<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: serde_json::Result<Vec<u8>>,
    ) -> Result<A, ClientError> {
        let url = format!("{}{path}", self.url);
        let body = body.map_err(|source| ClientError::Answer { url: url.clone(), source })?;
        let mut request = self.http.request(method, &url).header(header::CONTENT_TYPE, "application/json").body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let failed = |source| ClientError::Request { url: url.clone(), source };
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let text = response.bytes().await.map_err(failed)?;
        if status != StatusCode::OK {
            let reason = serde_json::from_slice(&text).map_or_else(|_| status.to_string(), |e: ErrorAnswer| e.error);
            return Err(ClientError::Refused { url, status: status.as_u16(), reason });
        }
        serde_json::from_slice(&text).map_err(|source| ClientError::Answer { url, source })
    }
}
