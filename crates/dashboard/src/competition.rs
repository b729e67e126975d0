//! The competition of a TRANSAX market's solvers, as its events tell it.

use std::collections::{BTreeMap, VecDeque};

use alloy::primitives::{Address, B256};
use journal::Entry;
use runtime::{BoxError, Transax};
use serde::{Deserialize, Serialize};
use transax::{Event, Market};
use units::IntervalIndex;

use crate::watched::{Chronicle, Told, short};

/// So many changes of the best plan are remembered.
const REMEMBERED: usize = 500;
/// So many solvers are told of.
const MOST_SOLVERS: usize = 50;

/// What changed the best plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Cause {
    /// A better one.
    Posted,
    /// Its first interval became final.
    Final,
    /// Its first interval was not finalised in time.
    Lapsed,
}

/// A change of the best plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Change {
    block: u64,
    transaction: B256,
    cause: Cause,
    /// Whose plan it is, or was.
    solver: Option<Address>,
    /// The plan's first interval, or the one that became final or lapsed.
    interval: IntervalIndex,
    /// What the plan is worth from then on.
    value_wh: u64,
}

/// What a solver has achieved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Score {
    /// Plans that became the best.
    solutions: u64,
    /// Intervals that became final by them.
    intervals: u64,
    /// What is traded in those.
    energy_wh: u64,
}

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Competition {
    changes: VecDeque<Change>,
    scores: BTreeMap<Address, Score>,
    winners: BTreeMap<IntervalIndex, Address>,
}

impl Competition {
    /// By whose plan intervals became final in which something is traded.
    pub const fn winners(&self) -> &BTreeMap<IntervalIndex, Address> {
        &self.winners
    }

    fn change(&mut self, entry: &Entry, cause: Cause, solver: Option<Address>, interval: IntervalIndex, value_wh: u64) {
        let (block, transaction) = (entry.block.number, entry.transaction);
        self.changes.push_back(Change { block, transaction, cause, solver, interval, value_wh });
        if self.changes.len() > REMEMBERED {
            self.changes.pop_front();
        }
    }

    fn note(&mut self, market: &Market, entry: &Entry, event: &Event) {
        let candidate = market.candidate();
        let left = |gone: u64| candidate.map_or(0, |candidate| candidate.value.0.saturating_sub(gone));
        let solver = candidate.map(|candidate| candidate.solver);
        match event {
            Event::SolutionPosted { solver, value, first_interval, .. } => {
                self.scores.entry(*solver).or_default().solutions += 1;
                self.change(entry, Cause::Posted, Some(*solver), *first_interval, value.0);
            }
            Event::Finalized { interval, value, .. } if value.0 > 0 => {
                if let Some(solver) = solver {
                    self.winners.insert(*interval, solver);
                    let score = self.scores.entry(solver).or_default();
                    score.intervals += 1;
                    score.energy_wh += value.0;
                }
                self.change(entry, Cause::Final, solver, *interval, left(value.0));
            }
            Event::Lapsed { interval, value } => {
                self.change(entry, Cause::Lapsed, solver, *interval, left(value.0));
            }
            _ => {}
        }
    }
}

impl Chronicle for Transax {
    const SYSTEM: &'static str = "transax";
    const FORM: u32 = 1;
    type History = Competition;

    fn note(&self, view: &Market, history: &mut Competition, entry: &Entry) -> Result<Option<Told>, BoxError> {
        let Some(event) = bindings::event(&entry.log)? else { return Ok(None) };
        history.note(view, entry, &event);
        Ok(tell(&event))
    }
}

/// What people may want to hear of.
fn tell(event: &Event) -> Option<Told> {
    Some(match event {
        Event::GroupAdded { group, .. } => Told::new("group", format!("group {group} was added")),
        Event::ProsumerRegistered { prosumer, .. } => {
            Told::new("registered", format!("{} registered behind its meter", short(prosumer)))
        }
        Event::OfferPosted { offer, account, side, energy, start, end, .. } => {
            let verb = if *side == transax::Side::Sell { "sell" } else { "buy" };
            let who = short(account);
            Told::new("offer", format!("offer {offer}: {who} would {verb} {energy} in intervals {start} to {end}"))
        }
        Event::OfferAugmented { offer, energy_added, end } => {
            Told::new("offer", format!("offer {offer} has {energy_added} more, and ends with interval {end}"))
        }
        Event::OfferCancelled { offer, end } => {
            Told::new("cancelled", format!("offer {offer} was cut off after interval {end}"))
        }
        Event::SolutionPosted { solver, value, first_interval, .. } => {
            let text = format!("{} has the best plan: {value} from interval {first_interval} on", short(solver));
            Told::new("solution", text)
        }
        Event::Finalized { interval, value, .. } => {
            Told::new("final", format!("interval {interval} is final with {value}"))
        }
        Event::Lapsed { interval, value } => {
            Told::new("lapsed", format!("interval {interval} lapsed, and {value} of the best plan with it"))
        }
        _ => return None,
    })
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Planned {
    interval: IntervalIndex,
    energy_wh: u64,
    trades: usize,
}

/// The best plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Best {
    solver: Address,
    value_wh: u64,
    intervals: Vec<Planned>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Solver {
    solver: Address,
    #[serde(flatten)]
    score: Score,
}

/// `/api/competition`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    candidate: Option<Best>,
    /// The most energy first.
    solvers: Vec<Solver>,
    /// The oldest first.
    changes: Vec<Change>,
}

