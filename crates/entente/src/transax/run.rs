//! `dso|prosumer|solver run`: which agent acts, from which words.

use std::{path::Path, sync::Arc, time::Duration};

use ::transax::Past;
use bindings::contracts::Transax as Contract;
use matching::{Formulation, Options};
use optimizer::Worker;
use transax_dso::Dso;
use transax_prosumer::{Alone, Behaviour, PrivateProsumer, PrivateSettings, Prosumer};
use transax_solver::Solver;
use units::WattHours;

use super::{certificate::Certificate, home, unseen};
use crate::{
    cli::{Host, Profile, Seeking, Unseen},
    exit::Failure,
    hosting::Hosting,
    session::Session,
    setting::Setting,
};

/// `dso run`.
pub async fn dso(setting: &Setting, host: &Host) -> Result<(), Failure> {
    let hosting = Hosting::open(setting, host, Session::open(setting)).await?.remembering(Past::forgotten());
    hosting.run("dso", Dso::new("dso")).await
}

/// `solver run`. Linear programs are solved by children of this same program.
pub async fn solver(setting: &Setting, host: &Host, seeking: Seeking) -> Result<(), Failure> {
    let settings = transax_solver::Settings {
        horizon: seeking.horizon.unwrap_or(u32::MAX),
        margin: WattHours(seeking.margin_wh),
        formulation: Formulation::Auto,
        options: Options {
            tie_break: Some(Options::EXPIRING_FIRST),
            deadline: Duration::from_secs(seeking.deadline),
            ..Options::default()
        },
    };
    let worker = Worker::current_program(seeking.backend.into())?;
    let hosting = Hosting::open(setting, host, Session::open(setting)).await?;
    let hosting = hosting.remembering(Past::forgotten());
    hosting.run("solver", Solver::new("solver", settings, Arc::new(worker))).await
}

/// `prosumer run`.
pub async fn prosumer(
    setting: &Setting,
    host: &Host,
    profile: &Profile,
    certificate: Option<&Path>,
    words: &Unseen,
) -> Result<(), Failure> {
    let deployment = setting.deployment()?;
    let home = home::read(profile, &deployment.params)?;
    let account = setting.address(&host.signer)?;
    let certificate = certificate.map(|file| Certificate::read(file, &deployment, account)).transpose()?;
    let hosting = Hosting::open(setting, host, Session::open(setting)).await?;
    if certificate.is_none() {
        expect_registered(&hosting).await?;
    }
    let certificate = certificate.map(|certificate| (certificate.meter, certificate.signature));
    if words.private {
        let (schedule, messenger) = unseen::messenger(setting, words, &deployment)?;
        let domain = unseen::domain(&deployment);
        let accounts = unseen::accounts(setting, &words.secrets, domain)?;
        let settings = PrivateSettings {
            certificate,
            first: home.first,
            last: home.last,
            schedule,
            alone: if words.never_openly { Alone::Wait } else { Alone::TradeOpenly },
            submits_itself: words.submit_itself,
        };
        let (name, key) = (profile.home.clone(), hosting.key.clone());
        let recognised = unseen::recognised(account, &accounts, schedule);
        let prosumer = PrivateProsumer::new(name, key, domain, home.resident, accounts, messenger, settings);
        return hosting.recognising(recognised).run("prosumer", prosumer).await;
    }
    let settings = transax_prosumer::Settings { certificate, last: home.last, ..transax_prosumer::Settings::default() };
    let behaviour = Behaviour::Home(Box::new(home.resident));
    let prosumer = Prosumer::new(profile.home.clone(), account, behaviour, settings);
    // Its battery has done what it traded since the first interval.
    hosting.remembering(Past::of([account])).run("prosumer", prosumer).await
}

/// Without a certificate an account that is not registered could only wait, for ever.
async fn expect_registered(hosting: &Hosting<Session>) -> Result<(), Failure> {
    let (account, session) = (hosting.address(), &hosting.session);
    let stored = session.client.read(session.deployment.market, &Contract::accountsCall { account }).await?;
    // The contract's answer has no names: credits, owner, group, meter.
    if stored._1.is_zero() {
        return Err(Failure::Usage(format!(
            "{account} is not registered; name what the DSO's certify wrote with --certificate, or use entente transax \
             register first"
        )));
    }
    Ok(())
}
