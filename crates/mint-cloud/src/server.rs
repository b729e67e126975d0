//! The cloud's interface.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use mint::FogReport;
use mint_wire::Signed;
use web::{Operator, health, now_ms, refuse};

use crate::{Pool, Refused};

/// The interface, as an `OpenAPI` document.
pub const OPENAPI: &str = include_str!("../openapi.json");
/// Every path with its method.
pub const ROUTES: [(&str, &str); 4] =
    [("post", "/v1/reports"), ("get", "/v1/pool"), ("get", "/v1/health"), ("get", "/openapi.json")];
/// Ten thousand twins with sixty figures each.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

struct Shared {
    pool: Mutex<Pool>,
    operator: Operator,
}

type Server = State<Arc<Shared>>;

/// The server of `pool`; operators show `token`.
pub fn router(pool: Pool, token: String) -> Router {
    Router::new()
        .route("/v1/reports", post(take))
        .route("/v1/pool", get(view))
        .route("/v1/health", get(health))
        .route("/openapi.json", get(|| async { ([(header::CONTENT_TYPE, "application/json")], OPENAPI) }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Arc::new(Shared { pool: Mutex::new(pool), operator: Operator::new(token) }))
}

impl Shared {
    fn pool(&self) -> MutexGuard<'_, Pool> {
        // Nothing that panics leaves half a change behind.
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(State(shared): Server, body: Bytes) -> Response {
    let signed: Signed<FogReport> = match serde_json::from_slice(&body) {
        Ok(signed) => signed,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("this is no report: {error}")),
    };
    let taken = tokio::task::spawn_blocking(move || shared.pool().take(&signed, now_ms()));
    match taken.await {
        Ok(Ok(flags)) => Json(flags).into_response(),
        Ok(Err(refused)) => refuse(status_of(&refused), &refused),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &"the server failed"),
    }
}

const fn status_of(refused: &Refused) -> StatusCode {
    match refused {
        Refused::Unknown(_) | Refused::Signature(_) => StatusCode::UNAUTHORIZED,
        Refused::Replayed { .. } | Refused::NotNow { .. } | Refused::Foreign(_) => StatusCode::CONFLICT,
    }
}

async fn view(State(shared): Server, headers: HeaderMap) -> Response {
    if !shared.operator.admits(&headers) {
        return Operator::refuse();
    }
    Json(shared.pool().view(now_ms())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_every_path_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let mut documented: Vec<(String, String)> = Vec::new();
        for (path, verbs) in document["paths"].as_object().unwrap() {
            documented.extend(verbs.as_object().unwrap().keys().map(|verb| (verb.clone(), path.clone())));
        }
        documented.sort();
        let mut served: Vec<_> = ROUTES.iter().map(|(verb, path)| ((*verb).to_owned(), (*path).to_owned())).collect();
        served.sort();
        assert_eq!(documented, served);
    }
}
