//! Several nodes of one chain.

use std::{fmt, str::FromStr};

use super::RpcUrl;

/// Addresses of nodes of one chain, at least one, with commas between. The first is asked, the next while it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcUrls(Vec<RpcUrl>);

impl RpcUrls {
    /// All of each, to connect with.
    pub fn expose(&self) -> Vec<&str> {
        self.0.iter().map(RpcUrl::expose).collect()
    }

    /// Scheme, host and port of the first.
    pub fn origin(&self) -> String {
        self.0.first().map(RpcUrl::origin).unwrap_or_default()
    }

    /// Whether the first holds more than its origin, which may be a key.
    pub fn may_hold_secret(&self) -> bool {
        self.0.first().is_some_and(RpcUrl::may_hold_secret)
    }

    /// `text` with each of these addresses cut down to its origin, wherever it occurs.
    pub fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, url| url.redact(&text))
    }
}

impl FromStr for RpcUrls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let urls: Vec<RpcUrl> = text.split(',').map(|url| url.trim().parse()).collect::<Result<_, _>>()?;
        let mut seen = std::collections::HashSet::new();
        match urls.iter().find(|url| !seen.insert(url.expose())) {
            Some(twice) => Err(format!("{twice} is named twice")),
            None => Ok(Self(urls)),
        }
    }
}

impl fmt::Display for RpcUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins: Vec<_> = self.0.iter().map(RpcUrl::origin).collect();
        f.write_str(&origins.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_separated_by_commas_and_no_key_in_any_is_printed() {
        let urls: RpcUrls = "http://127.0.0.1:8545, https://node.example/v3/0123abc".parse().expect("addresses");
        assert_eq!(urls.expose(), ["http://127.0.0.1:8545/", "https://node.example/v3/0123abc"]);
        assert_eq!(urls.to_string(), "http://127.0.0.1:8545,https://node.example");
        assert_eq!(urls.redact("at https://node.example/v3/0123abc"), "at https://node.example");
        assert!(!urls.may_hold_secret(), "only the first is written down");
    }

    #[test]
    fn an_address_twice_or_none_is_refused() {
        for text in ["http://a:1,http://a:1", "http://a:1,", ",", ""] {
            assert!(text.parse::<RpcUrls>().is_err(), "{text}");
        }
    }
}
