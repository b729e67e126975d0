//! A case on a local chain: its cycles, and what they came to.

use std::{collections::BTreeMap, fmt, time::Duration};

use ::solidworx::{Assignment, Event, Exchange};
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::{Context, bail};
use journal::Journal;
use serde::Serialize;
use solidworx_cases::{Proposed, solutions_svg};

use super::{
    case::Read,
    cast::Cast,
    demo::middle_ms,
    stage::Stage,
    trial::{RECEIVE_SECONDS, SOLVE_SECONDS, Trial},
};
use crate::{
    cli::DemoSolidWorx,
    demo::{clock::bar, troupe::SOLVERS},
    output::Output,
};

/// Midnight of the day on which cases happen, Unix seconds.
const MIDNIGHT: u64 = 1_700_006_400;
/// When a case without a clock of its own begins, seconds after midnight.
const MORNING: u64 = 6 * 3600;
const CYCLE_SECONDS: u64 = RECEIVE_SECONDS + SOLVE_SECONDS;

/// What a case came to on a chain.
#[derive(Debug, Serialize)]
pub struct Lived {
    cycles: u64,
    prosumers: usize,
    /// Posted in all cycles.
    offers: usize,
    /// Final in all cycles.
    assignments: usize,
    /// Units of them.
    assigned: u128,
    /// What final allocations are worth, all cycles together.
    value: u128,
    /// The middle one of the times from the block that allowed to finalise until the prosumers knew what is final.
    finalise_to_events_ms: f64,
    /// How often the chain made blocks.
    block_milliseconds: u64,
    /// How often a solver's solution became the candidate.
    candidates: BTreeMap<&'static str, usize>,
    /// How many of them became final.
    finals: BTreeMap<&'static str, usize>,
    /// When the first solver was ended, seconds after midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    solver_killed_at: Option<u64>,
    /// By who paid it.
    gas: BTreeMap<&'static str, u64>,
    /// What pictures show: of the case's own offers, what all cycles of an energy day came to, or the last cycle.
    #[serde(skip)]
    pub shown: Vec<Assignment>,
    #[serde(skip)]
    proposed: Vec<Proposed>,
    #[serde(skip)]
    names: Vec<String>,
    #[serde(skip)]
    died: Option<usize>,
}

/// Lets everybody take part in as many cycles as the case has.
pub async fn run(read: &Read, words: &DemoSolidWorx, output: Output) -> anyhow::Result<Lived> {
    let (trial, begins) = match &read.trace {
        Some(_) if words.one_cycle => (Trial::repeated(&read.case, 1), MIDNIGHT + MORNING),
        Some(trace) => {
            let starts = MIDNIGHT + u64::from(trace.first_interval.0) * CYCLE_SECONDS;
            (Trial::by_interval(&read.case, trace), starts - CYCLE_SECONDS)
        }
        None => (Trial::repeated(&read.case, words.repeat.into()), MIDNIGHT + MORNING),
    };
    let block = Duration::from_millis(words.block_milliseconds);
    let stage = Stage::set(&trial, begins, block, output).await?;
    let mut cast = Cast::host(&stage, &trial)?;
    let progress = bar(output, trial.cycles);
    let (mut times, mut died) = (Vec::new(), None);
    let mut gas = BTreeMap::from([("deployment", stage.gas)]);
    for cycle in 1..=trial.cycles {
        let now = stage.node.client().head().await?.timestamp;
        if died.is_none() && words.kill_solver_at.is_some_and(|time| now >= MIDNIGHT + time) {
            gas.extend(cast.troupe.gas());
            cast.troupe.kill(SOLVERS[0]);
            died = Some(usize::try_from(cycle - 1)?);
        }
        cast.troupe.quiet(stage.node.client()).await?;
        cast.close(&stage).await?;
        cast.troupe.quiet(stage.node.client()).await?;
        times.push(cast.finish(&stage).await?);
        progress.inc(1);
        if progress.is_hidden() && cycle.is_multiple_of(16) {
            output.progress(format_args!("{cycle}/{} cycles", trial.cycles));
        }
    }
    progress.finish_and_clear();
    gas.extend(cast.troupe.gas());
    let (view, journal) = (cast.view(), cast.journal.clone());
    cast.troupe.dismiss().await?;
    let mut lived = figures(&view, &trial, read.trace.is_some())?;
    lived.finalise_to_events_ms = middle_ms(times);
    lived.block_milliseconds = words.block_milliseconds;
    lived.gas = gas;
    lived.solver_killed_at = words.kill_solver_at.filter(|_| died.is_some());
    lived.died = died;
    lived.names = names(read, begins, trial.cycles);
    lived.propose(&stage, &view, &*journal).await?;
    Ok(lived)
}

