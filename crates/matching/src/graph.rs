//! An interval as a graph in which watt-hours can still move.
//!
//! Nodes are the rungs, the interval's hub, and for each group its sales, hub and purchases. Sellers lead from their
//! group's sales to their rung, buyers from their rung to their group's purchases.

use std::collections::VecDeque;

use transax::Side;

use crate::{Problem, book::Book, flow::amount, network::AMPLE};

/// An arc in one direction: of the graph's own, or of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Half {
    place: u32,
    is_entry: bool,
    is_back: bool,
}

impl Half {
    pub fn of_entry(entry: usize, is_back: bool) -> Self {
        Self { place: number(entry), is_entry: true, is_back }
    }

    fn of_arc(arc: usize, is_back: bool) -> Self {
        Self { place: number(arc), is_entry: false, is_back }
    }

    /// The entry, and whether it is taken backwards.
    pub fn entry(self) -> Option<(usize, bool)> {
        self.is_entry.then_some((self.place as usize, self.is_back))
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).expect("an interval of over 2^32 entries does not fit into memory")
}

/// The graph's own arcs; entries are kept by whoever asks.
pub(crate) struct Graph {
    nodes: usize,
    arcs: Vec<(usize, usize)>,
    /// How much more each lets pass, and how much can be taken back.
    rooms: Vec<[i64; 2]>,
    entries: Vec<(usize, usize)>,
    /// Half-arcs by the node that they leave; their heads.
    leaving: Vec<Vec<(Half, usize)>>,
}

/// The nodes that a search found, and by which half-arc.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    origin: usize,
    by: Vec<Option<(Half, usize)>>,
}

impl Reached {
    pub fn contains(&self, node: usize) -> bool {
        node == self.origin || self.by[node].is_some()
    }

    /// The half-arcs between the search's origin and a node.
    pub fn way(&self, node: usize) -> Option<Vec<Half>> {
        let (mut at, mut way) = (node, Vec::new());
        while at != self.origin {
            let (half, previous) = self.by[at]?;
            way.push(half);
            at = previous;
        }
        Some(way)
    }
}

impl Graph {
    pub fn new(problem: &Problem, book: &Book, amounts: &[u64]) -> Self {
        let mut groups = vec![[0; 2]; book.groups.len()];
        let mut climbing = vec![0_i64; book.rungs];
        for (entry, amount) in book.entries.iter().zip(amounts).map(|(entry, energy)| (entry, amount(*energy))) {
            let (side, sign) = if entry.side == Side::Sell { (0, 1) } else { (1, -1) };
            groups[entry.group()][side] += amount;
            climbing[entry.rung()] += sign * amount;
        }
        let sales_of = |group: usize| book.rungs + 1 + 3 * group;
        let nodes = book.rungs + 1 + 3 * groups.len();
        let mut graph =
            Self { nodes, arcs: Vec::new(), rooms: Vec::new(), entries: Vec::new(), leaving: vec![Vec::new(); nodes] };
        for entry in &book.entries {
            let first = sales_of(entry.group());
            let (tail, head) = if entry.side == Side::Sell { (first, entry.rung()) } else { (entry.rung(), first + 2) };
            let place = graph.entries.len();
            graph.entries.push((tail, head));
            if entry.side == Side::Buy {
                graph.leaving[tail].push((Half::of_entry(place, false), head));
                graph.leaving[head].push((Half::of_entry(place, true), tail));
            }
        }
        let mut passed = 0;
        for (rung, flow) in climbing.iter().enumerate().take(book.rungs.saturating_sub(1)) {
            passed += flow;
            graph.connect(rung, rung + 1, [AMPLE, passed]);
        }
        for (place, [sold, bought]) in groups.into_iter().enumerate() {
            let (limits, sales) = (problem.limits(book.groups[place]), sales_of(place));
            let [internal, external] =
                [limits.internal, limits.external].map(|limit| limit.map_or(AMPLE, |limit| amount(limit.0)));
            let (hub, purchases, meeting) = (sales + 1, sales + 2, book.rungs);
            graph.connect(purchases, hub, [internal - bought, bought]);
            graph.connect(hub, sales, [internal - sold, sold]);
            graph.connect(meeting, hub, [external - (sold - bought), external + (sold - bought)]);
        }
        graph
    }

    fn connect(&mut self, tail: usize, head: usize, rooms: [i64; 2]) {
        let arc = self.arcs.len();
        self.arcs.push((tail, head));
        self.rooms.push(rooms);
        self.leaving[tail].push((Half::of_arc(arc, false), head));
        self.leaving[head].push((Half::of_arc(arc, true), tail));
    }

    /// Tail and head of an entry's arc.
    pub fn ends_of(&self, entry: usize) -> (usize, usize) {
        self.entries[entry]
    }

    /// How much one of the graph's own half-arcs lets pass.
    pub fn room(&self, half: Half) -> u64 {
        self.rooms[half.place as usize][usize::from(half.is_back)].max(0).unsigned_abs()
    }

    /// Sends energy through one of the graph's own half-arcs.
    pub fn push(&mut self, half: Half, energy: u64) {
        let rooms = &mut self.rooms[half.place as usize];
        let back = usize::from(half.is_back);
        rooms[back] -= amount(energy);
        rooms[1 - back] += amount(energy);
    }

    /// Breadth first from `origin`, or to it; sellers' arcs are not taken. `state` tells of a buyer what its lot has
    /// left and what it trades.
    pub fn reach(&self, origin: usize, is_forward: bool, book: &Book, state: impl Fn(usize) -> (u64, u64)) -> Reached {
        debug_assert_eq!(book.entries.len(), self.entries.len(), "the graph is the book's");
        let mut reached = Reached { origin, by: vec![None; self.nodes] };
        let mut queue = VecDeque::from([origin]);
        while let Some(node) = queue.pop_front() {
            for (half, head) in &self.leaving[node] {
                // Towards the origin, the half-arc that enters `node` is the other one.
                let half = if is_forward { *half } else { Half { is_back: !half.is_back, ..*half } };
                let room = match half.entry() {
                    Some((entry, is_back)) => {
                        let (left, traded) = state(entry);
                        if is_back { traded } else { left }
                    }
                    None => self.room(half),
                };
                if room > 0 && !reached.contains(*head) {
                    reached.by[*head] = Some((half, node));
                    queue.push_back(*head);
                }
            }
        }
        reached
    }
}
