//! Algorithm 2: what is newest.

use serde::{Deserialize, Serialize};

use crate::StateReport;

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reception {
    /// It is the newest from its sender.
    Accepted,
    /// There was one of the same block or a newer one.
    Outdated,
    /// Its sender or a peer is no member.
    Unknown,
}

/// What the operator knows: the newest report of each node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twin {
    pub(crate) latest: Vec<Option<StateReport>>,
}

impl Twin {
    /// Of a chain with so many members; nothing is known yet.
    pub fn new(nodes: u32) -> Self {
        Self { latest: vec![None; nodes as usize] }
    }

    /// Takes a report, if it is newer than what the same node reported before.
    pub fn receive(&mut self, report: StateReport) -> Reception {
        let members = self.latest.len();
        if report.peers.iter().any(|peer| peer.peer as usize >= members || peer.peer == report.node) {
            return Reception::Unknown;
        }
        match self.latest.get_mut(report.node as usize) {
            None => Reception::Unknown,
            Some(Some(known)) if known.height >= report.height => Reception::Outdated,
            Some(known) => {
                *known = Some(report);
                Reception::Accepted
            }
        }
    }

    /// The height of the newest evidence of a node: its own report, or what a peer said of it.
    pub fn evidence(&self, node: u32) -> Option<u32> {
        let of = |report: &&StateReport| report.node == node || report.peers.iter().any(|peer| peer.peer == node);
        self.latest.iter().flatten().filter(of).map(|report| report.height).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerEstimate;

    fn report(node: u32, height: u32) -> StateReport {
        let peers = vec![PeerEstimate { peer: 1 - node, bandwidth: 5, messages: 1 }];
        StateReport { node, height, bandwidth: u64::from(height), peers }
    }

    #[test]
    fn only_strictly_newer_reports_are_accepted() {
        let mut twin = Twin::new(2);
        assert_eq!(twin.receive(report(0, 7)), Reception::Accepted);
        assert_eq!(twin.receive(report(0, 4)), Reception::Outdated);
        assert_eq!(twin.receive(StateReport { bandwidth: 99, ..report(0, 7) }), Reception::Outdated);
        assert_eq!(twin.receive(report(1, 4)), Reception::Accepted);
        assert_eq!(twin.receive(report(0, 8)), Reception::Accepted);
        assert_eq!((twin.evidence(0), twin.evidence(1)), (Some(8), Some(8)));
    }

    #[test]
    fn strangers_are_refused() {
        let mut twin = Twin::new(1);
        assert_eq!(twin.receive(report(1, 4)), Reception::Unknown);
        assert_eq!(twin.receive(report(0, 4)), Reception::Unknown);
        assert_eq!(twin.evidence(0), None);
    }
}
