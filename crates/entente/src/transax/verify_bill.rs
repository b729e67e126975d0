//! `bill verify`: whether the DSO can accept what a meter has signed.

use std::fmt;

use ::transax::{PeriodBill, PriceSchedule};
use alloy::primitives::{Address, B256};
use bindings::contracts::Transax as Contract;
use serde::Serialize;

use super::{
    bills::{self, Bills},
    schedule, unseen,
};
use crate::{cli::VerifyBill, exit::Failure, output::signed_tokens, session::Session, setting::Setting};

/// Verifies a bill, and remembers it as accepted.
pub async fn run(setting: &Setting, words: &VerifyBill) -> Result<(), Failure> {
    let named = |reason: String| Failure::Usage(format!("the bill {}: {reason}", words.file.display()));
    let deployment = setting.deployment()?;
    let domain = unseen::domain(&deployment);
    let mut known = vec![("the market's two prices".to_owned(), PriceSchedule::flat(&deployment.params).hash())];
    for file in &words.schedule {
        known.push((file.display().to_string(), schedule::read(file)?.hash()));
    }
    let signed = bills::read(&words.file, domain)?;
    let (meter, bill) = (signed.meter, signed.bill);
    let by = name_of(bill.schedule, &known).map_err(named)?;
    let session = Session::open(setting).await?;
    let stored = session.client.read(deployment.market, &Contract::smartMetersCall { meter }).await?;
    if !stored.registered || stored.prosumer != bill.prosumer {
        return Err(named(format!("{meter}, who signed it, is not the meter of {} in this market", bill.prosumer)));
    }
    let now = session.client.head().await?.timestamp;
    if deployment.params.first_not_begun(now).0.saturating_sub(1) <= bill.last.0 {
        return Err(named(format!("interval {}, its last, has not ended yet", bill.last)));
    }
    let folder = if let Some(folder) = &words.accepted {
        folder.clone()
    } else {
        let name = format!("{}-{:#x}", deployment.chain_id, deployment.market);
        setting.wallets()?.home().join("accepted-bills").join(name)
    };
    let accepted = Bills::open(folder, domain)?;
    let before = accepted.last_of(bill.prosumer)?.map(|before| before.bill);
    bill.check_follows(before.as_ref()).map_err(|error| named(error.to_string()))?;
    let kept = accepted.add(&signed)?.display().to_string();
    Ok(setting.output.result(&Accepted { meter, bill, by, token_decimals: deployment.token_decimals, kept })?)
}

fn name_of(schedule: B256, known: &[(String, B256)]) -> Result<String, String> {
    let found = known.iter().find(|(_, hash)| *hash == schedule);
    found.map(|(name, _)| name.clone()).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, hash)| format!("{name} ({hash})")).collect();
        format!("it is billed by the schedule {schedule}, and known are {}", names.join(", "))
    })
}

#[derive(Debug, Serialize)]
struct Accepted {
    meter: Address,
    #[serde(flatten)]
    bill: PeriodBill,
    by: String,
    token_decimals: u8,
    kept: String,
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PeriodBill { prosumer, first, last, owed, missing_wh, .. } = self.bill;
        writeln!(f, "accepted: {prosumer}, intervals {first} to {last}, by {}", self.by)?;
        let amount = signed_tokens(owed.saturating_abs(), self.token_decimals);
        match owed {
            ..0 => writeln!(f, "the DSO owes {amount} tokens")?,
            0 => writeln!(f, "nothing is owed")?,
            1.. => writeln!(f, "owed to the DSO: {amount} tokens")?,
        }
        if missing_wh != 0 {
            writeln!(f, "{missing_wh} Wh of assets were withdrawn and did not come to the meter")?;
        }
        writeln!(f, "kept in {}", self.kept)
    }
}
