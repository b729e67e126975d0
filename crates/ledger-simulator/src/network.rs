//! Links between nodes.

use serde::{Deserialize, Serialize};
use simulation::Random;

use crate::config::{Dissemination, NetworkConfig};

const MEGABYTE: f64 = 1e6;

/// Who there is, how well connected, and who is linked to whom: all that the links follow from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// Bandwidth of each node, bytes a second.
    pub bandwidths: Vec<u64>,
    /// Links, each once, the lesser node first, ascending.
    pub edges: Vec<(u32, u32)>,
}

impl Topology {
    /// A random connected graph, and normally distributed bandwidths.
    ///
    /// Every node asks for ⌈P / 2⌉ or ⌊P / 2⌋ peers at random, so that the average is P; parts that remain apart are
    /// joined by a link each.
    pub fn random(nodes: u32, config: &NetworkConfig, random: &mut Random) -> Self {
        let bandwidths = (0..nodes).map(|_| bandwidth(config, random)).collect();
        let mut topology = Self { bandwidths, edges: Vec::new() };
        topology.edges = random_edges(nodes, config.peers, random);
        let parts = topology.parts();
        for pair in parts.windows(2) {
            let (one, other) = (pair[0][random.index(pair[0].len())], pair[1][random.index(pair[1].len())]);
            topology.edges.push((one.min(other), one.max(other)));
        }
        topology.edges.sort_unstable();
        topology
    }

    /// How many nodes there are.
    #[expect(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
    pub fn nodes(&self) -> u32 {
        self.bandwidths.len() as u32
    }

    /// The bandwidth of the link between two nodes: that of the slower one, bytes a second.
    pub fn link(&self, one: u32, other: u32) -> u64 {
        self.bandwidths[one as usize].min(self.bandwidths[other as usize])
    }

    /// The peers of each node, ascending.
    pub fn peers(&self) -> Vec<Vec<u32>> {
        let mut peers = vec![Vec::new(); self.bandwidths.len()];
        for (one, other) in &self.edges {
            peers[*one as usize].push(*other);
            peers[*other as usize].push(*one);
        }
        for list in &mut peers {
            list.sort_unstable();
        }
        peers
    }

    /// The parts that are linked within themselves, the one with node 0 first.
    pub fn parts(&self) -> Vec<Vec<u32>> {
        let peers = self.peers();
        let mut seen = vec![false; peers.len()];
        let mut parts = Vec::new();
        for start in 0..self.nodes() {
            if std::mem::replace(&mut seen[start as usize], true) {
                continue;
            }
            let (mut part, mut next) = (vec![start], 0);
            while let Some(node) = part.get(next).copied() {
                next += 1;
                let fresh =
                    peers[node as usize].iter().filter(|peer| !std::mem::replace(&mut seen[**peer as usize], true));
                part.extend(fresh.copied());
            }
            part.sort_unstable();
            parts.push(part);
        }
        parts
    }
}

fn bandwidth(config: &NetworkConfig, random: &mut Random) -> u64 {
    megabytes(random.normal(config.bandwidth_mean, config.bandwidth_deviation).max(config.bandwidth_least))
}

/// Megabytes a second in whole bytes a second, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the configuration's check")]
pub fn megabytes(bandwidth: f64) -> u64 {
    ((bandwidth * MEGABYTE).round() as u64).max(1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the number of pairs")]
fn random_edges(nodes: u32, peers: f64, random: &mut Random) -> Vec<(u32, u32)> {
    let pairs = u64::from(nodes) * u64::from(nodes.saturating_sub(1)) / 2;
    let wanted = ((f64::from(nodes) * peers / 2.0).round() as u64).min(pairs);
    let mut edges = std::collections::BTreeSet::new();
    let mut order: Vec<u32> = (0..nodes).collect();
    let mut turn = 0;
    while (edges.len() as u64) < wanted {
        if turn == 0 {
            random.shuffle(&mut order);
        }
        let (one, other) = (order[turn], random.below(u64::from(nodes)) as u32);
        let linked = one != other && edges.insert((one.min(other), one.max(other)));
        // Nobody has to find a peer whom everybody is.
        if linked || edges.iter().filter(|(a, b)| *a == one || *b == one).count() + 1 >= order.len() {
            turn = (turn + 1) % order.len();
        }
    }
    edges.into_iter().collect()
}

/// Directed links by their sender, with what a message needs to know of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Links {
    /// Where the links of each node begin; one more entry than nodes.
    first: Vec<u32>,
    pub(crate) arcs: Vec<Arc>,
}

/// A directed link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Arc {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// The link the other way.
    pub(crate) back: u32,
    /// Microseconds a byte takes.
    pub(crate) pace: f64,
    /// Microseconds a message takes besides.
    pub(crate) latency: f64,
    pub(crate) observed: Observed,
}

