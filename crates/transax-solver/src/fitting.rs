//! What of a plan fits a transaction.

use matching::Matching;
use units::WattHours;

/// The most trades of a plan that is posted. A trade takes about 7,600 gas (the contract's snapshot of 500 trades of
/// 1,000 offers), so that these take some 15.2 million of the 2^24 that a transaction may use at most (EIP-7825).
pub const MOST_TRADES: usize = 2_000;

/// Keeps the plan's first intervals, each whole, while they hold at most `most` trades in all: what is left out can be
/// traded by a later plan, and without it every rule that held still holds, since offers give no more and an interval's
/// limits concern that interval alone.
pub fn fit(matching: Matching, most: usize) -> Matching {
    let mut kept = 0;
    for block in matching.trades.chunk_by(|one, other| one.interval == other.interval) {
        if kept + block.len() > most {
            break;
        }
        kept += block.len();
    }
    let mut trades = matching.trades;
    trades.truncate(kept);
    let value = WattHours(trades.iter().fold(0, |sum, trade| sum.saturating_add(trade.energy.0)));
    Matching { trades, value, ..matching }
}

#[cfg(test)]
mod tests {
    use matching::Formulation;
    use transax::Trade;
    use units::{IntervalIndex, OfferId};

    use super::*;

    /// Three trades in interval 4, two in interval 5 and one in interval 9.
    fn matching() -> Matching {
        let trade = |(interval, buyer, energy)| Trade {
            interval: IntervalIndex(interval),
            seller: OfferId(1),
            buyer: OfferId(buyer),
            energy: WattHours(energy),
        };
        let trades = [(4, 2, 1), (4, 3, 2), (4, 4, 4), (5, 2, 8), (5, 3, 16), (9, 2, 32)].map(trade);
        Matching {
            trades: trades.into(),
            value: WattHours(63),
            upper_bound: WattHours(64),
            benefit: 0,
            benefit_bound: None,
            variables: 6,
            formulation: Formulation::Compact,
        }
    }

    #[test]
    fn first_intervals_are_kept_whole_and_their_value_is_told() {
        let values = [0, 2, 3, 4, 5, 6, 7].map(|most| {
            let kept = fit(matching(), most);
            (kept.trades.len(), kept.value.0)
        });
        assert_eq!(values, [(0, 0), (0, 0), (3, 7), (3, 7), (5, 31), (6, 63), (6, 63)]);
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        assert_eq!(fit(matching(), MOST_TRADES), matching());
    }
}
