//! Problems whose optimum is whole because they are flows.

use crate::{
    Formulation,
    cells::{Cell, cells_of},
    flow::{Flow, Passage},
    greedy::soonest_first,
    task::{Found, Task},
    whole::value_of,
};

/// What makes a problem a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// In each interval everybody agrees on a price.
    OnePrice,
    /// No limit can bind.
    AmpleLimits,
    /// No lot has a choice of intervals: each interval is a circulation of its own.
    SingleIntervals,
}

impl Shape {
    pub fn of(task: &Task<'_>) -> Option<Self> {
        if task.books.iter().all(|book| book.rungs == 1) {
            return Some(Self::OnePrice);
        }
        let binds = |book| cells_of(task.problem, task.lots, book).iter().any(Cell::binds);
        if !task.books.iter().any(binds) {
            return Some(Self::AmpleLimits);
        }
        let mut uses = vec![0_u32; task.lots.len()];
        task.books.iter().flat_map(|book| &book.entries).for_each(|entry| uses[entry.lot()] += 1);
        // Within an interval nothing decides between lots that expire sooner or later.
        let chooses = |(uses, lot): (&u32, &crate::lots::Lot)| {
            *uses > 1 || (task.options.tie_break.is_some() && lot.expiry != lot.end)
        };
        (!uses.iter().zip(task.lots).any(chooses)).then_some(Self::SingleIntervals)
    }

    /// The optimum.
    pub fn solve(self, task: &Task<'_>) -> Found {
        let Task { problem, lots, books, .. } = *task;
        let expires_first = task.options.tie_break.is_some();
        let new = |passage| task.build(|| Flow::new(problem, lots, books, passage));
        let mut flow = match self {
            Self::OnePrice if expires_first => new(Passage::Limits),
            Self::OnePrice => task.build(|| Flow::begun(problem, lots, books)),
            Self::AmpleLimits => new(Passage::Prices),
            Self::SingleIntervals => {
                let amounts = soonest_first(problem, lots, books);
                let variables = books.iter().map(|book| book.entries.len()).sum();
                return Found { bound: value_of(&amounts), amounts, formulation: Formulation::Flow, variables };
            }
        };
        if expires_first {
            flow.most_expiring_first()
        } else {
            flow.most()
        };
        let amounts = flow.amounts();
        let bound = value_of(&amounts);
        Found { amounts, bound, formulation: Formulation::Flow, variables: flow.variables() }
    }
}
