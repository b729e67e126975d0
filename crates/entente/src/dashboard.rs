//! `dashboard`: a page over the markets that are written down here.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chain::Client;
use dashboard::{Dashboard, DashboardError, Followed, Settings};
use journal::{Journal, Place};
use runtime::{Protocol, SolidWorx, Transax};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::{
    cli::{At, AtModicum, Dashboard as Words},
    deployment::DeploymentError,
    exit::Failure,
    hosting::{Interrupt, STOPPING},
    keeping::{Kept, Leading, Subject},
    modicum,
    session::Session,
    setting::Setting,
    solidworx,
    watching::WatchError,
};

/// Where it listens, and what it shows.
#[derive(Debug, Serialize)]
struct Listening {
    url: String,
    markets: Vec<&'static str>,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "open {} in a browser; it shows {}", self.url, self.markets.join(", "))
    }
}

/// Serves until interrupted.
pub async fn run(setting: &Setting, words: &Words) -> Result<(), Failure> {
    let mut interrupt = Interrupt::listen()?;
    let address = words.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| WatchError::Listen { address, source })?;
    let poll = Duration::from_millis(words.poll_milliseconds);
    let mut page = Dashboard::new(Settings { poll, names: words.hosts.clone(), ..Settings::default() });
    let mut shelf = Shelf { setting, place: words.journal.as_ref(), interrupt: &mut interrupt, leads: Vec::new() };
    let Some(markets) = open(&mut page, words, &mut shelf).await? else { return Ok(()) };
    let leads = shelf.leads;
    if markets.is_empty() {
        return Err(DeploymentError::Missing { file: setting.deployment_file.clone() }.into());
    }
    let url = format!("http://{}", listener.local_addr()?);
    setting.output.progress(format_args!("the dashboard is running at {url}/; Ctrl-C stops it"));
    setting.output.result(&Listening { url, markets })?;
    let stop = async {
        if interrupt.heard().await.is_err() {
            std::future::pending::<()>().await;
        }
        setting.output.progress(STOPPING);
    };
    tokio::select! {
        served = page.serve(listener, stop) => Ok(served.map_err(|error: DashboardError| Failure::Other(error.into()))?),
        lost = lost(leads) => Err(lost.into()),
    }
}

/// Opens every market that is written down; `None` where it is interrupted before.
async fn open(
    page: &mut Dashboard,
    words: &Words,
    shelf: &mut Shelf<'_>,
) -> Result<Option<Vec<&'static str>>, Failure> {
    let setting = shelf.setting;
    let mut markets = Vec::new();
    if setting.deployment_file.exists() {
        let Session { deployment, client, .. } = Session::open(setting).await?;
        let protocol = Transax::new(deployment.place(), deployment.params);
        let Some(market) = shelf.keep(client, protocol, deployment.token_decimals).await? else { return Ok(None) };
        page.transax(market);
        markets.push("TRANSAX");
    }
    if let Some(market) = named(words.modicum.as_ref(), "modicum.json") {
        let modicum::Session { known, client, protocol, .. } =
            modicum::Session::open(setting, &AtModicum { market }).await?;
        let Some(market) = shelf.keep(client, protocol, known.token_decimals).await? else { return Ok(None) };
        page.modicum(market);
        markets.push("MODiCuM");
    }
    if let Some(market) = named(words.solidworx.as_ref(), "solidworx.json") {
        let solidworx::Session { known, client, .. } =
            solidworx::Session::open(setting, &At { market, directory: None }).await?;
        let Some(market) = shelf.keep(client, SolidWorx(known.place()), 0).await? else { return Ok(None) };
        page.solidworx(market);
        markets.push("SolidWorx");
    }
    Ok(Some(markets))
}

/// The file that is named, or the usual one where it is there.
fn named(file: Option<&PathBuf>, usual: &str) -> Option<PathBuf> {
    file.cloned().or_else(|| Some(Path::new(usual)).filter(|file| file.exists()).map(Path::to_owned))
}

/// Where what markets emitted is kept.
struct Shelf<'a> {
    setting: &'a Setting,
    place: Option<&'a Place>,
    interrupt: &'a mut Interrupt,
    leads: Vec<Leading>,
}

impl Shelf<'_> {
    /// `None` where it is interrupted while another dashboard writes there.
    async fn keep<P: Protocol>(
        &mut self,
        client: Client,
        protocol: P,
        token_decimals: u8,
    ) -> Result<Option<Followed<P>>, Failure> {
        let journal: Arc<dyn Journal> = match self.place {
            None => Arc::new(self.setting.recall().begin(&client, &protocol).await?),
            Some(place) => {
                let (contracts, first_block) = (protocol.contracts(), protocol.first_block());
                // In the place of who acts: nobody does, and each market has one writer.
                let account = contracts.first().copied().unwrap_or_default();
                let subject = Subject { chain_id: client.chain_id(), contracts, first_block, account };
                let mut kept = Kept::reading(self.setting.output, place.clone(), &subject).await?;
                let Some(leading) = kept.lead(self.setting.output, self.interrupt).await? else { return Ok(None) };
                self.leads.push(leading);
                kept.journal
            }
        };
        Ok(Some(Followed { client, protocol, token_decimals, journal }))
    }
}

/// Returns when another dashboard may write where this one does.
async fn lost(leads: Vec<Leading>) -> std::io::Error {
    let mut watched = tokio::task::JoinSet::new();
    for mut lead in leads {
        watched.spawn(async move { lead.lost().await });
    }
    match watched.join_next().await {
        Some(Ok(error)) => error,
        Some(Err(error)) => std::io::Error::other(error),
        None => std::future::pending().await,
    }
}
