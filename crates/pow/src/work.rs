//! Ranges of nonces: who searches which, until when, and what was found in them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Header, NodeId, Params, Target};

/// Where miners that go on alone begin: far above what managers lease.
pub(crate) const ALONE_FROM: u64 = 1 << 62;

/// A range of nonces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lease {
    /// Its first nonce.
    pub first: u64,
    /// How many there are.
    pub count: u64,
    /// A share is a hash with so many leading zero bits: it proves 2^`share_bits` hashes, on average.
    pub share_bits: u8,
}

impl Lease {
    /// Whether a nonce is in the range.
    pub const fn holds(&self, nonce: u64) -> bool {
        nonce.wrapping_sub(self.first) < self.count
    }

    /// Whether every miner searches this range by itself, since there is neither a manager nor a backup.
    pub const fn is_everybodys(&self) -> bool {
        self.first >= ALONE_FROM
    }

    /// Whether two ranges have a nonce in common.
    pub const fn overlaps(&self, other: &Self) -> bool {
        self.count > 0 && other.count > 0 && (self.holds(other.first) || other.holds(self.first))
    }
}

/// What a miner found in a range it has searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What it worked on, with nonce 0.
    pub header: Header,
    /// The range.
    pub lease: Lease,
    /// Nonces in the range that give shares, ascending.
    pub shares: Vec<u64>,
}

impl Report {
    /// A nonce that is no share of the range, or is there twice.
    pub fn forgery(&self) -> Option<u64> {
        let target = Target::leading_zero_bits(self.lease.share_bits);
        let mut seen = BTreeSet::new();
        let sound = |nonce: u64| self.lease.holds(nonce) && target.is_met_by(&self.header.with_nonce(nonce).hash());
        self.shares.iter().copied().find(|nonce| !seen.insert(*nonce) || !sound(*nonce))
    }

    /// The hashes that the shares prove, on average.
    pub fn hashes_proved(&self) -> u64 {
        let shares = u64::try_from(self.shares.len()).unwrap_or(u64::MAX);
        shares.saturating_mul(1_u64.checked_shl(self.lease.share_bits.into()).unwrap_or(u64::MAX))
    }
}

/// A range that is out.
#[derive(Clone, Copy, Debug)]
struct Out {
    lease: Lease,
    miner: NodeId,
    since_ms: u64,
}

/// What is known of a miner.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    /// Hashes a second, by its reports.
    rate: u64,
    /// Shares that its reports should have held, thousandths.
    expected_milli: u64,
    /// Shares that they held.
    shares: u64,
}

/// How many standard deviations below the expected number of shares nobody honest falls: about one report in a billion.
const DEVIATIONS: u64 = 6;
/// The fewest shares that are expected before a miner is judged.
const JUDGED_FROM: u64 = 40;

/// The leases of one template.
#[derive(Clone, Debug, Default)]
pub struct LeaseTable {
    next: u64,
    out: BTreeMap<u64, Out>,
    returned: Vec<Lease>,
    records: BTreeMap<NodeId, Record>,
}

/// What a manager makes of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// So many hashes are proved.
    Proved(u64),
    /// The range is not, or no longer, out to this miner.
    Unknown,
    /// It searched less than it says.
    Lazy,
}

impl LeaseTable {
    /// An empty table that remembers what is known of miners.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { records: self.records.clone(), ..Self::default() }
    }

    /// Leases a range that nobody else has, for `lease_ms` of the miner's rate: the measured one, at first the claimed
    /// one. None once all nonces are out.
    pub fn lease(&mut self, miner: NodeId, claimed_rate: u64, now_ms: u64, params: &Params) -> Option<Lease> {
        let measured = self.records.get(&miner).map_or(0, |record| record.rate);
        let rate = if measured > 0 { measured } else { claimed_rate };
        let wanted = (rate.saturating_mul(params.lease_ms) / 1_000).clamp(16, 1 << 40);
        let (first, count) = match self.returned.pop() {
            Some(lease) if lease.count > wanted => {
                let left = Lease {
                    first: lease.first.saturating_add(wanted),
                    count: lease.count.saturating_sub(wanted),
                    ..lease
                };
                self.returned.push(left);
                (lease.first, wanted)
            }
            Some(lease) => (lease.first, lease.count),
            None => (self.next, wanted),
        };
        let end = first.checked_add(count)?;
        self.next = self.next.max(end);
        let per_share = count.checked_div(params.shares_per_lease.max(1)).unwrap_or(1).max(1);
        let share_bits = u8::try_from(per_share.ilog2()).unwrap_or(0).min(params.bits);
        let lease = Lease { first, count, share_bits };
        self.out.insert(first, Out { lease, miner, since_ms: now_ms });
        Some(lease)
    }

    /// Takes back what was not reported in time; it is leased again first.
    pub fn expire(&mut self, now_ms: u64, params: &Params) {
        let late = |out: &Out| now_ms.saturating_sub(out.since_ms) >= params.lease_expiry_ms;
        let expired: Vec<Lease> = self.out.values().filter(|out| late(out)).map(|out| out.lease).collect();
        for lease in expired {
            self.out.remove(&lease.first);
            self.returned.push(lease);
        }
    }

    /// Judges a report whose shares were found to be genuine.
    pub fn report(&mut self, miner: NodeId, report: &Report, now_ms: u64) -> Verdict {
        let known = self.out.get(&report.lease.first);
        let Some(out) = known.filter(|out| out.miner == miner && out.lease == report.lease).copied() else {
            return Verdict::Unknown;
        };
        self.out.remove(&out.lease.first);
        let record = self.records.entry(miner).or_default();
        let elapsed = now_ms.saturating_sub(out.since_ms).max(1);
        let rate = out.lease.count.saturating_mul(1_000).checked_div(elapsed).unwrap_or(0).max(1);
        // Leases are fetched ahead, so the time includes waiting: the greater of the old and the new says more.
        record.rate = if record.rate == 0 { rate } else { (record.rate.saturating_mul(3).saturating_add(rate)) / 4 };
        let expected = u128::from(out.lease.count).saturating_mul(1_000) >> out.lease.share_bits;
        record.expected_milli = record.expected_milli.saturating_add(u64::try_from(expected).unwrap_or(u64::MAX));
        record.shares = record.shares.saturating_add(u64::try_from(report.shares.len()).unwrap_or(u64::MAX));
        if record.is_lazy() { Verdict::Lazy } else { Verdict::Proved(report.hashes_proved()) }
    }

    /// Ranges that are out, with whose they are.
    pub fn out(&self) -> impl Iterator<Item = (NodeId, Lease)> {
        self.out.values().map(|out| (out.miner, out.lease))
    }
}

impl Record {
    /// Whether so few shares are chance once in a billion: the number of shares is Poisson distributed.
    fn is_lazy(&self) -> bool {
        let expected = self.expected_milli / 1_000;
        let missing = expected.saturating_sub(self.shares);
        let tolerated = DEVIATIONS.saturating_mul(DEVIATIONS).saturating_mul(expected);
        expected >= JUDGED_FROM && missing.saturating_mul(missing) > tolerated
    }
}
