//! The most that an interval alone can add to a plan, in whole watt-hours.
//!
//! Within an interval, trading is a circulation: from a group's hub to its sellers, up the ladder of prices, to buyers
//! and back to their group's hub; what groups exchange passes through the interval's hub. Every limit is the capacity
//! of an arc, so whole watt-hours lose nothing, and a plan trades the most it can where no cycle gains energy.

use std::collections::BTreeMap;

use transax::Side;
use units::WattHours;

use crate::{
    Problem,
    book::{Amounts, Book},
    flow::amount,
    lots::Lot,
    network::AMPLE,
};

/// Adds to a feasible plan, interval by interval, until none can add anything with what its lots have left.
pub(crate) fn raise(problem: &Problem, lots: &[Lot], books: &[Book], amounts: &mut Amounts) {
    let mut left: Vec<u64> = lots.iter().map(|lot| lot.remaining).collect();
    for (entry, energy) in books.iter().zip(amounts.iter()).flat_map(|(book, amounts)| book.entries.iter().zip(amounts))
    {
        left[entry.lot()] -= energy;
    }
    loop {
        let mut gained = false;
        for (book, amounts) in books.iter().zip(amounts.iter_mut()) {
            gained |= fill(problem, lots, book, &mut left, amounts);
        }
        if !gained {
            return;
        }
    }
}

/// Adds to an interval's amounts until it can add nothing with what lots have left; whether it could.
pub(crate) fn fill(problem: &Problem, lots: &[Lot], book: &Book, left: &mut [u64], amounts: &mut [u64]) -> bool {
    let mut circulation = Circulation::new(problem, book, left, amounts);
    let gained = circulation.raise();
    if gained {
        circulation.write_back(lots, book, left, amounts);
    }
    gained
}

struct Arc {
    tail: usize,
    head: usize,
    /// Watt-hours traded by each that flows.
    gain: i64,
    /// How much more may flow, and how much of what flows may be taken back, Wh.
    room: [i64; 2],
}

struct Circulation {
    nodes: usize,
    arcs: Vec<Arc>,
    /// For each arc of offers its entries in the book, and what they traded at first.
    offers: Vec<(Vec<usize>, i64)>,
}

impl Circulation {
    /// Nodes are the rungs, then the interval's hub, then for each group its hub, its sales and its purchases. Arcs of
    /// offers come first.
    fn new(problem: &Problem, book: &Book, left: &[u64], amounts: &[u64]) -> Self {
        let hub_of = |group: usize| book.rungs + 1 + 3 * group;
        let mut merged: BTreeMap<(bool, usize, usize), Vec<usize>> = BTreeMap::new();
        for (place, entry) in book.entries.iter().enumerate() {
            merged.entry((entry.side == Side::Buy, entry.rung(), entry.group())).or_default().push(place);
        }
        let mut flows = vec![0; book.rungs];
        let mut totals = vec![[0; 2]; book.groups.len()];
        let mut circulation = Self { nodes: hub_of(book.groups.len()), arcs: Vec::new(), offers: Vec::new() };
        for ((is_buy, rung, group), entries) in merged {
            let flow = sum(entries.iter().map(|entry| amounts[*entry]));
            let room = sum(entries.iter().map(|entry| left[book.entries[*entry].lot()]));
            totals[group][usize::from(is_buy)] += flow;
            flows[rung] += if is_buy { -flow } else { flow };
            let (tail, head) = if is_buy { (rung, hub_of(group) + 2) } else { (hub_of(group) + 1, rung) };
            circulation.arcs.push(Arc { tail, head, gain: i64::from(!is_buy), room: [room, flow] });
            circulation.offers.push((entries, flow));
        }
        let mut passed = 0;
        for (rung, flow) in flows.iter().enumerate().take(book.rungs - 1) {
            passed += flow;
            circulation.connect(rung, rung + 1, [AMPLE, passed]);
        }
        for (group, [sold, bought]) in totals.into_iter().enumerate() {
            let limits = problem.limits(book.groups[group]);
            let (hub, internal) = (hub_of(group), limit(limits.internal));
            circulation.connect(hub + 2, hub, [internal - bought, bought]);
            circulation.connect(hub, hub + 1, [internal - sold, sold]);
            let (net, external) = (sold - bought, limit(limits.external));
            circulation.connect(book.rungs, hub, [external - net, external + net]);
        }
        circulation
    }

