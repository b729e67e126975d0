//! `entente transax`: the energy market by hand.

mod bill;
mod bills;
mod certificate;
mod credits;
mod deposit;
mod dso;
mod groups;
mod home;
mod mailbox;
mod metering;
mod offer;
mod offers;
mod register;
mod relay;
mod run;
mod schedule;
mod screen;
mod trades;
mod unseen;
mod verify_bill;
mod watch;

use ::transax::Side;

use crate::{
    cli::{BillVerb, Dso, Groups, Mailbox, Meter, Prosumer, Relay, SideName, Solver, Transax},
    exit::Failure,
    setting::Setting,
};

/// Carries a verb out.
pub async fn run(setting: &Setting, verb: Transax) -> Result<(), Failure> {
    match verb {
        Transax::Market(words) => watch::run(setting, &words).await,
        Transax::Group(verb) => dso::group(setting, verb).await,
        Transax::Groups(Groups::Plan(words)) => groups::plan(setting, &words),
        Transax::Groups(Groups::Move(words)) => dso::move_meter(setting, &words).await,
        Transax::Meter(Meter::Add { meter, limits, signer }) => dso::meter(setting, &meter, limits, &signer).await,
        Transax::Meter(Meter::Run(words)) => metering::run(setting, *words).await,
        Transax::Certify(words) => certificate::certify(setting, &words).await,
        Transax::Register(words) => register::run(setting, words).await,
        Transax::WithdrawAssets(words) => offer::withdraw_assets(setting, words).await,
        Transax::Credits(verb) => credits::run(setting, verb).await,
        Transax::Offer(verb) => offer::run(setting, verb).await,
        Transax::Offers(words) => offers::run(setting, &words).await,
        Transax::Trades(words) => trades::run(setting, &words).await,
        Transax::Cancel(words) => offer::cancel(setting, words).await,
        Transax::Deposit(words) => deposit::run(setting, words).await,
        Transax::Bill(words) => match &words.verb {
            Some(BillVerb::Verify(words)) => verify_bill::run(setting, words).await,
            None => bill::run(setting, &words).await,
        },
        Transax::Dso(Dso::Run(host)) => run::dso(setting, &host).await,
        Transax::Prosumer(Prosumer::Run { host, profile, certificate, unseen }) => {
            run::prosumer(setting, &host, &profile, certificate.as_deref(), &unseen).await
        }
        Transax::Solver(Solver::Run { host, seeking }) => run::solver(setting, &host, seeking).await,
        Transax::Relay(Relay::Run(words)) => relay::run(setting, &words).await,
        Transax::Mailbox(Mailbox::Run(words)) => mailbox::run(setting, &words).await,
    }
}

impl From<SideName> for Side {
    fn from(name: SideName) -> Self {
        match name {
            SideName::Sell => Self::Sell,
            SideName::Buy => Self::Buy,
        }
    }
}
