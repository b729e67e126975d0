//! Telling what happens, each thing once.

use std::{collections::BTreeSet, sync::mpsc::Sender};

use alloy_primitives::B256;
use modicum::{Course, View};

use crate::Step;

/// What was told.
pub(crate) struct Told {
    steps: Sender<Step>,
    is_offered: bool,
    /// By match, how many of its steps were told.
    matches: BTreeSet<(B256, usize)>,
}

impl Told {
    pub(crate) const fn new(steps: Sender<Step>) -> Self {
        Self { steps, is_offered: false, matches: BTreeSet::new() }
    }

    /// Tells one thing; whoever listens no longer misses it.
    pub(crate) fn tell(&self, step: Step) {
        let _ = self.steps.send(step);
    }

    /// Tells what the market shows of a job offer that was not told.
    pub(crate) fn look(&mut self, view: &View, offer: B256) {
        if !self.is_offered && view.job(offer).is_some() {
            self.is_offered = true;
            self.tell(Step::Offered { offer });
        }
        for (id, course) in view.courses().filter(|(_, course)| course.contents.job_offer == offer) {
            for (number, step) in steps(id, course).into_iter().enumerate() {
                if let Some(step) = step
                    && self.matches.insert((id, number))
                {
                    self.tell(step);
                }
            }
        }
    }
}

fn steps(id: B256, course: &Course) -> [Option<Step>; 4] {
    let m = &course.contents;
    [
        Some(Step::Matched { id, provider: m.provider, deadline: m.deadline }),
        course.report.map(|report| Step::Reported {
            id,
            status: report.status,
            instructions: report.used.instructions,
            price: report.price,
        }),
        course.verdict.map(|verdict| Step::Judged { id, finding: verdict.finding }),
        course.closing.map(|closing| Step::Ended { id, ending: closing.ending, got: closing.shares.creator }),
    ]
}
