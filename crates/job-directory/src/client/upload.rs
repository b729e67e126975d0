//! Storing a tree.

use std::collections::BTreeMap;

use jobs::{Bundle, ContentHash, Source};
use reqwest::{Body, Method, header};

use super::{Client, ClientError, sending::Sending};
use crate::{Announced, Scope};

impl Client {
    /// Stores a tree: its manifest first, then the files that the directory does not have. Broken off, it goes on with
    /// the files that are missing when it is called again.
    pub async fn put(&self, bundle: &Bundle) -> Result<Announced, ClientError> {
        let tree = bundle.tree().hash();
        let announced = self.announce(tree, bundle.tree().to_string()).await?;
        if announced.missing.is_empty() {
            return Ok(announced);
        }
        let sources: BTreeMap<ContentHash, (u64, &Source)> =
            bundle.sources().map(|(_, entry, source)| (entry.hash, (entry.size, source))).collect();
        for file in announced.missing {
            let (size, source) = sources.get(&file).ok_or(ClientError::Changed(file))?;
            self.put_file(tree, file, *size, source).await?;
        }
        // Again, since it is kept for longer now; and what is missing still is the directory's to say.
        self.announce(tree, bundle.tree().to_string()).await
    }

    /// Announces a tree by its manifest. Returns what is still to be sent.
    pub async fn announce(&self, tree: ContentHash, manifest: String) -> Result<Announced, ClientError> {
        let request = self.request(Method::PUT, &format!("/v1/trees/{tree}"), Scope::Write, Some(tree))?;
        self.ask(request.body(manifest)).await
    }

    /// Sends a file of a tree that was announced.
    pub async fn put_file(
        &self,
        tree: ContentHash,
        file: ContentHash,
        size: u64,
        source: &Source,
    ) -> Result<(), ClientError> {
        let path = format!("/v1/trees/{tree}/files/{file}");
        let request = self.request(Method::PUT, &path, Scope::Write, Some(tree))?;
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        self.ask(request.body(Body::wrap(Sending::new(source.clone(), size)))).await
    }
}
