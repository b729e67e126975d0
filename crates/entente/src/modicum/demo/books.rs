//! Who was paid, and why.

use std::{collections::BTreeMap, fmt};

use ::modicum::{Course, Ending, Ledger, View};
use alloy::primitives::{Address, B256, address};
use anyhow::ensure;
use bindings::{contracts::PaymentToken, modicum::Call};
use serde::Serialize;
use units::Money;

use super::stage::{DECIMALS, Stage};
use crate::{
    output::{Table, signed_tokens, tokens},
    session::{Recall, fold},
};

/// Where burned tokens go.
const ASHES: Address = address!("000000000000000000000000000000000000dEaD");

/// What the demonstration came to. Amounts in base units of the token.
#[derive(Debug, Serialize)]
pub struct Report {
    matches: Vec<Line>,
    accounts: Vec<Account>,
    ledger: Ledger,
    /// What the token says that the market holds.
    held_by_token: u128,
    /// What the token says was burned.
    burned_by_token: u128,
    gas_used: u64,
}

/// A match and its end.
#[derive(Debug, Serialize)]
struct Line {
    id: B256,
    job: &'static str,
    provider: &'static str,
    ending: Option<Ending>,
    /// As reported.
    instructions: u64,
    price: u128,
    /// What each has more or less than before the match.
    gains: BTreeMap<&'static str, i128>,
    burned: u128,
    why: String,
}

/// Somebody's money.
#[derive(Debug, Serialize)]
struct Account {
    name: &'static str,
    paid_in: u128,
    paid_out: u128,
    /// In the market still: a stake.
    held: u128,
}

impl Report {
    /// Lets everybody take out what is theirs, sends away what was burned, and reads the books.
    pub async fn of(stage: &Stage, view: &View) -> anyhow::Result<Self> {
        let before: BTreeMap<_, _> =
            stage.keys.iter().map(|(name, key)| (*name, view.market().funds(key.address()))).collect();
        for (name, amount) in before.iter().filter(|(_, amount)| **amount > 0) {
            stage.actor(name).act(stage, "withdraw", Call::WithdrawFunds { amount: *amount }).await?;
        }
        if view.market().burned() > 0 {
            stage.actor("minter").act(stage, "burn", Call::Burn).await?;
        }
        let (view, _) = fold(&Recall::default(), stage.node.client(), &stage.market)
            .await
            .map_err(|failure| anyhow::anyhow!(failure.message()))?;
        let tokens_of = async |account: Address| {
            let call = PaymentToken::balanceOfCall { account };
            anyhow::Ok(stage.node.client().read(stage.market.place().token, &call).await?.saturating_to::<u128>())
        };
        let mut accounts = Vec::new();
        for (name, key) in &stage.keys {
            let account = key.address();
            let stakes = view.market().services().iter().filter(|service| service.owner == account);
            let held = view.market().funds(account) + stakes.map(|service| service.stake).sum::<u128>();
            let paid_in = super::stage::paid_in(name);
            accounts.push(Account { name, paid_in, paid_out: tokens_of(account).await?, held });
        }
        Ok(Self {
            matches: view.courses().map(|(id, course)| Line::of(stage, &view, id, course)).collect(),
            accounts,
            ledger: view.ledger(),
            held_by_token: tokens_of(stage.market.place().market).await?,
            burned_by_token: tokens_of(ASHES).await?,
            gas_used: gas_used(stage).await?,
        })
    }

    /// What must hold at the end: every match has ended, and no token is missing, by the events or by the token.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(self.matches.iter().all(|line| line.ending.is_some()), "a match has not ended");
        ensure!(self.ledger.is_balanced(), "money is missing: {:?}", self.ledger);
        ensure!(self.ledger.held() == self.held_by_token, "the market does not hold what it owes");
        ensure!(self.ledger.burned == self.burned_by_token, "what was burned is somewhere else");
        let sum = |amount: fn(&Account) -> u128| self.accounts.iter().map(amount).sum::<u128>();
        let (paid_in, paid_out) = (sum(|account| account.paid_in), sum(|account| account.paid_out));
        ensure!(
            paid_in == self.ledger.paid_in && paid_out == self.ledger.paid_out,
            "the accounts differ from the books"
        );
        Ok(())
    }
}

