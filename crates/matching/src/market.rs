//! From the market's state to a problem.

use std::{cmp::Reverse, collections::BTreeMap};

use transax::{MAX_LEGS, Market, Side};
use units::{IntervalIndex, OfferId};

use crate::{OpenOffer, Problem};

/// How many offers of a side may reach an interval: then no plan has more legs there than the contract allows.
const MOST_OFFERS: usize = MAX_LEGS / 2;

impl Problem {
    /// What a plan posted at `now` (Unix seconds) may trade: the open offers over the market's next interval and
    /// `horizon` more, or as many as a plan may cover. Where an interval is crowded, the offers with the most energy.
    pub fn from_market(market: &Market, now: u64, horizon: u32) -> Self {
        let first = market.next_interval(now);
        let last = IntervalIndex(first.0.saturating_add(horizon.min(market.params().plan_horizon)));
        let open = market.open_offers(now).filter(|(_, offer)| offer.start <= last);
        let offers = open.map(|(id, offer)| {
            let transax::Offer { side, group, price, start, end, .. } = *offer;
            (id, OpenOffer { side, group, price, start, end, remaining: offer.remaining() })
        });
        let price_rule = market.params().price_rule;
        let groups = market.groups().collect();
        let mut problem = Self { first, last, offers: offers.collect(), groups, price_rule };
        problem.thin_out(MOST_OFFERS);
        problem
    }

    /// Leaves out the smallest offers until at most `most` of a side reach any interval.
    fn thin_out(&mut self, most: usize) {
        let mut by_energy: Vec<OfferId> = self.offers.keys().copied().collect();
        by_energy.sort_by_key(|id| (Reverse(self.offers[id].remaining), *id));
        let mut reaching: BTreeMap<(Side, u32), usize> = BTreeMap::new();
        for id in by_energy {
            let OpenOffer { side, start, end, .. } = self.offers[&id];
            let span = start.max(self.first).0..=end.min(self.last).0;
            if span.clone().any(|interval| reaching.get(&(side, interval)).is_some_and(|count| *count >= most)) {
                self.offers.remove(&id);
                continue;
            }
            for interval in span {
                *reaching.entry((side, interval)).or_default() += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use transax::PriceRule;
    use units::{GroupId, Price, WattHours};

    use super::*;

    #[test]
    fn a_crowded_interval_keeps_the_offers_with_the_most_energy() {
        let offer = |side, start, end, energy| OpenOffer {
            side,
            group: GroupId(0),
            price: Price(1),
            start: IntervalIndex(start),
            end: IntervalIndex(end),
            remaining: WattHours(energy),
        };
        let offers = [
            offer(Side::Sell, 0, 0, 5),
            offer(Side::Sell, 0, 9, 7),
            offer(Side::Sell, 0, 1, 6),
            offer(Side::Sell, 2, 2, 1),
            offer(Side::Buy, 0, 0, 1),
        ];
        let mut problem = Problem {
            first: IntervalIndex(0),
            last: IntervalIndex(3),
            offers: (1..).map(OfferId).zip(offers).collect(),
            groups: BTreeMap::new(),
            price_rule: PriceRule::Midpoint,
        };
        problem.thin_out(2);
        assert_eq!(problem.offers.keys().map(|id| id.0).collect::<Vec<_>>(), [2, 3, 4, 5]);
    }
}
