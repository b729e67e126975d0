#![doc = include_str!("../README.md")]

use bindings::solidworx::Call;
use runtime::{Agent, Intent, SolidWorx};
use solidworx::{Due, Exchange};

/// Closes and finalises.
#[derive(Clone, Debug)]
pub struct Directory {
    name: String,
    page: usize,
}

impl Directory {
    /// Assignments that a page may have: about 3,800 gas each by the contract's snapshot, so that a page takes some 8
    /// million of the 2^24 that a transaction may use at most (EIP-7825).
    pub const PAGE: usize = 2_000;

    /// A directory under this name, which makes at most `page` assignments final in a transaction.
    pub fn new(name: impl Into<String>, page: usize) -> Self {
        Self { name: name.into(), page }
    }
}

impl Agent<SolidWorx> for Directory {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, exchange: &Exchange, now: u64) -> Vec<Intent<Call>> {
        let due = exchange.due(now, self.page).map(|due| match due {
            Due::Close { cycle } => Intent::new(format!("close cycle {cycle}"), Call::Close),
            Due::Finalize { cycle, left, page } => {
                let key = format!("finalise cycle {cycle} but for {left} assignments");
                Intent::new(key, Call::Finalize { rest: page.rest, records: page.records.into() })
            }
        });
        due.into_iter().collect()
    }
}
