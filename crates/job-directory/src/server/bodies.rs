//! Taking what is sent, piece by piece, from senders who are not waited for for ever.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use futures_util::StreamExt;

use crate::Refusal;

/// Of what is refused, so much is read and dropped: a sender that is still sending would not hear why.
const LINGER_BYTES: usize = 32 << 20;
/// And for so long.
const LINGER: Duration = Duration::from_secs(5);

/// What is being sent.
pub struct Pieces {
    body: BodyDataStream,
    patience: Duration,
}

/// The pieces of a body; the next one is waited for for as long as `patience`.
pub fn pieces(body: Body, patience: Duration) -> Pieces {
    Pieces { body: body.into_data_stream(), patience }
}

impl Pieces {
    /// The next one; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        match tokio::time::timeout(self.patience, self.body.next()).await {
            Err(_) => Err(Refusal::Silent { seconds: self.patience.as_secs() }),
            Ok(None) => Ok(None),
            Ok(Some(Ok(piece))) => Ok(Some(piece)),
            Ok(Some(Err(_))) => Err(Refusal::Cut),
        }
    }

    /// Hears a sender out who is refused, within bounds.
    pub async fn drain(&mut self) {
        let mut left = LINGER_BYTES;
        let hearing = async {
            while let Ok(Some(piece)) = self.next().await {
                left = left.saturating_sub(piece.len());
                if left == 0 {
                    break;
                }
            }
        };
        // One that is cut off instead has had its time.
        let _ = tokio::time::timeout(LINGER, hearing).await;
    }
}

/// The length that a sender promises.
pub fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// All of a body that has no more than so many bytes.
pub async fn read(headers: &HeaderMap, pieces: &mut Pieces, most: usize) -> Result<Vec<u8>, Refusal> {
    let too_large = || Refusal::TooLarge { most: most as u64 };
    if length(headers).is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let mut all = Vec::new();
    while let Some(piece) = pieces.next().await? {
        if all.len() + piece.len() > most {
            return Err(too_large());
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}
