//! `status`: where a market stands, and what became of each match.

use std::{collections::BTreeMap, fmt};

use ::modicum::{Course, Ledger, OfferState, Phase, Service, View};
use alloy::{eips::BlockNumberOrTag, primitives::B256};
use modicum_solver::{Board, plan};
use serde::Serialize;
use units::Money;

use super::session::Session;
use crate::{
    cli::StatusModicum,
    exit::Failure,
    output::{time, tokens},
    setting::Setting,
};

/// Carries the verb out.
pub async fn run(setting: &Setting, words: &StatusModicum) -> Result<(), Failure> {
    let session = Session::open(setting, &words.at).await?;
    let (view, head) = session.view().await?;
    if let Some(id) = words.id
        && view.course(id).is_none()
    {
        return Err(Failure::Usage(format!("there is no match {id}")));
    }
    let decimals = session.known.token_decimals;
    let mut matches = Vec::new();
    for (id, course) in view.courses().filter(|(id, _)| words.id.is_none_or(|wanted| wanted == *id)) {
        let until = match course.phase() {
            Some(Phase::Matched) => Some(course.contents.deadline),
            Some(_) => session.until(id).await?,
            None => None,
        };
        matches.push(Shown { id, until, phase: course.phase(), course: course.clone(), timeline: Vec::new() });
    }
    if words.timeline {
        let times = times(&session, matches.iter().map(|shown| &shown.course)).await?;
        for shown in &mut matches {
            shown.timeline = timeline(&shown.course, &times, decimals);
        }
    }
    let left = plan(&view, &Board::new(session.known.place()), head.timestamp);
    let why = left.jobs_left.iter().chain(&left.resources_left);
    let screen = Screen {
        decimals,
        market: session.known.market,
        now: head.timestamp,
        services: view.market().services().to_vec(),
        open_jobs: open(&view, true),
        open_resources: open(&view, false),
        unmatched: why.map(|(offer, why)| (*offer, why.to_string())).collect(),
        ledger: view.ledger(),
        matches,
    };
    Ok(setting.output.result(&screen)?)
}

fn open(view: &View, jobs: bool) -> usize {
    let market = view.market();
    if jobs {
        view.jobs().keys().filter(|name| market.job_offer_state(**name) == OfferState::Open).count()
    } else {
        view.resources().keys().filter(|name| market.res_offer_state(**name) == OfferState::Open).count()
    }
}

/// When the blocks were made in which something happened to these matches.
pub async fn times(
    session: &Session,
    courses: impl IntoIterator<Item = &Course>,
) -> Result<BTreeMap<u64, u64>, Failure> {
    let mut times = BTreeMap::new();
    let blocks: Vec<_> = courses.into_iter().flat_map(steps).map(|(block, _)| block).collect();
    for block in blocks {
        if let std::collections::btree_map::Entry::Vacant(vacant) = times.entry(block) {
            let head = session.client.block(BlockNumberOrTag::Number(block)).await?;
            vacant.insert(head.map_or(0, |head| head.timestamp));
        }
    }
    Ok(times)
}

