//! Drives one agent: shows it the newest view, carries out what it wants, one thing after another.

use std::{collections::HashMap, error::Error, sync::Arc, time::Duration};

use chain::{Outcome, SubmitError, Submitter};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, debug, error, field::Empty, info, info_span, warn};

use crate::{About, Agent, Failure, Intent, Protocol, RuntimeError, Snapshot, board::Board};

/// One agent and its key.
pub(crate) struct Driver<P: Protocol> {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) agent: Option<Box<dyn Agent<P>>>,
    pub(crate) submitter: Submitter<P::Refusal>,
    pub(crate) protocol: Arc<P>,
    pub(crate) snapshots: watch::Receiver<Snapshot<P::View>>,
    pub(crate) board: Arc<Board>,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
    /// No view before this block shows what the agent did.
    pub(crate) floor: u64,
    /// Why each intent was not carried out when last tried, so that each reason is told once.
    pub(crate) told: HashMap<String, String>,
    /// Whether it was told that no more may be spent on this day, since something was last within it.
    pub(crate) is_spent: bool,
}

/// What an agent wants, and what that is about.
type Wanted<C> = Vec<(Intent<C>, Option<About>)>;

/// The view a round is about, without holding on to it.
#[derive(Clone, Copy)]
struct Moment {
    sequence: u64,
    block: u64,
}

impl Moment {
    fn of<V>(snapshot: &Snapshot<V>) -> Option<Self> {
        Some(Self { sequence: snapshot.sequence, block: snapshot.head?.block.number })
    }
}

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Nothing was sent: until the next block, nothing is left to do.
    Rest,
    /// Something was sent and will show.
    Sent,
    /// Something could not be decided.
    Undecided,
}

