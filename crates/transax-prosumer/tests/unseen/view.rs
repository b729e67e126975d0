//! A home's own view of the market.

use transax::{Event, Kin, Market, Past};
use transax_mixer::HiddenHomes;

/// What a home has read.
pub struct View {
    pub market: Market,
    kin: HiddenHomes,
}

impl View {
    /// Of a market in which this has happened; with `forgets`, of no more of it than the home needs.
    pub fn of(kin: HiddenHomes, forgets: bool, market: &Market, events: &[Event]) -> Self {
        let past = if forgets { kin.past() } else { Past::Whole };
        let mut view = Self { market: Market::remembering(market.params().clone(), past), kin };
        for event in events {
            view.apply(event);
        }
        view
    }

    pub fn apply(&mut self, event: &Event) {
        self.market.apply_recognising(event, &self.kin).expect("an accepted call's events follow from the state");
    }
}
