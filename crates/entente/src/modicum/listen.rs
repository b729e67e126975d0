//! Signed offers on their way to a solver, over HTTP.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use modicum_solver::{Board, SignedOffer};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{exit::Failure, rpc::RpcUrl};

/// Longer than this no solver is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

type Shared = Arc<Mutex<Board>>;

/// Takes signed offers as long as this program runs: `POST /offers`.
pub async fn serve(address: SocketAddr, board: Shared) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/offers", post(take)).with_state(board);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn take(State(board): State<Shared>, Json(offer): Json<SignedOffer>) -> (StatusCode, Json<Value>) {
    match board.lock().unwrap_or_else(PoisonError::into_inner).add(offer) {
        Ok(name) => (StatusCode::OK, Json(json!({ "offer": name }))),
        Err(error) => (StatusCode::FORBIDDEN, Json(json!({ "error": error.to_string() }))),
    }
}

/// Sends a signed offer to a solver.
pub async fn send(solver: &RpcUrl, offer: &SignedOffer) -> Result<(), Failure> {
    let silent = |error: reqwest::Error| {
        // What was asked may hold a secret.
        anyhow::anyhow!("the solver at {solver} does not take the offer: {}", error.without_url())
    };
    let client = chain::http_client(solver.expose(), PATIENCE).map_err(anyhow::Error::from)?;
    let url = format!("{}/offers", solver.expose().trim_end_matches('/'));
    let body = serde_json::to_vec(offer).map_err(anyhow::Error::from)?;
    let request = client.post(url).header("content-type", "application/json").body(body);
    request.send().await.and_then(reqwest::Response::error_for_status).map_err(silent)?;
    Ok(())
}
