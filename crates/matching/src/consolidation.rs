//! Plans of the same energy with fewer amounts: the fewer lots trade in an interval, the fewer trades it has.
//!
//! A plan is a flow between lots and cells: a cell is what must keep its sum where a price or a limit binds in an
//! interval. Around a cycle of amounts energy can be moved either way, and nothing but these amounts changes, until one
//! of them is zero. Where no cycle is left, the amounts are a forest, and there are fewer of them than lots and cells
//! together, as at a vertex of the linear program. Lots with energy left may trade more or less: what they have left is
//! an amount as well, between the lot and a node that they share.

use std::collections::BTreeMap;

use transax::Side;
use units::{IntervalIndex, Price};

use crate::{
    Objective,
    book::{Amounts, Book},
    flow::amount,
    forest::{Forest, split},
    network::AMPLE,
    slack::{Change, Slack},
    task::Task,
};

/// How often the forest is built anew, since what binds changes.
const MOST_PASSES: u32 = 16;
/// How many passes may leave as many amounts as before; what they move may let the next one go on.
const MOST_IDLE: u32 = 1;

/// Moves energy between amounts of a feasible plan until as many as possible are zero. Its energy stays, and its benefit
/// where that is the objective; with a tie-break, so do the energy of every interval and that of every expiry.
pub(crate) fn consolidate(task: &Task<'_>, books: &[Book], amounts: &mut Amounts) {
    let (mut least, mut idle) = (support(amounts), 0);
    for _ in 0..MOST_PASSES {
        if Pass::new(task, books, amounts).run(amounts) {
            return;
        }
        let reached = support(amounts);
        idle = if reached < least { 0 } else { idle + 1 };
        least = reached;
        if idle > MOST_IDLE {
            return;
        }
    }
}

/// How many amounts are not zero.
fn support(amounts: &Amounts) -> usize {
    amounts.iter().flatten().filter(|energy| **energy > 0).count()
}

/// An amount that can be changed: of an entry, from its lot to its cell for sellers and from its cell to its lot for
/// buyers; or of a lot with energy left, between it and a node that all such lots share.
struct Edge {
    /// Book and entry.
    place: Option<(usize, usize)>,
    amount: i64,
    most: i64,
}

struct Pass<'a> {
    books: &'a [Book],
    slacks: Vec<Slack>,
    edges: Vec<Edge>,
    /// Their tails and heads.
    ends: Vec<[usize; 2]>,
    nodes: usize,
}

/// Edges with their direction around a cycle.
type Cycle = Vec<(usize, i64)>;

impl<'a> Pass<'a> {
    fn new(task: &Task<'_>, books: &'a [Book], amounts: &Amounts) -> Self {
        let slacks: Vec<Slack> =
            books.iter().zip(amounts).map(|(book, amounts)| Slack::new(task.problem, book, amounts)).collect();
        let most = support(amounts) + task.lots.len();
        let (edges, ends) = (Vec::with_capacity(most), Vec::with_capacity(most));
        let mut pass = Self { books, slacks, edges, ends, nodes: task.lots.len() };
        pass.add_lots(task, amounts);
        let is_apart = task.options.tie_break.is_some();
        for (number, (book, amounts)) in books.iter().zip(amounts).enumerate() {
            for (place, energy) in amounts.iter().enumerate().filter(|(_, energy)| **energy > 0) {
                let entry = book.entries[place];
                let cell = pass.nodes + pass.slacks[number].cell(book, place, is_apart);
                pass.add_edge(entry.side, [entry.lot(), cell], Some((number, place)), amount(*energy), AMPLE);
            }
            pass.nodes += pass.slacks[number].cells();
        }
        pass
    }

    /// Lots that trade and have energy left. Those that are alike in what counts share a node.
    fn add_lots(&mut self, task: &Task<'_>, amounts: &Amounts) {
        let mut used = vec![0_u64; task.lots.len()];
        for (book, amounts) in self.books.iter().zip(amounts) {
            book.entries.iter().zip(amounts).for_each(|(entry, energy)| used[entry.lot()] += energy);
        }
        let counts_expiry = task.options.tie_break.is_some();
        let counts_price = task.options.objective != Objective::Energy;
        let mut shared: BTreeMap<(Side, Option<IntervalIndex>, Option<Price>), usize> = BTreeMap::new();
        for (number, (lot, used)) in task.lots.iter().zip(used).enumerate() {
            if used > 0 && used < lot.remaining {
                let key = (lot.side, counts_expiry.then_some(lot.expiry), counts_price.then_some(lot.price));
                let node = *shared.entry(key).or_insert_with(|| {
                    self.nodes += 1;
                    self.nodes - 1
                });
                self.add_edge(lot.side, [node, number], None, amount(used), amount(lot.remaining));
            }
        }
    }

