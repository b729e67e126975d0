//! Nodes that break the rules.

use std::sync::Arc;

use pow::{Envelope, Header, Lease, Mandate, Message, Node, NodeId, Report};

use crate::SimulatedKeys;

/// How a node behaves; all but the first run the honest program on falsified facts, or say more than it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// By the rules.
    #[default]
    Honest,
    /// Searches so many thousandths of each range, and says that it has searched all.
    Lazy(u64),
    /// Reports nonces that are no shares.
    Forger,
    /// Announces nonces that solve nothing.
    WrongSolver,
    /// As a manager, proposes blocks that pay itself twice.
    WrongProposer,
    /// Leases work although it was not elected.
    Unelected,
    /// Sends so many requests every 20 ms.
    Flooder(u32),
}

impl Behaviour {
    /// What is reported instead of what was found.
    pub(crate) fn report(self, mut report: Report) -> Report {
        let Lease { first, count, .. } = report.lease;
        match self {
            Self::Lazy(thousandths) => {
                let searched = count * thousandths / 1_000;
                report.shares.retain(|nonce| nonce.wrapping_sub(first) < searched);
            }
            Self::Forger => report.shares.extend((first..first + count).take(5)),
            _ => {}
        }
        report
    }

    /// How many thousandths of a range it searches.
    pub(crate) const fn searched_per_mille(self) -> u64 {
        match self {
            Self::Lazy(thousandths) => thousandths,
            _ => 1_000,
        }
    }

    /// What is sent instead of a message.
    pub(crate) fn falsify(self, envelope: Arc<Envelope>, keys: &SimulatedKeys) -> Arc<Envelope> {
        match (self, &envelope.message) {
            (Self::WrongProposer, Message::Propose { mandate, block }) => {
                let mut block = block.clone();
                block.body.rewards.iter_mut().for_each(|(_, amount)| *amount *= 2);
                Arc::new(Envelope::seal(Message::Propose { mandate: mandate.clone(), block }, keys))
            }
            _ => envelope,
        }
    }

    /// What it says besides, every 20 ms.
    pub(crate) fn extras(self, node: &Node, keys: &SimulatedKeys) -> Vec<(Vec<NodeId>, Arc<Envelope>)> {
        let chain = node.chain();
        let others: Vec<NodeId> = chain.members().iter().copied().filter(|member| *member != node.id()).collect();
        let height = chain.next_height();
        let seal = |message| Arc::new(Envelope::seal(message, keys));
        match (self, node.status().searching) {
            (Self::Flooder(requests), _) => {
                let request = seal(Message::Request { height, rate: 1_000, reports: Vec::new() });
                (0..requests).map(|_| (others.clone(), request.clone())).collect()
            }
            (Self::Unelected, Some((header, _))) if chain.order().first() != Some(&node.id()) => {
                let mandate = Mandate { height, term: 0, votes: Vec::new() };
                let lease = Lease { first: 1 << 60, count: 1_000, share_bits: 4 };
                vec![(others, seal(Message::Work { mandate, header, lease }))]
            }
            (Self::WrongSolver, Some((header, _))) => {
                let wrong =
                    (0..1_000).map(|nonce| header.with_nonce(nonce)).find(|header: &Header| !header.is_solved());
                wrong.map(|header| (others, seal(Message::Solution { header }))).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}
