//! The fog server's interface.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use mint::{MinerId, Sample};
use mint_wire::Signed;
use web::{Addresses, Limiter, Operator, Rate, health, now_ms, refuse};

use crate::{Fog, Refused};

/// The interface, as an `OpenAPI` document.
pub const OPENAPI: &str = include_str!("../openapi.json");
/// Every path with its methods; a test holds the document and the server to it.
pub const ROUTES: [(&str, &str); 6] = [
    ("post", "/v1/samples"),
    ("get", "/v1/twins"),
    ("get", "/v1/twins/{miner}"),
    ("post", "/v1/twins/{miner}/forgive"),
    ("get", "/v1/health"),
    ("get", "/openapi.json"),
];
/// A sample has some hundred bytes.
const LARGEST_BODY: usize = 4_096;
/// What one address may ask before anything is read: many miners may share one.
const ADDRESS_RATE: Rate = Rate { burst: 200, per_second: 100 };
/// What one miner may hand in, its signature checked.
const MINER_RATE: Rate = Rate { burst: 20, per_second: 10 };

struct Shared {
    fog: Arc<Mutex<Fog>>,
    operator: Operator,
    addresses: Addresses,
    miners: Mutex<Limiter<MinerId>>,
}

type Server = State<Arc<Shared>>;

/// The server of `fog`; operators show `token`.
pub fn router(fog: Arc<Mutex<Fog>>, token: String) -> Router {
    let shared = Shared {
        fog,
        operator: Operator::new(token),
        addresses: Addresses::new(ADDRESS_RATE),
        miners: Mutex::new(Limiter::new(MINER_RATE)),
    };
    Router::new()
        .route("/v1/samples", post(take))
        .route("/v1/twins", get(twins))
        .route("/v1/twins/{miner}", get(twin))
        .route("/v1/twins/{miner}/forgive", post(forgive))
        .route("/v1/health", get(health))
        .route("/openapi.json", get(|| async { ([(header::CONTENT_TYPE, "application/json")], OPENAPI) }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Arc::new(shared))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that panics leaves half a change behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn take(State(shared): Server, ConnectInfo(from): ConnectInfo<SocketAddr>, body: Bytes) -> Response {
    let now = now_ms();
    if !shared.addresses.admit(from) {
        return refuse(StatusCode::TOO_MANY_REQUESTS, &"too many requests from this address");
    }
    let signed: Signed<Sample> = match serde_json::from_slice(&body) {
        Ok(signed) => signed,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("this is no sample: {error}")),
    };
    // The disk is waited for outside the tasks that serve others.
    let taken = tokio::task::spawn_blocking(move || {
        let mut fog = locked(&shared.fog);
        let miner = signed.body.miner.clone();
        if fog.is_by_miner(&signed) && !locked(&shared.miners).take(&miner, now) {
            return refuse(StatusCode::TOO_MANY_REQUESTS, &format!("too many samples of {miner}"));
        }
        match fog.take(signed, now) {
            Ok(answer) => Json(answer).into_response(),
            Err(refused) => refuse(status_of(&refused), &refused),
        }
    });
    match taken.await {
        Ok(answer) => answer,
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &"the server failed"),
    }
}

const fn status_of(refused: &Refused) -> StatusCode {
    match refused {
        Refused::Unknown(_) | Refused::Signature(_) => StatusCode::UNAUTHORIZED,
        Refused::Sample(_) => StatusCode::CONFLICT,
        Refused::Diary(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn twins(State(shared): Server, headers: HeaderMap) -> Response {
    if !shared.operator.admits(&headers) {
        return Operator::refuse();
    }
    Json(locked(&shared.fog).statuses(now_ms())).into_response()
}

async fn twin(State(shared): Server, Path(miner): Path<MinerId>, headers: HeaderMap) -> Response {
    if !shared.operator.admits(&headers) {
        return Operator::refuse();
    }
    let status = locked(&shared.fog).status(&miner, now_ms());
    status
        .map_or_else(|| refuse(StatusCode::NOT_FOUND, &"there is no such miner"), |status| Json(status).into_response())
}

async fn forgive(State(shared): Server, Path(miner): Path<MinerId>, headers: HeaderMap) -> Response {
    if !shared.operator.admits(&headers) {
        return Operator::refuse();
    }
    match locked(&shared.fog).forgive(&miner, now_ms()) {
        Ok(true) => Json(serde_json::json!({ "forgiven": miner })).into_response(),
        Ok(false) => refuse(StatusCode::NOT_FOUND, &"there is no such miner"),
        Err(error) => refuse(StatusCode::SERVICE_UNAVAILABLE, &error),
    }
}
