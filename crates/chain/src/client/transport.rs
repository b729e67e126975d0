//! HTTP connections: rustls with ring, roots from the system where they are needed.

use std::time::Duration;

use alloy::{
    providers::RootProvider,
    rpc::client::RpcClient,
    transports::http::reqwest::{self, Url},
};

use super::ClientError;

/// A provider for `url`. Requests carry the time limit down to the connection, so none outlives its asker.
pub(super) fn provider(url: &str, limit: Duration) -> Result<RootProvider, ClientError> {
    let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let parsed = parsed.ok_or_else(|| ClientError::BadUrl { url: url.to_owned() })?;
    let client = http_client(url, limit)?;
    Ok(RootProvider::new(RpcClient::builder().http_with_client(client, parsed)))
}

/// A client for requests to `url` (http or https), none of which may take longer than `limit`.
pub fn http_client(url: &str, limit: Duration) -> Result<reqwest::Client, ClientError> {
    let client = web::client(url).timeout(limit).build();
    client.map_err(|source| ClientError::Setup { url: url.to_owned(), source })
}
