//! Offers and trades, interval by interval.

use std::collections::BTreeMap;

use units::{IntervalIndex, WattHours};

use crate::IntervalFigures;

/// One offer and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferOutcome {
    /// Whether it sells.
    pub sells: bool,
    /// Energy in all.
    pub energy: WattHours,
    /// Its last interval.
    pub end: IntervalIndex,
    /// What it traded, by interval.
    pub traded: BTreeMap<IntervalIndex, WattHours>,
}

/// The figures of `count` intervals from `first` on, shown as `shown_first` on.
///
/// An offer that spans intervals counts as offered where it traded, and with what it did not trade in its last
/// interval, so that the sums over the day are what was offered and traded. What lies outside is left out.
pub fn series(first: IntervalIndex, count: u32, shown_first: u32, offers: &[OfferOutcome]) -> Vec<IntervalFigures> {
    let (mut sell, mut buy, mut traded) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for offer in offers {
        let side = if offer.sells { &mut sell } else { &mut buy };
        let mut left = offer.energy.0;
        for (interval, energy) in &offer.traded {
            *side.entry(interval.0).or_insert(0) += energy.0;
            left = left.saturating_sub(energy.0);
            if offer.sells {
                *traded.entry(interval.0).or_insert(0) += energy.0;
            }
        }
        *side.entry(offer.end.0).or_insert(0) += left;
    }
    let at = |figures: &BTreeMap<u32, u64>, interval| figures.get(&interval).copied().unwrap_or(0);
    let interval = |step: u32| IntervalFigures {
        interval: shown_first + step,
        offered_sell_wh: at(&sell, first.0 + step),
        offered_buy_wh: at(&buy, first.0 + step),
        traded_wh: at(&traded, first.0 + step),
    };
    (0..count).map(interval).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_counts_where_it_traded_and_its_rest_at_its_end() {
        let (t3, t4, t6) = (IntervalIndex(3), IntervalIndex(4), IntervalIndex(6));
        let offers = [
            OfferOutcome { sells: true, energy: WattHours(100), end: t6, traded: [(t4, WattHours(60))].into() },
            OfferOutcome { sells: false, energy: WattHours(60), end: t4, traded: [(t4, WattHours(60))].into() },
            OfferOutcome { sells: false, energy: WattHours(7), end: t3, traded: BTreeMap::new() },
        ];
        let figures = series(t3, 4, 35, &offers);
        let rows: Vec<_> =
            figures.iter().map(|f| (f.interval, f.offered_sell_wh, f.offered_buy_wh, f.traded_wh)).collect();
        assert_eq!(rows, [(35, 0, 7, 0), (36, 60, 60, 60), (37, 0, 0, 0), (38, 40, 0, 0)]);
    }
}
