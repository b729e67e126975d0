//! Who may ask, and what a browser may do with the answer.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use web::Addresses;

use crate::query::Refusal;

/// Nothing but what this server serves, nothing inline, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The rules of the door.
#[derive(Debug)]
pub struct Guard {
    /// Names under which the server may be asked, beside addresses and `localhost`.
    pub names: Vec<String>,
    /// Who asks how often.
    pub addresses: Addresses,
}

impl Guard {
    /// Whether the request means this server. A site that lets its own name point here, so that its scripts may read what
    /// is served, is not meant: it shows its name. Addresses cannot be made to point elsewhere.
    fn is_meant(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let Some(authority) = host.and_then(|host| host.parse::<Authority>().ok()) else { return false };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        host.parse::<IpAddr>().is_ok()
            || host == "localhost"
            || host.ends_with(".localhost")
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(&host))
    }
}

/// Lets a request in, or not, and tells the browser what it may do.
pub async fn guard(
    State(guard): State<Arc<Guard>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = if !guard.is_meant(request.headers()) {
        let why = "this server is not known by that name; ask for it by its address, or allow the name with --host";
        Refusal(StatusCode::MISDIRECTED_REQUEST, why.to_owned()).into_response()
    } else if !guard.addresses.admit(from) {
        Refusal(StatusCode::TOO_MANY_REQUESTS, "too many requests from this address; wait a little".to_owned())
            .into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use web::Rate;

    use super::*;

    #[test]
    fn a_foreign_name_is_not_meant() {
        let addresses = Addresses::new(Rate { burst: 1, per_second: 1 });
        let guard = Guard { names: vec!["grid.example".to_owned()], addresses };
        let shows = |host: &'static str| {
            guard.is_meant(&HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]))
        };
        for host in ["127.0.0.1:8600", "192.168.0.7", "[::1]:8600", "localhost:8600", "LOCALHOST", "Grid.Example:80"] {
            assert!(shows(host), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example:8600", "127.0.0.1.evil.example", "", "a b", "grid.example.", "@"]
        {
            assert!(!shows(host), "{host}");
        }
        assert!(!guard.is_meant(&HeaderMap::new()));
    }
}
