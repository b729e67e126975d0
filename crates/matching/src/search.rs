//! Problems that are no flow: the first-order method, and whole plans on the way.

use optimizer::FirstOrder;

use crate::{
    Formulation,
    book::Amounts,
    compact::{Compact, Domain},
    dense::wh,
    flow::{Flow, Passage},
    greedy::soonest_first,
    objective::Worth,
    task::{Found, MOST_WHOLE, Task, whole_bound},
    whole::{feasible, value_of},
};

/// Steps between looks at the bound.
const BATCH: u32 = 64;
/// Steps before the first plan is made of the point; the next ones follow at twice as many each.
const FIRST_PLAN: u32 = 128;
/// Steps after which a search that does not converge is given up.
const MOST_STEPS: u32 = 200_000;
/// How near the bound an optimum in real numbers is known: absolute, Wh, or relative.
const PRECISION: f64 = 1e-2;
const RELATIVE_PRECISION: f64 = 1e-8;
/// How far whole plans around the best one are looked at, Wh.
const RADIUS: u64 = 2;

/// Plans in milliseconds, then better ones until the bound is reached, the search converges, or time is up.
pub(crate) fn search(task: &Task<'_>) -> Found {
    let Task { problem, lots, books, options, .. } = *task;
    let mut limits = task.build(|| Flow::begun(problem, lots, books));
    let mut best = Best { bound: limits.most(), amounts: soonest_first(problem, lots, books) };
    let mut variables = limits.variables();
    if !best.is_proved() && !task.is_late() {
        let compact = task.build(|| Compact::new(problem, lots, books, Worth::Energy(None), Domain::Real));
        variables = compact.program.variables();
        best.iterate(task, &compact);
        best.amounts = task.improve(best.amounts, best.bound);
        best.decide(task, variables);
    }
    if options.tie_break.is_some() {
        best.amounts = task.prefer_expiring(best.amounts);
    }
    Found { amounts: best.amounts, bound: best.bound, formulation: Formulation::FirstOrder, variables }
}

/// No plan trades more than this, Wh: the linear optimum, rounded down, or a little above it where time is short.
pub(crate) fn bound(task: &Task<'_>) -> u64 {
    let Task { problem, lots, books, .. } = *task;
    let [limits, prices] = [Flow::begun(problem, lots, books), Flow::new(problem, lots, books, Passage::Prices)]
        .map(|mut flow| flow.most());
    let mut best = limits.min(prices);
    let compact = Compact::new(problem, lots, books, Worth::Energy(None), Domain::Real);
    let mut method = FirstOrder::new(&compact.program);
    while !task.is_late() && method.iterations() < MOST_STEPS {
        method.advance(BATCH);
        let bound = compact.bound(lots, &method.duals());
        best = best.min(whole_bound(bound));
        if has_converged(&compact, &method.point(), bound.min(wh(best))) {
            break;
        }
    }
    best
}

/// The best plan so far, and the lowest bound.
struct Best {
    amounts: Amounts,
    bound: u64,
}

impl Best {
    fn is_proved(&self) -> bool {
        value_of(&self.amounts) >= self.bound
    }

    /// Takes a plan over that trades more.
    fn offer(&mut self, amounts: Amounts) {
        if value_of(&amounts) > value_of(&self.amounts) {
            self.amounts = amounts;
        }
    }

    /// Lets the first-order method converge; plans are made of its points.
    fn iterate(&mut self, task: &Task<'_>, compact: &Compact) {
        let Task { problem, lots, books, .. } = *task;
        let mut method = FirstOrder::new(&compact.program);
        let mut next_plan = FIRST_PLAN;
        while !task.is_late() && method.iterations() < MOST_STEPS {
            method.advance(BATCH);
            let (bound, point) = (compact.bound(lots, &method.duals()), method.point());
            self.bound = self.bound.min(whole_bound(bound));
            let converged = has_converged(compact, &point, bound.min(wh(self.bound)));
            if converged || method.iterations() >= next_plan {
                next_plan *= 2;
                self.offer(feasible(problem, lots, books, &compact.amounts(lots, books, &point)));
            }
            if converged || self.is_proved() {
                return;
            }
        }
    }

    /// Where the problem is small, whole plans near the best one, and in the end all of them.
    fn decide(&mut self, task: &Task<'_>, variables: usize) {
        let Some(optimizer) = task.optimizer else { return };
        if variables > MOST_WHOLE {
            return;
        }
        for near in [true, false] {
            if self.is_proved() || task.is_late() {
                return;
            }
            let domain = if near { Domain::Near(&self.amounts, RADIUS) } else { Domain::Whole };
            let compact = Compact::new(task.problem, task.lots, task.books, Worth::Energy(None), domain);
            // An optimizer that fails or is late leaves the plan as it is.
            let Ok(solution) = optimizer.solve(&compact.program, task.left()) else { continue };
            let amounts = compact.amounts(task.lots, task.books, &solution.values);
            self.offer(feasible(task.problem, task.lots, task.books, &amounts));
            if !near && solution.status == optimizer::Status::Optimal {
                self.bound = self.bound.min(whole_bound(solution.objective));
            }
        }
    }
}

/// Whether the point is as good as `bound` allows.
fn has_converged(compact: &Compact, point: &[f64], bound: f64) -> bool {
    let objective = compact.program.objective_at(point);
    let precision = PRECISION.max(RELATIVE_PRECISION * objective.abs());
    bound - objective <= precision && compact.program.violation_at(point) <= precision
}
