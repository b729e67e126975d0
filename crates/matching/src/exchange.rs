//! Gains that no interval can make alone.
//!
//! A lot with energy left takes a watt-hour from another lot of its side in an interval both trade in, which costs
//! nothing there; that one takes a watt-hour elsewhere; and so on, until a lot comes to an interval that can trade one
//! more. Searched breadth first, from all lots with energy left. Every step alone is a feasible change.

use std::collections::{BTreeMap, VecDeque};

use transax::Side;

use crate::{
    Problem,
    book::{Amounts, Book},
    graph::{Graph, Half, Reached},
    lots::Lot,
};

/// Chains that got in their own way, after which the search ends.
const MOST_FAILURES: u32 = 50;

/// A plan, the graphs of its intervals, and what lots have left.
pub(crate) struct Exchange<'a> {
    lots: &'a [Lot],
    books: &'a [Book],
    left: Vec<u64>,
    amounts: Amounts,
    graphs: Vec<Graph>,
    /// For each lot the books that know it, and its entry there.
    places: Vec<Vec<(usize, usize)>>,
    /// What was reached from a node of a book, and to it, until the book changes.
    known: BTreeMap<(usize, usize, bool), Reached>,
}

/// A lot's way into an interval, and the lot that makes room for it; none where the interval trades one more.
#[derive(Clone, Debug)]
struct Step {
    book: usize,
    way: Vec<Half>,
    gives_way: Option<usize>,
}

impl<'a> Exchange<'a> {
    /// `amounts` is feasible.
    pub fn new(problem: &Problem, lots: &'a [Lot], books: &'a [Book], amounts: Amounts) -> Self {
        let mut left: Vec<u64> = lots.iter().map(|lot| lot.remaining).collect();
        let mut places = vec![Vec::new(); lots.len()];
        for (number, (book, amounts)) in books.iter().zip(&amounts).enumerate() {
            for (place, (entry, amount)) in book.entries.iter().zip(amounts).enumerate() {
                left[entry.lot()] -= amount;
                places[entry.lot()].push((number, place));
            }
        }
        let graphs = books.iter().zip(&amounts).map(|(book, amounts)| Graph::new(problem, book, amounts)).collect();
        Self { lots, books, left, amounts, graphs, places, known: BTreeMap::new() }
    }

    /// Gains up to `wanted` Wh, while `goes_on` allows; what was gained.
    pub fn gain(&mut self, wanted: u64, goes_on: impl Fn() -> bool) -> u64 {
        let (mut gained, mut failures) = (0, 0);
        while gained < wanted && failures < MOST_FAILURES && goes_on() {
            let found = [Side::Sell, Side::Buy].into_iter().find_map(|side| self.chain(side));
            let Some((first, chain)) = found else { break };
            let energy = chain.iter().map(|step| self.room(step)).min().unwrap_or(0);
            let energy = energy.min(self.left[first]).min(wanted - gained);
            if self.follow(&chain, energy) {
                gained += energy;
            } else {
                failures += 1;
            }
        }
        gained
    }

    /// Lets lots that expire sooner take over from lots that expire later, earlier intervals first.
    pub fn prefer_expiring(&mut self, goes_on: impl Fn() -> bool) {
        let mut waiting: Vec<usize> = (0..self.lots.len()).filter(|lot| self.left[*lot] > 0).collect();
        waiting.sort_by_key(|lot| (self.lots[*lot].expiry, *lot));
        for lot in waiting {
            if !goes_on() {
                return;
            }
            for (book, entry) in self.places[lot].clone() {
                if self.left[lot] == 0 {
                    break;
                }
                let expiry_of = |other: &usize| self.lots[self.books[book].entries[*other].lot()].expiry;
                let mut rivals = self.rivals(book, entry);
                rivals.retain(|other| expiry_of(other) > self.lots[lot].expiry);
                rivals.sort_by_key(|other| std::cmp::Reverse(expiry_of(other)));
                for rival in rivals {
                    // What was taken just now may be in the way.
                    let Some(way) = self.way_instead_of(book, entry, rival) else { continue };
                    let step = Step { book, way, gives_way: Some(rival) };
                    let energy = self.room(&step).min(self.left[lot]);
                    if energy > 0 {
                        self.take(&step, energy);
                    }
                }
            }
        }
    }

    /// Takes the steps one by one; whether all could be taken. Steps in one interval may use up each other's room.
    fn follow(&mut self, chain: &[Step], energy: u64) -> bool {
        energy > 0
            && chain.iter().all(|step| {
                let fits = self.room(step) >= energy;
                if fits {
                    self.take(step, energy);
                }
                fits
            })
    }

    /// The plan as it is now.
    pub fn into_amounts(self) -> Amounts {
        self.amounts
    }

    /// The shortest chain from a lot of a side that has energy left.
    fn chain(&mut self, side: Side) -> Option<(usize, Vec<Step>)> {
        let starts = |lot: &usize| self.lots[*lot].side == side && self.left[*lot] > 0;
        let mut queue: VecDeque<usize> = (0..self.lots.len()).filter(starts).collect();
        let mut seen: Vec<bool> = vec![false; self.lots.len()];
        for lot in &queue {
            seen[*lot] = true;
        }
        let mut before: BTreeMap<usize, (usize, Step)> = BTreeMap::new();
        while let Some(lot) = queue.pop_front() {
            for (book, entry) in self.places[lot].clone() {
                if let Some(way) = self.way_to_more(book, entry) {
                    let last = Step { book, way, gives_way: None };
                    return Some(unwind(lot, last, &before));
                }
                for other in self.rivals(book, entry) {
                    let rival = self.books[book].entries[other].lot();
                    if !seen[rival]
                        && let Some(way) = self.way_instead_of(book, entry, other)
                    {
                        seen[rival] = true;
                        before.insert(rival, (lot, Step { book, way, gives_way: Some(rival) }));
                        queue.push_back(rival);
                    }
                }
            }
        }
        None
    }

