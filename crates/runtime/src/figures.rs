//! What a solver's decisions came to, as figures for whoever watches it.

use std::time::Duration;

/// What a solver decided on a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It proposed a solution.
    Proposed,
    /// What it found does not beat the candidate by its margin.
    BelowMargin,
    /// The contract would refuse what it found.
    WouldBeRefused,
    /// It found nothing.
    NotFound,
    /// The market takes no solution now.
    Waiting,
}

impl Decision {
    const ALL: [Self; 5] = [Self::Proposed, Self::BelowMargin, Self::WouldBeRefused, Self::NotFound, Self::Waiting];

    const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::BelowMargin => "below_margin",
            Self::WouldBeRefused => "would_be_refused",
            Self::NotFound => "not_found",
            Self::Waiting => "waiting",
        }
    }
}

/// The figures of one solver, each with its name as the label `solver`. They go to the recorder of the `metrics` crate,
/// and nowhere where the program has installed none.
///
/// - `entente_solver_decisions_total` by `outcome`: one decision for each block that it was shown.
/// - `entente_solver_too_large_total`: solutions of which only a part fits a transaction.
/// - `entente_solver_solve_seconds`: how long it took to look for solutions.
/// - `entente_solver_value`, `entente_solver_candidate_value` and `entente_solver_upper_bound`: what its solution is
///   worth, what the candidate is, and what none exceeds where that is known; in Wh for TRANSAX and in units of value for
///   SolidWorx.
pub struct SolverFigures(String);

impl SolverFigures {
    /// Figures that begin with zero, so that nothing happened and nothing known are told apart.
    pub fn new(solver: &str) -> Self {
        let figures = Self(solver.to_owned());
        for decision in Decision::ALL {
            figures.count(decision, 0);
        }
        metrics::counter!("entente_solver_too_large_total", "solver" => figures.0.clone()).increment(0);
        figures
    }

    /// A decision was made.
    pub fn decided(&self, decision: Decision) {
        self.count(decision, 1);
    }

    fn count(&self, decision: Decision, by: u64) {
        let labels = [("solver", self.0.clone()), ("outcome", decision.name().to_owned())];
        metrics::counter!("entente_solver_decisions_total", &labels).increment(by);
    }

    /// A solution was looked for, and that took so long.
    pub fn solved(&self, took: Duration) {
        metrics::histogram!("entente_solver_solve_seconds", "solver" => self.0.clone()).record(took);
    }

    /// A solution does not fit a transaction.
    pub fn too_large(&self) {
        metrics::counter!("entente_solver_too_large_total", "solver" => self.0.clone()).increment(1);
    }

    /// What a decision is about.
    pub fn compared(&self, value: u128, candidate: u128, upper_bound: Option<u128>) {
        let set = |name, value| metrics::gauge!(name, "solver" => self.0.clone()).set(real(value));
        set("entente_solver_value", value);
        set("entente_solver_candidate_value", candidate);
        if let Some(bound) = upper_bound {
            set("entente_solver_upper_bound", bound);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at; exact below 2^53")]
fn real(value: u128) -> f64 {
    value as f64
}