async fn gas_used(stage: &Stage) -> anyhow::Result<u64> {
    use alloy::providers::Provider;

    let client = stage.node.client();
    let mut gas = 0;
    for number in 0..=client.head().await?.block.number {
        let block = client.provider().get_block_by_number(number.into()).await?;
        gas += block.ok_or_else(|| anyhow::anyhow!("the node lost a block"))?.header.gas_used;
    }
    Ok(gas)
}

impl Line {
    fn of(stage: &Stage, view: &View, id: B256, course: &Course) -> Self {
        let m = &course.contents;
        let deposit = view.deposit(m);
        let price = course.report.map_or(0, |report| report.price);
        let instructions = course.report.map_or(0, |report| report.used.instructions);
        let mut gains = BTreeMap::new();
        let mut burned = 0;
        if let Some(closing) = course.closing {
            let s = closing.shares;
            burned = s.burned;
            for (account, after, before) in [
                (m.creator, s.creator, deposit),
                (m.provider, s.provider, deposit),
                (m.mediator, s.mediator, 0),
                (m.directory_owner, s.directory, s.slashed),
                (course.solver, 2 * view.config().solver_fee, 0),
            ] {
                *gains.entry(stage.name_of(account)).or_default() += signed(after) - signed(before);
            }
        }
        let ending = course.closing.map(|closing| closing.ending);
        let why = ending.map_or_else(String::new, |ending| why(ending, course));
        Self {
            id,
            job: stage.name_of(m.creator),
            provider: stage.name_of(m.provider),
            ending,
            instructions,
            price,
            gains,
            burned,
            why,
        }
    }

    fn gain(&self, name: &str) -> String {
        signed_tokens(self.gains.get(name).copied().unwrap_or(0), DECIMALS)
    }
}

fn signed(amount: u128) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}

fn why(ending: Ending, course: &Course) -> String {
    let found = course.verdict.map_or_else(String::new, |verdict| format!("{:?}", verdict.finding));
    match ending {
        Ending::Accepted => "verified and accepted".to_owned(),
        Ending::NoResult => "no result by the deadline".to_owned(),
        Ending::Declined => "the provider declined".to_owned(),
        Ending::NoVerdict => "no verdict in time".to_owned(),
        Ending::CreatorAtFault => format!("creator at fault: {found}"),
        Ending::ProviderAtFault => format!("provider at fault: {found}"),
        Ending::DirectoryAtFault => format!("directory at fault: {found}"),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = |amount| tokens(Money(amount), DECIMALS);
        let header = ["job", "provider", "why it ended", "creator", "provider", "mediator", "burned"];
        let mut table = Table::new(&header);
        for line in &self.matches {
            let gains = [line.job, line.provider, "mediator"].map(|name| line.gain(name));
            let words = [line.job.to_owned(), line.provider.to_owned(), line.why.clone()];
            table.row(words.into_iter().chain(gains).chain([amount(line.burned)]));
        }
        table.fmt(f)?;
        writeln!(f)?;
        let mut table = Table::new(&["account", "paid in", "paid out", "held", "gain"]);
        for Account { name, paid_in, paid_out, held } in &self.accounts {
            let gain = signed(*paid_out) + signed(*held) - signed(*paid_in);
            let gain = signed_tokens(gain, DECIMALS);
            table.row([(*name).to_owned(), amount(*paid_in), amount(*paid_out), amount(*held), gain]);
        }
        table.fmt(f)?;
        let Ledger { paid_in, paid_out, burned, .. } = self.ledger;
        let held = self.ledger.held();
        let [paid_in, paid_out, held, burned] = [paid_in, paid_out, held, burned].map(amount);
        writeln!(f, "\npaid in {paid_in} = paid out {paid_out} + held {held} + burned {burned}")
    }
}