    /// What is reached from a node (or reaches it) without a seller's arc.
    fn reached(&mut self, book: usize, node: usize, is_forward: bool) -> &Reached {
        let Self { known, graphs, left, amounts, books, .. } = self;
        known.entry((book, node, is_forward)).or_insert_with(|| {
            graphs[book].reach(node, is_forward, &books[book], |entry| {
                (left[books[book].entries[entry].lot()], amounts[book][entry])
            })
        })
    }

    /// The half-arcs of a cycle through an entry, taken forwards, that trades a watt-hour more.
    fn way_to_more(&mut self, book: usize, entry: usize) -> Option<Vec<Half>> {
        let (tail, head) = self.graphs[book].ends_of(entry);
        if self.books[book].entries[entry].side == Side::Sell {
            let mut way = self.reached(book, head, true).way(tail)?;
            way.push(Half::of_entry(entry, false));
            return Some(way);
        }
        let sellers = (0..self.books[book].entries.len()).filter(|other| {
            let entry = self.books[book].entries[*other];
            entry.side == Side::Sell && self.left[entry.lot()] > 0
        });
        let sellers: Vec<usize> = sellers.collect();
        let (after, to) = (self.reached(book, head, true).clone(), self.reached(book, tail, false).clone());
        sellers.into_iter().find_map(|seller| {
            let (from, onto) = self.graphs[book].ends_of(seller);
            let mut way = after.way(from)?;
            way.extend(to.way(onto)?);
            way.extend([Half::of_entry(seller, false), Half::of_entry(entry, false)]);
            Some(way)
        })
    }

    /// Entries of the same side that can give way to this one.
    fn rivals(&mut self, book: usize, entry: usize) -> Vec<usize> {
        let (tail, head) = self.graphs[book].ends_of(entry);
        let (after, to) = (self.reached(book, head, true).clone(), self.reached(book, tail, false).clone());
        let entries = &self.books[book].entries;
        let gives_way = |other: &usize| {
            let (from, onto) = self.graphs[book].ends_of(*other);
            *other != entry
                && entries[*other].side == entries[entry].side
                && self.amounts[book][*other] > 0
                && after.contains(onto)
                && to.contains(from)
        };
        (0..entries.len()).filter(gives_way).collect()
    }

    /// The half-arcs of a cycle through an entry, taken forwards, and a rival, taken backwards.
    fn way_instead_of(&mut self, book: usize, entry: usize, rival: usize) -> Option<Vec<Half>> {
        let (tail, head) = self.graphs[book].ends_of(entry);
        let (from, onto) = self.graphs[book].ends_of(rival);
        let mut way = self.reached(book, head, true).way(onto)?;
        way.extend(self.reached(book, tail, false).way(from)?);
        way.extend([Half::of_entry(rival, true), Half::of_entry(entry, false)]);
        Some(way)
    }

    /// How many watt-hours a step can move; the lot that makes it is asked for separately.
    fn room(&self, step: &Step) -> u64 {
        let mut uses: BTreeMap<Half, u64> = BTreeMap::new();
        step.way.iter().for_each(|half| *uses.entry(*half).or_default() += 1);
        let entering = step.way.last();
        let rooms = uses.iter().filter(|(half, _)| Some(*half) != entering).map(|(half, uses)| {
            let room = match half.entry() {
                Some((entry, true)) => self.amounts[step.book][entry],
                Some((entry, false)) => self.left[self.books[step.book].entries[entry].lot()],
                None => self.graphs[step.book].room(*half),
            };
            room / uses
        });
        rooms.min().unwrap_or(0)
    }

    fn take(&mut self, step: &Step, energy: u64) {
        for half in &step.way {
            match half.entry() {
                Some((entry, is_back)) => {
                    let (amount, left) = (
                        &mut self.amounts[step.book][entry],
                        &mut self.left[self.books[step.book].entries[entry].lot()],
                    );
                    if is_back {
                        *amount -= energy;
                        *left += energy;
                    } else {
                        *amount += energy;
                        *left -= energy;
                    }
                    // What a lot has left counts in every interval that it spans.
                    let lot = self.books[step.book].entries[entry].lot();
                    for (book, _) in &self.places[lot] {
                        self.known.retain(|key, _| key.0 != *book);
                    }
                }
                None => self.graphs[step.book].push(*half, energy),
            }
        }
        self.known.retain(|key, _| key.0 != step.book);
    }
}

/// The chain that ends with a lot's last step, and the lot that it begins with.
fn unwind(lot: usize, last: Step, before: &BTreeMap<usize, (usize, Step)>) -> (usize, Vec<Step>) {
    let (mut first, mut chain) = (lot, vec![last]);
    while let Some((previous, step)) = before.get(&first) {
        debug_assert_eq!(step.gives_way, Some(first), "the chain is linked");
        chain.push(step.clone());
        first = *previous;
    }
    chain.reverse();
    (first, chain)
}
