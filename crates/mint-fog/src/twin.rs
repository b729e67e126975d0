//! The mirror of one miner.

use std::collections::VecDeque;

use alloy::primitives::Address;
use mint::{Action, Conduct, Finding, LastSample, MinerId, Order, Policy, Sample, Share, TwinReport};
use mint_detector::{Detector, Point};
use serde::{Deserialize, Serialize};

/// Samples of W that are kept: a behaviour vector of a minute.
pub const KEPT: usize = 60;

/// A twin, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own, as the interface documents it")]
pub struct Status {
    /// Whose.
    pub miner: MinerId,
    /// The last sample, if there ever was one.
    pub last: Option<Sample>,
    /// The detector's statistics, once it has learnt enough.
    pub point: Option<Point>,
    /// Whether nothing was heard for too long.
    pub is_silent: bool,
    /// Whether the last sample is over the cap.
    pub is_over: bool,
    /// Whether the cloud flags it.
    pub is_flagged: bool,
    /// Samples taken in since the server began.
    pub taken: u64,
    /// Samples refused, by this miner's name, since the server was started.
    pub refused: u64,
    /// The last order given.
    pub order: Option<Order>,
    /// Whether that has been carried out.
    pub is_obeyed: bool,
}

/// What is known of one miner.
#[derive(Clone, Debug)]
pub struct Twin {
    /// Who signs for it.
    pub(crate) key: Address,
    pub(crate) last: Option<Sample>,
    pub(crate) refused: u64,
    pub(crate) order: Option<Order>,
    heard_ms: u64,
    taken: u64,
    detector: Detector,
    point: Option<Point>,
    cusums: VecDeque<u64>,
    conduct: Conduct,
    is_flagged: bool,
}

impl Twin {
    /// Of a miner that said nothing yet.
    pub(crate) fn new(key: Address, detector: Detector, now_ms: u64) -> Self {
        Self {
            key,
            last: None,
            refused: 0,
            order: None,
            heard_ms: now_ms,
            taken: 0,
            detector,
            point: None,
            cusums: VecDeque::with_capacity(KEPT + 1),
            conduct: Conduct::default(),
            is_flagged: false,
        }
    }

    /// What its next sample must follow.
    pub(crate) fn last_sample(&self) -> Option<LastSample> {
        self.last.as_ref().map(|last| LastSample { sequence: last.sequence, time_ms: last.time_ms })
    }

    /// Mirrors a sample that was accepted at `at_ms`.
    pub(crate) fn mirror(&mut self, sample: Sample, at_ms: u64, policy: &Policy) {
        // A share is at most 100,000 %, which is what a detector takes at most.
        if let Ok(state) = self.detector.push(f64::from(sample.key().ppm()) / 10_000.0) {
            self.point = state.point();
        }
        if let Some(point) = self.point {
            self.cusums.push_back(millionths(point.cusum));
            if self.cusums.len() > KEPT {
                self.cusums.pop_front();
            }
        }
        let finding = Finding { has_changed: self.point.is_some_and(|p| p.is_alarm), is_flagged: self.is_flagged };
        if let Some(action) = self.conduct.observe(sample.key(), finding, policy) {
            let reason = reason(action, sample.key(), finding, policy);
            self.give(sample.miner.clone(), action, reason, at_ms);
        }
        self.heard_ms = at_ms;
        self.taken += 1;
        self.last = Some(sample);
    }

    /// The cloud flags it.
    pub(crate) fn flag(&mut self) {
        self.is_flagged = true;
    }

    /// Whether the cloud flags it.
    pub(crate) const fn is_flagged(&self) -> bool {
        self.is_flagged
    }

    /// The operator forgives it.
    pub(crate) fn forgive(&mut self, miner: MinerId, at_ms: u64) {
        self.conduct.forgive();
        self.is_flagged = false;
        self.give(miner, Action::Release, "the operator decided so".to_owned(), at_ms);
    }

    fn give(&mut self, miner: MinerId, action: Action, reason: String, time_ms: u64) {
        let number = self.order.as_ref().map_or(1, |order| order.number + 1);
        self.order = Some(Order { miner, number, time_ms, action, reason });
    }

    /// The order that is still to be carried out.
    pub(crate) fn due(&self) -> Option<&Order> {
        let obeyed = self.last.as_ref().map_or(0, |last| last.obeyed);
        self.order.as_ref().filter(|order| order.number > obeyed)
    }

    pub(crate) fn status(&self, miner: MinerId, is_silent: bool, policy: &Policy) -> Status {
        Status {
            miner,
            last: self.last.clone(),
            point: self.point,
            is_silent,
            is_over: self.last.as_ref().is_some_and(|last| policy.is_over(last.key())),
            is_flagged: self.is_flagged,
            taken: self.taken,
            refused: self.refused,
            order: self.order.clone(),
            is_obeyed: self.due().is_none(),
        }
    }

    pub(crate) fn report(&self, miner: MinerId, is_silent: bool) -> TwinReport {
        let sequence = self.last.as_ref().map_or(0, |last| last.sequence);
        TwinReport { miner, sequence, is_silent, cusum_millionths: self.cusums.iter().copied().collect() }
    }

    /// When it was last heard of.
    pub(crate) const fn heard_ms(&self) -> u64 {
        self.heard_ms
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "W is not negative, and casts saturate")]
fn millionths(cusum: f64) -> u64 {
    (cusum * 1e6) as u64
}

fn reason(action: Action, key: Share, finding: Finding, policy: &Policy) -> String {
    let over = policy.is_over(key);
    match action {
        Action::Stop => format!("it uses {key} of its allotment though it was throttled"),
        _ if over => format!("it uses {key} of its allotment"),
        _ if finding.is_flagged => "it behaves unlike the other miners".to_owned(),
        _ => "its behaviour has changed".to_owned(),
    }
}
