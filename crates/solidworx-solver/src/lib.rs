#![doc = include_str!("../README.md")]

pub mod fitting;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use allocation::{Method, solve};
use bindings::solidworx::Call;
use fitting::{Room, fit};
use optimizer::Optimize;
use runtime::{Agent, Decision, Intent, SolidWorx, SolverFigures};
use solidworx::{Assignment, Exchange, Market, State, packing};

/// How a solver works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// By how much an allocation must beat the candidate to be worth a transaction, in units of value.
    pub margin: u128,
    /// The most time an allocation may take to find.
    pub deadline: Duration,
    /// How it is found.
    pub method: Method,
    /// What a transaction may take.
    pub room: Room,
}

impl Default for Settings {
    fn default() -> Self {
        Self { margin: 1, deadline: Duration::from_secs(20), method: Method::Auto, room: Room::default() }
    }
}

/// An allocation that fits a transaction, and what it is worth.
#[derive(Clone, Debug)]
struct Found {
    assignments: Vec<Assignment>,
    value: u128,
}

/// Seeks allocations.
pub struct Solver {
    name: String,
    settings: Settings,
    optimizer: Arc<dyn Optimize + Send + Sync>,
    figures: SolverFigures,
    solved: Option<(Market, Option<Found>)>,
}

impl Solver {
    /// A solver under this name.
    pub fn new(name: impl Into<String>, settings: Settings, optimizer: Arc<dyn Optimize + Send + Sync>) -> Self {
        let name = name.into();
        let figures = SolverFigures::new(&name);
        Self { name, settings, optimizer, figures, solved: None }
    }

    /// The best allocation of a market, found now or when it was last asked for; `None` where there was none.
    fn found(&mut self, market: Market, cycle: u64) -> Option<&Found> {
        if self.solved.as_ref().is_none_or(|(solved, _)| *solved != market) {
            let found = self.find(&market, cycle);
            self.solved = Some((market, found));
        }
        self.solved.as_ref().and_then(|(_, found)| found.as_ref())
    }

    fn find(&self, market: &Market, cycle: u64) -> Option<Found> {
        let begun = Instant::now();
        let found = solve(market, &*self.optimizer, self.settings.deadline, self.settings.method);
        self.figures.solved(begun.elapsed());
        let allocation = found
            .inspect_err(|error| {
                let error: &dyn std::error::Error = error;
                tracing::warn!(solver = self.name, cycle, error, "no allocation was found");
            })
            .ok()?;
        let all = allocation.assignments.len();
        let assignments = fit(market, allocation.assignments, self.settings.room);
        if assignments.len() < all {
            self.figures.too_large();
            let kept = assignments.len();
            tracing::warn!(solver = self.name, cycle, found = all, kept, "the allocation is too large to post whole");
        }
        // Fewer assignments than a feasible allocation has are feasible.
        let value = market.verify(&assignments).ok()?;
        Some(Found { assignments, value })
    }

    /// What to do on a view, and what to call that.
    fn judge(&mut self, exchange: &Exchange, now: u64) -> (Decision, Vec<Intent<Call>>) {
        let cycle = exchange.cycle();
        if exchange.state() != State::Solve || now >= exchange.phase_end() {
            return (Decision::Waiting, Vec::new());
        }
        let candidate = exchange.candidate().map_or(0, |candidate| candidate.value);
        let Some(market) = exchange.market() else { return (Decision::Waiting, Vec::new()) };
        let Some(Found { assignments, value }) = self.found(market, cycle).cloned() else {
            return (Decision::NotFound, Vec::new());
        };
        self.figures.compared(value, candidate, None);
        let name = &self.name;
        if value < candidate.saturating_add(self.settings.margin.max(1)) {
            tracing::debug!(solver = name, cycle, value, candidate, "the allocation found does not beat the candidate");
            return (Decision::BelowMargin, Vec::new());
        }
        let packed = self.solved.as_ref().and_then(|(market, _)| packing::solution(market, &assignments));
        let Some(solution) = packed else {
            tracing::warn!(solver = name, cycle, "the allocation found names more offers than a solution may");
            return (Decision::WouldBeRefused, Vec::new());
        };
        let key = format!("allocation worth {value} over {candidate} in cycle {cycle} at block time {now}");
        (Decision::Proposed, vec![Intent::new(key, Call::PostSolution { value, solution })])
    }
}

impl Agent<SolidWorx> for Solver {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, exchange: &Exchange, now: u64) -> Vec<Intent<Call>> {
        let (decision, intents) = self.judge(exchange, now);
        self.figures.decided(decision);
        intents
    }
}