/// What a step was.
pub enum What<'a> {
    Matched,
    Reported(&'a ::modicum::Report),
    Rejected(&'a ::modicum::Rejection),
    Judged(&'a ::modicum::Verdict),
    Closed(&'a ::modicum::Closing),
}

/// All that has happened to a match, with its blocks.
pub fn steps(course: &Course) -> Vec<(u64, What<'_>)> {
    let mut steps = vec![(course.block, What::Matched)];
    steps.extend(course.report.as_ref().map(|report| (report.block, What::Reported(report))));
    steps.extend(course.rejection.as_ref().map(|rejection| (rejection.block, What::Rejected(rejection))));
    steps.extend(course.verdict.as_ref().map(|verdict| (verdict.block, What::Judged(verdict))));
    steps.extend(course.closing.as_ref().map(|closing| (closing.block, What::Closed(closing))));
    steps
}

/// The same in words.
pub fn timeline(course: &Course, times: &BTreeMap<u64, u64>, decimals: u8) -> Vec<Moment> {
    let amount = |amount| tokens(Money(amount), decimals);
    let m = &course.contents;
    let moment = |(block, what): (u64, What<'_>)| {
        let what = match what {
            What::Matched => {
                format!(
                    "{} runs it for {}, by {}; the solver is {}",
                    m.provider,
                    m.creator,
                    time(m.deadline),
                    course.solver
                )
            }
            What::Reported(report) => format!(
                "reported {:?}: {} instructions, {} bytes, {}",
                report.status,
                report.used.instructions,
                report.used.bandwidth,
                amount(report.price)
            ),
            What::Rejected(rejection) => {
                format!("rejected: {:?}; {} judges, by {}", rejection.reason, m.mediator, time(rejection.until))
            }
            What::Judged(verdict) => {
                format!("judged: {:?}, for {}; dossier {}", verdict.finding, amount(verdict.spent), verdict.dossier)
            }
            What::Closed(closing) => format!(
                "ended: {:?}; creator {}, provider {}, mediator {}, directory {}, burned {}",
                closing.ending,
                amount(closing.shares.creator),
                amount(closing.shares.provider),
                amount(closing.shares.mediator),
                amount(closing.shares.directory),
                amount(closing.shares.burned)
            ),
        };
        Moment { block, time: times.get(&block).copied().unwrap_or(0), what }
    };
    steps(course).into_iter().map(moment).collect()
}

/// Something that happened to a match.
#[derive(Debug, Serialize)]
pub struct Moment {
    /// In this block.
    pub block: u64,
    /// Which was made then, Unix seconds.
    pub time: u64,
    /// What.
    pub what: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: B256,
    phase: Option<Phase>,
    /// Until when what it waits for is in time, Unix seconds.
    until: Option<u64>,
    course: Course,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    timeline: Vec<Moment>,
}

#[derive(Debug, Serialize)]
struct Screen {
    #[serde(skip)]
    decimals: u8,
    market: alloy::primitives::Address,
    now: u64,
    services: Vec<Service>,
    open_jobs: usize,
    open_resources: usize,
    /// Open offers, and why they are not matched.
    unmatched: BTreeMap<B256, String>,
    ledger: Ledger,
    matches: Vec<Shown>,
}

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = |amount| tokens(Money(amount), self.decimals);
        writeln!(f, "market     {} at {}", self.market, time(self.now))?;
        for (id, service) in self.services.iter().enumerate() {
            writeln!(f, "service {id}  {:?} of {}, fee {}", service.kind, service.owner, amount(service.fee))?;
        }
        writeln!(f, "open       {} job offers, {} resource offers", self.open_jobs, self.open_resources)?;
        for (offer, why) in &self.unmatched {
            writeln!(f, "  {offer}: {why}")?;
        }
        let Ledger { paid_in, paid_out, burned, .. } = self.ledger;
        let held = amount(self.ledger.held());
        writeln!(
            f,
            "money      {} in, {} out, {held} held, {} burned",
            amount(paid_in),
            amount(paid_out),
            amount(burned)
        )?;
        for Shown { id, phase, until, course, timeline } in &self.matches {
            match (phase, until, course.closing) {
                (Some(phase), Some(until), _) => {
                    writeln!(f, "match {id}: {}, until {}", waits_for(*phase), time(*until))?;
                }
                (_, _, Some(closing)) => writeln!(f, "match {id}: {:?}", closing.ending)?,
                _ => writeln!(f, "match {id}")?,
            }
            for Moment { block, time: at, what } in timeline {
                writeln!(f, "  {} block {block}: {what}", time(*at))?;
            }
        }
        Ok(())
    }
}

const fn waits_for(phase: Phase) -> &'static str {
    match phase {
        Phase::Matched => "waits for a result",
        Phase::Reported => "waits for a reaction",
        Phase::Disputed => "waits for a verdict",
    }
}
