//! How to solve, and what comes out.

use std::time::Duration;

use optimizer::OptimizerError;
use transax::Trade;
use units::WattHours;

use crate::{Objective, Violation};

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What is made as large as possible.
    pub objective: Objective,
    /// Prefer offers that expire first: how much less a watt-hour counts for each interval that an offer could wait.
    /// `None` for the papers' objective. It concerns plans of most energy only.
    pub tie_break: Option<f64>,
    /// When to be content with the best plan so far.
    pub deadline: Duration,
    /// The most trades that a plan may have; a trade costs gas.
    pub most_trades: Option<usize>,
}

impl Options {
    /// The tie-break that never cost energy where it was measured.
    pub const EXPIRING_FIRST: f64 = 1e-4;
}

impl Default for Options {
    fn default() -> Self {
        Self { objective: Objective::Energy, tie_break: None, deadline: Duration::from_secs(20), most_trades: None }
    }
}

/// Which model of the problem is solved. All have the same optimum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Formulation {
    /// A flow where the problem is one, else the compact program by the first-order method.
    #[default]
    Auto,
    /// A network whose optimum is whole: with one price, with limits that cannot bind, or with offers of one interval
    /// each. An error where the problem is none of these.
    Flow,
    /// The compact program, by this crate's own first-order method.
    FirstOrder,
    /// The compact program, by the optimizer: a variable for each offer and interval, and a ladder of prices for each
    /// interval.
    Compact,
    /// The papers' program, by the optimizer: a variable for each seller, buyer and interval.
    Dense,
}

/// A feasible plan and what bounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// Ascending by interval, seller, buyer; one trade a pair and interval; [`Problem::check`](crate::Problem::check)
    /// accepts them.
    pub trades: Vec<Trade>,
    /// The energy they move.
    pub value: WattHours,
    /// No plan moves more than this.
    pub upper_bound: WattHours,
    /// The benefit (6.12): what buyers would have paid less what sellers asked for, in units of price times Wh.
    pub benefit: u128,
    /// No plan has more benefit than this; only where the benefit was the objective and its optimum was proved.
    pub benefit_bound: Option<u128>,
    /// What was solved, never [`Formulation::Auto`].
    pub formulation: Formulation,
    /// Its variables.
    pub variables: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum MatchingError {
    /// The program was not solved.
    #[error("the matching was not optimised")]
    NotOptimised(#[from] OptimizerError),
    /// [`Formulation::Flow`] was asked for, and the problem is no flow.
    #[error("prices, limits and offers over several intervals all bind, so that the problem is no flow")]
    NoFlow,
    /// The plan found breaks a rule: a fault of this crate, kept from leaving it.
    #[error("the matching found is not feasible")]
    NotFeasible(#[from] Violation),
}
