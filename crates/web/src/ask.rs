//! Asking servers, and taking no more of an answer than one wants.

use axum::{body::Bytes, http::StatusCode};
use reqwest::{ClientBuilder, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::ErrorAnswer;

/// Of a refusal nobody reads more bytes.
const LARGEST_REFUSAL: usize = 1 << 16;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum AskError {
    /// The client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] reqwest::Error),
    /// Nobody answers, or the connection was lost.
    #[error("{url} does not answer, or broke off")]
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
    /// The answer is longer than anybody wants.
    #[error("{url} answers with more than {most} bytes")]
    Endless {
        /// Who was asked.
        url: String,
        /// What is taken.
        most: usize,
    },
}

/// A client for requests to `url` (http or https), without limits of time so far. It verifies with rustls and ring.
pub fn client(url: &str) -> ClientBuilder {
    // An error here means that the program chose a provider before, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().tcp_nodelay(true);
    // What is near must be reachable on machines without any root certificates.
    if url.starts_with("http:") { builder.tls_certs_only([]) } else { builder }
}

/// Sends a request, and gets its answer or the server's reason for giving none. `url` is who is named in errors.
pub async fn send(url: &str, request: RequestBuilder) -> Result<Response, AskError> {
    let response = request.send().await.map_err(|source| silent(url, source))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let words = read(url, response, LARGEST_REFUSAL).await?;
    let reason = serde_json::from_slice(&words).map_or_else(|_| status.to_string(), |answer: ErrorAnswer| answer.error);
    Err(AskError::Refused { url: url.to_owned(), status: status.as_u16(), reason })
}

/// Sends a request, and reads its answer: JSON of at most so many bytes, or nothing for what is no more than done.
pub async fn ask<A: DeserializeOwned>(url: &str, request: RequestBuilder, most: usize) -> Result<A, AskError> {
    let response = send(url, request).await?;
    let is_empty = response.status() == StatusCode::NO_CONTENT;
    let bytes = read(url, response, most).await?;
    let answer = if is_empty { b"null" } else { bytes.as_slice() };
    serde_json::from_slice(answer).map_err(|source| AskError::Answer { url: url.to_owned(), source })
}

/// All of an answer that has at most so many bytes.
pub async fn read(url: &str, mut response: Response, most: usize) -> Result<Vec<u8>, AskError> {
    let mut all = Vec::new();
    while let Some(piece) = piece(url, &mut response).await? {
        if all.len() + piece.len() > most {
            return Err(AskError::Endless { url: url.to_owned(), most });
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// The next bytes of an answer, as they come; `None` at its end.
pub async fn piece(url: &str, response: &mut Response) -> Result<Option<Bytes>, AskError> {
    response.chunk().await.map_err(|source| silent(url, source))
}

fn silent(url: &str, source: reqwest::Error) -> AskError {
    // The address is told already, as far as it may be.
    AskError::Request { url: url.to_owned(), source: source.without_url() }
}
