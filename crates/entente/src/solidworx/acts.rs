//! What prosumers, solvers and anybody do by hand.

use ::solidworx::{Alternative, Assignment, Due, Event, Exchange, Market, State, packing};
use alloy::primitives::Bytes;
use anyhow::Context;
use bindings::solidworx::Call;
use chain::Receipt;
use serde_json::json;
use solidworx_prosumer::Wish;

use super::{
    Given, read,
    session::{Sender, Session},
};
use crate::{
    cli::{AdvanceSolidWorx, By, CancelSolidWorx, PostSolidWorx, ReturnDeposit, SubmitSolidWorx},
    exit::Failure,
    session::Done,
    setting::Setting,
};

/// One thing after another with one key.
struct Acting {
    session: Session,
    sender: Sender,
    receipts: Vec<Receipt>,
}

impl Acting {
    async fn begin(setting: &Setting, by: &By) -> Result<Self, Failure> {
        let session = Session::open(setting, &by.at).await?;
        let sender = session.sender(setting, &by.signer).await?;
        Ok(Self { session, sender, receipts: Vec::new() })
    }

    async fn act(&mut self, call: &Call) -> Result<Vec<Event>, Failure> {
        let receipt = self.session.send(&mut self.sender, self.receipts.len(), call).await?;
        self.receipts.push(receipt);
        self.session.events(&receipt).await
    }

    fn tell(self, setting: &Setting, sentence: String, figures: serde_json::Value, next: &str) -> Result<(), Failure> {
        Ok(setting.output.result(&Done::new(sentence, figures, &self.receipts).then(next))?)
    }
}

/// `post`.
pub async fn post(setting: &Setting, words: &PostSolidWorx) -> Result<(), Failure> {
    let wishes: Vec<Wish> = read(&words.file)?;
    let mut acting = Acting::begin(setting, &words.by).await?;
    let (view, _) = acting.session.view().await?;
    let deposit = view.set_up().map_or(0, |set_up| set_up.deposit);
    let mut ids = Vec::new();
    for wish in &wishes {
        let alternatives: Vec<_> = wish.alternatives.iter().map(|one| one.listed).collect();
        let id = if words.stepwise {
            step_by_step(&mut acting, wish, alternatives, deposit).await?
        } else {
            let call = Call::PostPackedOffer { side: wish.side, misc: wish.misc, alternatives, deposit };
            created(&acting.act(&call).await?)?
        };
        ids.push(id);
    }
    let numbers: Vec<_> = ids.iter().map(u64::to_string).collect();
    let sentence = format!("{} offers were posted: {}", ids.len(), numbers.join(", "));
    acting.tell(setting, sentence, json!({ "offers": ids }), "entente solidworx status")
}

async fn step_by_step(
    acting: &mut Acting,
    wish: &Wish,
    alternatives: Vec<Alternative>,
    deposit: u128,
) -> Result<u64, Failure> {
    let blank = Call::CreateOffer { side: wish.side, misc: wish.misc, deposit };
    let id = created(&acting.act(&blank).await?)?;
    for listed in alternatives {
        acting.act(&Call::UpdateOffer { id, listed }).await?;
    }
    acting.act(&Call::PostOffer { id }).await?;
    Ok(id)
}

fn created(events: &[Event]) -> Result<u64, Failure> {
    let id = events.iter().find_map(|event| match event {
        Event::OfferCreated { id, .. } | Event::PackedOfferPosted { id, .. } => Some(*id),
        _ => None,
    });
    Ok(id.context("the transaction made no offer")?)
}

/// Contents of a packed offer; `None` for others.
fn contents(view: &Exchange, id: u64) -> Option<Bytes> {
    let listing = view.offers().get(&id).filter(|listing| listing.is_packed)?;
    packing::contents(&listing.offer(id)).map(Into::into)
}

/// `cancel`.
pub async fn cancel(setting: &Setting, words: &CancelSolidWorx) -> Result<(), Failure> {
    let mut acting = Acting::begin(setting, &words.by).await?;
    let (view, _) = acting.session.view().await?;
    let id = words.id;
    let packed = contents(&view, id).map(|contents| Call::CancelPackedOffer { id, contents });
    acting.act(&packed.unwrap_or(Call::CancelOffer { id })).await?;
    acting.tell(setting, format!("offer {id} was taken back"), json!({ "offer": id }), "entente solidworx offers")
}

