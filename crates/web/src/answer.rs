//! What servers answer.

use std::fmt::Display;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    /// The cause, and the next step where there is one.
    pub error: String,
}

/// An answer that says no, and why.
pub fn refuse(status: StatusCode, why: &dyn Display) -> Response {
    (status, Json(ErrorAnswer { error: why.to_string() })).into_response()
}

/// Whether a server is well: 200 or 503, and the same in JSON.
pub fn well(is_well: bool) -> Response {
    let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(serde_json::json!({ "is_well": is_well }))).into_response()
}

/// What a server says that is well as long as it answers.
pub async fn health() -> Response {
    well(true)
}
