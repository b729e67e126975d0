//! `jc submit`: a job, and one command later its result.

use std::{
    fmt, fs,
    sync::{Arc, mpsc},
    time::Duration,
};

use ::modicum::{JobOffer, OfferState, ServiceKind, View, estimate_up};
use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use bindings::modicum::{Refused, sign_offer};
use chain::Head;
use jobs::{Bundle, ContentHash, Description};
use journal::MemoryJournal;
use modicum_creator::{Checker, Costs, Creator, Order, Settings, Step, Verification, warnings};
use modicum_solver::SignedOffer;
use runtime::Runtime;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use units::Money;

use super::{
    explain::{Explained, would_be},
    listen, roles,
    session::{Sender, Session},
    store::Found,
};
use crate::{
    cli::{Submit, SubmitModicum, values::Decimal},
    exit::Failure,
    hosting::Interrupt,
    job,
    output::{Output, time, tokens},
    setting::Setting,
};

/// Carries a verb out.
pub async fn run(setting: &Setting, verb: Submit) -> Result<(), Failure> {
    let Submit::Submit(words) = verb;
    let interrupt = Interrupt::listen()?;
    let session = Session::open(setting, &words.by.at).await?;
    let bundle = job::read(&words.source)?;
    let account = setting.address(&words.by.signer)?;
    let (view, head) = session.view().await?;
    let found = Found::of(&words.store).await?;
    let service = found.service(&view)?;
    let draft = Draft::new(&words, &session, (&view, head), service, account)?;
    let offer = draft.offer(&bundle, image(&bundle, &words)?);
    let terms = would_be(&view, &offer)?;
    for warning in warnings(&draft.costs, view.config(), &terms, terms.estimate, offer.instruction_limit) {
        setting.output.progress(format_args!("warning: {warning}"));
    }
    if words.job.dry_run {
        let explained = Explained::of(&view, &terms, None, session.known.token_decimals);
        return Ok(setting.output.result(&explained)?);
    }
    let state = view.market().job_offer_state(offer.name());
    // A job that the chain has seen goes on, and its result may be there already.
    if state == OfferState::Unknown {
        check_folder(&words)?;
    }
    let key = setting.unlock(&words.by.signer)?;
    let order = Order { offer, job: bundle, out: words.job.out.clone() };
    // The deposit of one that is matched is in its match.
    if matches!(state, OfferState::Unknown | OfferState::Open) {
        let mut sender = Sender::new(session.client.clone(), key.clone(), Refused::decode).await?;
        for receipt in session.top_up(&mut sender, order.offer.deposit).await? {
            setting.output.progress(format_args!("paid in what was missing, block {}", receipt.block.number));
        }
    }
    let storage = found.open(key.clone())?;
    let machine = roles::machine(&words.machine, words.limits.patience())?;
    let doing = Doing { words: &words, order, verification: draft.verification, checker: Checker { machine, storage } };
    submit(setting, &session, doing, key, interrupt).await
}

/// The image that a container job names. What is to be run as a container must be one, and the other way round.
fn image(bundle: &Bundle, words: &SubmitModicum) -> Result<Option<ContentHash>, Failure> {
    let description = bundle.description()?.map_err(|error| Failure::Usage(error.to_string()))?;
    let refuse = |reason: &str| Err(Failure::Usage(reason.to_owned()));
    match (&description, words.machine.containers) {
        (Description::Wasm { .. }, false) => Ok(None),
        (container @ Description::Container { .. }, true) => match container.image_id() {
            Some(id) => Ok(Some(id)),
            None => {
                refuse("the job names its image by no id; it must be as sha256:… so that it is the same everywhere")
            }
        },
        (Description::Wasm { .. }, true) => refuse("the job is a module; --containers is for containers"),
        (Description::Container { .. }, false) => refuse("the job is a container, which --containers is for"),
    }
}

fn check_folder(words: &SubmitModicum) -> Result<(), Failure> {
    let out = &words.job.out;
    if out.exists() && fs::read_dir(out)?.next().is_some() {
        return Err(Failure::Usage(format!("{} is not empty; a result needs a folder of its own", out.display())));
    }
    Ok(())
}

/// What the words come to in a market.
struct Draft {
    offer: JobOffer,
    costs: Costs,
    verification: Verification,
}