    /// `ends` as of a seller.
    fn add_edge(
        &mut self,
        side: Side,
        [tail, head]: [usize; 2],
        place: Option<(usize, usize)>,
        amount: i64,
        most: i64,
    ) {
        self.ends.push(if side == Side::Sell { [tail, head] } else { [head, tail] });
        self.edges.push(Edge { place, amount, most });
    }

    /// Whether what is left is a forest.
    fn run(mut self, amounts: &mut Amounts) -> bool {
        let ranks = self.edges.iter().map(Edge::rank).zip(0..);
        let mut order: Vec<(u64, usize)> = ranks.collect();
        order.sort_unstable();
        let [joining, closing] = split(self.nodes, &self.ends, order.into_iter().map(|(_, edge)| edge));
        if closing.is_empty() {
            return true;
        }
        let (mut forest, mut is_forest) = (Forest::new(self.nodes, &self.ends, &joining), true);
        for edge in closing {
            let ends = self.ends[edge];
            if let Some(path) = forest.path(ends[1], ends[0]) {
                let directed = path.into_iter().map(|(edge, from)| {
                    let sign = if self.ends[edge][0] == from { 1 } else { -1 };
                    (edge, sign)
                });
                let cycle: Cycle = directed.chain([(edge, 1)]).collect();
                if !self.cancel(&cycle) {
                    is_forest = false;
                    continue;
                }
                for (edge, _) in cycle {
                    if self.edges[edge].is_settled() {
                        forest.cut(edge, self.ends[edge]);
                    }
                }
            }
            if !self.edges[edge].is_settled() {
                forest.join(edge, ends);
            }
        }
        for Edge { place, amount, .. } in self.edges {
            if let Some((book, entry)) = place {
                amounts[book][entry] = amount.unsigned_abs();
            }
        }
        is_forest
    }

    /// Moves energy around a cycle until an amount is settled, better one of an entry than that of a lot; whether that
    /// is so. Where a price or a limit binds before, it goes so far: then the next pass knows of that.
    fn cancel(&mut self, cycle: &Cycle) -> bool {
        let changes = self.changes(cycle);
        let mut ways = [1, -1].map(|direction| {
            let rooms = cycle.iter().map(|(edge, sign)| self.edges[*edge].room(sign * direction));
            let (needed, is_lot) = rooms.min().unwrap_or((0, true));
            (is_lot, needed, direction)
        });
        ways.sort_unstable();
        let judged = ways.map(|(_, needed, direction)| {
            let in_books = changes
                .iter()
                .map(|(book, changes)| self.slacks[*book].room(&self.books[*book], changes, direction < 0));
            let room = in_books.min().unwrap_or(AMPLE);
            (needed <= room, direction * needed.min(room))
        });
        let settling = judged.iter().find(|(is_settled, _)| *is_settled);
        let Some((is_settled, energy)) = settling.or_else(|| judged.iter().find(|(_, energy)| *energy != 0)) else {
            return false;
        };
        for (edge, sign) in cycle {
            self.edges[*edge].amount += sign * energy;
        }
        for (book, changes) in changes {
            self.slacks[book].change(&self.books[book], &changes, *energy);
        }
        *is_settled
    }

    /// A cycle's changes by book.
    fn changes(&self, cycle: &Cycle) -> Vec<(usize, Vec<Change>)> {
        let changes =
            cycle.iter().filter_map(|(edge, sign)| self.edges[*edge].place.map(|(book, entry)| (book, (entry, *sign))));
        let mut changes: Vec<(usize, Change)> = changes.collect();
        changes.sort_unstable();
        let by_book = changes.chunk_by(|one, other| one.0 == other.0);
        by_book.map(|chunk| (chunk[0].0, chunk.iter().map(|(_, change)| *change).collect())).collect()
    }
}

