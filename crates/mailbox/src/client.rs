//! Posting and reading.

use std::time::Duration;

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::{Board, BoxId, Circle, ErrorAnswer, SealError, Taken};

/// Longer than this nobody is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a message was not posted, or nothing could be read.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The client cannot be set up, or the board does not answer.
    #[error("the board at {url} cannot be asked")]
    Request {
        /// Which board.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// It refuses.
    #[error("the board at {url} refuses: {reason}")]
    Refused {
        /// Which board.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Why, in its words.
        reason: String,
    },
    /// The answer is not one.
    #[error("the board at {url} answers something else")]
    Answer {
        /// Which board.
        url: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The message cannot be sealed.
    #[error("the message cannot be sealed")]
    Seal(#[from] SealError),
}

/// One of a circle, at a box of a board.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    circle: Circle,
    id: BoxId,
}

impl Client {
    /// At the box for `purpose` of the board at `url`, like `http://127.0.0.1:8700`.
    pub fn new(url: &str, circle: Circle, purpose: &[u8]) -> Result<Self, ClientError> {
        // Somebody else may have installed the same one before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let id = circle.box_id(purpose);
        let url = format!("{}/v1/boxes/{}", url.trim_end_matches('/'), id.0);
        let http = reqwest::Client::builder().timeout(PATIENCE).build();
        let http = http.map_err(|source| ClientError::Request { url: url.clone(), source })?;
        Ok(Self { http, url, circle, id })
    }

    /// Seals a message and posts it; returns its number.
    pub async fn post(&self, message: &[u8]) -> Result<u64, ClientError> {
        let sealed = self.circle.seal(&self.id, message)?;
        let Taken { number } = self.ask(self.http.post(&self.url).body(sealed)).await?;
        Ok(number)
    }

    /// What the board shows after number `after`.
    pub async fn read(&self, after: u64) -> Result<Board, ClientError> {
        self.ask(self.http.get(format!("{}/{after}", self.url))).await
    }

    /// What a post says, if somebody of the circle sealed it.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        self.circle.open(&self.id, sealed)
    }

    async fn ask<A: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<A, ClientError> {
        let url = || self.url.clone();
        let failed = |source| ClientError::Request { url: url(), source };
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let text = response.bytes().await.map_err(failed)?;
        if status != StatusCode::OK {
            let reason = serde_json::from_slice(&text).map_or_else(|_| status.to_string(), |e: ErrorAnswer| e.error);
            return Err(ClientError::Refused { url: url(), status: status.as_u16(), reason });
        }
        serde_json::from_slice(&text).map_err(|source| ClientError::Answer { url: url(), source })
    }
}
