//! How often a network address may ask.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::{Limiter, Rate};

/// The network addresses that ask a server, each with what it may.
#[derive(Debug)]
pub struct Addresses {
    limiter: Mutex<Limiter<IpAddr>>,
    since: Instant,
}

impl Addresses {
    /// What each may ask; households, or proxies with many behind them.
    pub fn new(rate: Rate) -> Self {
        Self { limiter: Mutex::new(Limiter::new(rate)), since: Instant::now() }
    }

    /// Whether a request from there is to be answered; if so, it counts.
    pub fn admit(&self, from: SocketAddr) -> bool {
        let now_ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        // Nothing that panics leaves half a change behind.
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner).take(&from.ip(), now_ms)
    }
}
