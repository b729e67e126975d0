//! A file that is being written, and kept only if it is what it should be.

use bytes::{Bytes, BytesMut};
use jobs::{ContentHash, Hasher};
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};

use super::{Store, StoreError, failed, key};
use crate::Refusal;

/// What is written at once; object stores want at least five mebibytes but for the last part.
const PART_BYTES: usize = 5 << 20;

/// A file on its way in. Dropped before it is finished, it leaves nothing.
#[derive(Debug)]
pub struct Incoming {
    name: ContentHash,
    size: u64,
    hasher: Hasher,
    came: u64,
    part: BytesMut,
    upload: Box<dyn MultipartUpload>,
}

impl Store {
    /// Begins to write a file of this name and size.
    pub async fn receive(&self, name: ContentHash, size: u64) -> Result<Incoming, StoreError> {
        let upload = self.objects.put_multipart(&key::file(name)).await.map_err(failed("write"))?;
        Ok(Incoming { name, size, hasher: Hasher::default(), came: 0, part: BytesMut::new(), upload })
    }
}

impl Incoming {
    /// Takes the next bytes. More than were announced are refused when the first one of them comes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.came = self.came.saturating_add(bytes.len() as u64);
        if self.came > self.size {
            return Err(Refusal::OtherSize { file: self.name, announced: self.size });
        }
        self.hasher.update(bytes);
        self.part.extend_from_slice(bytes);
        if self.part.len() >= PART_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let part: Bytes = std::mem::take(&mut self.part).freeze();
        self.upload.put_part(PutPayload::from(part)).await.map_err(failed("write"))
    }

    /// Keeps the file, if all came and is what it is called.
    pub async fn finish(mut self) -> Result<(), Refusal> {
        if self.came < self.size {
            self.abort().await;
            return Err(Refusal::OtherSize { file: self.name, announced: self.size });
        }
        let (_, found) = std::mem::take(&mut self.hasher).finish();
        if found != self.name {
            let expected = self.name;
            self.abort().await;
            return Err(Refusal::OtherHash { expected, found });
        }
        if !self.part.is_empty() || self.size == 0 {
            self.flush().await?;
        }
        self.upload.complete().await.map_err(failed("write"))?;
        Ok(())
    }

    /// Leaves nothing of it.
    pub async fn abort(&mut self) {
        if let Err(error) = self.upload.abort().await {
            tracing::warn!("half of {} is left in the store: {error}", self.name);
        }
    }
}
