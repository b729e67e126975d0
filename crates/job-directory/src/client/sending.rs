//! A file as the body of a request, read as it is sent.

use std::{
    io::{self, Read},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use jobs::Source;
use tokio::sync::mpsc;

/// What is read at once.
const PIECE_BYTES: usize = 256 << 10;
/// Pieces that are read ahead.
const PIECES_AHEAD: usize = 4;

/// A file that is being read.
pub struct Sending {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
}

impl Sending {
    /// The first `size` bytes of a source, in constant memory.
    pub fn new(source: Source, size: u64) -> Self {
        let (sender, pieces) = mpsc::channel(PIECES_AHEAD);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = read(&source, size, &sender) {
                // Nobody to tell: the request is over.
                let _ = sender.blocking_send(Err(error));
            }
        });
        Self { pieces, left: size }
    }
}

fn read(source: &Source, size: u64, sender: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let mut reader = source.open()?.take(size);
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        reader.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        if piece.is_empty() || sender.blocking_send(Ok(piece.into())).is_err() {
            return Ok(());
        }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = std::task::ready!(self.pieces.poll_recv(context));
        if let Some(Ok(piece)) = &piece {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(match piece {
            None if self.left > 0 => {
                self.left = 0;
                Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was sent")))
            }
            piece => piece.map(|piece| piece.map(Frame::data)),
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
