//! `solver|mediator run`: agents until they are interrupted.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ::modicum::View;
use alloy::primitives::{Address, B256};
use job_container::Contained;
use job_runtime::{Isolated, Leaky, Machine};
use modicum_mediator::{Court, Mediator};
use modicum_solver::{Board, Solver};

use super::{listen, session::Session, store::Found};
use crate::{
    cli::{MachineKind, MediatorModicum, MediatorRole, SolverModicum},
    exit::Failure,
    hosting::Hosting,
    setting::Setting,
};

/// The machine that the words ask for.
pub fn machine(kind: &MachineKind, patience: Duration) -> Result<Arc<dyn Machine>, Failure> {
    Ok(match kind {
        MachineKind { containers: true, engine, .. } => {
            Arc::new(Contained::connect(engine.as_deref(), patience).map_err(anyhow::Error::from)?)
        }
        MachineKind { leaky: true, .. } => Arc::new(Leaky { patience }),
        _ => Arc::new(Isolated { patience }),
    })
}

/// How such machines count; there need not be one here.
pub fn meter(kind: &MachineKind) -> B256 {
    let patience = Duration::ZERO;
    let meter = match kind {
        MachineKind { containers: true, .. } => job_container::meter_id(),
        MachineKind { leaky: true, .. } => Leaky { patience }.meter(),
        _ => Isolated { patience }.meter(),
    };
    B256::from(meter.0.0)
}

/// What offers and services call the processors that such machines have: modules run on any.
pub fn architecture(kind: &MachineKind) -> Result<u8, Failure> {
    let none = || Failure::Usage(format!("the market has no number for containers on {}", std::env::consts::ARCH));
    if kind.containers { job_container::architecture().ok_or_else(none) } else { Ok(0) }
}

/// `solver run`.
pub async fn solver(setting: &Setting, verb: SolverModicum) -> Result<(), Failure> {
    let SolverModicum::Run { at, host, listen } = verb;
    let hosting = Hosting::open(setting, &host, Session::open(setting, &at)).await?;
    let board = Arc::new(Mutex::new(Board::new(hosting.session.known.place())));
    if let Some(address) = listen {
        let address = listen::serve(address, Arc::clone(&board)).await?;
        setting.output.progress(format_args!("http://{address} takes signed offers"));
    }
    hosting.run("solver", Solver::new("solver", board)).await
}

/// `mediator run`.
pub async fn mediator(setting: &Setting, verb: MediatorRole) -> Result<(), Failure> {
    let MediatorRole::Run(MediatorModicum { at, host, store, machine: kind, archive, patience, silent }) = verb;
    let hosting = Hosting::open(setting, &host, Session::open(setting, &at)).await?;
    let (view, _) = hosting.session.view().await?;
    let account = hosting.address();
    let found = Found::of(&store).await?;
    found.service(&view)?;
    let storage = found.open(hosting.key.clone())?;
    check_meter(&view, account, meter(&kind))?;
    let court = Court { machine: machine(&kind, Duration::from_secs(patience))?, storage };
    let agent = Mediator::new("mediator", hosting.session.known.place(), hosting.key.clone(), court, archive);
    hosting.run("mediator", if silent { agent.silent() } else { agent }).await
}

/// A mediator that counted otherwise than it is registered would find honest providers' figures wrong.
fn check_meter(view: &View, account: Address, meter: B256) -> Result<(), Failure> {
    let own = view.services(::modicum::ServiceKind::Mediator).filter(|(_, service)| service.owner == account);
    let own: Vec<_> = own.map(|(id, service)| (id, service.meter_id)).collect();
    let refuse = |reason: String| Err(Failure::Usage(reason));
    match own.first() {
        None => refuse(format!("{account} is no mediator here; `entente modicum register mediator` makes it one")),
        Some(_) if own.iter().any(|(_, registered)| *registered == meter) => Ok(()),
        Some((id, registered)) => refuse(format!(
            "mediator {id} of {account} is registered as counting by {registered}, and this program counts by {meter}; \
             run it with the version and with the same of --containers and --leaky as when it was registered, or register it again"
        )),
    }
}
