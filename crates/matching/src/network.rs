//! Maximum flow in whole numbers (Dinic).

use std::collections::VecDeque;

/// More than any capacity that binds.
pub(crate) const AMPLE: i64 = i64::MAX / 4;

/// A directed network with a flow in it, zero at first.
///
/// A half-arc is an arc taken forwards (`2 a`) or backwards (`2 a + 1`).
pub(crate) struct Network {
    ends: Vec<[u32; 2]>,
    /// How much more each half-arc lets pass.
    room: Vec<i64>,
    /// Half-arcs by the node that they leave, in the order of adding, and where each node's begin.
    leaving: Vec<u32>,
    first: Vec<u32>,
}

impl Network {
    /// A network of `arcs`: tail, head and capacity. Paths are looked for in their order.
    pub fn new(nodes: usize, arcs: &[(usize, usize, i64)]) -> Self {
        let mut first = vec![0_u32; nodes + 1];
        for (tail, head, _) in arcs {
            first[tail + 1] += 1;
            first[head + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut network = Self {
            ends: Vec::with_capacity(arcs.len()),
            room: Vec::with_capacity(2 * arcs.len()),
            leaving: vec![0; 2 * arcs.len()],
            first,
        };
        for (half, (tail, head, capacity)) in (0_u32..).step_by(2).zip(arcs) {
            network.ends.push([index(*tail), index(*head)]);
            network.room.extend([*capacity, 0]);
            for (half, node) in [(half, *tail), (half + 1, *head)] {
                network.leaving[next[node] as usize] = half;
                next[node] += 1;
            }
        }
        network
    }

    /// What flows through an arc.
    pub fn flow(&self, arc: usize) -> i64 {
        self.room[2 * arc + 1]
    }

    /// Lets an arc carry so much in all, which is no less than what flows through it.
    pub fn set_capacity(&mut self, arc: usize, capacity: i64) {
        self.room[2 * arc] = capacity - self.flow(arc);
    }

    /// Takes all flow away.
    pub fn drain(&mut self) {
        for room in self.room.chunks_exact_mut(2) {
            room[0] += room[1];
            room[1] = 0;
        }
    }

    /// Adds the most that fits from `source` to `sink`, and returns it. What flows out of the source or into the sink
    /// through any arc never becomes less.
    pub fn augment(&mut self, source: usize, sink: usize) -> i64 {
        let mut added = 0;
        let mut levels = vec![0_u32; self.first.len() - 1];
        while self.label(source, sink, &mut levels) {
            let mut at: Vec<u32> = self.first[..self.first.len() - 1].to_vec();
            while let Some(room) = self.push_path(source, sink, &levels, &mut at) {
                added += room;
            }
        }
        added
    }

    /// Labels nodes by their distance from the source, from 1; 0 where none leads there. Whether the sink has one.
    fn label(&self, source: usize, sink: usize, levels: &mut [u32]) -> bool {
        levels.fill(0);
        levels[source] = 1;
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for half in self.leaving_from(node) {
                let head = self.head(*half);
                if self.room[*half as usize] > 0 && levels[head] == 0 {
                    levels[head] = levels[node] + 1;
                    if head == sink {
                        return true;
                    }
                    queue.push_back(head);
                }
            }
        }
        false
    }

    /// Fills one shortest path; `at` is where each node's search stands.
    fn push_path(&mut self, source: usize, sink: usize, levels: &[u32], at: &mut [u32]) -> Option<i64> {
        let mut path: Vec<u32> = Vec::new();
        let mut node = source;
        while node != sink {
            if at[node] == self.first[node + 1] {
                // A dead end: go back, and past the half-arc that led here.
                let half = path.pop()?;
                node = self.head(half ^ 1);
                at[node] += 1;
                continue;
            }
            let half = self.leaving[at[node] as usize];
            let head = self.head(half);
            if self.room[half as usize] > 0 && levels[head] == levels[node] + 1 {
                path.push(half);
                node = head;
            } else {
                at[node] += 1;
            }
        }
        let room = path.iter().map(|half| self.room[*half as usize]).min()?;
        for half in path {
            self.room[half as usize] -= room;
            self.room[(half ^ 1) as usize] += room;
        }
        Some(room)
    }

    fn leaving_from(&self, node: usize) -> &[u32] {
        &self.leaving[self.first[node] as usize..self.first[node + 1] as usize]
    }

    fn head(&self, half: u32) -> usize {
        self.ends[(half >> 1) as usize][1 - (half & 1) as usize] as usize
    }
}

fn index(place: usize) -> u32 {
    u32::try_from(place).expect("a network of over 2^32 nodes does not fit into memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_flows_and_a_first_choice_is_taken_back() {
        let arcs = [(0, 1, 4), (0, 2, 3), (1, 2, 9), (1, 3, 2), (2, 3, 4), (3, 4, 9)];
        let mut network = Network::new(5, &arcs);
        assert_eq!(network.augment(0, 4), 6);
        for node in 1..4 {
            let at = |end: usize| arcs.iter().enumerate().filter(move |(_, arc)| [arc.0, arc.1][end] == node);
            let sum = |end| at(end).map(|(place, _)| network.flow(place)).sum::<i64>();
            assert_eq!(sum(0), sum(1), "what enters node {node} leaves it");
        }
        assert_eq!(network.augment(0, 4), 0);
        network.drain();
        assert_eq!((network.flow(5), network.augment(0, 4)), (0, 6));
    }

    #[test]
    fn capacity_that_is_added_later_is_used() {
        let mut network = Network::new(3, &[(0, 1, 0), (1, 2, 5)]);
        assert_eq!(network.augment(0, 2), 0);
        network.set_capacity(0, 3);
        assert_eq!(network.augment(0, 2), 3);
        network.set_capacity(0, 9);
        assert_eq!((network.augment(0, 2), network.flow(1)), (2, 5));
    }
}
