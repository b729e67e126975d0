//! Plans with few trades: a trade costs gas.

use std::collections::BTreeMap;

use optimizer::{Comparison, LinearProgram, Optimize, Variable};
use transax::Trade;
use units::{GroupId, IntervalIndex, OfferId, WattHours};

use crate::{MatchingError, Problem, dense::wh};

/// At most `most` of the trades, with the most energy that those pairs can move between them: the largest trades are
/// kept, and they take over what they can of the others. Exact for the pairs kept; which pairs those are is a rule of
/// thumb.
pub(crate) fn largest(
    problem: &Problem,
    optimizer: &dyn Optimize,
    deadline: std::time::Duration,
    trades: Vec<Trade>,
    most: usize,
) -> Result<Vec<Trade>, MatchingError> {
    if trades.len() <= most {
        return Ok(trades);
    }
    let mut kept = trades;
    kept.sort_by_key(|trade| (std::cmp::Reverse(trade.energy), *trade));
    kept.truncate(most);
    kept.sort_unstable();
    let program = program_of(problem, &kept);
    let solution = optimizer.solve(&program, deadline)?;
    for (trade, value) in kept.iter_mut().zip(&solution.values) {
        trade.energy = WattHours(crate::whole::whole(*value));
    }
    kept.retain(|trade| trade.energy.0 > 0);
    Ok(kept)
}

type Terms = Vec<(Variable, f64)>;

/// A variable for each trade; rows for offers and for limits.
fn program_of(problem: &Problem, trades: &[Trade]) -> LinearProgram {
    let mut program = LinearProgram::new();
    let mut of_offer: BTreeMap<OfferId, Terms> = BTreeMap::new();
    let mut of_group: BTreeMap<(IntervalIndex, GroupId), [Terms; 2]> = BTreeMap::new();
    for trade in trades {
        let offers = [trade.seller, trade.buyer];
        let most = offers.iter().filter_map(|id| problem.offers.get(id)).map(|offer| offer.remaining.0).min();
        let variable = program.add_integer(1.0, 0.0, wh(most.unwrap_or(0)));
        for (side, id) in offers.iter().enumerate() {
            of_offer.entry(*id).or_default().push((variable, 1.0));
            let Some(offer) = problem.offers.get(id) else { continue };
            of_group.entry((trade.interval, offer.group)).or_default()[side].push((variable, 1.0));
        }
    }
    for (id, terms) in of_offer {
        let remaining = problem.offers.get(&id).map_or(0, |offer| offer.remaining.0);
        program.add_row(terms, Comparison::AtMost, wh(remaining));
    }
    for ((_, group), [sold, bought]) in of_group {
        let limits = problem.limits(group);
        if let Some(limit) = limits.internal {
            program.add_row(sold.clone(), Comparison::AtMost, wh(limit.0));
            program.add_row(bought.clone(), Comparison::AtMost, wh(limit.0));
        }
        if let Some(limit) = limits.external {
            let net = |sign: f64| {
                let sold = sold.iter().map(move |(variable, _)| (*variable, sign));
                sold.chain(bought.iter().map(move |(variable, _)| (*variable, -sign)))
            };
            program.add_row(net(1.0), Comparison::AtMost, wh(limit.0));
            program.add_row(net(-1.0), Comparison::AtMost, wh(limit.0));
        }
    }
    program
}