impl Edge {
    /// How far the amount can rise or fall, and whether it is a lot's.
    fn room(&self, direction: i64) -> (i64, bool) {
        (if direction < 0 { self.amount } else { self.most - self.amount }, self.place.is_none())
    }

    /// Its place in a forest's making: lots first, and of each kind the largest amounts.
    fn rank(&self) -> u64 {
        (u64::from(self.place.is_some()) << 63) | AMPLE.abs_diff(self.amount)
    }

    /// Whether its amount is at a bound, where it stays.
    fn is_settled(&self) -> bool {
        self.amount == 0 || self.amount == self.most
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        collections::BTreeMap,
        time::{Duration, Instant},
    };

    use proptest::prelude::*;

    use super::*;
    use crate::{
        Options, Problem,
        book::books_of,
        lots::{Lot, Members, lots_of, trades_of},
        random,
        whole::{feasible, final_deals, value_of},
    };

    /// A plan in which everybody trades a little of everything.
    fn spread(task: &Task<'_>) -> Amounts {
        let thin = |lot: &Lot| lot.remaining.div_ceil(1 + u64::from(lot.end.0 - lot.start.0));
        let amounts =
            task.books.iter().map(|book| book.entries.iter().map(|entry| thin(&task.lots[entry.lot()])).collect());
        feasible(task.problem, task.lots, task.books, &amounts.collect())
    }

    fn with_task<T>(problem: &Problem, options: Options, test: impl FnOnce(&Task<'_>, &Members) -> T) -> T {
        let ((lots, members), begun, built) = (lots_of(problem), Instant::now(), Cell::new(Duration::ZERO));
        let books = books_of(&lots, |_, _| true);
        let task =
            Task { problem, lots: &lots, books: &books, optimizer: None, options: &options, begun, built: &built };
        test(&task, &members)
    }

    fn sums(task: &Task<'_>, amounts: &Amounts, key: impl Fn(&Book, &Lot) -> u64) -> BTreeMap<u64, u64> {
        let mut sums = BTreeMap::new();
        for (book, amounts) in task.books.iter().zip(amounts) {
            for (entry, energy) in book.entries.iter().zip(amounts).filter(|(_, energy)| **energy > 0) {
                *sums.entry(key(book, &task.lots[entry.lot()])).or_default() += energy;
            }
        }
        sums
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn fewer_amounts_trade_the_same_energy_within_every_rule(
            problem in random::problems(),
            objective in prop_oneof![Just(Objective::Energy), Just(Objective::Benefit)],
            tie_break in prop::option::of(Just(1e-4)),
        ) {
            let options = Options { objective, tie_break, ..Options::default() };
            with_task(&problem, options, |task, members| {
                let before = spread(task);
                let mut after = before.clone();
                consolidate(task, task.books, &mut after);
                let trades = |amounts: &Amounts| trades_of(task.lots, members, &final_deals(task.books, amounts));
                prop_assert_eq!(problem.check(&trades(&after)).map(|energy| energy.0), Ok(value_of(&before)));
                prop_assert!(support(&after) <= support(&before));
                if objective == Objective::Benefit {
                    prop_assert_eq!(problem.benefit(&trades(&after)), problem.benefit(&trades(&before)));
                }
                if tie_break.is_some() {
                    let keys: [fn(&Book, &Lot) -> u64; 2] = [|book, _| book.interval.0.into(), |_, lot| lot.expiry.0.into()];
                    for key in keys {
                        prop_assert_eq!(sums(task, &before, key), sums(task, &after, key));
                    }
                }
                Ok(())
            })?;
        }

        #[test]
        fn with_one_price_and_no_limits_amounts_are_fewer_than_lots_and_intervals(problem in random::problems()) {
            let mut problem = Problem { groups: BTreeMap::new(), ..problem };
            problem.offers.values_mut().for_each(|offer| offer.price = Price(1));
            with_task(&problem, Options::default(), |task, _| {
                let mut amounts = spread(task);
                consolidate(task, task.books, &mut amounts);
                prop_assert!(support(&amounts) <= task.lots.len() + task.books.len() + 1);
                Ok(())
            })?;
        }
    }
}
