//! What an interval's prices and limits leave open around a plan.

use transax::Side;

use crate::{
    Problem,
    book::Book,
    cells::place,
    flow::amount,
    groups::{Group, Groups},
    network::AMPLE,
};

/// An interval's sums, kept up to date while amounts change.
pub(crate) struct Slack {
    /// What climbs from each rung to the next, Wh; nothing from the last.
    climbing: Vec<i64>,
    groups: Groups,
    /// For each rung its block: no energy climbs from one block to the next.
    blocks: Vec<usize>,
}

/// By how much the amount of an entry changes, for each watt-hour that is moved.
pub(crate) type Change = (usize, i64);

impl Slack {
    /// Around a feasible plan's amounts.
    pub fn new(problem: &Problem, book: &Book, amounts: &[u64]) -> Self {
        let mut groups = Groups::new(problem, book);
        let mut climbing = vec![0; book.rungs];
        for (entry, energy) in book.entries.iter().zip(amounts).filter(|(_, energy)| **energy > 0) {
            groups.add(entry.group(), entry.side, amount(*energy));
            climbing[entry.rung()] += net(entry.side) * amount(*energy);
        }
        (1..book.rungs).for_each(|rung| climbing[rung] += climbing[rung - 1]);
        let mut slack = Self { climbing, groups, blocks: Vec::with_capacity(book.rungs) };
        let mut block = 0;
        for climbs in &slack.climbing {
            slack.blocks.push(block);
            block += usize::from(*climbs == 0);
        }
        slack
    }

    /// How many cells [`Slack::cell`] may tell apart.
    pub fn cells(&self) -> usize {
        2 * (self.groups.len() + 1) * self.blocks.last().map_or(0, |last| last + 1)
    }

    /// Where an entry belongs: as long as the sum of every cell stays the same (sales less purchases), so does what
    /// binds. Groups have cells of their own where a limit binds. Sellers and buyers have, too, with `is_apart`.
    pub fn cell(&self, book: &Book, entry: usize, is_apart: bool) -> usize {
        let entry = book.entries[entry];
        let group = entry.group();
        let Group { sums: [sold, bought], internal, external, .. } = self.groups.at(group);
        let (sells_bind, buys_bind) = (sold >= internal, bought >= internal);
        let binds = (sold - bought).abs() >= external || [sells_bind, buys_bind][place(entry.side)];
        let is_apart = is_apart || (binds && (sells_bind || buys_bind));
        let own = if binds { group + 1 } else { 0 };
        let side = if is_apart { place(entry.side) } else { 0 };
        2 * ((self.groups.len() + 1) * self.blocks[entry.rung()] + own) + side
    }

    /// How many watt-hours may be moved before a limit or the ladder is in the way; amounts themselves are not looked
    /// at.
    pub fn room(&self, book: &Book, changes: &[Change], is_back: bool) -> i64 {
        let sign = if is_back { -1 } else { 1 };
        let mut room = AMPLE;
        let mut by_rung: Vec<(usize, i64)> = Vec::with_capacity(changes.len());
        let mut by_group: Vec<(usize, [i64; 2])> = Vec::with_capacity(changes.len());
        for (entry, change) in changes {
            let entry = book.entries[*entry];
            by_rung.push((entry.rung(), sign * net(entry.side) * change));
            let group = entry.group();
            let known = by_group.iter().position(|(known, _)| *known == group).unwrap_or_else(|| {
                by_group.push((group, [0; 2]));
                by_group.len() - 1
            });
            by_group[known].1[place(entry.side)] += sign * change;
        }
        for (group, changes) in by_group {
            room = room.min(self.groups.at(group).room(changes));
        }
        by_rung.sort_unstable();
        let mut climbing = 0;
        for pair in by_rung.windows(2) {
            climbing += pair[0].1;
            if climbing < 0 {
                let least = self.climbing[pair[0].0..pair[1].0].iter().min().map_or(AMPLE, |least| least / -climbing);
                room = room.min(least);
            }
        }
        room
    }

    /// Moves so many watt-hours.
    pub fn change(&mut self, book: &Book, changes: &[Change], energy: i64) {
        for (entry, change) in changes {
            let entry = book.entries[*entry];
            let group = entry.group();
            self.groups.add(group, entry.side, change * energy);
        }
        let mut by_rung: Vec<(usize, i64)> = changes
            .iter()
            .map(|(entry, change)| (book.entries[*entry].rung(), net(book.entries[*entry].side) * change * energy))
            .collect();
        by_rung.sort_unstable();
        let mut climbing = 0;
        for pair in by_rung.windows(2) {
            climbing += pair[0].1;
            self.climbing[pair[0].0..pair[1].0].iter_mut().for_each(|flow| *flow += climbing);
        }
    }
}

/// What an entry's energy adds to what climbs from its rung.
const fn net(side: Side) -> i64 {
    match side {
        Side::Sell => 1,
        Side::Buy => -1,
    }
}
