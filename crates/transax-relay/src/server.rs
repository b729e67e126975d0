//! The relay's interface.

use std::{net::SocketAddr, sync::Arc};

use alloy::primitives::{Address, B256};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Semaphore};
use units::Money;
use web::{Addresses, Rate, health, refuse};

use crate::{Order, Refusal, Relay};

/// A mix of a hundred has some 30 kB, a deposit with much evidence a few hundred.
const LARGEST_BODY: usize = 1 << 20;
/// What one address may hand in before anything is read. Proxies hide many behind one.
const ADDRESS_RATE: Rate = Rate { burst: 60, per_second: 5 };
/// How many orders may wait for the one key.
const MOST_WAITING: usize = 64;

/// What a relay asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The chain.
    pub chain_id: u64,
    /// The market.
    pub market: Address,
    /// Whom to name as the relay.
    pub relay: Address,
    /// The least it is paid for an order, base units of credits.
    pub least_fee: Money,
    /// How many seconds an order must have left.
    pub least_seconds: u64,
}

/// An order was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// By this transaction.
    pub transaction: B256,
    /// In this block.
    pub block: u64,
    /// What it used.
    pub gas_used: u64,
}

struct Shared {
    relay: Mutex<Relay>,
    terms: Terms,
    waiting: Semaphore,
    addresses: Addresses,
}

type Server = State<Arc<Shared>>;

/// The server of a relay: `POST /v1/orders`, `GET /v1/terms`, `GET /v1/health`. It needs to know where requests come from:
/// serve it with connection information.
pub fn router(relay: Relay) -> Router {
    let (domain, policy) = (relay.domain(), relay.policy());
    let terms = Terms {
        chain_id: domain.chain_id,
        market: domain.market,
        relay: relay.address(),
        least_fee: policy.least_fee,
        least_seconds: policy.least_seconds,
    };
    let shared = Shared {
        relay: Mutex::new(relay),
        terms,
        waiting: Semaphore::new(MOST_WAITING),
        addresses: Addresses::new(ADDRESS_RATE),
    };
    Router::new()
        .route("/v1/orders", post(carry_out))
        .route("/v1/terms", get(|State(shared): Server| async move { Json(shared.terms) }))
        .route("/v1/health", get(health))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Arc::new(shared))
}

async fn carry_out(State(shared): Server, ConnectInfo(from): ConnectInfo<SocketAddr>, body: Bytes) -> Response {
    if !shared.addresses.admit(from) {
        return refuse(StatusCode::TOO_MANY_REQUESTS, &"too many orders from this address; wait a little");
    }
    let order: Order = match serde_json::from_slice(&body) {
        Ok(order) => order,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("this is no order: {error}")),
    };
    // Whoever cannot wait goes to another relay; what is signed stays signed.
    let Ok(_turn) = shared.waiting.try_acquire() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, &"too many orders are waiting; ask another relay");
    };
    match shared.relay.lock().await.carry_out(order).await {
        Ok(receipt) => {
            Json(Accepted { transaction: receipt.transaction, block: receipt.block.number, gas_used: receipt.gas_used })
                .into_response()
        }
        Err(refusal) => refuse(status_of(&refusal), &refusal),
    }
}

const fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Declined(_) | Refusal::OutOfRange(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Market { .. } => StatusCode::CONFLICT,
        Refusal::Chain(_) => StatusCode::BAD_GATEWAY,
    }
}
