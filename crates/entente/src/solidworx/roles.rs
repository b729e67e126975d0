//! `directory|prosumer|solver run`: agents until they are interrupted.

use std::{collections::BTreeSet, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::{Json, Router, routing::get};
use optimizer::Worker;
use solidworx_directory::Directory;
use solidworx_prosumer::{Prosumer, Wish};
use solidworx_solver::{Settings, Solver};
use tokio::net::TcpListener;

use super::{known::Known, read, session::Session};
use crate::{
    cli::{DirectoryRole, ProsumerRole, SolverRole},
    exit::Failure,
    hosting::Hosting,
    setting::Setting,
};

/// `directory run`.
pub async fn directory(setting: &Setting, verb: DirectoryRole) -> Result<(), Failure> {
    let DirectoryRole::Run { at, host, listen, page } = verb;
    let hosting = Hosting::open(setting, &host, Session::open(setting, &at)).await?;
    if let Some(address) = listen {
        let address = tell(address, hosting.session.known.clone()).await?;
        setting.output.progress(format_args!("http://{address} tells where the market is"));
    }
    let page = page.try_into().unwrap_or(usize::MAX);
    hosting.run("directory", Directory::new("directory", page)).await
}

/// Answers whoever asks with where the market is, as long as this program runs.
async fn tell(address: SocketAddr, known: Known) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/", get(move || std::future::ready(Json(known.clone()))));
    tokio::spawn(web::serve(listener, router, std::future::pending()));
    Ok(address)
}

/// `prosumer run`.
pub async fn prosumer(setting: &Setting, verb: ProsumerRole) -> Result<(), Failure> {
    let ProsumerRole::Run { at, host, wishes } = verb;
    let wishes = wished(&wishes)?;
    let hosting = Hosting::open(setting, &host, Session::open(setting, &at)).await?;
    let account = hosting.address();
    hosting.run("prosumer", Prosumer::new("prosumer", account, wishes)).await
}

fn wished(file: &Path) -> Result<Vec<Wish>, Failure> {
    let wishes: Vec<Wish> = read(file)?;
    let mut numbers = BTreeSet::new();
    match wishes.iter().find(|wish| !numbers.insert(wish.misc)) {
        Some(wish) => Err(Failure::Usage(format!("{}: two wishes have the number {}", file.display(), wish.misc))),
        None => Ok(wishes),
    }
}

/// `solver run`. Programs are solved by children of this same program.
pub async fn solver(setting: &Setting, verb: SolverRole) -> Result<(), Failure> {
    let SolverRole::Run { at, host, margin, backend, deadline } = verb;
    let deadline = Duration::from_secs(deadline);
    let settings = Settings { margin: margin.into(), deadline, ..Settings::default() };
    let hosting = Hosting::open(setting, &host, Session::open(setting, &at)).await?;
    let solver = Solver::new("solver", settings, Arc::new(Worker::current_program(backend.into())?));
    hosting.run("solver", solver).await
}
