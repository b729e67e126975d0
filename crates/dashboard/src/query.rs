//! What a request asks for, read strictly.

use std::{fmt::Display, str::FromStr};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use url::form_urlencoded;

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub StatusCode, pub String);

impl Refusal {
    /// What is asked makes no sense.
    pub fn bad(why: impl Display) -> Self {
        Self(StatusCode::BAD_REQUEST, why.to_string())
    }

    /// There is no such thing.
    pub fn missing(what: impl Display) -> Self {
        Self(StatusCode::NOT_FOUND, format!("there is no {what}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        web::refuse(self.0, &self.1)
    }
}

/// The part of an address after `?`.
#[derive(Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads it. A key that is none of `known`, or comes twice, is refused.
    pub fn parse(text: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let mut read: Vec<(String, String)> = Vec::new();
        for (key, value) in form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
            if !known.contains(&&*key) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Refusal::bad(format!("there is no parameter {key:?} here; there is {known}")));
            }
            if read.iter().any(|(other, _)| *other == key) {
                return Err(Refusal::bad(format!("{key} is given twice")));
            }
            read.push((key.into_owned(), value.into_owned()));
        }
        Ok(Self(read))
    }

    /// The text of a parameter.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// A parameter.
    pub fn get<T: FromStr>(&self, key: &str) -> Result<Option<T>, Refusal>
    where
        T::Err: Display,
    {
        let value = self.text(key).map(str::parse).transpose();
        value.map_err(|error| Refusal::bad(format!("{key}: {error}")))
    }

    /// How many are wanted: from 1 to `most`, a quarter of it by default.
    pub fn limit(&self, most: usize) -> Result<usize, Refusal> {
        match self.get("limit")? {
            Some(limit) if limit == 0 || limit > most => Err(Refusal::bad(format!("limit: from 1 to {most}"))),
            limit => Ok(limit.unwrap_or(most / 4)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_strictly() {
        let query = Query::parse(Some("first=8&limit=3"), &["first", "limit"]).expect("a query");
        assert_eq!((query.get::<u32>("first"), query.limit(10)), (Ok(Some(8)), Ok(3)));
        assert_eq!(Query::parse(None, &[]).expect("nothing").limit(8), Ok(2));
        for bad in ["first=1&first=2", "colour=blue", "%66%69rst=1&first=1", "=", "&&x"] {
            assert!(Query::parse(Some(bad), &["first"]).is_err(), "{bad}");
        }
        for bad in ["first=-1", "first=", "first=1e9", "first=%00", "first=99999999999"] {
            assert!(Query::parse(Some(bad), &["first"]).expect("read").get::<u32>("first").is_err(), "{bad}");
        }
        for bad in ["limit=0", "limit=11"] {
            assert!(Query::parse(Some(bad), &["limit"]).expect("read").limit(10).is_err(), "{bad}");
        }
    }
}