impl Draft {
    fn new(
        words: &SubmitModicum,
        session: &Session,
        (view, head): (&View, Head),
        service: Option<u32>,
        creator: Address,
    ) -> Result<Self, Failure> {
        let decimals = session.known.token_decimals;
        let job = &words.job;
        let price = |amount: Decimal| amount.job_price(decimals).map_err(Failure::Usage);
        let (max_instruction_price, max_bandwidth_price) = (price(job.max_price)?, price(job.max_bandwidth_price)?);
        let directories = view.services(ServiceKind::Directory);
        let cheapest = || directories.min_by_key(|(_, service)| service.fee).map(|(id, _)| id);
        if let (Some(named), Some(found)) = (job.directory, service)
            && named != found
        {
            return Err(Failure::Usage(format!("--directory {named} is not the one of --store, which is {found}")));
        }
        let directory = job.directory.or(service).or_else(cheapest);
        let directory = directory.ok_or_else(|| Failure::Usage("there is no directory in this market yet".into()))?;
        let limits = words.limits.limits();
        let mut offer = JobOffer {
            creator,
            deposit: 0,
            instruction_limit: limits.instructions,
            memory_limit: limits.memory_bytes,
            storage_limit: limits.storage_bytes,
            bandwidth_limit: limits.bandwidth_bytes,
            max_instruction_price,
            max_bandwidth_price,
            architecture: roles::architecture(&words.machine)?,
            meter_id: roles::meter(&words.machine),
            base_layer: B256::ZERO,
            job_hash: B256::ZERO,
            directory,
            deadline: job.deadline_at.unwrap_or(head.timestamp + job.deadline),
            nonce: job.nonce,
        };
        // Enough for whichever mediator it trusts.
        offer.deposit = most_deposit(view, &offer);
        let most = estimate_up(offer.limit(), max_instruction_price, max_bandwidth_price);
        let own_cost = job.own_cost.map(price).transpose()?;
        let benefit = job.benefit.map(|worth| worth.money(decimals).map_err(Failure::Usage)).transpose()?;
        let costs = Costs {
            per_billion_instructions: own_cost.map_or(real(max_instruction_price.into()) * 0.8, |c| real(c.into())),
            determinism: job.determinism,
            benefit: real(benefit.map_or(2 * most, |Money(worth)| worth)),
        };
        let verification = job.verify.map_or(Verification::Advised(costs), Verification::Rate);
        Ok(Self { offer, costs, verification })
    }

    fn offer(&self, bundle: &Bundle, image: Option<ContentHash>) -> JobOffer {
        let base_layer = image.map_or(B256::ZERO, |image| B256::from(image.0));
        JobOffer { job_hash: B256::from(bundle.tree().hash().0), base_layer, ..self.offer.clone() }
    }
}

/// (3.2) with the dearest mediator that the creator trusts.
fn most_deposit(view: &View, offer: &JobOffer) -> u128 {
    let trusted = view.services(ServiceKind::Mediator).filter(|(id, _)| view.market().trusts(offer.creator, *id));
    let dearest = trusted.map(|(_, service)| service.fee).max().unwrap_or(0);
    would_be(view, offer).map_or(0, |m| view.deposit(&::modicum::Match { mediator_fee: dearest, ..m }))
}

#[expect(clippy::cast_precision_loss, reason = "costs are estimates; 53 bits are plenty")]
const fn real(amount: u128) -> f64 {
    amount as f64
}

/// A job to be done, and how it is looked at.
struct Doing<'a> {
    words: &'a SubmitModicum,
    order: Order,
    verification: Verification,
    checker: Checker,
}

