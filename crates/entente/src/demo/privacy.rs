//! What trading without being seen takes: secrets of homes and meters, a board for each group, and relays.

use std::{future, time::Duration};

use ::transax::Market;
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::Context;
use axum::Router;
use bindings::{Domain, Refused};
use chain::Submitter;
use mailbox::{Circle, Room};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use transax_mixer::{AnonymousAccounts, HiddenHome, HiddenHomes, Mask, Masks, Schedule, Seed};
use transax_prosumer::{Messenger, Place};
use transax_relay::{Policy, Relay, Relays};
use units::Money;

use super::{day::Day, stage::Stage, troupe::submit_settings};

/// A relay takes five orders a second from one address, and here all homes have one.
pub const RELAYS: usize = 5;
/// How long a home may say nothing in a mix. All of them share this machine with the chain and the solvers.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a home reads its board, which answers fifty requests a second from one address.
const PAUSE: Duration = Duration::from_millis(200);
/// How long orders are kept back at most. Here, where no time passes meanwhile, it need only change their order.
const SPREAD: Duration = Duration::from_millis(200);
const ROOM: Room = Room { total_bytes: 1 << 28, box_bytes: 1 << 24, keep_ms: 3_600_000 };

/// The secrets of a home and of its meter, as accounts that follow from them.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The home's.
    pub home: AnonymousAccounts,
    /// The meter's.
    pub meter: AnonymousAccounts,
}

/// Boards and relays at work on this machine, and everybody's secrets.
pub struct Privacy {
    /// The market that everything is signed for.
    pub domain: Domain,
    /// How time is cut into periods.
    pub schedule: Schedule,
    /// By participant.
    pub secrets: Vec<Secrets>,
    /// By group: between its homes, its board, and the relays.
    pub messengers: Vec<Messenger>,
    /// They end when this is dropped.
    _services: JoinSet<()>,
}

impl Privacy {
    /// Opens boards and relays, and draws secrets.
    pub async fn open(stage: &Stage, day: &Day) -> anyhow::Result<Self> {
        let domain = Domain { chain_id: stage.market.deployment.chain_id, market: stage.market.deployment.market };
        let mut services = JoinSet::new();
        let mut urls = Vec::new();
        for key in &stage.relays {
            let submitter =
                Submitter::new(stage.node.client().clone(), key.clone(), submit_settings(), Refused::decode);
            let relay = Relay::new(submitter, domain, Policy { least_fee: Money(0), least_seconds: 0 });
            urls.push(serve(&mut services, transax_relay::router(relay)).await?);
        }
        let relays = Relays::new(&urls)?;
        let mut messengers = Vec::new();
        for _ in &day.groups {
            let board = serve(&mut services, mailbox::router(ROOM)).await?;
            let circle = Circle::new(secret());
            let place = Place { board, circle, patience: PATIENCE, pause: PAUSE, spread: SPREAD };
            messengers.push(Messenger::new(domain, place, relays.clone()));
        }
        let accounts = || AnonymousAccounts::new(Seed::new(secret()), domain);
        let secrets = day.participants.iter().map(|_| Secrets { home: accounts(), meter: accounts() });
        Ok(Self { domain, schedule: Schedule::default(), secrets: secrets.collect(), messengers, _services: services })
    }

    /// By group, how many errands are under way.
    pub fn under_way(&self) -> Vec<watch::Receiver<usize>> {
        self.messengers.iter().map(Messenger::under_way).collect()
    }

    /// What a view recognises for all participants, in order.
    pub fn homes(&self, registered: impl Iterator<Item = Address>) -> HiddenHomes {
        let homes = registered.zip(&self.secrets).map(|(prosumer, secrets)| HiddenHome {
            prosumer,
            accounts: secrets.home.clone(),
            one_time: secrets.meter.clone(),
        });
        HiddenHomes::new(homes, self.schedule)
    }

    /// Every account of a participant that the market knows: the registered one, and those that only its secret tells.
    pub fn accounts(&self, market: &Market, participant: usize, registered: Address) -> Vec<Address> {
        let mut masks = Masks::new(self.secrets[participant].home.clone(), self.schedule);
        let mut accounts = vec![registered];
        accounts.extend(masks.known(market, registered).iter().map(Mask::account));
        accounts
    }
}

/// 32 bytes that nobody can guess: those of a fresh key.
fn secret() -> [u8; 32] {
    PrivateKeySigner::random().to_bytes().0
}

/// Serves on a free port of this machine; returns where.
async fn serve(services: &mut JoinSet<()>, router: Router) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("there is no free port")?;
    let url = format!("http://{}", listener.local_addr()?);
    services.spawn(async move {
        if let Err(error) = web::serve(listener, router, future::pending()).await {
            tracing::error!(%error, "a service of the demonstration failed");
        }
    });
    Ok(url)
}
