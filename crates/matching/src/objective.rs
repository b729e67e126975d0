//! What a plan is to be good at.

use transax::Side;

use crate::{
    Problem,
    book::Book,
    dense::{LATER, wh},
    lots::Lot,
};

/// What is made as large as possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// The energy traded (2.8).
    #[default]
    Energy,
    /// The benefit (6.12): over all watt-hours, what their buyer would have paid less what their seller asked for.
    Benefit,
    /// The energy, and among the plans of most energy the benefit.
    EnergyThenBenefit,
}

/// What a watt-hour of an entry counts in a linear program; half of what a pair is worth belongs to each side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Worth {
    /// The same everywhere, less this tie-break for every interval that the entry's lot could wait.
    Energy(Option<f64>),
    /// The price, a seller's against.
    Benefit,
}

impl Worth {
    pub fn of(self, problem: &Problem, lots: &[Lot], book: &Book, entry: usize) -> f64 {
        let lot = &lots[book.entries[entry].lot()];
        match self {
            Self::Energy(None) => 0.5,
            Self::Energy(Some(weight)) => {
                let since = |interval: u32| f64::from(interval.saturating_sub(problem.first.0));
                0.5 - weight * (since(lot.expiry.0) + LATER / 2.0 * since(book.interval.0))
            }
            Self::Benefit => match lot.side {
                Side::Sell => -wh(lot.price.0),
                Side::Buy => wh(lot.price.0),
            },
        }
    }
}
