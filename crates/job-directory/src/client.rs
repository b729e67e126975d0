//! Using a directory.

mod download;
mod error;
mod partial;
mod sending;
mod upload;

use std::time::Duration;

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use jobs::ContentHash;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use web::AskError;

pub use self::error::ClientError;
use crate::{About, Clock, Held, Holdings, Scope, Token, UptimeAnswer, system_clock};

/// Longer than this nobody is waited for: to be reached, or to send the next bytes.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a token is good for; each request has its own.
const TOKEN_SECONDS: u64 = 300;
/// An answer that is not a file has no more bytes.
const LARGEST_ANSWER: usize = 16 << 20;

/// Speaks to one directory, as one account.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    directory: Address,
    signer: PrivateKeySigner,
    clock: Clock,
}

impl Client {
    /// Of the directory at `url`, like `http://127.0.0.1:8750`, whose wallet is `directory`: a token that is signed for
    /// one directory is of no use to another.
    pub fn new(url: &str, directory: Address, signer: PrivateKeySigner) -> Result<Self, ClientError> {
        let http = web::client(url).connect_timeout(PATIENCE).read_timeout(PATIENCE).build();
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { http: http.map_err(AskError::Setup)?, url, directory, signer, clock: system_clock() })
    }

    /// Asks a directory who it is, and speaks to it as that. Whoever answers at `url` is believed: where it matters,
    /// the address is known from the chain.
    pub async fn discover(url: &str, signer: PrivateKeySigner) -> Result<Self, ClientError> {
        let client = Self::new(url, Address::ZERO, signer)?;
        let directory = client.about().await?.directory;
        Ok(Self { directory, ..client })
    }

    /// With another clock than this machine's, by which its tokens end.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The time by its clock, milliseconds of Unix time.
    pub(crate) fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// Who is spoken to.
    pub const fn directory(&self) -> Address {
        self.directory
    }

    /// Who the directory says it is, and what it stores.
    pub async fn about(&self) -> Result<About, ClientError> {
        self.ask(self.http.get(self.url("/v1/about"))).await
    }

    /// What the account has stored.
    pub async fn holdings(&self) -> Result<Holdings, ClientError> {
        self.ask(self.request(Method::GET, "/v1/holdings", Scope::Read, None)?).await
    }

    /// When the directory answered, as far as that touches an interval of milliseconds of Unix time. Whether that
    /// covers it is [`covers`](crate::covers)'s to say.
    pub async fn uptime(&self, from_ms: u64, until_ms: u64) -> Result<UptimeAnswer, ClientError> {
        self.ask(self.http.get(self.url(&format!("/uptime/{from_ms}/{until_ms}")))).await
    }

    /// Keeps a tree that is there until it is unpinned.
    pub async fn pin(&self, tree: ContentHash) -> Result<Held, ClientError> {
        self.ask(self.request(Method::PUT, &format!("/v1/trees/{tree}/pin"), Scope::Write, Some(tree))?).await
    }

    /// Keeps a tree for as long as any other.
    pub async fn unpin(&self, tree: ContentHash) -> Result<Held, ClientError> {
        self.ask(self.request(Method::DELETE, &format!("/v1/trees/{tree}/pin"), Scope::Write, Some(tree))?).await
    }

    /// Gives a tree up; it is removed if nobody else holds it.
    pub async fn release(&self, tree: ContentHash) -> Result<(), ClientError> {
        self.ask(self.request(Method::DELETE, &format!("/v1/trees/{tree}"), Scope::Write, Some(tree))?).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// A request with a token that is good for nothing but it.
    fn request(
        &self,
        method: Method,
        path: &str,
        scope: Scope,
        tree: Option<ContentHash>,
    ) -> Result<RequestBuilder, ClientError> {
        let expires_at = (self.clock)() / 1000 + TOKEN_SECONDS;
        let token = Token::sign(&self.signer, self.directory, scope, tree, expires_at)?;
        Ok(self.http.request(method, self.url(path)).bearer_auth(token))
    }

    async fn ask<A: DeserializeOwned>(&self, request: RequestBuilder) -> Result<A, ClientError> {
        Ok(web::ask(&self.url, request, LARGEST_ANSWER).await?)
    }
}
