//! A Trezor as its emulator is: the wire protocol of one, on this machine's loopback, with a key that the test gives it.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use alloy::{
    consensus::{SignableTransaction, TxEip1559},
    primitives::{Address, TxKind, U256},
    signers::{SignerSync, local::PrivateKeySigner},
};
use protobuf::{Enum, Message};
use trezor_client::{
    TrezorMessage,
    protos::{
        ButtonRequest, EthereumAddress, EthereumSignTxEIP1559, EthereumTxAck, EthereumTxRequest, Failure, Features,
        MessageType, failure::FailureType,
    },
};

/// Where an emulator listens; every program that speaks to one knows no other place.
const EMULATOR: &str = "127.0.0.1:21324";
/// A packet of the protocol, in bytes.
const PACKET: usize = 64;
/// How much of a call's data a device takes at once, in bytes.
const CHUNK: usize = 1024;

/// The device, as whoever holds it uses it.
pub struct Trezor {
    hands: Arc<Mutex<Hands>>,
    stop: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

/// What is done at the device.
struct Hands {
    addressed: PrivateKeySigner,
    signing: PrivateKeySigner,
    consents: bool,
    asked: usize,
}

impl Trezor {
    /// One that holds `key`, and whose holder consents to everything.
    pub fn holding(key: &PrivateKeySigner) -> Self {
        let socket = UdpSocket::bind(EMULATOR).expect("no other emulator runs here");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        let hands = Hands { addressed: key.clone(), signing: key.clone(), consents: true, asked: 0 };
        let (hands, stop) = (Arc::new(Mutex::new(hands)), Arc::new(AtomicBool::new(false)));
        let mut serving = Serving { socket, hands: hands.clone(), incoming: BTreeMap::new(), signing: None };
        let stopped = stop.clone();
        let serving = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                serving.next();
            }
        });
        Self { hands, stop, serving: Some(serving) }
    }

    /// From now on its holder says no.
    pub fn decline(&self) {
        self.hands.lock().expect("no panic").consents = false;
    }

    /// From now on it says yes, and has another key whenever it signs: it was exchanged after it had been asked who it is.
    pub fn exchange_before_signing(&self, key: PrivateKeySigner) {
        let mut hands = self.hands.lock().expect("no panic");
        (hands.consents, hands.signing) = (true, key);
    }

    /// From now on it is another device.
    pub fn exchange(&self, key: PrivateKeySigner) {
        self.hands.lock().expect("no panic").addressed = key;
    }

    /// How often its holder was asked.
    pub fn asked(&self) -> usize {
        self.hands.lock().expect("no panic").asked
    }
}

impl Drop for Trezor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.serving.take().expect("it is dropped once").join().expect("the device did not panic");
    }
}

struct Serving {
    socket: UdpSocket,
    hands: Arc<Mutex<Hands>>,
    /// What has come so far, by who sends it: the kind of a message, its length, and its bytes.
    incoming: BTreeMap<SocketAddr, (u16, usize, Vec<u8>)>,
    signing: Option<EthereumSignTxEIP1559>,
}

impl Serving {
    fn next(&mut self) {
        let mut packet = [0; PACKET];
        let Ok((length, from)) = self.socket.recv_from(&mut packet) else { return };
        if &packet[..length] == b"PINGPING" {
            self.socket.send_to(b"PONGPONG", from).expect("sent");
            return;
        }
        if packet.starts_with(b"?##") {
            let kind = u16::from_be_bytes([packet[3], packet[4]]);
            let whole = u32::from_be_bytes([packet[5], packet[6], packet[7], packet[8]]);
            self.incoming.insert(from, (kind, whole.try_into().expect("a length"), packet[9..].to_vec()));
        } else {
            self.incoming.get_mut(&from).expect("a message begun").2.extend(&packet[1..]);
        }
        if self.incoming[&from].2.len() >= self.incoming[&from].1 {
            let (kind, whole, mut bytes) = self.incoming.remove(&from).expect("a message");
            bytes.truncate(whole);
            self.hear(from, MessageType::from_i32(kind.into()).expect("a kind of message"), &bytes);
        }
    }

