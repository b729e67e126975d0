//! Connections to the other nodes: each listens, and connects to those that it has an address of.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use pow::{Envelope, Keys, NodeId};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::{ChannelError, NodeKeys, Receiver, Sender, handshake};

/// How many messages wait for a slow peer; more are dropped, as a network would.
const QUEUE: usize = 1_024;
/// How long between attempts to connect.
const RECONNECT: Duration = Duration::from_millis(100);
/// How long the other side may take to prove who it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// Something about a peer.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A connection is up; what is put into the queue is sent.
    Up(NodeId, mpsc::Sender<Arc<Envelope>>),
    /// A message came from the peer that signed it.
    Message(Box<Envelope>),
}

/// The queues to all peers.
#[derive(Debug, Default)]
pub(crate) struct Peers(BTreeMap<NodeId, mpsc::Sender<Arc<Envelope>>>);

impl Peers {
    pub(crate) fn up(&mut self, peer: NodeId, queue: mpsc::Sender<Arc<Envelope>>) {
        self.0.insert(peer, queue);
    }

    /// Puts a message into a peer's queue; it is lost where there is no connection, or the queue is full.
    pub(crate) fn send(&self, peer: NodeId, envelope: &Arc<Envelope>) {
        if let Some(queue) = self.0.get(&peer) {
            let _ = queue.try_send(envelope.clone());
        }
    }

    pub(crate) fn is_connected(&self, peer: NodeId) -> bool {
        self.0.get(&peer).is_some_and(|queue| !queue.is_closed())
    }

    pub(crate) fn connected(&self) -> usize {
        self.0.values().filter(|queue| !queue.is_closed()).count()
    }
}

/// Accepts connections for ever.
pub(crate) async fn listen(listener: TcpListener, keys: NodeKeys, heard: mpsc::Sender<Heard>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (keys, heard) = (keys.clone(), heard.clone());
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, &keys, None, &heard).await {
                        tracing::debug!(%error, "a connection ended");
                    }
                });
            }
            Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
        }
    }
}

/// Keeps a connection to a peer.
pub(crate) async fn connect(peer: NodeId, address: SocketAddr, keys: NodeKeys, heard: mpsc::Sender<Heard>) {
    let mut again = tokio::time::interval(RECONNECT);
    while !heard.is_closed() {
        again.tick().await;
        if let Ok(stream) = TcpStream::connect(address).await
            && let Err(error) = converse(stream, &keys, Some(peer), &heard).await
        {
            tracing::debug!(%peer, %error, "a connection ended");
        }
    }
}

async fn converse(
    stream: TcpStream,
    keys: &NodeKeys,
    expected: Option<NodeId>,
    heard: &mpsc::Sender<Heard>,
) -> Result<(), ChannelError> {
    let late = |_| std::io::Error::from(std::io::ErrorKind::TimedOut);
    let (peer, outgoing, incoming) = tokio::time::timeout(PATIENCE, handshake(stream, keys)).await.map_err(late)??;
    if expected.is_some_and(|expected| expected != peer) || peer == keys.id() {
        return Err(ChannelError::Handshake(expected.unwrap_or(peer)));
    }
    let (queue, waiting) = mpsc::channel(QUEUE);
    if heard.send(Heard::Up(peer, queue)).await.is_err() {
        return Ok(());
    }
    tokio::select! {
        sent = send_all(outgoing, waiting) => sent,
        received = receive_all(peer, incoming, heard) => received,
    }
}

async fn send_all(mut sender: Sender, mut waiting: mpsc::Receiver<Arc<Envelope>>) -> Result<(), ChannelError> {
    while let Some(envelope) = waiting.recv().await {
        sender.send(&envelope).await?;
    }
    Ok(())
}

async fn receive_all(peer: NodeId, mut receiver: Receiver, heard: &mpsc::Sender<Heard>) -> Result<(), ChannelError> {
    loop {
        let envelope = receiver.receive().await?;
        // Nobody speaks for others: what others said is inside of messages, as evidence.
        if envelope.from == peer && heard.send(Heard::Message(Box::new(envelope))).await.is_err() {
            return Ok(());
        }
    }
}
