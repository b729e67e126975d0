//! A problem under work.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use optimizer::Optimize;

use crate::{
    Formulation, Options, Problem,
    book::{Amounts, Book},
    exchange::Exchange,
    lots::Lot,
    whole::value_of,
};

/// How far a bound may lie below a whole number and still be taken for it, Wh: sums of floats err by far less.
const BOUND_TOLERANCE: f64 = 1e-3;

/// The most variables of a program in whole numbers that is given to the optimizer.
pub(crate) const MOST_WHOLE: usize = 4_000;

/// What is solved, with what, and since when.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    pub problem: &'a Problem,
    pub lots: &'a [Lot],
    pub books: &'a [Book],
    /// Asked where the engine's own methods end; not at all for a bound.
    pub optimizer: Option<&'a dyn Optimize>,
    pub options: &'a Options,
    pub begun: Instant,
    /// What building models took so far.
    pub built: &'a Cell<Duration>,
}

/// A feasible plan and what bounds its energy.
pub(crate) struct Found {
    pub amounts: Amounts,
    /// No plan trades more, Wh.
    pub bound: u64,
    pub formulation: Formulation,
    pub variables: usize,
}

impl Task<'_> {
    /// Builds something, and counts the time.
    pub fn build<T>(&self, model: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let model = model();
        self.built.set(self.built.get() + begun.elapsed());
        model
    }

    /// What is left of the deadline: time decides when the search ends, and nothing else.
    pub fn left(&self) -> Duration {
        self.options.deadline.saturating_sub(self.begun.elapsed())
    }

    pub fn is_late(&self) -> bool {
        self.left().is_zero()
    }

    /// Adds what chains of exchanges between intervals can gain, until the bound is reached.
    pub fn improve(&self, amounts: Amounts, bound: u64) -> Amounts {
        let wanted = bound.saturating_sub(value_of(&amounts));
        if wanted == 0 || self.is_late() {
            return amounts;
        }
        let mut exchange = Exchange::new(self.problem, self.lots, self.books, amounts);
        exchange.gain(wanted, || !self.is_late());
        exchange.into_amounts()
    }

    /// Trades what expires first instead of what could wait.
    pub fn prefer_expiring(&self, amounts: Amounts) -> Amounts {
        if self.is_late() {
            return amounts;
        }
        let mut exchange = Exchange::new(self.problem, self.lots, self.books, amounts);
        exchange.prefer_expiring(|| !self.is_late());
        exchange.into_amounts()
    }
}

/// A bound in whole watt-hours.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floors; energies are not negative")]
pub(crate) fn whole_bound(bound: f64) -> u64 {
    (bound + BOUND_TOLERANCE).floor() as u64
}
