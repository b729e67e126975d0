//! The directory's interface over HTTP.

mod answers;
mod bodies;
mod files;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use alloy::primitives::Address;
use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use jobs::{ContentHash, MOST_MANIFEST_BYTES};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::{bearer, well};

use self::{
    answers::{Answer, No},
    bodies::pieces,
};
use crate::{
    BadToken, Directory, Refusal, Scope,
    turns::{Turn, Turns},
};

struct Service {
    directory: Arc<Directory>,
    turns: Arc<Turns>,
}

type Server = State<Arc<Service>>;

/// The interface of a directory. Its rounds of keeping are [`serve`]'s.
pub fn router(directory: Arc<Directory>) -> Router {
    let turns = Arc::new(Turns::new(directory.setting().most_requests));
    Router::new()
        .route("/live", get(|State(service): Server| async move { well(service.directory.is_live()) }))
        .route("/ready", get(|State(service): Server| async move { well(service.directory.is_ready()) }))
        .route("/uptime", get(|service: Server| uptime(service, Path((0, u64::MAX)))))
        .route("/uptime/{from_ms}/{until_ms}", get(uptime))
        .route("/v1/about", get(|State(service): Server| async move { Json(service.directory.about()) }))
        .route("/v1/holdings", get(holdings))
        .route("/v1/trees/{tree}", put(announce).get(manifest).delete(release))
        .route("/v1/trees/{tree}/pin", put(pin).delete(unpin))
        .route("/v1/trees/{tree}/files/{file}", put(files::take).get(files::give))
        .fallback(|| async { No::because(StatusCode::NOT_FOUND, &"there is nothing here; see /v1/about") })
        .with_state(Arc::new(Service { directory, turns }))
}

/// Serves a directory, and keeps it, until `stop`; what is being answered then is finished.
pub async fn serve(directory: Arc<Directory>, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    let url = format!("http://{}", reachable(listener.local_addr()?));
    let app = router(Arc::clone(&directory));
    let keeper = stop.clone();
    let keeping = tokio::spawn(async move { directory.keep(&url, &keeper).await });
    let ended = web::serve(listener, app, stop.cancelled()).await;
    stop.cancel();
    let _ = keeping.await;
    ended
}

/// Where one that listens everywhere is reached from here.
const fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

impl Service {
    /// Who asks, if they may, and the turn in which they are answered.
    fn admit(&self, headers: &HeaderMap, wanted: Scope, tree: Option<ContentHash>) -> Result<(Address, Turn), No> {
        let token = bearer(headers).ok_or(BadToken::Absent).map_err(Refusal::from)?;
        let account = self.directory.admit(token, wanted, tree)?;
        let busy = || No::because(StatusCode::TOO_MANY_REQUESTS, &"too many requests at a time; try again later");
        Ok((account, self.turns.take(account).ok_or_else(busy)?))
    }
}

async fn uptime(State(service): Server, Path((from_ms, until_ms)): Path<(u64, u64)>) -> Response {
    Json(service.directory.uptime(from_ms, until_ms)).into_response()
}

async fn holdings(State(service): Server, headers: HeaderMap) -> Answer {
    let (account, _turn) = service.admit(&headers, Scope::Read, None)?;
    Ok(Json(service.directory.holdings(account)).into_response())
}

async fn announce(State(service): Server, Path(tree): Path<ContentHash>, headers: HeaderMap, body: Body) -> Answer {
    let (account, turn) = service.admit(&headers, Scope::Write, Some(tree))?;
    let mut pieces = pieces(body, service.directory.setting().patience);
    let manifest = match bodies::read(&headers, &mut pieces, MOST_MANIFEST_BYTES).await {
        Ok(manifest) => manifest,
        Err(refusal) => {
            pieces.drain().await;
            return Err(refusal.into());
        }
    };
    // To its end, even if nobody waits for the answer any more.
    let directory = Arc::clone(&service.directory);
    let announced = tokio::spawn(async move {
        let _turn = turn;
        directory.announce(tree, &manifest, account).await
    });
    answers::json(announced.await)
}

async fn manifest(State(service): Server, Path(tree): Path<ContentHash>, headers: HeaderMap) -> Answer {
    let (_, _turn) = service.admit(&headers, Scope::Read, Some(tree))?;
    let manifest = service.directory.manifest(tree).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], manifest).into_response())
}

async fn release(State(service): Server, Path(tree): Path<ContentHash>, headers: HeaderMap) -> Answer {
    let (account, turn) = service.admit(&headers, Scope::Write, Some(tree))?;
    let directory = Arc::clone(&service.directory);
    let released = tokio::spawn(async move {
        let _turn = turn;
        directory.release(tree, account).await
    });
    answers::json(released.await)
}

async fn pin(service: Server, tree: Path<ContentHash>, headers: HeaderMap) -> Answer {
    set_pin(service, tree, headers, true).await
}

async fn unpin(service: Server, tree: Path<ContentHash>, headers: HeaderMap) -> Answer {
    set_pin(service, tree, headers, false).await
}

async fn set_pin(State(service): Server, Path(tree): Path<ContentHash>, headers: HeaderMap, is_pinned: bool) -> Answer {
    let (account, turn) = service.admit(&headers, Scope::Write, Some(tree))?;
    let directory = Arc::clone(&service.directory);
    let pinned = tokio::spawn(async move {
        let _turn = turn;
        directory.pin(tree, account, is_pinned).await
    });
    answers::json(pinned.await)
}