    fn connect(&mut self, tail: usize, head: usize, room: [i64; 2]) {
        self.arcs.push(Arc { tail, head, gain: 0, room });
    }

    /// Sends what fits around cycles that gain energy until there is none; whether there was one.
    fn raise(&mut self) -> bool {
        let mut gained = false;
        while let Some(cycle) = self.gaining_cycle() {
            let room = cycle.iter().map(|(arc, back)| self.arcs[*arc].room[*back]).min().unwrap_or(0);
            for (arc, back) in cycle {
                self.arcs[arc].room[back] -= room;
                self.arcs[arc].room[1 - back] += room;
            }
            gained = true;
        }
        gained
    }

    /// Bellman and Ford's search from everywhere at once: arcs, and whether they are taken backwards.
    fn gaining_cycle(&self) -> Option<Vec<(usize, usize)>> {
        let mut gains = vec![0_i64; self.nodes];
        let mut reached: Vec<Option<(usize, usize)>> = vec![None; self.nodes];
        loop {
            let mut changed = false;
            for (index, arc) in self.arcs.iter().enumerate() {
                for (back, from, to, gain) in [(0, arc.tail, arc.head, arc.gain), (1, arc.head, arc.tail, -arc.gain)] {
                    if arc.room[back] > 0 && gains[from] + gain > gains[to] {
                        gains[to] = gains[from] + gain;
                        reached[to] = Some((index, back));
                        changed = true;
                    }
                }
            }
            if !changed {
                return None;
            }
            if let Some(cycle) = self.cycle_in(&reached) {
                return Some(cycle);
            }
        }
    }

    /// A cycle among the arcs by which nodes were reached.
    fn cycle_in(&self, reached: &[Option<(usize, usize)>]) -> Option<Vec<(usize, usize)>> {
        let before = |node: usize| {
            reached[node].map(|(arc, back)| if back == 0 { self.arcs[arc].tail } else { self.arcs[arc].head })
        };
        let mut seen_from = vec![usize::MAX; self.nodes];
        for start in 0..self.nodes {
            let mut node = start;
            while seen_from[node] == usize::MAX {
                seen_from[node] = start;
                let Some(previous) = before(node) else { break };
                node = previous;
                if seen_from[node] == start {
                    let mut cycle = Vec::new();
                    let mut at = node;
                    loop {
                        cycle.extend(reached[at]);
                        at = before(at)?;
                        if at == node {
                            return Some(cycle);
                        }
                    }
                }
            }
        }
        None
    }

    /// What arcs of offers gained goes to the lots that expire first; what they lost, the last to expire lose.
    fn write_back(&self, lots: &[Lot], book: &Book, left: &mut [u64], amounts: &mut [u64]) {
        for ((entries, before), arc) in self.offers.iter().zip(&self.arcs) {
            let mut entries = entries.clone();
            entries.sort_by_key(|entry| (lots[book.entries[*entry].lot()].expiry, *entry));
            let change = arc.room[1] - before;
            let mut open = change.unsigned_abs();
            for entry in &entries {
                if change <= 0 {
                    break;
                }
                let part = open.min(left[book.entries[*entry].lot()]);
                left[book.entries[*entry].lot()] -= part;
                amounts[*entry] += part;
                open -= part;
            }
            for entry in entries.iter().rev().filter(|_| change < 0) {
                let part = open.min(amounts[*entry]);
                left[book.entries[*entry].lot()] += part;
                amounts[*entry] -= part;
                open -= part;
            }
        }
    }
}

fn limit(limit: Option<WattHours>) -> i64 {
    limit.map_or(AMPLE, |limit| amount(limit.0))
}

fn sum(energies: impl Iterator<Item = u64>) -> i64 {
    amount(energies.sum())
}
