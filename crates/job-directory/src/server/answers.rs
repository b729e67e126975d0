//! Answers, and why there is none.

use std::fmt::Display;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tokio::task::JoinError;
use tracing::warn;

use crate::Refusal;

/// A response, or one that says no.
pub type Answer = Result<Response, No>;

/// A response that says no.
pub struct No(Box<Response>);

impl No {
    /// In words.
    pub fn because(status: StatusCode, why: &dyn Display) -> Self {
        Self(Box::new(web::refuse(status, why)))
    }

    /// Since something went wrong that nobody could foresee.
    pub fn failed() -> Self {
        Self::because(StatusCode::INTERNAL_SERVER_ERROR, &"the directory failed")
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        let mut words = refusal.to_string();
        if let Refusal::Manifest(cause) = &refusal {
            words = format!("{words}: {cause}");
        }
        if let Refusal::Store(cause) = &refusal {
            // For who runs the directory; who uses it need not know where it keeps what.
            warn!("{cause}: {:?}", std::error::Error::source(cause).map(ToString::to_string));
        }
        let mut no = Self::because(status(&refusal), &words);
        let header = match refusal {
            Refusal::Range { size } => Some((header::CONTENT_RANGE, format!("bytes */{size}"))),
            Refusal::Token(_) => Some((header::WWW_AUTHENTICATE, "Bearer".to_owned())),
            _ => None,
        };
        if let Some((name, value)) = header.and_then(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))) {
            no.0.headers_mut().insert(name, value);
        }
        no
    }
}

const fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Token(crate::BadToken::Scope) | Refusal::Stranger(_) | Refusal::NotHeld { .. } => {
            StatusCode::FORBIDDEN
        }
        Refusal::Token(_) => StatusCode::UNAUTHORIZED,
        Refusal::NoTree(_) | Refusal::Unfinished { .. } | Refusal::NoFile { .. } => StatusCode::NOT_FOUND,
        Refusal::Manifest(_) | Refusal::Cut => StatusCode::BAD_REQUEST,
        Refusal::OtherHash { .. } | Refusal::OtherSize { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::TooLarge { .. } | Refusal::AccountFull { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Silent { .. } => StatusCode::REQUEST_TIMEOUT,
        Refusal::Range { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
        Refusal::Full { .. } => StatusCode::INSUFFICIENT_STORAGE,
        Refusal::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// What a task came to.
pub fn json<T: Serialize>(done: Result<Result<T, Refusal>, JoinError>) -> Answer {
    Ok(Json(done.map_err(|_| No::failed())??).into_response())
}
