//! `bill`: what is owed to the DSO for what was not traded.

use std::{fmt, fs, path::Path};

use ::transax::{Bill as Lines, Metered, PeriodBill, Side, bill_rounded_toward_zero};
use alloy::primitives::{Address, B256};
use bindings::SignedBill;
use meter_readings::table;
use serde::Serialize;
use units::IntervalIndex;

use super::{bills, schedule, unseen};
use crate::{
    cli::Bill,
    exit::Failure,
    output::{Table, signed_tokens},
    session::{Session, View},
    setting::Setting,
};

/// Carries the verb out. Nothing is sent.
pub async fn run(setting: &Setting, words: &Bill) -> Result<(), Failure> {
    let Some(file) = &words.readings else { return Err(Failure::Usage("name the readings with --readings".into())) };
    let named = |reason: String| Failure::Usage(format!("the readings {}: {reason}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
    let readings = table::parse(&text).map_err(named)?;
    let wallet = setting.address(&words.signer)?;
    let prices = schedule::of(words.schedule.as_deref(), &setting.deployment()?.params)?;
    let session = Session::open(setting).await?;
    let view = session.view().await?;
    let next = view.next_interval();
    if let Some((interval, _)) = readings.iter().find(|(interval, _)| *interval >= next) {
        return Err(named(format!("interval {interval} is not final yet; {next} is the next to become so")));
    }
    let account = if words.sign { prosumer_behind(&view, wallet)? } else { wallet };
    let metered: Vec<_> = readings.iter().map(|(interval, net)| metered(&view, account, *interval, *net)).collect();
    let bill = bill_rounded_toward_zero(&session.deployment.params, &prices, &metered);
    if let Some(out) = words.out.as_deref().filter(|_| words.sign) {
        let intervals = || readings.iter().map(|(interval, _)| *interval);
        let (first, last) = (intervals().min().unwrap_or_default(), intervals().max().unwrap_or_default());
        if session.deployment.params.start_of(last.next()) > view.now() {
            return Err(named(format!("interval {last} has not ended yet, and what is signed is never changed")));
        }
        let period = PeriodBill::of_lines(account, prices.hash(), &bill.lines, (first, last));
        return sign(setting, words, out, period.map_err(|error| named(error.to_string()))?);
    }
    let (schedule, token_decimals) = (prices.hash(), session.deployment.token_decimals);
    Ok(setting.output.result(&Shown { account, token_decimals, schedule, bill })?)
}

fn prosumer_behind(view: &View, meter: Address) -> Result<Address, Failure> {
    let prosumer = view.market().smart_meter(meter).and_then(|meter| meter.prosumer);
    prosumer.ok_or_else(|| Failure::Usage(format!("{meter} is no meter with a prosumer, and only a meter signs bills")))
}

fn sign(setting: &Setting, words: &Bill, out: &Path, period: PeriodBill) -> Result<(), Failure> {
    let deployment = setting.deployment()?;
    let key = setting.unlock(&words.signer)?;
    let signed = SignedBill::sign(&key, unseen::domain(&deployment), period).map_err(anyhow::Error::from)?;
    fs::write(out, bills::text(&signed))
        .map_err(|error| Failure::Usage(format!("{} cannot be written: {error}", out.display())))?;
    let file = out.display().to_string();
    Ok(setting.output.result(&Signed { file, token_decimals: deployment.token_decimals, document: signed })?)
}

#[derive(Debug, Serialize)]
struct Signed {
    file: String,
    token_decimals: u8,
    #[serde(flatten)]
    document: SignedBill,
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PeriodBill { prosumer, first, last, owed, missing_wh, .. } = self.document.bill;
        let owed = signed_tokens(owed, self.token_decimals);
        writeln!(f, "signed: {prosumer} owes the DSO {owed} tokens for intervals {first} to {last}")?;
        if missing_wh != 0 {
            writeln!(f, "assets of {missing_wh} Wh were withdrawn and not deposited; they count as sold")?;
        }
        writeln!(f, "next, for the DSO: entente transax bill verify {}", self.file)
    }
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
    schedule: B256,
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
