//! Solving a problem, and its bound.

use std::time::Duration;

use optimizer::{Optimize, OptimizerError};
use transax::{PriceRule, Trade};
use units::{IntervalIndex, WattHours};

use crate::{
    Problem, Violation,
    book::{Amounts, Book, books_of},
    compact::Compact,
    dense,
    lots::{Lot, lots_of, trades_of},
    uniform,
    whole::deals_of,
};

/// Below so many variables the dense program may be the smaller one.
const SMALL: usize = 1_000;

/// How far a bound may lie below a whole number and still be taken for it, Wh: solvers err by about 1e-9 of the sum.
const BOUND_TOLERANCE: f64 = 1e-3;

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Prefer offers that expire first: how much less a watt-hour counts for each interval that an offer could wait.
    /// `None` for the papers' objective.
    pub tie_break: Option<f64>,
    /// For all linear programs of a call together.
    pub deadline: Duration,
}

impl Options {
    /// The tie-break that never cost energy where it was measured.
    pub const EXPIRING_FIRST: f64 = 1e-4;
}

/// Which linear program is solved. All have the same optimum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Formulation {
    /// The smaller one: the compact program, but for the smallest problems.
    #[default]
    Auto,
    /// A variable for each offer and interval, and a ladder of prices for each interval.
    Compact,
    /// The papers': a variable for each seller, buyer and interval.
    Dense,
}

/// A feasible plan and what bounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// Ascending by interval, seller, buyer; one trade a pair and interval; [`Problem::check`] accepts them.
    pub trades: Vec<Trade>,
    /// The energy they move.
    pub value: WattHours,
    /// No plan moves more than this. With a tie-break it is the energy of the optimum found with it, which is the same
    /// while the tie-break costs no energy.
    pub upper_bound: WattHours,
    /// The linear program that was solved, never [`Formulation::Auto`].
    pub formulation: Formulation,
    /// Its variables.
    pub variables: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum MatchingError {
    /// The linear program was not solved.
    #[error("the matching was not optimised")]
    NotOptimised(#[from] OptimizerError),
    /// The plan found breaks a rule: a fault of this crate, kept from leaving it.
    #[error("the matching found is not feasible")]
    NotFeasible(#[from] Violation),
}

/// A plan that trades as much as possible: the optimum of a linear program, brought to whole watt-hours.
///
/// The same problem gives the same plan. Under the uniform rule two programs are solved: one without the rule, which is
/// the upper bound and whose plan suggests a price for each interval, and one for the offers that accept these prices.
pub fn solve(
    problem: &Problem,
    optimizer: &dyn Optimize,
    options: &Options,
    formulation: Formulation,
) -> Result<Matching, MatchingError> {
    let lots = lots_of(problem);
    // Halves, rather than a clock: the engine gives the same answer to the same question.
    let is_uniform = problem.price_rule == PriceRule::Uniform;
    let deadline = if is_uniform { options.deadline / 2 } else { options.deadline };
    let options = Options { deadline, ..*options };
    let relaxed = Relaxed::new(problem, &lots, optimizer, &options, formulation, |_, _| true)?;
    let mut deals = deals_of(problem, &lots, &relaxed.books, &relaxed.rounded);
    if is_uniform {
        let prices = uniform::prices_of(&lots, &deals);
        let suits = |interval, lot: &Lot| uniform::accepts(&prices, interval, lot);
        let second = Relaxed::new(problem, &lots, optimizer, &options, relaxed.formulation, suits)?;
        deals = deals_of(problem, &lots, &second.books, &second.rounded);
    }
    let trades = trades_of(&lots, &deals);
    let value = problem.check(&trades)?;
    let Relaxed { formulation, variables, .. } = relaxed;
    Ok(Matching { trades, value, upper_bound: relaxed.bound(), formulation, variables })
}

/// The most that any plan can move, all offers known at once: the optimum in real numbers, rounded down.
///
/// Under the uniform rule it is a bound that no plan may reach, since the program knows nothing of that rule.
pub fn day_optimum(
    problem: &Problem,
    optimizer: &dyn Optimize,
    deadline: Duration,
    formulation: Formulation,
) -> Result<WattHours, MatchingError> {
    let (lots, options) = (lots_of(problem), Options { tie_break: None, deadline });
    Ok(Relaxed::new(problem, &lots, optimizer, &options, formulation, |_, _| true)?.bound())
}

/// An optimum in real numbers.
struct Relaxed {
    books: Vec<Book>,
    /// What entries of the books trade there, rounded down.
    rounded: Amounts,
    /// What is traded there, Wh.
    energy: f64,
    formulation: Formulation,
    variables: usize,
}

impl Relaxed {
    fn new(
        problem: &Problem,
        lots: &[Lot],
        optimizer: &dyn Optimize,
        options: &Options,
        formulation: Formulation,
        suits: impl Fn(IntervalIndex, &Lot) -> bool,
    ) -> Result<Self, MatchingError> {
        let books = books_of(problem, lots, &suits);
        let pairs: usize = books.iter().map(Book::pairs).sum();
        if formulation != Formulation::Dense {
            let compact = Compact::new(problem, lots, &books, options.tie_break);
            let variables = compact.program.variables();
            if formulation == Formulation::Compact || pairs >= SMALL || variables < pairs {
                let solution = optimizer.solve(&compact.program, options.deadline)?;
                let rounded = compact.amounts(lots, &books, &solution);
                let energy = compact.energy(&books, &solution);
                return Ok(Self { books, rounded, energy, formulation: Formulation::Compact, variables });
            }
        }
        let pairs = dense::pairs_of(problem, lots, suits);
        let program = dense::program_of(problem, lots, &pairs, options.tie_break);
        let solution = optimizer.solve(&program, options.deadline)?;
        let rounded = dense::amounts_of(lots, &books, &pairs, &solution);
        let energy = solution.values.iter().sum();
        Ok(Self { books, rounded, energy, formulation: Formulation::Dense, variables: pairs.len() })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floors; energies are not negative")]
    fn bound(&self) -> WattHours {
        WattHours((self.energy + BOUND_TOLERANCE).floor() as u64)
    }
}
