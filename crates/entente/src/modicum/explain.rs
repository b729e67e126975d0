//! Who gets what in every way in which a match can end.

use std::fmt;

use ::modicum::{Ending, Match, ServiceKind, Shares, Terms, View, estimate_up};
use alloy::primitives::B256;
use serde::Serialize;
use units::Money;

use super::session::Session;
use crate::{
    cli::ExplainModicum,
    exit::Failure,
    output::{Table, signed_tokens, tokens},
    setting::Setting,
};

/// `explain`.
pub async fn run(setting: &Setting, words: &ExplainModicum) -> Result<(), Failure> {
    let session = Session::open(setting, &words.at).await?;
    let (view, _) = session.view().await?;
    let decimals = session.known.token_decimals;
    let explained = match (view.course(words.id), view.job(words.id)) {
        (Some(course), _) => {
            let price = course.report.map(|report| report.price);
            Explained::of(&view, &course.contents, price, decimals)
        }
        (None, Some(job)) => {
            let m = would_be(&view, job)?;
            Explained::of(&view, &m, None, decimals)
        }
        (None, None) => return Err(Failure::Usage(format!("there is neither a match nor a job offer {}", words.id))),
    };
    Ok(setting.output.result(&explained)?)
}

/// What a job offer comes to with the cheapest mediator, and a provider that asks as much as the creator pays.
pub fn would_be(view: &View, job: &::modicum::JobOffer) -> Result<Match, Failure> {
    let mediators = view.services(ServiceKind::Mediator).filter(|(id, _)| view.market().trusts(job.creator, *id));
    let mediator = mediators.min_by_key(|(_, service)| service.fee);
    let none = || "the creator trusts no mediator; `entente modicum trust` changes that".to_owned();
    let (_, mediator) = mediator.ok_or_else(|| Failure::Usage(none()))?;
    let mut directories = view.services(ServiceKind::Directory);
    let store = directories.find(|(id, _)| *id == job.directory);
    let (_, store) = store.ok_or_else(|| Failure::Usage(format!("service {} is no directory", job.directory)))?;
    Ok(Match {
        job_offer: job.name(),
        resource_offer: B256::ZERO,
        creator: job.creator,
        provider: alloy::primitives::Address::ZERO,
        mediator: mediator.owner,
        directory_owner: store.owner,
        directory: job.directory,
        deadline: job.deadline,
        estimate: estimate_up(job.limit(), job.max_instruction_price, job.max_bandwidth_price),
        mediator_fee: mediator.fee,
        directory_fee: store.fee,
        instruction_limit: job.instruction_limit,
        bandwidth_limit: job.bandwidth_limit,
        instruction_price: job.max_instruction_price,
        bandwidth_price: job.max_bandwidth_price,
    })
}

/// Every ending, with what each party has more or less afterwards than before the match.
#[derive(Debug, Serialize)]
pub struct Explained {
    #[serde(skip)]
    decimals: u8,
    /// What creator and provider each put up, base units.
    deposit: u128,
    /// `π̂_c`, base units.
    estimate: u128,
    /// `π_c`; the estimate where it is not known yet, base units.
    price: u128,
    is_price_known: bool,
    endings: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    ending: Ending,
    when: &'static str,
    creator: i128,
    provider: i128,
    /// At most: what it need not spend goes back to the faulty party.
    mediator: i128,
    directory: i128,
    solver: i128,
    burned: u128,
}

impl Explained {
    /// Of a match, whose price is known or not.
    pub fn of(view: &View, m: &Match, price: Option<u128>, decimals: u8) -> Self {
        let config = view.config();
        let stake = usize::try_from(m.directory).ok().and_then(|id| view.market().services().get(id));
        let stake = stake.map_or(0, |service| service.stake);
        let known = m.terms(config, price.unwrap_or(m.estimate), 0, stake);
        let terms = Terms { spent: known.most_spent(), ..known };
        let deposit = terms.deposit();
        let row = |(ending, when): (Ending, &'static str)| {
            let is_judged =
                matches!(ending, Ending::CreatorAtFault | Ending::ProviderAtFault | Ending::DirectoryAtFault);
            let terms = if is_judged { terms } else { known };
            let Shares { creator, provider, mediator, directory, burned, slashed } = terms.payout(ending);
            Row {
                ending,
                when,
                creator: difference(creator, deposit),
                provider: difference(provider, deposit),
                mediator: difference(mediator, 0),
                directory: difference(directory, slashed),
                solver: difference(2 * config.solver_fee, 0),
                burned,
            }
        };
        let endings = ENDINGS.into_iter().map(row).collect();
        let (estimate, is_price_known) = (m.estimate, price.is_some());
        Self { decimals, deposit, estimate, price: price.unwrap_or(estimate), is_price_known, endings }
    }
}

const ENDINGS: [(Ending, &str); 7] = [
    (Ending::Accepted, "the creator accepts, or does not react"),
    (Ending::NoResult, "no result by the deadline"),
    (Ending::Declined, "the provider declines"),
    (Ending::ProviderAtFault, "the mediator blames the provider"),
    (Ending::CreatorAtFault, "the mediator blames the creator"),
    (Ending::DirectoryAtFault, "the mediator blames the directory"),
    (Ending::NoVerdict, "no verdict in time"),
];

fn difference(after: u128, before: u128) -> i128 {
    let amount = |amount| i128::try_from(amount).unwrap_or(i128::MAX);
    amount(after) - amount(before)
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = |amount| tokens(Money(amount), self.decimals);
        writeln!(f, "each side puts up {}, and gets it back but for what is below", amount(self.deposit))?;
        let note = if self.is_price_known { "" } else { " at most: what the job may use, at the creator's prices" };
        writeln!(f, "the job costs {}{note}", amount(self.price))?;
        let header = ["how it ends", "creator", "provider", "mediator", "directory", "solver", "burned"];
        let mut table = Table::new(&header);
        for row in &self.endings {
            let amounts = [row.creator, row.provider, row.mediator, row.directory, row.solver];
            let cells = amounts.map(|amount| signed_tokens(amount, self.decimals));
            let first = std::iter::once(row.when.to_owned());
            table.row(first.chain(cells).chain([tokens(Money(row.burned), self.decimals)]));
        }
        table.fmt(f)
    }
}
