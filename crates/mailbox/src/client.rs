//! Posting and reading.

use std::time::Duration;

use serde::de::DeserializeOwned;
use thiserror::Error;
use web::AskError;

use crate::{Board, BoxId, Circle, SealError, Taken};

/// Longer than this nobody is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Posts are told in hexadecimal; nobody agrees on boxes that hold more than half of this.
const LARGEST_ANSWER: usize = 1 << 28;

/// Why a message was not posted, or nothing could be read.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The board does not answer, refuses, or answers something else.
    #[error(transparent)]
    Ask(#[from] AskError),
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
        let id = circle.box_id(purpose);
        let url = format!("{}/v1/boxes/{}", url.trim_end_matches('/'), id.0);
        let http = web::client(&url).timeout(PATIENCE).build().map_err(AskError::Setup)?;
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
        Ok(web::ask(&self.url, request, LARGEST_ANSWER).await?)
    }
}
