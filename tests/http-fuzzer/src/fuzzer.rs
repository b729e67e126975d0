//! Asking, many times.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
};

use crate::{
    Good,
    answer::{Answer, ask, leave},
    chance::Chance,
    panics,
    request::Request,
};

/// Of a request that fails, so many bytes are shown.
const SHOWN: usize = 4_000;

/// Asks one server.
#[derive(Debug)]
pub struct Fuzzer {
    server: SocketAddr,
    goods: Vec<Good>,
    seed: u64,
    chance: Chance,
    asked: u32,
    seen: BTreeMap<u16, usize>,
    panics: usize,
}

impl Fuzzer {
    /// For the server at `url` (`http://`, an IPv4 address and a port), where `goods` make sense.
    ///
    /// # Panics
    /// The address is none, or there is no good request.
    pub fn new(url: &str, seed: u64, goods: impl IntoIterator<Item = Good>) -> Self {
        let server = url.trim_start_matches("http://").trim_end_matches('/').parse();
        let server = server.unwrap_or_else(|_| panic!("{url} is no http://address:port"));
        let goods: Vec<Good> = goods.into_iter().collect();
        assert!(!goods.is_empty(), "there is nothing to spoil");
        panics::watch();
        let (chance, panics) = (Chance::new(seed), panics::count());
        Self { server, goods, seed, chance, asked: 0, seen: BTreeMap::new(), panics }
    }

    /// Sends so many spoiled requests, and then those that are steady.
    ///
    /// # Panics
    /// The server fails.
    pub async fn run(&mut self, requests: usize) {
        for _ in 0..requests {
            let good = &self.goods[self.chance.below(self.goods.len())];
            let request = Request::new(good).spoiled(&mut self.chance);
            let from = self.next_address();
            if self.chance.one_in(25) {
                let length = self.chance.below(request.wire.len() + 1);
                let left = leave(self.server, from, &request.wire[..length]).await;
                self.check(left.err().map(|error| error.to_string()), &request.wire[..length]);
                continue;
            }
            let fault = match ask(self.server, from, &request).await {
                Answer::Status(status) => {
                    *self.seen.entry(status).or_default() += 1;
                    None
                }
                Answer::Silence => None,
                Answer::Fault(fault) => Some(fault),
            };
            self.check(fault, &request.wire);
        }
        self.ask_steady().await;
    }

    /// The server still answers.
    async fn ask_steady(&mut self) {
        for good in self.goods.clone().into_iter().filter(|good| good.is_steady) {
            let request = Request::new(&good).sent();
            let answer = ask(self.server, self.next_address(), &request).await;
            let is_good = answer == Answer::Status(200);
            self.check((!is_good).then(|| format!("afterwards {answer:?}, not 200")), &request.wire);
        }
    }

    /// All of these statuses were answered: what lies behind them was reached.
    ///
    /// # Panics
    /// One was not.
    pub fn came_to(&self, statuses: &[u16]) {
        for status in statuses {
            let (seed, counts) = (self.seed, &self.seen);
            assert!(counts.contains_key(status), "seed {seed} never came to {status}: {counts:?}");
        }
    }

    /// Another one of 127.0.0.0/8 each time, 127.0.0.1 left out.
    fn next_address(&mut self) -> SocketAddr {
        self.asked += 1;
        let [_, b, c, d] = (self.asked + 1).to_be_bytes();
        (Ipv4Addr::new(127, b, c, d), 0).into()
    }

    fn check(&self, fault: Option<String>, request: &[u8]) {
        let Some(fault) = panics::after(self.panics).map(|panic| format!("a panic: {panic}")).or(fault) else { return };
        let shown = request[..request.len().min(SHOWN)].escape_ascii();
        let (seed, asked, length) = (self.seed, self.asked, request.len());
        panic!("{fault}\nseed {seed}, request {asked} of {length} bytes:\n{shown}");
    }
}