impl Standing {
    /// Where solvers stand.
    pub fn of(market: &Market, competition: &Competition) -> Self {
        let candidate = market.candidate().map(|candidate| Best {
            solver: candidate.solver,
            value_wh: candidate.value.0,
            intervals: candidate
                .blocks
                .iter()
                .map(|block| Planned { interval: block.interval, energy_wh: block.value.0, trades: block.trades.len() })
                .collect(),
        });
        let mut solvers: Vec<_> =
            competition.scores.iter().map(|(solver, score)| Solver { solver: *solver, score: *score }).collect();
        solvers.sort_by_key(|one| std::cmp::Reverse((one.score.energy_wh, one.score.solutions)));
        solvers.truncate(MOST_SOLVERS);
        Self { candidate, solvers, changes: competition.changes.iter().cloned().collect() }
    }
}

#[cfg(test)]
mod tests {
    use alloy::{
        primitives::{LogData, b256, keccak256},
        sol_types::SolEvent,
    };
    use bindings::contracts::Transax as Contract;
    use journal::BlockRef;
    use runtime::Protocol;
    use transax::{Params, PriceRule};
    use units::Price;

    use super::*;
    use crate::watched::{Seen, Watched};

    fn watched() -> Watched<Transax> {
        let address = Address::repeat_byte;
        let params = Params {
            dso: address(1),
            token: address(2),
            genesis: 1_000_000,
            interval_seconds: 900,
            clear_intervals: 1,
            plan_horizon: 8,
            offer_horizon: 96,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        };
        let deployment = bindings::Deployment { chain_id: 31_337, market: address(3), token: address(2), block: 2 };
        Watched(Transax::new(deployment, params))
    }

    fn entry(block: u64, log: LogData) -> Entry {
        let block = BlockRef { number: block, hash: B256::with_last_byte(1) };
        Entry { block, log_index: 0, transaction: B256::with_last_byte(2), address: Address::repeat_byte(3), log }
    }

    /// Of everything that can be remembered something.
    fn seen() -> Seen<Market, Competition> {
        let watched = watched();
        let mut seen = watched.view();
        for group in 0..3 {
            let log = Contract::GroupAdded { group, internalLimit: 10, externalLimit: 5 }.encode_log_data();
            watched.apply(&mut seen, &entry(5 + u64::from(group), log)).unwrap();
        }
        let solver = Address::repeat_byte(7);
        for cause in [Cause::Posted, Cause::Final, Cause::Lapsed] {
            seen.history.change(&entry(9, LogData::default()), cause, Some(solver), IntervalIndex(4), 1000);
        }
        seen.history.scores.insert(solver, Score { solutions: 3, intervals: 2, energy_wh: 1000 });
        seen.history.winners.insert(IntervalIndex(4), solver);
        seen
    }

    #[test]
    fn what_is_seen_of_a_market_is_written_down_and_read_again() {
        let seen = seen();
        let bytes = postcard::to_allocvec(&seen).unwrap();
        let read: Seen<Market, Competition> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read, seen);
        assert_eq!(read.news().map(|(number, _)| number).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(watched().goes_on_with(&read));
    }

    #[test]
    fn its_form_is_told_by_its_number() {
        let Seen { history, .. } = seen();
        let news = postcard::to_allocvec(&seen().news().collect::<Vec<_>>()).unwrap();
        let bytes = [postcard::to_allocvec(&history).unwrap(), news].concat();
        let known = b256!("1e7efc6756b46a1356a55e2b11a95f0bb8cbe24cece6a7d61c004e0f357d111f");
        assert_eq!((Transax::FORM, keccak256(bytes)), (1, known), "another form needs another number");
        let number = |form: Option<runtime::Form<Seen<Market, Competition>>>| form.map(|form| form.number());
        assert_eq!(number(Watched::<Transax>::form()), Some(1000 + Market::FORM));
    }
}
