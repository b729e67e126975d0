//! A request on its way to the wire.

use crate::{Good, body, chance::Chance, head};

/// A request, with what is wrong with it.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Vec<u8>,
    pub target: Vec<u8>,
    pub version: &'static str,
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
    /// How long the body is said to be, where that is not what it is.
    pub framing: Option<Vec<(Vec<u8>, Vec<u8>)>>,
    /// Whether a server can tell its end.
    pub is_whole: bool,
}

/// Servers may hang up on a longer body before it was read, and their answer is lost.
const SURELY_READ: usize = 4 << 10;

/// What goes over the wire.
#[derive(Debug)]
pub struct Sent {
    pub wire: Vec<u8>,
    /// Whether a server can tell its end.
    pub is_whole: bool,
    /// Whether an answer is due.
    pub is_owed: bool,
    /// Whether it is asked for the head of an answer alone.
    pub is_head: bool,
}

impl Request {
    pub fn new(good: &Good) -> Self {
        let pair = |(name, value): &(String, String)| (name.clone().into_bytes(), value.clone().into_bytes());
        let always = [("host", "localhost"), ("connection", "close")].map(|(name, value)| (name.into(), value.into()));
        Self {
            method: good.method.clone().into_bytes(),
            target: good.target.clone().into_bytes(),
            version: "HTTP/1.1",
            headers: always.into_iter().chain(good.headers.iter().map(pair)).collect(),
            body: good.body.clone(),
            framing: None,
            is_whole: true,
        }
    }

    /// Spoils it in up to three ways, and now and then its bytes.
    pub fn spoiled(mut self, chance: &mut Chance) -> Sent {
        for _ in 0..=chance.below(3) {
            let is_head = chance.below(5) < 3;
            if is_head { head::spoil(&mut self, chance) } else { body::spoil(&mut self, chance) }
        }
        let mut sent = self.sent();
        if chance.one_in(10) {
            chance.spoil(&mut sent.wire);
            (sent.is_whole, sent.is_owed) = (false, false);
        } else if chance.one_in(100) {
            sent.wire = (0..chance.below(2000)).map(|_| chance.byte()).collect();
            (sent.is_whole, sent.is_owed) = (false, false);
        }
        sent
    }

    pub fn sent(self) -> Sent {
        let mut bytes = [&self.method[..], b" ", &self.target, b" ", self.version.as_bytes(), b"\r\n"].concat();
        let length = || vec![(b"content-length".to_vec(), self.body.len().to_string().into_bytes())];
        let framing = self.framing.unwrap_or_else(length);
        for (name, value) in self.headers.iter().chain(&framing) {
            bytes.extend([&name[..], b": ", value, b"\r\n"].concat());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        let is_owed = self.is_whole && self.body.len() <= SURELY_READ;
        Sent { wire: bytes, is_whole: self.is_whole, is_owed, is_head: self.method == b"HEAD" }
    }
}
