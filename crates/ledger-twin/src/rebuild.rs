//! Algorithm 1: the system, from what is known.

use ledger_simulator::Topology;
use serde::{Deserialize, Serialize};

use crate::Twin;

/// Which of several estimates is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Belief {
    /// The greatest, as in the paper: right where nobody lies.
    #[default]
    Maximum,
    /// The greatest of all but so many.
    TrimmedMaximum(usize),
    /// The one in the middle.
    Median,
}

/// Where the state of a rebuilt node comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Its own report.
    Reported,
    /// Estimates of so many peers.
    Estimated {
        /// How many.
        peers: usize,
        /// Their messages, all together: the more, the surer.
        messages: u64,
    },
    /// Nobody names it; its bandwidth is the median of the others'.
    Unseen,
}

/// A rebuilt system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuilt {
    /// The network.
    pub topology: Topology,
    /// Where each node's state comes from.
    pub sources: Vec<Source>,
    /// The parts into which the rebuilt network falls: one where it is whole.
    pub parts: Vec<Vec<u32>>,
    /// The newest block of the evidence of each node; `None` where there is none.
    pub heights: Vec<Option<u32>>,
}

impl Rebuilt {
    /// Whether every node can reach every other one, so that the system can be simulated.
    pub fn is_whole(&self) -> bool {
        self.parts.len() <= 1
    }
}

impl Twin {
    /// The system as far as it is known.
    #[expect(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
    pub fn rebuild(&self, belief: Belief) -> Rebuilt {
        let nodes = 0..self.latest.len() as u32;
        let known: Vec<_> = nodes.clone().map(|node| self.state(node, belief)).collect();
        let mut seen: Vec<u64> = known.iter().flatten().map(|(bandwidth, _)| *bandwidth).collect();
        seen.sort_unstable();
        let median = seen.get(seen.len() / 2).copied().unwrap_or(1);
        let (bandwidths, sources) = known.iter().map(|state| state.unwrap_or((median, Source::Unseen))).unzip();
        let mut edges: Vec<_> = self
            .latest
            .iter()
            .flatten()
            .flat_map(|report| report.peers.iter().map(|peer| (report.node.min(peer.peer), report.node.max(peer.peer))))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let topology = Topology { bandwidths, edges };
        Rebuilt { parts: topology.parts(), topology, sources, heights: nodes.map(|node| self.evidence(node)).collect() }
    }

    /// The bandwidth of a node, and whence it is known.
    fn state(&self, node: u32, belief: Belief) -> Option<(u64, Source)> {
        let own = self.latest[node as usize].as_ref();
        let age = own.map(|report| report.height);
        let newer = self.latest.iter().flatten().filter(|report| age.is_none_or(|age| report.height > age));
        let about = newer.flat_map(|report| &report.peers).filter(|peer| peer.peer == node && peer.messages > 0);
        let mut estimates: Vec<_> = about.map(|peer| (peer.bandwidth, u64::from(peer.messages))).collect();
        if let (Some(report), true) = (own, estimates.is_empty()) {
            return Some((report.bandwidth, Source::Reported));
        }
        estimates.sort_unstable();
        let last = estimates.len().checked_sub(1)?;
        let index = match belief {
            Belief::Maximum => last,
            Belief::TrimmedMaximum(liars) => last.saturating_sub(liars),
            Belief::Median => last / 2,
        };
        let messages = estimates.iter().map(|(_, messages)| messages).sum();
        Some((estimates[index].0, Source::Estimated { peers: estimates.len(), messages }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PeerEstimate, StateReport};

    fn report(node: u32, height: u32, bandwidth: u64, peers: &[(u32, u64)]) -> StateReport {
        let peers =
            peers.iter().map(|(peer, bandwidth)| PeerEstimate { peer: *peer, bandwidth: *bandwidth, messages: 2 });
        StateReport { node, height, bandwidth, peers: peers.collect() }
    }

    fn twin(nodes: u32, reports: Vec<StateReport>) -> Twin {
        let mut twin = Twin::new(nodes);
        for report in reports {
            twin.receive(report);
        }
        twin
    }

    #[test]
    fn a_lost_node_is_rebuilt_from_those_who_name_it() {
        let reports = vec![report(0, 3, 20, &[(1, 20), (2, 15)]), report(1, 3, 30, &[(0, 20), (2, 25)])];
        let rebuilt = twin(3, reports).rebuild(Belief::Maximum);
        assert_eq!(rebuilt.topology, Topology { bandwidths: vec![20, 30, 25], edges: vec![(0, 1), (0, 2), (1, 2)] });
        assert_eq!(rebuilt.sources[2], Source::Estimated { peers: 2, messages: 4 });
        assert!(rebuilt.is_whole());
    }

    #[test]
    fn a_report_beats_estimates_of_its_block_but_not_newer_ones() {
        let state = |own, other| {
            let reports = vec![report(0, own, 20, &[(1, 9)]), report(1, other, 30, &[(0, 17)])];
            twin(2, reports).rebuild(Belief::Maximum).topology.bandwidths[0]
        };
        assert_eq!([state(3, 3), state(4, 3), state(3, 4)], [20, 20, 17]);
    }

    #[test]
    fn a_node_that_nobody_names_is_flagged_and_the_network_said_to_fall_apart() {
        let reports = vec![report(0, 3, 20, &[(1, 20)]), report(1, 3, 30, &[(0, 20)])];
        let rebuilt = twin(3, reports).rebuild(Belief::Maximum);
        assert_eq!((rebuilt.sources[2], rebuilt.topology.bandwidths[2]), (Source::Unseen, 30));
        assert!(!rebuilt.is_whole() && rebuilt.heights[2].is_none());
    }

    #[test]
    fn liars_are_borne_by_trimming_and_by_the_median() {
        let honest = (0..4).map(|node| report(node, 3, 50, &[(5, 20 + u64::from(node))]));
        let liar = report(4, 3, 50, &[(5, 900)]);
        let twin = twin(6, honest.chain([liar]).collect());
        let believed = |belief| twin.rebuild(belief).topology.bandwidths[5];
        assert_eq!([Belief::Maximum, Belief::TrimmedMaximum(1), Belief::Median].map(believed), [900, 23, 22]);
    }
}
