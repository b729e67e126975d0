//! `bill`: what is owed to the DSO for what was not traded.

use std::{fmt, fs};

use ::transax::{Bill as Lines, Metered, Side, bill_rounded_toward_zero};
use alloy::primitives::Address;
use serde::Serialize;
use units::IntervalIndex;

use super::readings;
use crate::{
    cli::Bill,
    exit::Failure,
    output::{Table, signed_tokens},
    session::{Session, View},
    setting::Setting,
};

/// Carries the verb out. Nothing is sent.
pub async fn run(setting: &Setting, words: &Bill) -> Result<(), Failure> {
    let named = |reason: String| Failure::Usage(format!("the readings {}: {reason}", words.readings.display()));
    let text = fs::read_to_string(&words.readings).map_err(|error| named(error.to_string()))?;
    let readings = readings::parse(&text).map_err(named)?;
    let account = setting.address(&words.signer)?;
    let session = Session::open(setting).await?;
    let view = session.view().await?;
    let next = view.next_interval();
    if let Some((interval, _)) = readings.iter().find(|(interval, _)| *interval >= next) {
        return Err(named(format!("interval {interval} is not final yet; {next} is the next to become so")));
    }
    let metered: Vec<_> = readings.iter().map(|(interval, net)| metered(&view, account, *interval, *net)).collect();
    let bill = bill_rounded_toward_zero(&session.deployment.params, &metered);
    Ok(setting.output.result(&Shown { account, token_decimals: session.deployment.token_decimals, bill })?)
}

fn metered(view: &View, account: Address, interval: IntervalIndex, net_wh: i64) -> Metered {
    let withdrawn = |side| view.market().withdrawn_assets(account, side, interval);
    let deposited = |side| view.market().deposited_assets(account, side, interval);
    Metered {
        interval,
        net_wh,
        withdrawn: (withdrawn(Side::Sell), withdrawn(Side::Buy)),
        deposited: (deposited(Side::Sell), deposited(Side::Buy)),
    }
}

#[derive(Debug, Serialize)]
struct Shown {
    account: Address,
    token_decimals: u8,
    #[serde(flatten)]
    bill: Lines,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "bill of {}", self.account)?;
        let mut table = Table::new(&["interval", "net Wh", "residual Wh", "missing Wh", "owed"]);
        for line in &self.bill.lines {
            table.row([
                line.interval.to_string(),
                line.net_wh.to_string(),
                line.residual_wh.to_string(),
                line.missing_wh.to_string(),
                signed_tokens(line.owed, self.token_decimals),
            ]);
        }
        write!(f, "{table}")?;
        let amount = signed_tokens(self.bill.owed.saturating_abs(), self.token_decimals);
        match self.bill.owed {
            ..0 => writeln!(f, "the DSO owes {amount} tokens")?,
            0 => writeln!(f, "nothing is owed")?,
            1.. => writeln!(f, "owed to the DSO: {amount} tokens")?,
        }
        if self.bill.missing_wh != 0 {
            writeln!(f, "assets of {} Wh were withdrawn and not deposited; they count as sold", self.bill.missing_wh)?;
            writeln!(f, "next: entente transax deposit, then the bill again")?;
        }
        Ok(())
    }
}
