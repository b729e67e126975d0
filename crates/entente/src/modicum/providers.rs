//! `providers`: who runs jobs, at what price and how reliably.

use std::fmt;

use ::modicum::{Ending, OfferState, ResourceOffer, View};
use alloy::primitives::Address;
use serde::Serialize;
use units::Money;

use super::session::Session;
use crate::{
    cli::ProvidersModicum,
    exit::Failure,
    output::{Table, tokens},
    setting::Setting,
};

/// Carries the verb out.
pub async fn run(setting: &Setting, words: &ProvidersModicum) -> Result<(), Failure> {
    let session = Session::open(setting, &words.at).await?;
    let (view, head) = session.view().await?;
    let stands = |(name, offer): &(&alloy::primitives::B256, &ResourceOffer)| {
        view.market().res_offer_state(**name) != OfferState::Closed && offer.expiry >= head.timestamp
    };
    let mut offers: Vec<_> =
        view.resources().iter().filter(stands).map(|(_, offer)| Offered::new(&view, offer)).collect();
    offers.sort_by_key(|offer| (offer.instruction_price, offer.provider));
    let paid =
        view.courses().filter(|(_, course)| course.closing.is_some_and(|closing| closing.ending == Ending::Accepted));
    let mut paid: Vec<_> = paid.map(|(_, course)| course.contents.instruction_price).collect();
    paid.sort_unstable();
    let hint = Hint {
        lowest_asked: offers.first().map(|offer| offer.instruction_price),
        median_paid: paid.get(paid.len() / 2).copied(),
        jobs_paid: paid.len(),
    };
    let shown = Providers { decimals: session.known.token_decimals, offers, hint };
    Ok(setting.output.result(&shown)?)
}

/// An offer, and how its provider's matches ended.
#[derive(Debug, Serialize)]
struct Offered {
    provider: Address,
    /// Base units for 10^9 instructions.
    instruction_price: u64,
    /// Base units for 2^30 bytes.
    bandwidth_price: u64,
    instructions_per_second: u64,
    memory_bytes: u64,
    accepted: usize,
    at_fault: usize,
    matches: usize,
}

impl Offered {
    fn new(view: &View, offer: &ResourceOffer) -> Self {
        let own: Vec<_> = view.courses().filter(|(_, course)| course.contents.provider == offer.provider).collect();
        let ended = |is: fn(Ending) -> bool| {
            own.iter().filter(|(_, course)| course.closing.is_some_and(|closing| is(closing.ending))).count()
        };
        Self {
            provider: offer.provider,
            instruction_price: offer.instruction_price,
            bandwidth_price: offer.bandwidth_price,
            instructions_per_second: offer.instructions_per_second,
            memory_bytes: offer.memory_bytes,
            accepted: ended(|ending| ending == Ending::Accepted),
            at_fault: ended(Ending::is_providers_fault),
            matches: own.len(),
        }
    }
}

/// What a creator may have to pay, base units for 10^9 instructions.
#[derive(Debug, Serialize)]
struct Hint {
    lowest_asked: Option<u64>,
    median_paid: Option<u64>,
    jobs_paid: usize,
}

#[derive(Debug, Serialize)]
struct Providers {
    #[serde(skip)]
    decimals: u8,
    offers: Vec<Offered>,
    hint: Hint,
}

impl fmt::Display for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = |amount: u64| tokens(Money(amount.into()), self.decimals);
        let mut table = Table::new(&["provider", "per 10^9", "per GiB", "10^6 a second", "accepted", "at fault"]);
        for offer in &self.offers {
            table.row([
                offer.provider.to_string(),
                amount(offer.instruction_price),
                amount(offer.bandwidth_price),
                (offer.instructions_per_second / 1_000_000).to_string(),
                offer.accepted.to_string(),
                offer.at_fault.to_string(),
            ]);
        }
        table.fmt(f)?;
        if let Some(lowest) = self.hint.lowest_asked {
            writeln!(f, "a --max-price of {} finds a provider", amount(lowest))?;
        }
        if let Some(median) = self.hint.median_paid {
            writeln!(f, "the median of {} jobs that were paid was {}", self.hint.jobs_paid, amount(median))?;
        }
        Ok(())
    }
}
