//! The board's interface.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use web::{Addresses, Rate, health, refuse};

use crate::{BoxId, Boxes, PADDED_BYTES, Posted, Room};

/// What one address may ask for; a household, or a proxy with many behind it.
const ADDRESS_RATE: Rate = Rate { burst: 300, per_second: 50 };

/// Posts of a box, and what the board's clock says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Milliseconds since the board was set up. Every post until then is told, or was before.
    pub now: u64,
    /// In order.
    pub posts: Vec<Posted>,
}

/// A post was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Its place in the box.
    pub number: u64,
}

struct Shared {
    boxes: Mutex<Boxes>,
    addresses: Addresses,
    started: Instant,
}

type Server = State<Arc<Shared>>;

/// An empty board's server. It needs to know where requests come from: serve it with connection information.
pub fn router(room: Room) -> Router {
    let shared = Shared {
        boxes: Mutex::new(Boxes::new(room)),
        addresses: Addresses::new(ADDRESS_RATE),
        started: Instant::now(),
    };
    let [.., largest] = PADDED_BYTES;
    Router::new()
        .route("/v1/boxes/{id}", post(take))
        .route("/v1/boxes/{id}/{after}", get(tell))
        .route("/v1/health", get(health))
        .layer(DefaultBodyLimit::max(largest))
        .with_state(Arc::new(shared))
}

async fn take(
    State(shared): Server,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    if !shared.addresses.admit(from) {
        return too_many();
    }
    let Ok(id) = id.parse().map(BoxId) else { return no_box() };
    if !PADDED_BYTES.contains(&body.len()) {
        return refuse(StatusCode::BAD_REQUEST, &format!("{} bytes are no padded message", body.len()));
    }
    // Nothing that panics leaves half a change behind.
    let mut boxes = shared.boxes.lock().unwrap_or_else(PoisonError::into_inner);
    // Stamped within the lock: no post comes with a time that somebody was told before.
    match boxes.post(id, body.into(), shared.now()) {
        Ok(number) => Json(Taken { number }).into_response(),
        Err(full) => refuse(StatusCode::INSUFFICIENT_STORAGE, &full),
    }
}

async fn tell(
    State(shared): Server,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Path((id, after)): Path<(String, u64)>,
) -> Response {
    if !shared.addresses.admit(from) {
        return too_many();
    }
    let Ok(id) = id.parse().map(BoxId) else { return no_box() };
    let boxes = shared.boxes.lock().unwrap_or_else(PoisonError::into_inner);
    // Read within the lock: nothing comes with an earlier time afterwards.
    let now = shared.now();
    Json(Board { now, posts: boxes.read(&id, after) }).into_response()
}

impl Shared {
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn no_box() -> Response {
    refuse(StatusCode::BAD_REQUEST, &"a box is named by 64 hexadecimal digits")
}

fn too_many() -> Response {
    refuse(StatusCode::TOO_MANY_REQUESTS, &"too many requests from this address; wait a little")
}
