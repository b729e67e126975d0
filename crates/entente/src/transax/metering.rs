//! `meter run`: what is measured, what is told, and what is signed.

use std::{fs, path::Path};

use ::transax::{Bill, Params, Past, PeriodBill};
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::anyhow;
use bindings::{Domain, SignedBill, contracts::Transax as Contract};
use meter_readings::{Log, Readings, follow, mqtt};
use transax_meter::{Meter, Periods, Source};
use transax_mixer::Schedule;

use super::{bills::Bills, home, schedule, unseen};
use crate::{
    cli::{MeterRun, MeterSource, Profile},
    deployment::Deployment,
    exit::Failure,
    hosting::Hosting,
    output::{Output, signed_tokens},
    session::Session,
    setting::Setting,
};

/// Measures, bills and signs until it is interrupted.
pub async fn run(setting: &Setting, words: MeterRun) -> Result<(), Failure> {
    let deployment = setting.deployment()?;
    let (output, decimals, domain) = (setting.output, deployment.token_decimals, unseen::domain(&deployment));
    let prices = schedule::of(words.schedule.as_deref(), &deployment.params)?;
    let simulated = simulated(&words.source, &deployment.params)?;
    let hosting = Hosting::open(setting, &words.host, Session::open(setting)).await?;
    let prosumer = prosumer_behind(&hosting).await?;
    let source = match simulated {
        Some(source) => source,
        None => measured(setting, &words.source, &deployment, hosting.address()).await?.into(),
    };
    let name = words.source.home.unwrap_or_else(|| format!("meter {}", hosting.address()));
    let mut meter = Meter::new(name, prosumer, source, move |bill| tell(output, decimals, bill)).with_prices(prices);
    if let Some(folder) = words.bills {
        let bills = Bills::open(folder, domain)?;
        let next = bills.last_of(prosumer)?.map(|last| last.bill.last.next());
        let key = hosting.key.clone();
        let issue = move |bill: &PeriodBill| issue(output, &bills, &key, domain, bill);
        meter = meter.with_periods(Periods::new(words.period, words.patience, next, issue));
    }
    if words.private {
        let (accounts, schedule) = (unseen::accounts(setting, &words.secrets, domain)?, Schedule::default());
        let hosting = hosting.recognising(unseen::recognised(prosumer, &accounts, schedule));
        let (home, one_time) = accounts;
        return hosting.run("meter", meter.of_private_home(one_time, home, schedule)).await;
    }
    hosting.remembering(Past::of([prosumer])).run("meter", meter).await
}

/// The home of a profile, if that is what is measured.
fn simulated(words: &MeterSource, params: &Params) -> Result<Option<Source>, Failure> {
    let (Some(profile), Some(home)) = (&words.profile, &words.home) else { return Ok(None) };
    let home = home::read(&Profile { profile: profile.clone(), home: home.clone() }, params)?;
    Ok(Some(Source::Home(Box::new(home.resident))))
}

/// Readings of a real meter, which come from now on.
async fn measured(
    setting: &Setting,
    words: &MeterSource,
    deployment: &Deployment,
    meter: Address,
) -> Result<Readings, Failure> {
    if let Some(file) = &words.readings {
        let (readings, go_on) = follow(file.clone()).await.map_err(|error| Failure::Usage(error.to_string()))?;
        tokio::spawn(go_on);
        return Ok(readings);
    }
    let Some(topic) = words.mqtt.clone() else { return Err(Failure::Usage("name what the meter reads".into())) };
    let login = words.mqtt_login.as_deref().map(login).transpose()?;
    let name = format!("{}-{:#x}-{meter:#x}.jsonl", deployment.chain_id, deployment.market);
    let file = setting.wallets()?.home().join("readings").join(name);
    let log = Log::open(&file, deployment.params.clone()).map_err(anyhow::Error::from)?;
    setting.output.progress(format_args!("readings are kept in {}", file.display()));
    let readings = Readings::of_counters(log);
    // Brokers need not take longer names than 23 characters.
    let client: String = format!("entente{meter:x}").chars().take(23).collect();
    tokio::spawn(mqtt::follow(topic, login, client, readings.clone()));
    Ok(readings)
}

fn login(file: &Path) -> Result<mqtt::Login, Failure> {
    let named = |reason: String| Failure::Usage(format!("the login {}: {reason}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
    mqtt::Login::parse(&text)
        .ok_or_else(|| named("a user on the first line and a password on the second are due".into()))
}

async fn prosumer_behind(hosting: &Hosting<Session>) -> Result<Address, Failure> {
    let (meter, session) = (hosting.address(), &hosting.session);
    let stored = session.client.read(session.deployment.market, &Contract::smartMetersCall { meter }).await?;
    let prosumer = stored.prosumer;
    if prosumer.is_zero() {
        let reason = format!("nobody is registered behind meter {meter}; entente transax register does that");
        return Err(Failure::Usage(reason));
    }
    Ok(prosumer)
}

fn tell(output: Output, decimals: u8, bill: &Bill) {
    let Some(last) = bill.lines.last() else { return };
    let (owed, missing) = (signed_tokens(bill.owed, decimals), bill.missing_wh);
    output.progress(format_args!(
        "billed up to interval {}: {owed} tokens are owed to the DSO, {missing} Wh of assets are missing",
        last.interval
    ));
}

/// Signs a bill and leaves it in the folder; whether it is there.
fn issue(output: Output, bills: &Bills, key: &PrivateKeySigner, domain: Domain, bill: &PeriodBill) -> bool {
    let issued = || {
        let last = bills.last_of(bill.prosumer).map_err(|failure| anyhow!(failure.message()))?;
        if last.is_some_and(|last| last.bill.last >= bill.last) {
            // By another program with this key, which acted till now.
            return Ok(None);
        }
        let signed = SignedBill::sign(key, domain, *bill)?;
        Ok::<_, anyhow::Error>(Some(bills.add(&signed)?))
    };
    match issued() {
        Ok(None) => true,
        Ok(Some(file)) => {
            let PeriodBill { first, last, .. } = bill;
            output.progress(format_args!("the bill of intervals {first} to {last} is signed: {}", file.display()));
            true
        }
        Err(error) => {
            tracing::error!(first = bill.first.0, last = bill.last.0, %error, "the bill is not issued; trying again later");
            false
        }
    }
}
