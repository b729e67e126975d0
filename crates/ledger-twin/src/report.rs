//! What nodes report.

use ledger_simulator::{Observed, Simulator};
use serde::{Deserialize, Serialize};

/// How a bandwidth is estimated from the messages exchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// The mean of size / delay: equation 1.
    #[default]
    Mean,
    /// The sum of sizes by the sum of delays.
    Weighted,
    /// The mean of size / (delay − latency), where the latency of a link is known.
    Corrected,
}

/// What a node says of itself and its peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateReport {
    /// Who.
    pub node: u32,
    /// The height of its latest block.
    pub height: u32,
    /// Its bandwidth, bytes a second.
    pub bandwidth: u64,
    /// Its peers.
    pub peers: Vec<PeerEstimate>,
}

/// What a node says of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerEstimate {
    /// Which one.
    pub peer: u32,
    /// Its bandwidth as far as can be told, bytes a second; 0 where no message was exchanged.
    pub bandwidth: u64,
    /// From how many messages.
    pub messages: u32,
}

/// The reports of all nodes that are up, as of now.
pub fn reports(system: &Simulator, estimator: Estimator) -> Vec<StateReport> {
    let topology = system.topology();
    let heights = system.heights();
    let mut observed = std::collections::BTreeMap::<(u32, u32), Observed>::new();
    for (from, to, figures) in system.observed() {
        for pair in [(from, to), (to, from)] {
            let sum = observed.entry(pair).or_default();
            sum.messages += figures.messages;
            sum.bytes += figures.bytes;
            sum.delay += figures.delay;
            sum.rates += figures.rates;
            sum.corrected += figures.corrected;
        }
    }
    let estimate = |node: u32, peer: u32| {
        let figures = observed.get(&(node, peer)).copied().unwrap_or_default();
        PeerEstimate { peer, bandwidth: bandwidth(&figures, estimator), messages: figures.messages }
    };
    let alive = (0..topology.nodes()).zip(topology.peers()).filter(|(node, _)| system.is_alive(*node));
    alive
        .map(|(node, peers)| StateReport {
            node,
            height: heights[node as usize],
            bandwidth: topology.bandwidths[node as usize],
            peers: peers.into_iter().map(|peer| estimate(node, peer)).collect(),
        })
        .collect()
}

/// In whole bytes a second: the sums are of floats, whose last bits say nothing.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are positive and below 2^53"
)]
fn bandwidth(figures: &Observed, estimator: Estimator) -> u64 {
    if figures.messages == 0 {
        return 0;
    }
    let messages = f64::from(figures.messages);
    let bytes_a_microsecond = match estimator {
        Estimator::Mean => figures.rates / messages,
        Estimator::Weighted => figures.bytes as f64 / figures.delay,
        Estimator::Corrected => figures.corrected / messages,
    };
    (bytes_a_microsecond * 1e6).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equation_one_is_the_mean_of_size_by_delay() {
        // 100 bytes in 10 µs, 300 bytes in 20 µs; without 5 µs of latency each, in 5 and 15.
        let figures = Observed { messages: 2, bytes: 400, delay: 30.0, rates: 25.0, corrected: 40.0 };
        assert_eq!(bandwidth(&figures, Estimator::Mean), 12_500_000);
        assert_eq!(bandwidth(&figures, Estimator::Weighted), 13_333_333);
        assert_eq!(bandwidth(&figures, Estimator::Corrected), 20_000_000);
        assert_eq!(bandwidth(&Observed::default(), Estimator::Mean), 0);
    }
}
