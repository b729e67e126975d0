//! What only a server's operator may.

use std::fmt;

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

use crate::refuse;

/// The token in a request's `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Knows an operator by a token. It cannot print itself.
#[derive(Clone)]
pub struct Operator(String);

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Operator(..)")
    }
}

impl Operator {
    /// Who shows this token.
    pub const fn new(token: String) -> Self {
        Self(token)
    }

    /// Whether the operator asks; in the same time whatever a token of the right length is.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(shown) = bearer(headers).filter(|shown| shown.len() == self.0.len()) else { return false };
        shown.bytes().zip(self.0.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
    }

    /// What everybody else is answered.
    pub fn refuse() -> Response {
        refuse(StatusCode::UNAUTHORIZED, &"only the operator may; show the token as Authorization: Bearer")
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn nothing_but_the_token_is_admitted() {
        let operator = Operator::new("a long token".to_owned());
        let with =
            |value: &'static str| HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
        assert!(operator.admits(&with("Bearer a long token")));
        for other in ["Bearer a long tokem", "Bearer a long", "Bearer ", "a long token", "Basic a long token"] {
            assert!(!operator.admits(&with(other)), "{other}");
        }
        assert!(!operator.admits(&HeaderMap::new()));
        assert_eq!(format!("{operator:?}"), "Operator(..)");
    }
}
