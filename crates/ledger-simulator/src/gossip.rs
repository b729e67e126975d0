//! How messages travel.

use simulation::Micros;

use crate::{
    config::VotePayload,
    message::{Kind, Message, NONE},
    simulator::{Event, Simulator},
};

const HASH_BYTES: u32 = 32;
/// A link never gets slower than this share of what it is, however noisy.
const LEAST_SHARE: f64 = 0.1;

impl Simulator {
    /// A copy of a message reaches a node.
    pub(crate) fn deliver(&mut self, index: u32, arc: u32) {
        let to = self.links.arcs[arc as usize].to;
        let message = self.pool.get(index);
        if self.nodes[to as usize].alive && self.pool.hear(index, to) {
            if self.settings.gossip && !self.nodes[to as usize].silent && !message.kind.is_direct() {
                for onward in self.links.of(to) {
                    if !self.pool.heard(index, self.links.arcs[onward as usize].to) {
                        self.transmit(index, onward, message.bytes, self.now);
                    }
                }
            }
            self.receive(to, message, arc);
        }
        self.pool.arrived(index);
    }

    /// Says something to everybody at a time not before now.
    pub(crate) fn say(&mut self, message: Message, at: Micros) {
        let sender = message.sender;
        if self.nodes[sender as usize].silent {
            return;
        }
        let message = Message { bytes: self.bytes(message.kind, message.block), ..message };
        let index = self.pool.insert(message);
        self.pool.hear(index, sender);
        for arc in self.links.of(sender) {
            self.transmit(index, arc, message.bytes, at);
        }
        self.pool.free_unsent(index);
    }

    /// Says something to one peer only.
    pub(crate) fn tell(&mut self, arc: u32, kind: Kind, height: u32, bytes: u32, at: Micros) {
        let sender = self.links.arcs[arc as usize].from;
        if self.nodes[sender as usize].silent {
            return;
        }
        let bytes = bytes.saturating_add(self.settings.base_bytes);
        let message = Message { kind, sender, height, view: 0, block: NONE, accepted: 0, bytes };
        let index = self.pool.insert(message);
        self.transmit(index, arc, bytes, at);
    }

    #[inline]
    fn transmit(&mut self, index: u32, arc: u32, bytes: u32, at: Micros) {
        let noisy = if self.settings.noise > 0.0 { Some(self.noisy_pace(arc)) } else { None };
        let link = &mut self.links.arcs[arc as usize];
        let size = f64::from(bytes);
        let transmission = size * noisy.unwrap_or(link.pace);
        let delay = transmission + link.latency;
        link.observed.messages += 1;
        link.observed.bytes += u64::from(bytes);
        link.observed.delay += delay;
        link.observed.rates += size / delay;
        link.observed.corrected += size / transmission;
        self.pool.sent(index);
        self.queue.push(at + micros(delay), Event::Deliver { message: index, arc });
    }

    /// The pace of a link for one message: both ends are as fast as they happen to be, and the slower one counts.
    #[expect(clippy::cast_precision_loss, reason = "bandwidths are below 2^53")]
    fn noisy_pace(&mut self, arc: u32) -> f64 {
        let (from, to) = (self.links.arcs[arc as usize].from, self.links.arcs[arc as usize].to);
        let noise = self.settings.noise;
        let mut speed = |node: u32| {
            let share = self.random.normal(1.0, noise).max(LEAST_SHARE);
            self.topology.bandwidths[node as usize] as f64 * share
        };
        let (sending, receiving) = (speed(from), speed(to));
        1e6 / sending.min(receiving)
    }

    fn bytes(&self, kind: Kind, block: u32) -> u32 {
        let whole = || self.block_bytes(block);
        let content = match (kind, self.settings.votes) {
            (Kind::PrePrepare, _) | (Kind::Prepare | Kind::Commit | Kind::Decided, VotePayload::Block) => whole(),
            _ => HASH_BYTES,
        };
        self.settings.base_bytes + content
    }

    /// Bytes of a block with its header.
    pub(crate) fn block_bytes(&self, block: u32) -> u32 {
        self.blocks[block as usize].bytes + self.settings.header_bytes
    }
}

impl Kind {
    /// Whether it is for its receiver only.
    const fn is_direct(self) -> bool {
        matches!(self, Self::SyncRequest | Self::SyncReply)
    }
}

/// To the nearest microsecond.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "delays are not negative; a cast saturates"
)]
fn micros(delay: f64) -> Micros {
    Micros((delay + 0.5) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;

    proptest! {
        #[test]
        fn everybody_hears_a_message_once_and_every_link_carries_it_at_most_once_each_way(
            nodes in 2_u32..80, peers in 1.0_f64..10.0, sender in 0_u32..80, seed: u64
        ) {
            let mut config = Config::from_toml(&format!("nodes = {nodes}")).unwrap();
            (config.seed, config.network.peers) = (seed, peers);
            let mut simulator = Simulator::new(&config).unwrap();
            let (kind, sender) = (Kind::Commit, sender % nodes);
            let message = Message { kind, sender, height: 1, view: 0, block: NONE, accepted: 0, bytes: 0 };
            simulator.say(message, Micros::ZERO);
            while let Some((time, event)) = simulator.queue.pop() {
                simulator.now = time;
                if let Event::Deliver { message, arc } = event {
                    simulator.deliver(message, arc);
                }
            }
            for (node, own) in (0..).zip(&simulator.nodes) {
                prop_assert_eq!(own.held.len(), usize::from(node != sender));
            }
            prop_assert!(simulator.links.arcs.iter().all(|arc| arc.observed.messages <= 1));
        }
    }
}