/// `return-deposit`.
pub async fn return_deposit(setting: &Setting, words: &ReturnDeposit) -> Result<(), Failure> {
    let mut acting = Acting::begin(setting, &words.by).await?;
    let (view, _) = acting.session.view().await?;
    let id = words.id;
    let contents = contents(&view, id).unwrap_or_default();
    acting.act(&Call::ReturnDeposit { id, contents }).await?;
    let sentence = format!("the deposit of offer {id} went back");
    acting.tell(setting, sentence, json!({ "offer": id }), "entente solidworx status")
}

/// `submit`.
pub async fn submit(setting: &Setting, words: &SubmitSolidWorx) -> Result<(), Failure> {
    let Given { assignments } = read(&words.file)?;
    let mut acting = Acting::begin(setting, &words.by).await?;
    let (view, _) = acting.session.view().await?;
    let market = view.market().context("a market that is set up has terms")?;
    let verified = market.verify(&assignments).map_err(Failure::Infeasible);
    let value = if words.stepwise {
        // The contract says first what is wrong.
        propose_step_by_step(&mut acting, &view, &market, &assignments).await?;
        verified?
    } else {
        // The twin says what is wrong where the allocation cannot even be packed.
        let value = verified?;
        let solution = packing::solution(&market, &assignments).context("a solution has room for 65,536 offers")?;
        acting.act(&Call::PostSolution { value, solution }).await?;
        value
    };
    let sentence = format!("an allocation of {} assignments, worth {value}, was proposed", assignments.len());
    let figures = json!({ "value": value, "assignments": assignments.len() });
    acting.tell(setting, sentence, figures, "entente solidworx advance, once the solving phase is over")
}

async fn propose_step_by_step(
    acting: &mut Acting,
    view: &Exchange,
    market: &Market,
    assignments: &[Assignment],
) -> Result<(), Failure> {
    let used = |id| assignments.iter().any(|one| one.providing_offer == id || one.consuming_offer == id);
    for offer in market.offers.iter().filter(|offer| used(offer.id)) {
        if let Some(contents) = contents(view, offer.id) {
            acting.act(&Call::UnpackOffer { id: offer.id, contents }).await?;
        }
    }
    let events = acting.act(&Call::CreateSolution { misc: 0 }).await?;
    let id = events.iter().find_map(|event| match event {
        Event::SolutionCreated { id, .. } => Some(*id),
        _ => None,
    });
    let id = id.context("the transaction made no solution")?;
    for assignment in assignments {
        acting.act(&Call::AddAssignment { id, assignment: *assignment }).await?;
    }
    Ok(())
}

/// `advance`.
pub async fn advance(setting: &Setting, words: &AdvanceSolidWorx) -> Result<(), Failure> {
    let mut acting = Acting::begin(setting, &words.by).await?;
    let (mut view, _) = acting.session.view().await?;
    let (cycle, page) = (view.cycle(), words.page.try_into().unwrap_or(usize::MAX));
    // The contract tells where it is too early.
    let sentence = if view.state() == State::Receive {
        acting.act(&Call::Close).await?;
        format!("the offering phase of cycle {cycle} is closed")
    } else {
        while let Some(Due::Finalize { page, .. }) = view.due(u64::MAX, page).filter(|_| view.cycle() == cycle) {
            let call = Call::Finalize { rest: page.rest, records: page.records.into() };
            for event in acting.act(&call).await? {
                view.apply(event).map_err(anyhow::Error::from)?;
            }
        }
        let value = view.outcomes().get(&cycle).map_or(0, |outcome| outcome.value);
        format!("cycle {cycle} is over, and worth {value}")
    };
    let figures = json!({ "cycle": cycle, "was": view_state(&view, cycle) });
    acting.tell(setting, sentence, figures, "entente solidworx status")
}

fn view_state(view: &Exchange, cycle: u64) -> &'static str {
    if view.cycle() == cycle { "closed" } else { "finalised" }
}
