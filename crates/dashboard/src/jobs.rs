//! Matches and disputes of a `MODiCuM` market.

use alloy::primitives::{Address, B256};
use bindings::modicum::event;
use chain::Head;
use journal::Entry;
use modicum::{Course, Event, OfferState, Phase, View};
use runtime::{BoxError, Modicum};
use serde::Serialize;

use crate::watched::{Chronicle, Told, short, word};

const MOST: usize = 100;

impl Chronicle for Modicum {
    const SYSTEM: &'static str = "modicum";
    const FORM: u32 = 1;
    type History = ();

    fn note(&self, _: &View, (): &mut (), entry: &Entry) -> Result<Option<Told>, BoxError> {
        Ok(event(&entry.log)?.as_ref().and_then(tell))
    }
}

fn tell(event: &Event) -> Option<Told> {
    Some(match event {
        Event::JobOffered { contents, .. } => Told::new("job", format!("{} offers a job", short(&contents.creator))),
        Event::ResourceOffered { contents, .. } => {
            Told::new("resource", format!("{} offers to run jobs", short(&contents.provider)))
        }
        Event::Matched { id, contents, .. } => {
            let (creator, provider) = (short(&contents.creator), short(&contents.provider));
            Told::new("matched", format!("match {}: {provider} runs a job of {creator}", short(id)))
        }
        Event::ResultPosted { id, status, .. } => {
            Told::new("result", format!("match {}: the result is {}", short(id), word(status)))
        }
        Event::ResultRejected { id, reason, .. } => {
            Told::new("disputed", format!("match {}: rejected, for {}", short(id), word(reason)))
        }
        Event::VerdictPosted { id, finding, .. } => {
            Told::new("verdict", format!("match {}: the mediator finds {}", short(id), word(finding)))
        }
        Event::MatchClosed { id, ending, .. } => {
            Told::new("closed", format!("match {}: ended, {}", short(id), word(ending)))
        }
        _ => return None,
    })
}

/// A match, and what became of it. Amounts are decimal numbers of base units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Row {
    id: B256,
    creator: Address,
    provider: Address,
    mediator: Address,
    solver: Address,
    block: u64,
    /// Unix seconds.
    deadline: u64,
    /// What it waits for: `result`, `reaction`, `verdict`; absent once it has ended.
    waits_for: Option<&'static str>,
    /// How the run ended, by the provider.
    status: Option<String>,
    price_base_units: Option<String>,
    /// Why the creator rejected it.
    rejected: Option<String>,
    /// Until when a verdict is in time, Unix seconds.
    verdict_until: Option<u64>,
    /// What the mediator found.
    finding: Option<String>,
    /// How it ended.
    ending: Option<String>,
}

impl Row {
    fn new(id: B256, course: &Course) -> Self {
        let Course { contents: m, solver, block, report, rejection, verdict, closing } = course;
        Self {
            id,
            creator: m.creator,
            provider: m.provider,
            mediator: m.mediator,
            solver: *solver,
            block: *block,
            deadline: m.deadline,
            waits_for: course.phase().map(waits_for),
            status: report.map(|report| word(&report.status)),
            price_base_units: report.map(|report| report.price.to_string()),
            rejected: rejection.map(|rejection| word(&rejection.reason)),
            verdict_until: rejection.map(|rejection| rejection.until),
            finding: verdict.map(|verdict| word(&verdict.finding)),
            ending: closing.map(|closing| word(&closing.ending)),
        }
    }
}

const fn waits_for(phase: Phase) -> &'static str {
    match phase {
        Phase::Matched => "result",
        Phase::Reported => "reaction",
        Phase::Disputed => "verdict",
    }
}

/// `/api/modicum`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overview {
    market: Address,
    token_decimals: u8,
    block: u64,
    /// Unix seconds.
    time: u64,
    open_jobs: usize,
    open_resources: usize,
    matches_ever: usize,
    /// Of all matches, those that the creator rejected.
    disputes_ever: usize,
    held_base_units: String,
    burned_base_units: String,
    /// The newest first, at most a hundred.
    matches: Vec<Row>,
}

impl Overview {
    /// The market at `address` as of `head`.
    pub fn of(view: &View, address: Address, token_decimals: u8, head: Head) -> Self {
        let market = view.market();
        let is_open = |state| state == OfferState::Open;
        let ledger = view.ledger();
        Self {
            market: address,
            token_decimals,
            block: head.block.number,
            time: head.timestamp,
            open_jobs: view.jobs().keys().filter(|name| is_open(market.job_offer_state(**name))).count(),
            open_resources: view.resources().keys().filter(|name| is_open(market.res_offer_state(**name))).count(),
            matches_ever: view.courses().count(),
            disputes_ever: view.courses().filter(|(_, course)| course.rejection.is_some()).count(),
            held_base_units: ledger.held().to_string(),
            burned_base_units: ledger.burned.to_string(),
            matches: view.courses().rev().take(MOST).map(|(id, course)| Row::new(id, course)).collect(),
        }
    }
}