/// What was sent over a link, as both its ends can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// How many messages.
    pub messages: u32,
    /// Their bytes.
    pub bytes: u64,
    /// The delays they had, microseconds.
    pub delay: f64,
    /// The sum of each one's bytes divided by its delay, bytes a microsecond.
    pub rates: f64,
    /// Like `rates`, with the link's latency taken from each delay.
    pub corrected: f64,
}

impl Links {
    pub(crate) fn new(topology: &Topology, config: &NetworkConfig) -> Self {
        let nodes = topology.nodes();
        let peers = match config.dissemination {
            Dissemination::Gossip => topology.peers(),
            Dissemination::Broadcast => {
                (0..nodes).map(|node| (0..nodes).filter(|other| *other != node).collect()).collect()
            }
        };
        let mut links = Self { first: vec![0], arcs: Vec::new() };
        for (from, list) in (0..nodes).zip(&peers) {
            for to in list {
                let matrix = config.latency_matrix_ms.get(from as usize).and_then(|row| row.get(*to as usize));
                let latency = matrix.copied().unwrap_or(config.latency_ms) * 1e3;
                let arc = Arc { from, to: *to, back: 0, pace: 0.0, latency, observed: Observed::default() };
                links.arcs.push(arc);
            }
            links.first.push(links.len());
        }
        for index in 0..links.len() {
            let (from, to) = (links.arcs[index as usize].from, links.arcs[index as usize].to);
            let back = links.of(to).find(|other| links.arcs[*other as usize].to == from);
            links.arcs[index as usize].back = back.expect("every link goes both ways");
        }
        links.set_paces(&topology.bandwidths);
        links
    }

    #[expect(clippy::cast_possible_truncation, reason = "4,096 nodes have fewer than 2^24 links")]
    fn len(&self) -> u32 {
        self.arcs.len() as u32
    }

    /// The links from a node.
    #[inline]
    pub(crate) fn of(&self, node: u32) -> std::ops::Range<u32> {
        self.first[node as usize]..self.first[node as usize + 1]
    }

    /// Follows a change of bandwidths.
    #[expect(clippy::cast_precision_loss, reason = "bandwidths are below 2^53")]
    pub(crate) fn set_paces(&mut self, bandwidths: &[u64]) {
        for arc in &mut self.arcs {
            arc.pace = MEGABYTE / bandwidths[arc.from as usize].min(bandwidths[arc.to as usize]) as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn random(nodes: u32, peers: f64, seed: u64) -> Topology {
        let config = NetworkConfig { peers, ..NetworkConfig::default() };
        Topology::random(nodes, &config, &mut Random::stream(seed, "network"))
    }

    proptest! {
        #[test]
        fn random_graphs_are_connected_simple_and_of_the_degree_asked_for(
            nodes in 2_u32..60, peers in 1.0_f64..12.0, seed: u64
        ) {
            let topology = random(nodes, peers, seed);
            prop_assert_eq!(topology.parts().len(), 1);
            prop_assert!(topology.edges.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(topology.edges.iter().all(|(one, other)| one < other && *other < nodes));
            let least = (f64::from(nodes) * peers / 2.0).round().min(f64::from(nodes * (nodes - 1) / 2));
            let links = f64::from(u32::try_from(topology.edges.len()).unwrap());
            prop_assert!(links >= least);
            if peers >= 6.0 {
                prop_assert!(links <= least + 2.0);
            }
        }
    }

    #[test]
    fn every_link_goes_both_ways_at_the_pace_of_the_slower_end() {
        let topology = Topology { bandwidths: vec![1_000_000, 2_000_000, 4_000_000], edges: vec![(0, 1), (1, 2)] };
        let links = Links::new(&topology, &NetworkConfig::default());
        assert_eq!(
            links.arcs.iter().map(|arc| (arc.from, arc.to, arc.pace)).collect::<Vec<_>>(),
            [(0, 1, 1.0), (1, 0, 1.0), (1, 2, 0.5), (2, 1, 0.5)]
        );
        assert!((0..4).all(|arc| links.arcs[links.arcs[arc].back as usize].back as usize == arc));
    }

    #[test]
    fn everybody_is_linked_to_everybody_for_broadcasts() {
        let config = NetworkConfig { dissemination: Dissemination::Broadcast, ..NetworkConfig::default() };
        assert_eq!(Links::new(&random(7, 2.0, 1), &config).arcs.len(), 42);
    }
}
