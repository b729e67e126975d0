//! A miner's work.

use std::collections::VecDeque;

use super::{Effect, Node};
use crate::{Header, Lease, Message, Mode, Report, work::ALONE_FROM};

/// The rate that a miner claims before it has measured its own, hashes a second.
const UNMEASURED: u64 = 1_000;
/// How often what was not answered is said again, milliseconds.
const AGAIN_MS: u64 = 150;

/// What a miner is at.
#[derive(Clone, Debug, Default)]
pub(super) struct Mining {
    current: Option<(Header, Lease)>,
    next: VecDeque<(Header, Lease)>,
    reports: Vec<Report>,
    rate: u64,
    requested_ms: u64,
    alone_next: u64,
    found: Option<(Header, u64)>,
}

impl Mining {
    /// Forgets all but its rate.
    pub(super) fn reset(&mut self) {
        *self = Self { rate: self.rate, ..Self::default() };
    }

    pub(super) const fn current(&self) -> Option<(Header, Lease)> {
        self.current
    }
}

impl Node {
    /// Asks the manager for work, and reports what was done.
    pub(super) fn request(&mut self) {
        self.mining.requested_ms = self.now_ms;
        let rate = if self.mining.rate == 0 { UNMEASURED } else { self.mining.rate };
        let reports = std::mem::take(&mut self.mining.reports);
        let to = self.manager.1.into_iter().collect();
        self.say(to, Message::Request { height: self.height(), rate, reports });
    }

    pub(super) fn tick_mining(&mut self) {
        let waited = self.now_ms.saturating_sub(self.mining.requested_ms) >= AGAIN_MS;
        if self.mining.next.is_empty() && waited {
            self.request();
        }
        if let Some((header, said_ms)) = self.mining.found
            && self.now_ms.saturating_sub(said_ms) >= AGAIN_MS
        {
            self.mining.found = Some((header, self.now_ms));
            self.say_to_all(Message::Solution { header });
        }
        self.go_on_alone();
    }

    /// Without a manager and without backups: searches from a fixed nonce on, as all others do.
    fn go_on_alone(&mut self) {
        let silent = self.now_ms.saturating_sub(self.heard_ms) >= self.params().silence_ms();
        if self.params().mode != Mode::SingleManager || self.mining.current.is_some() || !silent {
            return;
        }
        let Some(header) = self.templates.values().next().map(|template| template.header) else { return };
        let count = (self.mining.rate.max(UNMEASURED).saturating_mul(self.params().lease_ms) / 1_000).max(1);
        let first = ALONE_FROM.saturating_add(self.mining.alone_next);
        self.mining.alone_next = self.mining.alone_next.saturating_add(count);
        self.start(header, Lease { first, count, share_bits: self.params().bits });
    }

    fn start(&mut self, header: Header, lease: Lease) {
        self.mining.current = Some((header, lease));
        self.effects.push(Effect::Search { header, lease });
    }

    pub(super) fn work(&mut self, header: Header, lease: Lease) {
        if (header.index, header.previous) != (self.height(), self.chain.tip()) || self.office.is_some() {
            return;
        }
        // What an earlier manager leased is finished, but not begun.
        self.mining.next.retain(|(queued, _)| queued.root == header.root);
        if self.mining.current.is_some() {
            self.mining.next.push_back((header, lease));
        } else {
            self.start(header, lease);
            self.request();
        }
    }

    pub(super) fn searched(&mut self, report: Report, rate: u64) {
        self.mining.rate = rate;
        if self.mining.current != Some((report.header, report.lease)) {
            return;
        }
        self.mining.current = None;
        self.mining.reports.push(report);
        if let Some((header, lease)) = self.mining.next.pop_front() {
            self.start(header, lease);
        }
        self.request();
        self.go_on_alone();
    }

    pub(super) fn found(&mut self, header: Header) {
        if (header.index, header.previous) != (self.height(), self.chain.tip()) {
            return;
        }
        if self.mining.found.is_none() {
            self.mining.found = Some((header, self.now_ms));
        }
        self.say_to_all(Message::Solution { header });
        self.solution(self.id(), header);
    }
}
