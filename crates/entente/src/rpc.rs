//! Where a chain's JSON-RPC answers. Such an address may hold a provider's key, so it never prints itself whole.

mod several;

use std::{fmt, str::FromStr};

use alloy::transports::http::reqwest::Url;
pub use several::RpcUrls;

/// An http(s) address. What it prints, and what is written down, is its scheme, host and port.
#[derive(Clone, PartialEq, Eq)]
pub struct RpcUrl(Url);

impl RpcUrl {
    /// All of it, to connect with.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether the origin is not all there is: a path, a query or a user may be a key.
    pub fn may_hold_secret(&self) -> bool {
        !matches!(self.0.path(), "" | "/")
            || self.0.query().is_some()
            || !self.0.username().is_empty()
            || self.0.password().is_some()
    }

    /// `text` with this address cut down to its origin, wherever it occurs.
    pub fn redact(&self, text: &str) -> String {
        if self.may_hold_secret() { text.replace(self.expose(), &self.origin()) } else { text.to_owned() }
    }
}

impl FromStr for RpcUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        url.map(Self).ok_or_else(|| "give the address of a node, such as http://127.0.0.1:8545".to_owned())
    }
}

impl fmt::Display for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

impl fmt::Debug for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RpcUrl({})", self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_an_address_is_never_printed() {
        let url: RpcUrl = "https://user:word@node.example:8443/v3/0123abc?key=1".parse().expect("an address");
        assert!(url.may_hold_secret());
        assert_eq!(format!("{url} {url:?}"), "https://node.example:8443 RpcUrl(https://node.example:8443)");
        assert_eq!(url.redact(&format!("no answer from {}", url.expose())), "no answer from https://node.example:8443");
    }

    #[test]
    fn a_plain_address_holds_nothing_else() {
        let url: RpcUrl = "http://127.0.0.1:8545".parse().expect("an address");
        assert!(!url.may_hold_secret());
        assert_eq!(url.origin(), "http://127.0.0.1:8545");
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for text in ["", "127.0.0.1:8545", "ws://127.0.0.1:8545", "file:///tmp/node.ipc", "http://"] {
            assert!(text.parse::<RpcUrl>().is_err(), "{text}");
        }
    }
}
