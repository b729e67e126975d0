//! Nodes on this machine, and a stranger that pretends.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use pow::{Digest, Envelope, Keys, Message, NodeId, Params};
use pow_node::{ChannelError, Event, Genesis, Member, NodeKeys, Options, handshake, print_id, run};
use tokio::net::{TcpListener, TcpStream};

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (called, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    (called.expect("a connection"), accepted.expect("a connection").0)
}

fn keys(number: u8) -> NodeKeys {
    NodeKeys::from_secret(&[number; 32])
}

#[tokio::test]
async fn both_ends_know_each_other_and_frames_arrive_in_order() {
    let (one, other) = pair().await;
    let (alice, bob) = (keys(1), keys(2));
    let (at_alice, at_bob) = tokio::join!(handshake(one, &alice), handshake(other, &bob));
    let (mut to_bob, mut from_alice) = (at_alice.unwrap(), at_bob.unwrap());
    assert_eq!((to_bob.0, from_alice.0), (bob.id(), alice.id()));
    for height in 0..3 {
        let sent = Envelope::seal(Message::Sync { height }, &alice);
        to_bob.1.send(&sent).await.unwrap();
        assert_eq!(from_alice.2.receive().await.unwrap(), sent);
    }
}

#[tokio::test]
async fn who_does_not_hold_a_key_cannot_pretend_to() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut liar, other) = pair().await;
    let lie = async {
        let hello = [keys(1).id().0, x25519_dalek::x25519([5; 32], x25519_dalek::X25519_BASEPOINT_BYTES)].concat();
        liar.write_all(&hello).await.unwrap();
        let mut theirs = [0; 64];
        liar.read_exact(&mut theirs).await.unwrap();
        let wrong = keys(3).sign(&Digest::of(&[b"entente/pow/handshake", &hello, &theirs]));
        liar.write_all(wrong.0.as_flattened()).await.unwrap();
    };
    let bob = keys(2);
    let (heard, ()) = tokio::join!(handshake(other, &bob), lie);
    assert!(matches!(heard, Err(ChannelError::Handshake(peer)) if peer == keys(1).id()));
}

#[tokio::test]
async fn a_frame_that_was_changed_on_its_way_ends_the_connection() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let ((one, mut near), (mut far, other)) = (pair().await, pair().await);
    // A relay that changes the last byte but one of all it relays after the handshake.
    let relay = async {
        let mut back = [0; 64];
        for _ in 0..2 {
            let mut half = vec![0; 64];
            near.read_exact(&mut half).await.unwrap();
            far.write_all(&half).await.unwrap();
            far.read_exact(&mut back).await.unwrap();
            near.write_all(&back).await.unwrap();
        }
        let length = near.read_u32().await.unwrap();
        let mut frame = vec![0; length as usize + 32];
        near.read_exact(&mut frame).await.unwrap();
        frame[length as usize - 70] ^= 1;
        far.write_u32(length).await.unwrap();
        far.write_all(&frame).await.unwrap();
    };
    let (alice, bob) = (keys(1), keys(2));
    let talk = async {
        let (_, mut sender, receiver) = handshake(one, &alice).await.unwrap();
        sender.send(&Envelope::seal(Message::Sync { height: 1 }, &alice)).await.unwrap();
        // Kept until the frame is on its way.
        (sender, receiver)
    };
    let listen = async {
        let (_, _sender, mut receiver) = handshake(other, &bob).await.unwrap();
        receiver.receive().await
    };
    let (received, _open, ()) = tokio::join!(listen, talk, relay);
    assert!(matches!(received, Err(ChannelError::Mac)), "{received:?}");
}

/// The hashes that each node decided.
type Chains = Vec<(NodeId, Vec<Digest>)>;

#[tokio::test(flavor = "multi_thread")]
async fn four_nodes_mine_one_chain_over_tcp() {
    const BLOCKS: u32 = 3;
    let (mut listeners, mut members) = (Vec::new(), Vec::new());
    for number in 1..=4 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        members.push(Member { id: print_id(keys(number).id()), address });
        listeners.push((number, listener));
    }
    let genesis = Genesis { params: Params::new(12), members };
    let chains: Arc<Mutex<Chains>> = Arc::default();
    let folder = tempfile::tempdir().unwrap();
    let mut nodes = tokio::task::JoinSet::new();
    for (number, listener) in listeners {
        let options = Options {
            genesis: genesis.clone(),
            peers: Vec::new(),
            keys: keys(number),
            folder: folder.path().join(number.to_string()),
            listener,
            kernel: pow_kernel::fastest(),
            rate_limit: Some(10_000),
        };
        let (id, chains, mut chain) = (keys(number).id(), chains.clone(), Vec::new());
        nodes.spawn(run(options, move |event| {
            if let Event::Decided(decision) = event {
                chain.push(decision.block.hash());
                if chain.len() == BLOCKS as usize {
                    chains.lock().unwrap().push((id, chain.clone()));
                }
            }
            // Others may still need this node.
            chains.lock().unwrap().len() < 4
        }));
    }
    while let Some(node) = nodes.join_next().await {
        node.unwrap().unwrap();
    }
    let chains = chains.lock().unwrap();
    assert_eq!(chains.len(), 4);
    assert!(chains.iter().all(|(_, chain)| *chain == chains[0].1), "{chains:?}");
}
