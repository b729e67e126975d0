#![doc = include_str!("../README.md")]

mod fitting;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_primitives::Address;
use bindings::Call;
use fitting::{MOST_TRADES, fit};
use matching::{Formulation, Matching, Options, Problem, solve};
use optimizer::Optimize;
use runtime::{Agent, Decision, Intent, SolverFigures};
use transax::{Market, plan};
use units::{IntervalIndex, WattHours};

/// How a solver works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How many intervals past the next one it plans for, at most the market's plan horizon.
    pub horizon: u32,
    /// By how much a plan must beat the candidate to be worth a transaction, Wh.
    pub margin: WattHours,
    /// Which model of the problem is solved.
    pub formulation: Formulation,
    /// How it is solved.
    pub options: Options,
}

impl Default for Settings {
    fn default() -> Self {
        let options = Options {
            tie_break: Some(Options::EXPIRING_FIRST),
            deadline: Duration::from_secs(20),
            ..Options::default()
        };
        Self { horizon: u32::MAX, margin: WattHours(1), formulation: Formulation::Auto, options }
    }
}

/// Seeks plans.
pub struct Solver {
    name: String,
    settings: Settings,
    optimizer: Arc<dyn Optimize + Send + Sync>,
    figures: SolverFigures,
    solved: Option<(Problem, Option<Matching>)>,
    /// The plan and the candidate that were last said not to be worth a transaction.
    told: Option<(WattHours, WattHours)>,
}

impl Solver {
    /// A solver under this name.
    pub fn new(name: impl Into<String>, settings: Settings, optimizer: Arc<dyn Optimize + Send + Sync>) -> Self {
        let name = name.into();
        let figures = SolverFigures::new(&name);
        Self { name, settings, optimizer, figures, solved: None, told: None }
    }

    /// The best plan for `problem`, found now or when it was last asked for; `None` where the optimizer failed.
    fn matching(&mut self, problem: Problem) -> Option<&Matching> {
        if self.solved.as_ref().is_none_or(|(solved, _)| *solved != problem) {
            let begun = Instant::now();
            let found = solve(&problem, &*self.optimizer, &self.settings.options, self.settings.formulation);
            self.figures.solved(begun.elapsed());
            let matching = found
                .inspect_err(|error| {
                    let error: &dyn std::error::Error = error;
                    tracing::warn!(solver = self.name, interval = %problem.first, error, "no plan was found");
                })
                .ok()
                .map(|matching| self.fitting(matching, problem.first));
            self.solved = Some((problem, matching));
        }
        self.solved.as_ref().and_then(|(_, matching)| matching.as_ref())
    }

    /// What of a matching a transaction can carry.
    fn fitting(&self, matching: Matching, next: IntervalIndex) -> Matching {
        let found = matching.trades.len();
        let matching = fit(matching, MOST_TRADES);
        let kept = matching.trades.len();
        if kept < found {
            self.figures.too_large();
            tracing::warn!(solver = self.name, interval = %next, found, kept, "the plan found is too large to post");
        }
        matching
    }

    /// What to do on a view, and what to call that.
    fn judge(&mut self, market: &Market, now: u64) -> (Decision, Vec<Intent>) {
        let next = market.next_interval(now);
        if now >= market.params().finalizable_at(next) {
            return (Decision::Waiting, Vec::new());
        }
        let problem = Problem::from_market(market, now, self.settings.horizon);
        let candidate = market.candidate().map_or(WattHours(0), |candidate| candidate.value);
        let Some(matching) = self.matching(problem).cloned() else { return (Decision::NotFound, Vec::new()) };
        let Matching { value, upper_bound, .. } = matching;
        self.figures.compared(value.0.into(), candidate.0.into(), Some(upper_bound.0.into()));
        if value.0 < candidate.0.saturating_add(self.settings.margin.0.max(1)) {
            self.tell_below_margin(next, &matching, candidate);
            return (Decision::BelowMargin, Vec::new());
        }
        let plan = plan::encode(&matching.trades);
        if let Err(refusal) = market.post_solution(Address::ZERO, now, value, &plan) {
            tracing::warn!(solver = self.name, interval = %next, %value, %refusal, "the plan found would be refused");
            return (Decision::WouldBeRefused, Vec::new());
        }
        let key = format!("plan {value} from interval {next} over {candidate} at block time {now}");
        let post = Intent::new(key, Call::PostSolution { value, plan: plan.into() });
        (Decision::Proposed, vec![post.until(market.params().finalizable_at(next))])
    }

    /// Says that nothing is posted, once for each plan and candidate.
    fn tell_below_margin(&mut self, next: IntervalIndex, plan: &Matching, candidate: WattHours) {
        let Matching { value, upper_bound, .. } = *plan;
        let Settings { margin, horizon, .. } = self.settings;
        if self.told.replace((value, candidate)) != Some((value, candidate)) {
            tracing::info!(
                solver = self.name, interval = %next, %value, %candidate, %margin, %upper_bound, horizon,
                "nothing is posted: the plan found does not beat the candidate by the margin"
            );
        }
    }
}

impl Agent for Solver {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, market: &Market, now: u64) -> Vec<Intent> {
        let (decision, intents) = self.judge(market, now);
        self.figures.decided(decision);
        intents
    }
}
