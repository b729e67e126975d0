//! HTTP connections: rustls with ring, roots from the system where they are needed.

use std::time::Duration;

use alloy::transports::http::{
    Http,
    reqwest::{self, Url},
};

use super::ClientError;

/// A connection to `url`, and what to call it. Requests carry the time limit down to it, so none outlives its asker.
pub(super) fn http(url: &str, limit: Duration) -> Result<(Http<reqwest::Client>, String), ClientError> {
    let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let parsed = parsed.ok_or_else(|| ClientError::BadUrl { url: url.to_owned() })?;
    let name = parsed.origin().ascii_serialization();
    Ok((Http::with_client(http_client(url, limit)?, parsed), name))
}

/// A client for requests to `url` (http or https), none of which may take longer than `limit`.
pub fn http_client(url: &str, limit: Duration) -> Result<reqwest::Client, ClientError> {
    let client = web::client(url).timeout(limit).build();
    client.map_err(|source| ClientError::Setup { url: url.to_owned(), source })
}
