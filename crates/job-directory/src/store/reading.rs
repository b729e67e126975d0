//! Reading files, and finding out whether they are still what they are called.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream::BoxStream};
use jobs::{ContentHash, Hasher};
use object_store::{GetOptions, GetRange};

use super::{Store, StoreError, failed, key};

/// A file's bytes from the first to the last. The last ones are given only if all together are what they are called, so
/// that a reader of a damaged file never gets all that it was promised.
pub struct Verified {
    name: ContentHash,
    hasher: Option<Hasher>,
    held: Option<Bytes>,
    bytes: BoxStream<'static, object_store::Result<Bytes>>,
}

impl Store {
    /// All of a file.
    pub async fn read(&self, name: ContentHash) -> Result<Verified, StoreError> {
        let got = self.objects.get_opts(&key::file(name), GetOptions::default()).await.map_err(failed("read"))?;
        Ok(Verified { name, hasher: Some(Hasher::default()), held: None, bytes: got.into_stream() })
    }

    /// Whether a file is not there, or is not what it is called. Reads all of it.
    pub async fn is_damaged(&self, name: ContentHash) -> Result<bool, StoreError> {
        let mut bytes = match self.read(name).await {
            Err(StoreError::Store { source: object_store::Error::NotFound { .. }, .. }) => return Ok(true),
            read => read?,
        };
        while let Some(piece) = bytes.next().await {
            match piece {
                Err(StoreError::Damaged(_)) => return Ok(true),
                piece => drop(piece?),
            }
        }
        Ok(false)
    }

    /// A part of a file, which cannot be verified.
    pub async fn read_from(
        &self,
        name: ContentHash,
        range: std::ops::Range<u64>,
    ) -> Result<BoxStream<'static, object_store::Result<Bytes>>, StoreError> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        Ok(self.objects.get_opts(&key::file(name), options).await.map_err(failed("read"))?.into_stream())
    }
}

impl Stream for Verified {
    type Item = Result<Bytes, StoreError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let Some(hasher) = this.hasher.as_mut() else { return Poll::Ready(None) };
            match std::task::ready!(this.bytes.poll_next_unpin(context)) {
                // An empty piece before the end: the file became shorter than it was when it was opened.
                Some(Ok(piece)) if piece.is_empty() => return Poll::Ready(Some(Err(this.damaged()))),
                Some(Ok(piece)) => {
                    hasher.update(&piece);
                    if let Some(before) = this.held.replace(piece) {
                        return Poll::Ready(Some(Ok(before)));
                    }
                }
                Some(Err(source)) => {
                    this.hasher = None;
                    return Poll::Ready(Some(Err(failed("read")(source))));
                }
                None => {
                    let found = this.hasher.take().map(|hasher| hasher.finish().1);
                    let last = this.held.take().map(Ok);
                    return Poll::Ready(if found == Some(this.name) { last } else { Some(Err(this.damaged())) });
                }
            }
        }
    }
}

impl Verified {
    fn damaged(&mut self) -> StoreError {
        self.hasher = None;
        StoreError::Damaged(self.name)
    }
}
