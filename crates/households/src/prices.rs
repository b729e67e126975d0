//! Reservation prices: what each home asks and bids, within what the DSO pays and charges.

use thiserror::Error;
use units::Price;

/// The DSO's prices, which bound what anybody would ask or bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tariff {
    grid: Price,
    feed_in: Price,
}

/// A tariff that leaves no room for a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a grid price of {grid} leaves no room above a feed-in price of {feed_in}; expected at least 8 base units more"
)]
pub struct NarrowTariff {
    /// What the DSO charges.
    pub grid: Price,
    /// What the DSO pays.
    pub feed_in: Price,
}

/// One home's reservation prices; every ask is below every home's bids, so that all pairs match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Asked for what PV gives, in the lower half of the sellers' band.
    pub surplus_ask: Price,
    /// Asked for what the battery holds, in the upper half: it can wait.
    pub stock_ask: Price,
    /// Bid for what the load needs, in the upper half of the buyers' band.
    pub deficit_bid: Price,
    /// Bid for what the battery could take, in the lower half: it can wait.
    pub charge_bid: Price,
}

impl Tariff {
    /// Checks that sellers and buyers each have a band of their own between the two prices.
    pub const fn new(grid: Price, feed_in: Price) -> Result<Self, NarrowTariff> {
        if grid.0.saturating_sub(feed_in.0) < 8 {
            Err(NarrowTariff { grid, feed_in })
        } else {
            Ok(Self { grid, feed_in })
        }
    }

    /// The reservation prices of home `place` of `homes`, spread evenly over the bands.
    pub fn reservation(&self, place: usize, homes: usize) -> Reservation {
        let quarter = (self.grid.0 - self.feed_in.0) / 4;
        let step = |band: u64| {
            let (place, homes) = (place as u128, homes.max(place + 1) as u128);
            u64::try_from(u128::from(band) * place / homes).expect("a share of the band")
        };
        Reservation {
            surplus_ask: Price(self.feed_in.0 + step(quarter)),
            stock_ask: Price(self.feed_in.0 + quarter + step(quarter)),
            deficit_bid: Price(self.grid.0 - step(quarter)),
            charge_bid: Price(self.grid.0 - quarter - step(quarter)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ask_is_below_every_bid_and_no_price_is_worse_than_the_dsos() {
        let tariff = Tariff::new(Price(300_000), Price(80_000)).unwrap();
        let all: Vec<_> = (0..102).map(|place| tariff.reservation(place, 102)).collect();
        let dearest = all.iter().map(|r| r.surplus_ask.max(r.stock_ask)).max().unwrap();
        let cheapest = all.iter().map(|r| r.deficit_bid.min(r.charge_bid)).min().unwrap();
        assert!(dearest < cheapest);
        assert!(all.iter().all(|r| r.surplus_ask >= Price(80_000) && r.deficit_bid <= Price(300_000)));
        assert!(all.iter().all(|r| r.surplus_ask < r.stock_ask && r.charge_bid < r.deficit_bid));
    }

    #[test]
    fn a_tariff_without_room_is_refused() {
        assert!(Tariff::new(Price(100), Price(93)).is_err());
        assert!(Tariff::new(Price(100), Price(92)).is_ok());
        assert!(Tariff::new(Price(u64::MAX), Price(u64::MAX)).is_err());
    }
}