    fn hear(&mut self, from: SocketAddr, kind: MessageType, bytes: &[u8]) {
        match kind {
            MessageType::MessageType_Initialize => {
                let mut features = Features::new();
                features.set_major_version(2);
                features.set_minor_version(8);
                features.set_patch_version(0);
                features.set_session_id(vec![7; 32]);
                self.say(from, &features);
            }
            MessageType::MessageType_EthereumGetAddress => {
                let mut address = EthereumAddress::new();
                address.set_address(self.hands.lock().expect("no panic").addressed.address().to_string());
                self.say(from, &address);
            }
            MessageType::MessageType_EthereumSignTxEIP1559 => {
                self.signing = Some(EthereumSignTxEIP1559::parse_from_bytes(bytes).expect("a transaction"));
                self.go_on(from);
            }
            MessageType::MessageType_EthereumTxAck => {
                let more = EthereumTxAck::parse_from_bytes(bytes).expect("data");
                let signing = self.signing.as_mut().expect("a transaction begun");
                signing.data_initial_chunk.as_mut().expect("its data").extend(more.data_chunk());
                self.go_on(from);
            }
            MessageType::MessageType_ButtonAck => self.decide(from),
            kind => panic!("nothing is known of {kind:?}"),
        }
    }

    /// Asks for the rest of the data, or the holder for consent.
    fn go_on(&mut self, from: SocketAddr) {
        let signing = self.signing.as_ref().expect("a transaction begun");
        let missing = signing.data_length() as usize - signing.data_initial_chunk().len();
        if missing == 0 {
            self.hands.lock().expect("no panic").asked += 1;
            return self.say(from, &ButtonRequest::new());
        }
        let mut request = EthereumTxRequest::new();
        request.set_data_length(u32::try_from(missing.min(CHUNK)).expect("a length"));
        self.say(from, &request);
    }

    fn decide(&mut self, from: SocketAddr) {
        let signing = self.signing.take().expect("a transaction begun");
        let hands = self.hands.lock().expect("no panic");
        if !hands.consents {
            let mut failure = Failure::new();
            failure.set_code(FailureType::Failure_ActionCancelled);
            failure.set_message("Cancelled".to_owned());
            return self.say(from, &failure);
        }
        let hash = transaction(&signing).signature_hash();
        let signature = hands.signing.sign_hash_sync(&hash).expect("signed");
        let mut request = EthereumTxRequest::new();
        request.set_signature_v(signature.v().into());
        request.set_signature_r(signature.r().to_be_bytes_vec());
        request.set_signature_s(signature.s().to_be_bytes_vec());
        self.say(from, &request);
    }

    fn say<M: TrezorMessage>(&self, to: SocketAddr, message: &M) {
        let bytes = message.write_to_bytes().expect("a message");
        let kind = u16::try_from(M::MESSAGE_TYPE.value()).expect("a kind");
        let length = u32::try_from(bytes.len()).expect("a length");
        let whole = [b"##".as_slice(), &kind.to_be_bytes(), &length.to_be_bytes(), &bytes].concat();
        for part in whole.chunks(PACKET - 1) {
            let mut packet = [0; PACKET];
            packet[0] = b'?';
            packet[1..=part.len()].copy_from_slice(part);
            self.socket.send_to(&packet, to).expect("sent");
        }
    }
}

fn transaction(signing: &EthereumSignTxEIP1559) -> TxEip1559 {
    let number = |bytes: &[u8]| U256::try_from_be_slice(bytes).expect("a number");
    let to = match signing.to() {
        "" => TxKind::Create,
        to => TxKind::Call(to.parse::<Address>().expect("an address")),
    };
    TxEip1559 {
        chain_id: signing.chain_id(),
        nonce: number(signing.nonce()).to(),
        gas_limit: number(signing.gas_limit()).to(),
        max_fee_per_gas: number(signing.max_gas_fee()).to(),
        max_priority_fee_per_gas: number(signing.max_priority_fee()).to(),
        to,
        value: number(signing.value()),
        input: signing.data_initial_chunk().to_vec().into(),
        ..TxEip1559::default()
    }
}