async fn submit(
    setting: &Setting,
    session: &Session,
    doing: Doing<'_>,
    key: PrivateKeySigner,
    mut interrupt: Interrupt,
) -> Result<(), Failure> {
    let Doing { words, order, verification, checker } = doing;
    let settings = Settings {
        behaviour: words.job.behaviour,
        verification,
        secret: secret(&key)?,
        posts_offer: words.job.solver.is_none(),
    };
    // As long as this is there, the offer is sent to the solver again and again: one that was started anew has none.
    let (offered, receiver) = watch::channel(None);
    if let Some(solver) = &words.job.solver {
        let signed = sign(session, &checker, &order, &key)?;
        listen::send(solver, &signed).await?;
        offered.send_replace(Some(signed));
        tokio::spawn(listen::keep_sent(setting.output, solver.clone(), receiver, listen::AGAIN, Ok));
    }
    let (offer, deadline) = (order.offer.name(), order.offer.deadline);
    let (steps, happened) = mpsc::channel();
    let poll = Duration::from_millis(words.poll_milliseconds);
    let run_settings = runtime::Settings { poll, ..runtime::Settings::default() };
    let journal = Arc::new(MemoryJournal::default());
    let mut hosted = Runtime::new(session.client.clone(), session.protocol.clone(), journal, run_settings);
    hosted.host(Creator::new("creator", order, settings, checker, steps), key);
    let mut failures = hosted.failures();
    let stop = CancellationToken::new();
    let running = tokio::spawn(hosted.run(stop.clone()));
    setting.output.progress(format_args!("creator of {offer} is running, until {}; Ctrl-C stops it", time(deadline)));
    let (output, decimals) = (setting.output, session.known.token_decimals);
    let mut telling = tokio::task::spawn_blocking(move || tell(output, &happened, decimals));
    let told = loop {
        tokio::select! {
            told = &mut telling => break Some(told.map_err(anyhow::Error::from)?),
            Ok(()) = failures.changed() => {
                if let Some(failure) = failures.borrow_and_update().clone() {
                    setting.output.progress(format_args!("not done: {failure}"));
                }
            }
            heard = interrupt.heard() => {
                heard?;
                break None;
            }
        }
    };
    drop(offered);
    stop.cancel();
    running.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    match told {
        None => Err(anyhow::anyhow!("stopped; --deadline-at {deadline} with the same words goes on").into()),
        Some(told) if told.iter().any(|step| matches!(step, Step::Done { .. })) => {
            Ok(setting.output.result(&Submitted { offer, decimals, steps: told })?)
        }
        Some(told) => match told.last() {
            Some(Step::Failed { why }) => Err(anyhow::anyhow!("{why}").into()),
            _ => Err(anyhow::anyhow!("the agent ended early").into()),
        },
    }
}

/// What decides when results are verified: nobody knows it without the key.
fn secret(key: &PrivateKeySigner) -> Result<B256, Failure> {
    use alloy::signers::SignerSync;

    let signature = key.sign_message_sync(b"entente: when I verify results").map_err(anyhow::Error::from)?;
    Ok(alloy::primitives::keccak256(signature.as_bytes()))
}

/// Stores the job, before anybody can be matched with it, and signs the offer.
fn sign(session: &Session, checker: &Checker, order: &Order, key: &PrivateKeySigner) -> Result<SignedOffer, Failure> {
    checker.storage.put(&order.job).map_err(anyhow::Error::from)?;
    let (chain_id, market) = (session.known.chain_id, session.known.market);
    let signature = sign_offer(key, chain_id, market, order.offer.name()).map_err(anyhow::Error::from)?;
    Ok(SignedOffer::Job { offer: order.offer.clone(), signature })
}

/// Says what happens until it is over.
fn tell(output: Output, happened: &mpsc::Receiver<Step>, decimals: u8) -> Vec<Step> {
    let mut told = Vec::new();
    while let Ok(step) = happened.recv() {
        output.progress(Said { step: &step, decimals });
        let is_last = step.is_last();
        told.push(step);
        if is_last {
            break;
        }
    }
    told
}

/// A step in words.
pub struct Said<'a> {
    /// The step.
    pub step: &'a Step,
    /// Digits of the token after the point.
    pub decimals: u8,
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = |amount| tokens(Money(amount), self.decimals);
        match self.step {
            Step::Stored { bytes } => write!(f, "stored, {bytes} bytes"),
            Step::Offered { offer } => write!(f, "offered as {offer}"),
            Step::Matched { provider, deadline, .. } => write!(f, "matched with {provider}, until {}", time(*deadline)),
            Step::Reported { status, instructions, price, .. } => {
                write!(f, "reported {status:?}: {instructions} instructions, {}", amount(*price))
            }
            Step::Verified { is_right: true, .. } => f.write_str("verified: it is right"),
            Step::Verified { is_right: false, .. } => f.write_str("verified: it is wrong"),
            Step::Rejecting { reason, .. } => write!(f, "rejecting it: {reason:?}"),
            Step::Judged { finding, .. } => write!(f, "judged: {finding:?}"),
            Step::Ended { ending, got, .. } => write!(f, "ended: {ending:?}, {} came back", amount(*got)),
            Step::Done { folder, .. } => write!(f, "the result is in {}", folder.display()),
            Step::Failed { why } => write!(f, "there is no result: {why}"),
        }
    }
}

/// A job that was done.
#[derive(Debug, Serialize)]
struct Submitted {
    offer: B256,
    #[serde(skip)]
    decimals: u8,
    steps: Vec<Step>,
}

impl fmt::Display for Submitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            if let Step::Reported { .. } | Step::Done { .. } = step {
                writeln!(f, "{}", Said { step, decimals: self.decimals })?;
            }
        }
        Ok(())
    }
}
