//! Asking a fog server or the cloud.

use std::time::Duration;

use mint::{Flags, FogReport, Sample};
use reqwest::{Method, header};
use serde::de::DeserializeOwned;
use web::AskError as ClientError;

use crate::{SampleAnswer, Signed};

/// Longer than this nobody is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Twins of ten thousand miners have some megabytes.
const LARGEST_ANSWER: usize = 16 << 20;

/// Speaks to one server.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    /// Of the server at `url`, like `http://127.0.0.1:8080`.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let http = web::client(url).timeout(PATIENCE).build().map_err(ClientError::Setup)?;
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
        web::ask(&url, request, LARGEST_ANSWER).await
    }
}