impl<P: Protocol> Driver<P> {
    /// Runs until stopped. A transaction in flight is finished first.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<(), RuntimeError> {
        if !self.prepare(&stop).await {
            return Ok(());
        }
        let mut pause = self.first_pause;
        let mut after = 0;
        while let Some(Some(snapshot)) = stop.run_until_cancelled(self.newer_than(after)).await {
            let Some(moment) = Moment::of(&snapshot) else { continue };
            let Some(wanted) = stop.run_until_cancelled(self.decide(snapshot)).await else { break };
            let round = self.carry_out_all(wanted?, moment, &stop).await;
            self.board.count(|status| status.rounds += 1);
            after = moment.sequence;
            if round == Round::Rest {
                self.board.rested(self.index, moment.sequence);
            }
            if round == Round::Undecided {
                // The same view will do: what was in doubt has nothing to do with it.
                after = moment.sequence - 1;
                if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    break;
                }
                pause = (pause * 2).min(self.longest_pause);
            } else {
                pause = self.first_pause;
            }
        }
        Ok(())
    }

    /// Waits until nothing of the key is pending. Returns whether it came to that before the stop.
    async fn prepare(&mut self, stop: &CancellationToken) -> bool {
        let mut pause = self.first_pause;
        loop {
            match stop.run_until_cancelled(self.submitter.prepare()).await {
                None => return false,
                Some(Ok(block)) => {
                    self.floor = block;
                    return true;
                }
                Some(Err(error)) => {
                    warn!(agent = self.name, error = &error as &dyn Error, "the key is not ready; trying again");
                }
            }
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return false;
            }
            pause = (pause * 2).min(self.longest_pause);
        }
    }

    /// Waits for a view that was not decided on and shows all that the agent did. `None` once there will be no more.
    async fn newer_than(&mut self, sequence: u64) -> Option<Snapshot<P::View>> {
        let floor = self.floor;
        let shows = |snapshot: &Snapshot<P::View>| {
            snapshot.sequence > sequence && snapshot.head.is_some_and(|head| head.block.number >= floor)
        };
        self.snapshots.wait_for(shows).await.ok().map(|snapshot| snapshot.clone())
    }

    async fn decide(&mut self, snapshot: Snapshot<P::View>) -> Result<Wanted<P::Call>, RuntimeError> {
        let mut agent = self.agent.take().expect("the agent is here between decisions");
        let decided = tokio::task::spawn_blocking(move || {
            let now = snapshot.head.map_or(0, |head| head.timestamp);
            let intents = agent.decide(&snapshot.view, now).into_iter().map(|intent| {
                let about = P::about(&snapshot.view, now, &intent.call);
                (intent, about)
            });
            let wanted = intents.collect();
            (agent, wanted)
        });
        let failed = |source| RuntimeError::AgentFailed { name: self.name.clone(), source };
        let (agent, wanted) = decided.await.map_err(failed)?;
        self.agent = Some(agent);
        Ok(wanted)
    }

    async fn carry_out_all(&mut self, wanted: Wanted<P::Call>, moment: Moment, stop: &CancellationToken) -> Round {
        self.told.retain(|key, _| wanted.iter().any(|(intent, _)| intent.key == *key));
        self.submitter.not_before(moment.block);
        let mut round = self.conclude(wanted.is_empty()).await;
        if round == Round::Undecided {
            return round;
        }
        for (intent, about) in wanted {
            if stop.is_cancelled() {
                return Round::Undecided;
            }
            let span = self.span(&intent.key, about, moment);
            match self.carry_out(&intent, moment).instrument(span).await {
                Round::Rest => {}
                Round::Sent => round = Round::Sent,
                Round::Undecided => return Round::Undecided,
            }
        }
        round
    }

    /// What the log says of all that happens to an intent.
    fn span(&self, intent: &str, about: Option<About>, moment: Moment) -> Span {
        let (agent, block) = (&self.name, moment.block);
        let span = info_span!("intent", agent, intent, block, interval = Empty, cycle = Empty, "match" = Empty);
        match about {
            Some(About::Interval(interval)) => span.record("interval", interval),
            Some(About::Cycle(cycle)) => span.record("cycle", cycle),
            Some(About::Match(name)) => span.record("match", tracing::field::display(name)),
            None => &span,
        };
        span
    }

    /// Finds out what became of what was sent before, where nobody wants it any more: what is wanted finds out by itself.
    async fn conclude(&mut self, nothing_is_wanted: bool) -> Round {
        if !self.submitter.is_waiting() || !nothing_is_wanted {
            return Round::Rest;
        }
        match self.submitter.conclude_sent().await {
            Ok(None) => Round::Rest,
            Ok(Some((key, outcome))) => {
                if let Some(agent) = &mut self.agent {
                    agent.learn(&key, &outcome);
                }
                self.note(&key, &outcome)
            }
            Err(error) => {
                warn!(agent = self.name, error = &error as &dyn Error, "what was sent is not decided");
                Round::Undecided
            }
        }
    }

    /// Counts what became of an intent that is wanted no more.
    fn note(&mut self, key: &str, outcome: &Outcome<P::Refusal>) -> Round {
        let (Outcome::Landed(receipt) | Outcome::Raced { receipt, .. } | Outcome::Expired { receipt: Some(receipt) }) =
            outcome
        else {
            return Round::Rest;
        };
        info!(agent = self.name, intent = key, block = receipt.block.number, gas = receipt.gas_used, "concluded");
        self.floor = self.floor.max(receipt.block.number);
        self.board.count(|status| {
            status.gas_used += receipt.gas_used;
            match outcome {
                Outcome::Landed(_) => status.landed += 1,
                Outcome::Expired { .. } => status.expired += 1,
                _ => status.raced += 1,
            }
        });
        Round::Sent
    }

    async fn carry_out(&mut self, intent: &Intent<P::Call>, moment: Moment) -> Round {
        let request = match self.protocol.request(&intent.call) {
            Ok(request) => request.until(intent.deadline),
            Err(error) => {
                error!(agent = self.name, intent = intent.key, error = &*error as &dyn Error, "no such call");
                return Round::Rest;
            }
        };
        let permit = self.permits.acquire().await.expect("nobody closes the semaphore");
        let submitted = self.submitter.submit(&intent.key, &request).await;
        drop(permit);
        match submitted {
            Ok(outcome) => {
                // What is refused costs nothing, and says nothing of what is left.
                self.is_spent &= matches!(outcome, Outcome::Refused(_));
                if let Some(agent) = &mut self.agent {
                    agent.learn(&intent.key, &outcome);
                }
                self.record(intent, &outcome, moment)
            }
            Err(error) => {
                if let SubmitError::TooDear { .. } = error {
                    // Once: what is wanted has another name in each block, and nothing of it is sent before the next day.
                    if !std::mem::replace(&mut self.is_spent, true) {
                        self.fail(intent, in_words(&error));
                    }
                } else if error.is_retryable() {
                    warn!(agent = self.name, intent = intent.key, error = &error as &dyn Error, "undecided");
                } else {
                    self.fail_once(intent, in_words(&error));
                }
                Round::Undecided
            }
        }
    }

    fn record(&mut self, intent: &Intent<P::Call>, outcome: &Outcome<P::Refusal>, moment: Moment) -> Round {
        let (agent, key, call) = (&self.name, &intent.key, &intent.call);
        match outcome {
            Outcome::Landed(receipt) if receipt.block.number <= moment.block => {
                debug!(agent, intent = key, "wanted again, though done");
                Round::Rest
            }
            Outcome::Landed(receipt) => {
                info!(agent, intent = key, %call, block = receipt.block.number, gas = receipt.gas_used, "landed");
                self.board.count(|status| {
                    status.landed += 1;
                    status.gas_used += receipt.gas_used;
                });
                self.floor = self.floor.max(receipt.block.number);
                Round::Sent
            }
            Outcome::Raced { refusal, receipt } => {
                self.board.count(|status| status.gas_used += receipt.gas_used);
                self.floor = self.floor.max(receipt.block.number);
                let raced = refusal.as_ref().is_some_and(P::is_race);
                let reason = refusal.as_ref().map_or_else(|| "nothing tells why".to_owned(), ToString::to_string);
                if raced {
                    info!(agent, intent = key, %call, block = receipt.block.number, reason, "others were quicker");
                    self.board.count(|status| status.raced += 1);
                } else {
                    let transaction = receipt.transaction;
                    self.fail(intent, format!("transaction {transaction} failed: {reason}"));
                    self.told.insert(key.clone(), reason);
                }
                Round::Sent
            }
            Outcome::Expired { receipt } => {
                info!(agent, intent = key, %call, transaction = ?receipt.map(|it| it.transaction), "its time has passed");
                self.board.count(|status| {
                    status.expired += 1;
                    status.gas_used += receipt.map_or(0, |receipt| receipt.gas_used);
                });
                self.floor = self.floor.max(receipt.map_or(0, |receipt| receipt.block.number));
                if receipt.is_some() { Round::Sent } else { Round::Rest }
            }
            Outcome::Withheld { gas_limit, at_most } => {
                if self.is_news(key, "withheld") {
                    warn!(agent = self.name, intent = key, %call, gas_limit, at_most_wei = at_most, "not sent: a dry run");
                    self.board.count(|status| status.withheld += 1);
                }
                Round::Rest
            }
            Outcome::Refused(refusal) => {
                self.board.count(|status| status.refused += 1);
                if !P::is_race(refusal) {
                    self.fail_once(intent, refusal.to_string());
                } else if self.is_news(key, &refusal.to_string()) {
                    info!(agent = self.name, intent = key, %call, reason = %refusal, "refused");
                }
                Round::Rest
            }
        }
    }

    /// Tells that an intent fails for more than a lost race, unless that was told.
    fn fail_once(&mut self, intent: &Intent<P::Call>, reason: String) {
        if self.is_news(&intent.key, &reason) {
            self.fail(intent, reason);
        }
    }

    fn fail(&self, intent: &Intent<P::Call>, reason: String) {
        let Intent { key, call, .. } = intent;
        warn!(agent = self.name, intent = key, %call, reason, "failed");
        self.board.failed(Failure { agent: self.name.clone(), intent: key.clone(), reason });
    }

    /// Whether this is another reason than the intent had when last tried.
    fn is_news(&mut self, key: &str, reason: &str) -> bool {
        self.told.insert(key.to_owned(), reason.to_owned()).is_none_or(|told| told != reason)
    }
}

/// An error with all its causes.
fn in_words(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", in_words(source)))
}
