//! Accounts that are used once, all of one seed.

use std::fmt;

use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use bindings::Domain;
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// Separates these keys from anything else that a seed might be used for.
const SALT: &[u8] = b"entente TRANSAX anonymous accounts, version 1";

/// What all anonymous accounts of a prosumer, or all one-time accounts of a meter, follow from. Whoever knows it knows
/// them all, and can link them; it cannot print itself, and is wiped when dropped.
#[derive(Clone)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Of 32 bytes that are as secret and random as a key.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// A stretch of trading with accounts of its own, such as a day. Accounts of one period are never used in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Period(pub u32);

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The accounts that follow from a seed in one market. The same seed gives other accounts in another market.
#[derive(Clone, Debug)]
pub struct AnonymousAccounts {
    seed: Seed,
    domain: Domain,
}

impl AnonymousAccounts {
    /// Of a seed, for the market of `domain`.
    pub const fn new(seed: Seed, domain: Domain) -> Self {
        Self { seed, domain }
    }

    /// The account to which a mix pays out: the `mix`-th of the period, in its `run`-th run. A run that failed may have
    /// shown its outputs, so that each run has others.
    pub fn output(&self, period: Period, mix: u32, run: u32) -> PrivateKeySigner {
        self.derive(b"output", &[&period.0.to_be_bytes(), &mix.to_be_bytes(), &run.to_be_bytes()])
    }

    /// Where a meter awaits what an anonymous account deposits: one for each, so that nobody sees them come together.
    pub fn one_time(&self, period: Period, anonymous: Address) -> PrivateKeySigner {
        self.derive(b"one-time", &[&period.0.to_be_bytes(), anonymous.as_slice()])
    }

    /// What all chance of a participant in the mix `session` follows from.
    pub fn chance(&self, session: &[u8; 32]) -> [u8; 32] {
        let mut chance = [0; 32];
        self.expand(b"chance", &[session], 0, &mut chance);
        chance
    }

    /// All parts of the information have a fixed length for each kind, so that no two of them run into one.
    fn derive(&self, kind: &[u8], parts: &[&[u8]]) -> PrivateKeySigner {
        for attempt in 0..=u8::MAX {
            let mut key = Zeroizing::new([0; 32]);
            self.expand(kind, parts, attempt, &mut key);
            // One number in 2^128 is none of the curve's.
            if let Ok(signer) = PrivateKeySigner::from_bytes(&B256::from(*key)) {
                return signer;
            }
        }
        unreachable!("256 numbers in a row that are none of the curve's")
    }

    /// HKDF-SHA256 (RFC 5869).
    fn expand(&self, kind: &[u8], parts: &[&[u8]], attempt: u8, key: &mut [u8; 32]) {
        let extracted = Hkdf::<Sha256>::new(Some(SALT), &self.seed.0);
        let (chain, market) = (self.domain.chain_id.to_be_bytes(), self.domain.market);
        let information = [&chain[..], market.as_slice(), kind, &parts.concat(), &[attempt]];
        extracted.expand_multi_info(&information, key).expect("32 bytes are less than HKDF's limit");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const DOMAIN: Domain = Domain { chain_id: 1, market: Address::repeat_byte(1) };

    fn accounts(seed: u8, domain: Domain) -> AnonymousAccounts {
        AnonymousAccounts::new(Seed::new([seed; 32]), domain)
    }

    #[test]
    fn the_same_seed_gives_the_same_accounts() {
        let one = accounts(1, DOMAIN).output(Period(3), 2, 0).address();
        assert_eq!(one, accounts(1, DOMAIN).output(Period(3), 2, 0).address());
    }

    #[test]
    fn every_seed_market_period_mix_run_and_kind_has_accounts_of_its_own() {
        let of = |accounts: AnonymousAccounts| {
            let outputs =
                (0..3).flat_map(|period| (0..3).flat_map(move |mix| (0..3).map(move |run| (period, mix, run))));
            let mut all: Vec<_> =
                outputs.map(|(period, mix, run)| accounts.output(Period(period), mix, run).address()).collect();
            all.extend((0..3).map(|of| accounts.one_time(Period(0), Address::repeat_byte(of)).address()));
            all.push(accounts.one_time(Period(1), Address::ZERO).address());
            all
        };
        let markets = [DOMAIN, Domain { chain_id: 2, ..DOMAIN }, Domain { market: Address::ZERO, ..DOMAIN }];
        let all: Vec<_> = markets.iter().flat_map(|domain| [1, 2].map(|seed| of(accounts(seed, *domain)))).collect();
        let all: Vec<_> = all.concat();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn a_seed_does_not_print_itself() {
        assert_eq!(format!("{:?}", Seed::new([0x5e; 32])), "Seed(..)");
    }
}
