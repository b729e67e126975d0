//! Fetching a tree.

use std::{collections::BTreeMap, path::Path, time::Duration};

use jobs::{ContentHash, Entry, MOST_MANIFEST_BYTES, Tree, TreeError};
use reqwest::{Method, Response, StatusCode, header};

use super::{
    Client, ClientError,
    partial::{Partial, Writer},
};
use crate::Scope;

/// A connection that was lost so many times without a byte in between is given up.
const MOST_CUTS: u32 = 5;
/// Before it is tried again where no byte came.
const PAUSE: Duration = Duration::from_millis(500);

impl Client {
    /// Fetches a tree into a folder that is not there, or is empty. All of it is verified; what is in the folder
    /// afterwards is the tree, or nothing. A tree of more than `most_bytes` is refused before its files are asked for.
    ///
    /// A connection that is lost is taken up again where it was. Called again after it failed, or after the process
    /// ended, it goes on with what is in the folder `.NAME.partial` beside.
    pub async fn get(&self, tree: ContentHash, folder: &Path, most_bytes: u64) -> Result<Tree, ClientError> {
        let manifest = self.manifest(tree).await?;
        let bytes = manifest.transfer_bytes();
        if bytes > most_bytes {
            return Err(ClientError::TooLarge { tree, bytes, most: most_bytes });
        }
        let partial = Partial::beside(folder, tree)?;
        let files: BTreeMap<ContentHash, u64> =
            manifest.entries().map(|(_, Entry { hash, size, .. })| (*hash, *size)).collect();
        for (file, size) in files {
            if !partial.has(file).await? {
                self.fetch(tree, file, size, &partial).await?;
            }
        }
        partial.put_together(&manifest, folder).await?;
        Ok(manifest)
    }

    /// The manifest of a tree of which all is there.
    pub async fn manifest(&self, tree: ContentHash) -> Result<Tree, ClientError> {
        let request = self.request(Method::GET, &format!("/v1/trees/{tree}"), Scope::Read, Some(tree))?;
        let response = web::send(&self.url, request).await?;
        let manifest = web::read(&self.url, response, MOST_MANIFEST_BYTES).await?;
        let refused = |source: TreeError| ClientError::Manifest { tree, source };
        let found = Tree::parse(&manifest).map_err(refused)?;
        if found.hash() == tree { Ok(found) } else { Err(ClientError::Corrupted { wanted: tree, found: found.hash() }) }
    }

    async fn fetch(
        &self,
        tree: ContentHash,
        file: ContentHash,
        size: u64,
        partial: &Partial,
    ) -> Result<(), ClientError> {
        let (mut cuts, mut goes_on) = (0, partial.length(file) > 0);
        loop {
            let had = partial.length(file);
            match self.fetch_rest(tree, file, size, partial).await {
                Err(error) if error.is_cut() => {
                    cuts = if partial.length(file) > had { 0 } else { cuts + 1 };
                    if cuts >= MOST_CUTS {
                        return Err(error);
                    }
                    if cuts > 0 {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                // What an earlier process had left may never have reached the disk; it is gone now.
                Err(ClientError::Corrupted { .. }) if goes_on => goes_on = false,
                fetched => return fetched,
            }
        }
    }

    /// Fetches what of a file is not here yet, and verifies all of it.
    async fn fetch_rest(
        &self,
        tree: ContentHash,
        file: ContentHash,
        size: u64,
        partial: &Partial,
    ) -> Result<(), ClientError> {
        let has = partial.length(file);
        if has != size || size == 0 {
            let path = format!("/v1/trees/{tree}/files/{file}");
            let mut request = self.request(Method::GET, &path, Scope::Read, Some(tree))?;
            if has > 0 && has < size {
                request = request.header(header::RANGE, format!("bytes={has}-"));
            }
            let response = web::send(&self.url, request).await?;
            let has = if response.status() == StatusCode::PARTIAL_CONTENT { has } else { 0 };
            let mut writer = partial.append(file, has)?;
            let received = self.receive(response, &mut writer, (file, size), has).await;
            // What came is written, even if there is more to come.
            writer.finish().await?;
            received?;
        }
        partial.verify(file).await
    }

    async fn receive(
        &self,
        mut response: Response,
        writer: &mut Writer,
        (file, size): (ContentHash, u64),
        mut has: u64,
    ) -> Result<(), ClientError> {
        while let Some(piece) = web::piece(&self.url, &mut response).await? {
            has = has.saturating_add(piece.len() as u64);
            if has > size {
                return Err(ClientError::TooLarge { tree: file, bytes: has, most: size });
            }
            writer.write(piece).await?;
        }
        Ok(())
    }
}