/// What cycles are called: the case's slots, or the times at which they end.
fn names(read: &Read, begins: u64, cycles: u64) -> Vec<String> {
    if read.trace.is_some() && cycles > 1 {
        return read.case.slots.clone();
    }
    let end = |cycle| (begins + cycle * CYCLE_SECONDS - MIDNIGHT) / 60;
    (1..=cycles).map(|cycle| format!("{}:{:02}", end(cycle) / 60, end(cycle) % 60)).collect()
}

/// What all cycles came to. An error where one of them breaks a rule: the twin judges each again.
fn figures(view: &Exchange, trial: &Trial, all: bool) -> anyhow::Result<Lived> {
    let mut shown = Vec::new();
    for (cycle, outcome) in view.outcomes() {
        let market = view.market_of(*cycle).context("a market that had cycles is set up")?;
        let value = market.verify(&outcome.assignments).with_context(|| format!("cycle {cycle} breaks a rule"))?;
        if value != outcome.value {
            bail!("cycle {cycle} is worth {value}, and the contract says {}", outcome.value);
        }
        if !all {
            shown.clear();
        }
        shown.extend(outcome.assignments.iter().map(|one| of_the_case(view, *one)));
    }
    let finals = view.outcomes().values().flat_map(|outcome| &outcome.assignments);
    Ok(Lived {
        cycles: view.outcomes().len() as u64,
        prosumers: trial.participants.len(),
        offers: view.offers().len(),
        assignments: finals.clone().count(),
        assigned: finals.map(|one| u128::from(one.quantity)).sum(),
        value: view.outcomes().values().map(|outcome| outcome.value).sum(),
        finalise_to_events_ms: 0.0,
        block_milliseconds: 0,
        candidates: BTreeMap::new(),
        finals: BTreeMap::new(),
        solver_killed_at: None,
        gas: BTreeMap::new(),
        shown,
        proposed: Vec::new(),
        names: Vec::new(),
        died: None,
    })
}

/// An assignment between the case's offers, which are the wishes' numbers.
fn of_the_case(view: &Exchange, one: Assignment) -> Assignment {
    let wish = |id| view.offers().get(&id).map_or(id, |listing| listing.misc);
    let (providing_offer, consuming_offer) = (wish(one.providing_offer), wish(one.consuming_offer));
    Assignment { providing_offer, consuming_offer, ..one }
}

impl Lived {
    /// Reads off the journal who proposed what.
    async fn propose(&mut self, stage: &Stage, view: &Exchange, journal: &dyn Journal) -> anyhow::Result<()> {
        let addresses: Vec<Address> = stage.solvers.iter().map(PrivateKeySigner::address).collect();
        for entry in journal.entries(None, usize::MAX).await? {
            let Event::SolutionPosted { cycle, solver, value, .. } = bindings::solidworx::event(&entry.log)? else {
                continue;
            };
            let solver = addresses.iter().position(|address| *address == solver).context("only the solvers propose")?;
            let is_final = view.outcomes().get(&cycle).is_some_and(|outcome| outcome.value == value);
            *self.candidates.entry(SOLVERS[solver]).or_default() += 1;
            *self.finals.entry(SOLVERS[solver]).or_default() += usize::from(is_final);
            self.proposed.push(Proposed { cycle: usize::try_from(cycle - 1)?, solver, value, is_final });
        }
        Ok(())
    }

    /// The picture of who proposed what.
    pub fn solutions_svg(&self, title: &str) -> String {
        solutions_svg(title, &SOLVERS, &self.names, &self.proposed, self.died)
    }
}

impl fmt::Display for Lived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cycles, prosumers, offers, assignments, assigned, value, .. } = self;
        writeln!(f, "on a chain   {prosumers} prosumers, {offers} offers in {cycles} cycles")?;
        writeln!(f, "final        {assigned} in {assignments} assignments, worth {value}")?;
        let won: Vec<_> = self.finals.iter().map(|(solver, count)| format!("{solver} {count}")).collect();
        writeln!(f, "by           {}", won.join(", "))?;
        let gas: Vec<_> = self.gas.iter().map(|(payer, gas)| format!("{payer} {gas}")).collect();
        writeln!(f, "gas          {}", gas.join(", "))?;
        let ms = self.finalise_to_events_ms;
        write!(f, "finalising   {ms} ms until its events, blocks every {} ms", self.block_milliseconds)
    }
}
