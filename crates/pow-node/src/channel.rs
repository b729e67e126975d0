//! A TCP connection that proves who is at its other end, and whose frames cannot be changed, repeated or left out.
//!
//! Each side sends its id and a fresh X25519 key, then its signature of both sides' ids and keys. The shared secret
//! gives a key for each direction; a frame carries an HMAC-SHA-256 of its number and its bytes. Nothing is secret on
//! the wire: a chain is public.

use hmac::{Hmac, KeyInit, Mac};
use pow::{Digest, Envelope, Keys, NodeId, Signature};
use sha2::Sha256;
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::NodeKeys;

/// The longest frame, bytes.
const LONGEST: u32 = 16 << 20;
const MAC_BYTES: usize = 32;

/// What can go wrong on a connection.
#[derive(Debug, Error)]
pub enum ChannelError {
    /// The connection broke.
    #[error("the connection broke")]
    Io(#[from] std::io::Error),
    /// The other side could not prove who it is.
    #[error("the other side could not prove that it is {0}")]
    Handshake(NodeId),
    /// A frame was changed, or does not follow the one before.
    #[error("a frame is not what its sender sent next")]
    Mac,
    /// A frame is too long.
    #[error("a frame of {0} bytes is too long")]
    TooLong(u32),
    /// A frame holds no message.
    #[error("a frame holds no message")]
    Encoding(#[from] postcard::Error),
    /// There is no randomness.
    #[error("the operating system gave no random numbers")]
    Random(#[from] getrandom::Error),
}

/// The half that sends.
#[derive(Debug)]
pub struct Sender {
    stream: OwnedWriteHalf,
    key: Digest,
    frames: u64,
}

/// The half that receives.
#[derive(Debug)]
pub struct Receiver {
    stream: OwnedReadHalf,
    key: Digest,
    frames: u64,
}

/// Finds out who is at the other end, and proves who is at this one.
pub async fn handshake(mut stream: TcpStream, keys: &NodeKeys) -> Result<(NodeId, Sender, Receiver), ChannelError> {
    stream.set_nodelay(true)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let ephemeral = x25519_dalek::x25519(secret, x25519_dalek::X25519_BASEPOINT_BYTES);
    let mine = [keys.id().0, ephemeral].concat();
    stream.write_all(&mine).await?;
    let mut theirs = [0; 64];
    stream.read_exact(&mut theirs).await?;
    let (mut id, mut their_ephemeral) = ([0; 32], [0; 32]);
    id.copy_from_slice(&theirs[..32]);
    their_ephemeral.copy_from_slice(&theirs[32..]);
    let peer = NodeId(id);
    let said = |speaker: &[u8], listener: &[u8]| Digest::of(&[b"entente/pow/handshake", speaker, listener]);
    stream.write_all(keys.sign(&said(&mine, &theirs)).0.as_flattened()).await?;
    let (mut r, mut s) = ([0; 32], [0; 32]);
    stream.read_exact(&mut r).await?;
    stream.read_exact(&mut s).await?;
    if !keys.verify(peer, &said(&theirs, &mine), &Signature([r, s])) {
        return Err(ChannelError::Handshake(peer));
    }
    let shared = x25519_dalek::x25519(secret, their_ephemeral);
    let key = |speaker: &[u8], listener: &[u8]| Digest::of(&[b"entente/pow/frames", &shared, speaker, listener]);
    let (read, write) = stream.into_split();
    let sender = Sender { stream: write, key: key(&mine, &theirs), frames: 0 };
    let receiver = Receiver { stream: read, key: key(&theirs, &mine), frames: 0 };
    Ok((peer, sender, receiver))
}

fn mac(key: &Digest, frame: u64, bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("an HMAC takes keys of any length");
    mac.update(&frame.to_be_bytes());
    mac.update(bytes);
    mac
}

impl Sender {
    /// Sends a message.
    pub async fn send(&mut self, envelope: &Envelope) -> Result<(), ChannelError> {
        let bytes = postcard::to_allocvec(envelope)?;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if length > LONGEST {
            return Err(ChannelError::TooLong(length));
        }
        let tag = mac(&self.key, self.frames, &bytes).finalize().into_bytes();
        self.frames += 1;
        self.stream.write_all(&[&length.to_be_bytes(), bytes.as_slice(), tag.as_slice()].concat()).await?;
        Ok(())
    }
}

impl Receiver {
    /// Receives the next message.
    pub async fn receive(&mut self) -> Result<Envelope, ChannelError> {
        let length = self.stream.read_u32().await?;
        if length > LONGEST {
            return Err(ChannelError::TooLong(length));
        }
        let mut bytes = vec![0; usize::try_from(length).expect("at least 32 bits")];
        self.stream.read_exact(&mut bytes).await?;
        let mut tag = [0; MAC_BYTES];
        self.stream.read_exact(&mut tag).await?;
        mac(&self.key, self.frames, &bytes).verify_slice(&tag).map_err(|_| ChannelError::Mac)?;
        self.frames += 1;
        Ok(postcard::from_bytes(&bytes)?)
    }
}
