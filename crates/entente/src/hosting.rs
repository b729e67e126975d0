//! An agent with a runtime of its own, until it is interrupted.

use std::{fmt, future::Future, io, path::PathBuf};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use axum::Router;
use chain::Client;
use journal::Place;
use runtime::{Agent, Protocol, Runtime, RuntimeError, Settings, Status};
use serde::Serialize;
use tokio::{net::TcpListener, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    cli::Host,
    exit::Failure,
    keeping::{Kept, Subject},
    output::Output,
    setting::Setting,
    watching::Watch,
};

/// What a server says once it is interrupted.
pub const STOPPING: &str = "stopping once what is being answered is finished";

/// What an agent did until it was stopped.
#[derive(Debug, Serialize)]
pub struct Stopped {
    agent: &'static str,
    account: Address,
    block: u64,
    carried_out: u64,
    raced: u64,
    refused: u64,
    expired: u64,
    withheld: u64,
    gas_used: u64,
}

impl Stopped {
    const fn new(agent: &'static str, account: Address, status: Status) -> Self {
        let Status { block, landed, raced, refused, expired, withheld, gas_used, .. } = status;
        Self { agent, account, block, carried_out: landed, raced, refused, expired, withheld, gas_used }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { agent, account, block, carried_out, raced, refused, expired, withheld, gas_used } = self;
        writeln!(f, "{agent} {account} stopped at block {block}")?;
        writeln!(f, "  intents: {carried_out} carried out, {raced} lost to others, {refused} refused; {gas_used} gas")?;
        if *expired > 0 {
            writeln!(f, "  {expired} not carried out in time")?;
        }
        if *withheld > 0 {
            writeln!(f, "  {withheld} not sent, since this was a dry run")?;
        }
        Ok(())
    }
}

/// Where is kept what an agent reads, and what its account spends and sends.
#[derive(Clone, Debug)]
pub struct Journaling {
    /// The place that is named for it.
    pub place: Option<Place>,
    /// The folder of files for what has no such place.
    pub home: PathBuf,
}

/// A market that a session is open with.
pub trait Market {
    /// How it is followed.
    type Protocol: Protocol;

    /// The node, and how the market is followed there.
    fn into_parts(self) -> (Client, Self::Protocol);
}

/// A market, and who is to act in it.
pub struct Hosting<S> {
    /// The market.
    pub session: S,
    /// The key of who acts.
    pub key: PrivateKeySigner,
    output: Output,
    settings: Settings,
    journal: Journaling,
    watch: Option<Watch>,
    interrupt: Interrupt,
}

impl<S> Hosting<S> {
    /// Waits for the session and unlocks the key. Interruptions are heard, and figures are kept where they are asked for,
    /// from now on.
    pub async fn open(
        setting: &Setting,
        host: &Host,
        session: impl Future<Output = Result<S, Failure>>,
    ) -> Result<Self, Failure> {
        let interrupt = Interrupt::listen()?;
        let watch = Watch::asked(host).await?;
        let session = session.await?;
        let key = setting.unlock(&host.signer)?;
        let (output, settings, journal) = (setting.output, host.settings(), setting.journaling(host)?);
        Ok(Self { session, key, output, settings, journal, watch, interrupt })
    }

    /// The key's address.
    pub const fn address(&self) -> Address {
        self.key.address()
    }
}

impl<S: Market> Hosting<S> {
    /// Lets an agent act until Ctrl-C or a request to terminate; what it has sent is awaited then. While another program
    /// with its key acts, it stands by.
    pub async fn run(self, name: &'static str, agent: impl Agent<S::Protocol>) -> Result<(), Failure> {
        let Self { session, key, output, settings, journal, watch, mut interrupt } = self;
        let (client, protocol) = session.into_parts();
        let account = key.address();
        let (contracts, first_block) = (protocol.contracts(), protocol.first_block());
        let subject = Subject { chain_id: client.chain_id(), contracts, first_block, account };
        let mut kept = Kept::open(output, &journal, &subject).await?;
        let mut runtime = Runtime::new(client.clone(), protocol, kept.journal.clone(), settings);
        runtime.host_keeping(agent, key, kept.account.clone());
        let mut status = runtime.status();
        if let Some(watch) = watch {
            output.progress(format_args!(
                "http://{}/metrics tells what it does, /live and /ready how it is",
                watch.address()?
            ));
            Watch::weigh(client.clone(), account);
            watch.serve(status.clone(), kept.leads());
        }
        output.progress(format_args!("{name} {account} is running; Ctrl-C stops it"));
        let Some(mut leading) = kept.lead(output, &mut interrupt).await? else {
            return Ok(output.result(&Stopped::new(name, account, *status.borrow_and_update()))?);
        };
        let stop = CancellationToken::new();
        let mut running = tokio::spawn(runtime.run(stop.clone()));
        let mut lost = None;
        let ended = tokio::select! {
            ended = &mut running => ended,
            interrupted = interrupt.heard() => {
                interrupted?;
                output.progress("stopping once nothing is in flight");
                stop.cancel();
                running.await
            }
            error = leading.lost() => {
                stop.cancel();
                lost = Some(error);
                running.await
            }
            never = tell(output, status.clone()) => match never {},
        };
        ended.map_err(|error| Failure::Other(error.into()))?.map_err(failure)?;
        if let Some(error) = lost {
            return Err(error.into());
        }
        Ok(output.result(&Stopped::new(name, account, *status.borrow_and_update()))?)
    }
}

/// Says whenever something was done.
async fn tell(output: Output, mut status: tokio::sync::watch::Receiver<Status>) -> std::convert::Infallible {
    let mut told = Status::default();
    loop {
        if status.changed().await.is_err() {
            // The runtime has ended; whoever waits for it will notice.
            std::future::pending::<()>().await;
        }
        let now = *status.borrow_and_update();
        if (now.landed, now.raced, now.refused) != (told.landed, told.raced, told.refused) {
            let Status { block, landed, raced, refused, .. } = now;
            output.progress(format_args!(
                "block {block}: {landed} carried out, {raced} lost to others, {refused} refused"
            ));
            told = now;
        }
    }
}

/// Hears Ctrl-C and requests to terminate from the moment it is made.
#[cfg(unix)]
pub struct Interrupt {
    interrupt: signal::unix::Signal,
    terminate: signal::unix::Signal,
}

#[cfg(unix)]
impl Interrupt {
    /// Hears from now on.
    pub fn listen() -> io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Returns once one was heard.
    pub async fn heard(&mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }
}

/// Hears Ctrl-C.
#[cfg(not(unix))]
pub struct Interrupt;

#[cfg(not(unix))]
impl Interrupt {
    /// Hears while it is asked.
    pub fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// Returns once one was heard.
    pub async fn heard(&mut self) -> io::Result<()> {
        signal::ctrl_c().await
    }
}

/// Serves until `interrupted` ends; what is being answered then is finished.
pub async fn serve(
    output: Output,
    listener: TcpListener,
    router: Router,
    interrupted: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let stop = async {
        interrupted.await;
        output.progress(STOPPING);
    };
    Ok(web::serve(listener, router, stop).await?)
}

/// Ends once Ctrl-C or a request to terminate is heard, from now on; never where signals cannot be heard.
pub fn until_interrupted() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = Interrupt::listen()?;
    Ok(async move {
        if interrupt.heard().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

fn failure(error: RuntimeError) -> Failure {
    match error {
        RuntimeError::Open(error) => error.into(),
        error => Failure::Other(error.into()),
    }
}
