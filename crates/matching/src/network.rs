//! Maximum flow in whole numbers (Dinic).

/// More than any capacity that binds.
pub(crate) const AMPLE: i64 = i64::MAX / 4;

/// A half-arc, as the node that it leaves knows it.
#[derive(Clone, Copy, Default)]
struct Leaving {
    half: u32,
    head: u32,
}

/// What a network is made of.
#[derive(Default)]
pub(crate) struct Arcs {
    /// Tails and heads.
    ends: Vec<[u32; 2]>,
    /// What each lets pass forwards and backwards.
    room: Vec<[i64; 2]>,
}

impl Arcs {
    pub fn reserve(&mut self, arcs: usize) {
        self.ends.reserve_exact(arcs);
        self.room.reserve_exact(arcs);
    }

    /// An arc from tail to head that can carry `capacity`, and carries `flow`.
    pub fn add(&mut self, ends: [usize; 2], capacity: i64, flow: i64) {
        self.extend([ends].into_iter(), capacity, [flow].into_iter());
    }

    /// Arcs that can carry as much each.
    pub fn extend(&mut self, ends: impl Iterator<Item = [usize; 2]>, capacity: i64, flows: impl Iterator<Item = i64>) {
        self.ends.extend(ends.map(|ends| ends.map(index)));
        self.room.extend(flows.map(|flow| [capacity - flow, flow]));
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }
}

/// A directed network with a flow in it.
///
/// A half-arc is an arc taken forwards (`2 a`) or backwards (`2 a + 1`).
pub(crate) struct Network {
    /// How much more each half-arc lets pass.
    room: Vec<i64>,
    /// Half-arcs by the node that they leave, with their heads, in the order of adding, and where each node's begin.
    leaving: Vec<Leaving>,
    first: Vec<u32>,
}

impl Network {
    /// A network of `arcs`. Paths are looked for in their order.
    pub fn new(nodes: usize, Arcs { ends, room }: Arcs) -> Self {
        let mut first = vec![0_u32; nodes + 1];
        for node in ends.as_flattened() {
            first[*node as usize] += 1;
        }
        // Where each node's end; then, as they come in, where they begin.
        let mut count = 0;
        for place in &mut first {
            count += *place;
            *place = count;
        }
        let mut leaving = vec![Leaving::default(); 2 * ends.len()];
        let halves = (0..index(leaving.len())).rev().zip(ends.as_flattened().iter().rev());
        for (half, node) in halves {
            let head = ends[half as usize / 2][1 - half as usize % 2];
            let place = &mut first[*node as usize];
            *place -= 1;
            leaving[*place as usize] = Leaving { half, head };
        }
        Self { room: room.into_flattened(), leaving, first }
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
        let nodes = self.first.len() - 1;
        let (mut levels, mut queue, mut at) =
            (vec![0_u32; nodes], Vec::with_capacity(nodes), Vec::with_capacity(nodes));
        let mut added = 0;
        while self.label(source, sink, &mut levels, &mut queue) {
            at.clear();
            at.extend_from_slice(&self.first[..nodes]);
            added += self.fill(source, sink, &levels, &mut at);
        }
        added
    }

    /// Labels nodes by their distance to the sink, from 1; 0 where none is known. Whether the source has one.
    fn label(&self, source: usize, sink: usize, levels: &mut [u32], queue: &mut Vec<usize>) -> bool {
        levels.fill(0);
        levels[sink] = 1;
        queue.clear();
        queue.push(sink);
        let mut next = 0;
        while let Some(node) = queue.get(next).copied() {
            next += 1;
            let level = levels[node] + 1;
            for Leaving { half, head } in self.leaving_from(node) {
                let tail = *head as usize;
                // Energy moves towards the sink, so what counts is the other half.
                if levels[tail] == 0 && self.room[(half ^ 1) as usize] > 0 {
                    levels[tail] = level;
                    if tail == source {
                        return true;
                    }
                    queue.push(tail);
                }
            }
        }
        false
    }

    /// Fills every shortest path, in the order of arcs; `at` is where each node's search stands.
    fn fill(&mut self, source: usize, sink: usize, levels: &[u32], at: &mut [u32]) -> i64 {
        let (mut added, mut node) = (0, source);
        // Half-arcs and the nodes that they leave.
        let mut path: Vec<(u32, usize)> = Vec::new();
        loop {
            if node == sink {
                let (room, tightest) = self.push(&path);
                added += room;
                node = path[tightest].1;
                path.truncate(tightest);
            }
            if at[node] == self.first[node + 1] {
                // A dead end: go back, and past the half-arc that led here.
                let Some((_, tail)) = path.pop() else { return added };
                node = tail;
                at[node] += 1;
                continue;
            }
            let Leaving { half, head } = self.leaving[at[node] as usize];
            if levels[head as usize] + 1 == levels[node] && self.room[half as usize] > 0 {
                path.push((half, node));
                node = head as usize;
            } else {
                at[node] += 1;
            }
        }
    }

    /// Fills a path, and tells by how much, and where it is full first.
    fn push(&mut self, path: &[(u32, usize)]) -> (i64, usize) {
        let rooms = path.iter().enumerate().map(|(place, (half, _))| (self.room[*half as usize], place));
        let (room, tightest) = rooms.min().expect("the source is not the sink");
        for (half, _) in path {
            self.room[*half as usize] -= room;
            self.room[(half ^ 1) as usize] += room;
        }
        (room, tightest)
    }

    fn leaving_from(&self, node: usize) -> &[Leaving] {
        &self.leaving[self.first[node] as usize..self.first[node + 1] as usize]
    }
}

fn index(place: usize) -> u32 {
    u32::try_from(place).expect("a network of over 2^32 nodes does not fit into memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(nodes: usize, arcs: &[(usize, usize, i64)]) -> Network {
        let mut all = Arcs::default();
        for (tail, head, capacity) in arcs {
            all.add([*tail, *head], *capacity, 0);
        }
        Network::new(nodes, all)
    }

    #[test]
    fn the_most_flows_and_a_first_choice_is_taken_back() {
        let arcs = [(0, 1, 4), (0, 2, 3), (1, 2, 9), (1, 3, 2), (2, 3, 4), (3, 4, 9)];
        let mut network = network(5, &arcs);
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
        let mut network = network(3, &[(0, 1, 0), (1, 2, 5)]);
        assert_eq!(network.augment(0, 2), 0);
        network.set_capacity(0, 3);
        assert_eq!(network.augment(0, 2), 3);
        network.set_capacity(0, 9);
        assert_eq!((network.augment(0, 2), network.flow(1)), (2, 5));
    }
}
