//! What must hold whatever the network does. None of the protocol's own code is used to check it.

use std::collections::BTreeMap;

use pow::{Digest, Header, Lease, Mandate, NodeId, Params};

/// What was seen so far, and what was wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// Ranges of a template, with when they were leased, ms.
    leases: BTreeMap<Digest, Vec<(Lease, u64)>>,
    managers: BTreeMap<(u32, u32), NodeId>,
    decided: BTreeMap<u32, Digest>,
    /// By node, height and term.
    votes: BTreeMap<(NodeId, u32, u32), NodeId>,
    accepts: BTreeMap<(NodeId, u32, u32), Digest>,
    proposals: BTreeMap<(u32, u32), Digest>,
    /// What was wrong, one sentence each.
    pub violations: Vec<String>,
    /// How many leases were checked.
    pub leases_checked: u64,
    /// The greatest term of any height.
    pub greatest_term: u32,
    /// How many ranges were leased again after they had expired.
    pub leased_again: u64,
}

impl Invariants {
    /// 1: no nonce of a template is out to two miners at once.
    pub fn leased(&mut self, header: &Header, lease: Lease, now_ms: u64, params: &Params) {
        self.leases_checked += 1;
        let before = self.leases.entry(header.root).or_default();
        for (earlier, since_ms) in before.iter().filter(|(earlier, _)| earlier.overlaps(&lease)) {
            if now_ms - since_ms < params.lease_expiry_ms {
                self.violations.push(format!("{lease:?} was leased while {earlier:?} was out"));
            } else {
                self.leased_again += 1;
            }
        }
        before.push((lease, now_ms));
    }

    /// 2: a term of a height has at most one manager.
    pub fn managed(&mut self, manager: NodeId, mandate: &Mandate) {
        self.greatest_term = self.greatest_term.max(mandate.term);
        let first = *self.managers.entry((mandate.height, mandate.term)).or_insert(manager);
        if first != manager {
            let Mandate { height, term, .. } = mandate;
            self.violations.push(format!("{first} and {manager} manage term {term} of height {height}"));
        }
    }

    /// 3: a decided block is never replaced, by anybody.
    pub fn decided(&mut self, height: u32, hash: Digest) {
        let first = *self.decided.entry(height).or_insert(hash);
        if first != hash {
            self.violations.push(format!("height {height} has the blocks {first} and {hash}"));
        }
    }

    /// 6: a node votes for one candidate a term, whether it was stopped meanwhile or not.
    pub fn voted(&mut self, node: NodeId, (height, term): (u32, u32), candidate: NodeId) {
        let first = *self.votes.entry((node, height, term)).or_insert(candidate);
        if first != candidate {
            let twice = format!("{node} votes for {first} and {candidate} in term {term} of height {height}");
            self.violations.push(twice);
        }
    }

    /// 6: a node accepts one block a term.
    pub fn accepted(&mut self, node: NodeId, (height, term): (u32, u32), hash: Digest) {
        let first = *self.accepts.entry((node, height, term)).or_insert(hash);
        if first != hash {
            self.violations.push(format!("{node} accepts {first} and {hash} in term {term} of height {height}"));
        }
    }

    /// 6: one block is proposed a term.
    pub fn proposed(&mut self, (height, term): (u32, u32), hash: Digest) {
        let first = *self.proposals.entry((height, term)).or_insert(hash);
        if first != hash {
            self.violations.push(format!("{first} and {hash} are proposed in term {term} of height {height}"));
        }
    }

    /// The greatest height that anybody decided.
    pub fn height(&self) -> u32 {
        self.decided.keys().next_back().copied().unwrap_or(0)
    }
}
