//! A day as a solver lives it (2.6.5): plan a few intervals ahead, make the first final, move on.

use optimizer::Optimize;
use transax::Trade;
use units::{IntervalIndex, WattHours};

use crate::{Formulation, MatchingError, Options, Problem, solve};

/// What was traded in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rolled {
    /// What became final, as [`Matching::trades`](crate::Matching::trades) are.
    pub trades: Vec<Trade>,
    /// The energy that it moves.
    pub value: WattHours,
    /// The most variables that one of them had.
    pub variables: usize,
}

/// Solves `problem.first..=problem.last` step by step, each step looking `horizon` intervals past its first one (`T_h`);
/// 0 looks at one interval alone. Offers are known once the horizon reaches their start. `step` is told each interval
/// that is made final.
pub fn roll(
    problem: &Problem,
    optimizer: &dyn Optimize,
    options: &Options,
    formulation: Formulation,
    horizon: u32,
    mut step: impl FnMut(IntervalIndex),
) -> Result<Rolled, MatchingError> {
    let mut offers = problem.offers.clone();
    let mut rolled = Rolled { trades: Vec::new(), value: WattHours(0), variables: 0 };
    for next in (problem.first.0..=problem.last.0).map(IntervalIndex) {
        let last = IntervalIndex(next.0.saturating_add(horizon).min(problem.last.0));
        offers.retain(|_, offer| offer.end >= next && offer.remaining.0 > 0);
        let known = offers.iter().filter(|(_, offer)| offer.start <= last);
        let known = known.map(|(id, offer)| (*id, *offer)).collect();
        let part = Problem { first: next, last, offers: known, groups: problem.groups.clone(), ..*problem };
        let matching = solve(&part, optimizer, options, formulation)?;
        rolled.variables = rolled.variables.max(matching.variables);
        for trade in matching.trades.into_iter().filter(|trade| trade.interval == next) {
            for id in [trade.seller, trade.buyer] {
                if let Some(offer) = offers.get_mut(&id) {
                    offer.remaining.0 -= trade.energy.0;
                }
            }
            rolled.trades.push(trade);
        }
        step(next);
    }
    rolled.value = problem.check(&rolled.trades)?;
    Ok(rolled)
}
