//! Tokens: what a wallet signs so that a directory lets it read or write, for a while.

use std::{fmt, str::FromStr, time::Duration};

use alloy::{
    primitives::{Address, B256, Signature},
    signers::{SignerSync, local::PrivateKeySigner},
    sol,
    sol_types::{Eip712Domain, SolStruct, eip712_domain},
};
use jobs::ContentHash;
use thiserror::Error;

/// A token may be good for so long; one that is good for longer could be used for long by who steals it.
pub const LONGEST_TOKEN: Duration = Duration::from_hours(24);

sol! {
    /// What a wallet signs, under EIP-712.
    struct Access {
        address account;
        address directory;
        string scope;
        bytes32 tree;
        uint64 expiresAt;
    }

    /// What a directory signs of the time in which it answered, under EIP-712.
    struct Uptime {
        address directory;
        uint64 fromMs;
        uint64 untilMs;
    }
}

/// The domain of all that is signed about directories; which one is in the messages themselves.
pub const fn domain() -> Eip712Domain {
    eip712_domain! { name: "Entente job directory", version: "1", }
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Fetching.
    Read,
    /// Fetching, storing, keeping and giving up.
    Write,
}

impl Scope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Whether who may do this may do that.
    pub const fn allows(self, wanted: Self) -> bool {
        matches!((self, wanted), (Self::Write, _) | (Self::Read, Self::Read))
    }
}

/// An account's signed word that who shows it may act for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Who signed.
    pub account: Address,
    /// What for.
    pub scope: Scope,
    /// The tree for which it is good; all of them where there is none.
    pub tree: Option<ContentHash>,
    /// Until when, seconds of Unix time.
    pub expires_at: u64,
    signature: Signature,
}

/// Why a token is not good.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadToken {
    /// There is none.
    #[error("show a token as Authorization: Bearer ACCOUNT.SCOPE.TREE.EXPIRY.SIGNATURE")]
    Absent,
    /// It is none.
    #[error("the token cannot be read")]
    Unreadable,
    /// Its time is over.
    #[error("the token expired at {expires_at}; it is {now}, seconds of Unix time")]
    Expired {
        /// Its end.
        expires_at: u64,
        /// The directory's time.
        now: u64,
    },
    /// Its time is too long.
    #[error("the token is good for longer than {} s", LONGEST_TOKEN.as_secs())]
    TooLong,
    /// Somebody else signed, or something else is signed: another scope, or for another directory.
    #[error("{account} did not sign this token for this directory")]
    Foreign {
        /// Who should have.
        account: Address,
    },
    /// It is good for something else.
    #[error("the token is not good for this")]
    Scope,
    /// The wallet cannot sign.
    #[error("the wallet cannot sign")]
    NotMade,
}

impl Token {
    /// Signs one for `directory`.
    pub fn sign(
        signer: &PrivateKeySigner,
        directory: Address,
        scope: Scope,
        tree: Option<ContentHash>,
        expires_at: u64,
    ) -> Result<Self, BadToken> {
        let account = signer.address();
        let signature = signer.sign_hash_sync(&hash(account, directory, scope, tree, expires_at));
        Ok(Self { account, scope, tree, expires_at, signature: signature.map_err(|_| BadToken::NotMade)? })
    }

    /// Whether it is good at `directory` at this time, seconds of Unix time, for something that is done to `tree`.
    pub fn check(
        &self,
        directory: Address,
        now: u64,
        wanted: Scope,
        tree: Option<ContentHash>,
    ) -> Result<Address, BadToken> {
        let Self { account, scope, expires_at, .. } = *self;
        if expires_at <= now {
            return Err(BadToken::Expired { expires_at, now });
        }
        if expires_at - now > LONGEST_TOKEN.as_secs() {
            return Err(BadToken::TooLong);
        }
        let signer =
            self.signature.recover_address_from_prehash(&hash(account, directory, scope, self.tree, expires_at));
        if signer.ok() != Some(account) {
            return Err(BadToken::Foreign { account });
        }
        if !scope.allows(wanted) || self.tree.is_some_and(|own| tree != Some(own)) {
            return Err(BadToken::Scope);
        }
        Ok(account)
    }
}

fn hash(account: Address, directory: Address, scope: Scope, tree: Option<ContentHash>, expires_at: u64) -> B256 {
    let tree = tree.map_or(B256::ZERO, |tree| B256::from(tree.0));
    let scope = scope.as_str().to_owned();
    Access { account, directory, scope, tree, expiresAt: expires_at }.eip712_signing_hash(&domain())
}

/// As it is shown: account, scope, tree or `*`, expiry and signature, with dots between.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.", self.account, self.scope.as_str())?;
        match self.tree {
            Some(tree) => write!(f, "{tree}")?,
            None => write!(f, "*")?,
        }
        write!(f, ".{}.{}", self.expires_at, self.signature)
    }
}

impl FromStr for Token {
    type Err = BadToken;

    fn from_str(words: &str) -> Result<Self, BadToken> {
        let read = || {
            let mut parts = words.split('.');
            let account = parts.next()?.parse().ok()?;
            let scope = match parts.next()? {
                "read" => Scope::Read,
                "write" => Scope::Write,
                _ => return None,
            };
            let tree = match parts.next()? {
                "*" => None,
                tree => Some(tree.parse().ok()?),
            };
            let expires_at = parts.next()?.parse().ok()?;
            let signature = parts.next()?.parse().ok()?;
            parts.next().is_none().then_some(Self { account, scope, tree, expires_at, signature })
        };
        read().ok_or(BadToken::Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;
    const DIRECTORY: Address = Address::repeat_byte(0xd1);

    fn token(scope: Scope, tree: Option<ContentHash>) -> (Token, Address) {
        let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(1)).unwrap();
        (Token::sign(&signer, DIRECTORY, scope, tree, NOW + 60).unwrap(), signer.address())
    }

    #[test]
    fn a_token_reads_back_and_is_good_for_what_it_says() {
        let tree = ContentHash::of(b"tree");
        for tree in [None, Some(tree)] {
            let (made, account) = token(Scope::Write, tree);
            let read: Token = made.to_string().parse().unwrap();
            assert_eq!(read, made);
            assert_eq!(read.check(DIRECTORY, NOW, Scope::Read, tree), Ok(account));
            assert_eq!(read.check(DIRECTORY, NOW, Scope::Write, tree), Ok(account));
        }
    }

    #[test]
    fn a_token_is_good_for_nothing_else() {
        let (tree, other) = (ContentHash::of(b"tree"), ContentHash::of(b"other"));
        let (made, account) = token(Scope::Read, Some(tree));
        let check = |token: &Token, directory, now, scope, tree| token.check(directory, now, scope, tree).unwrap_err();
        assert_eq!(check(&made, DIRECTORY, NOW, Scope::Write, Some(tree)), BadToken::Scope);
        assert_eq!(check(&made, DIRECTORY, NOW, Scope::Read, Some(other)), BadToken::Scope);
        assert_eq!(check(&made, DIRECTORY, NOW, Scope::Read, None), BadToken::Scope);
        assert_eq!(check(&made, Address::ZERO, NOW, Scope::Read, Some(tree)), BadToken::Foreign { account });
        let expired = BadToken::Expired { expires_at: NOW + 60, now: NOW + 60 };
        assert_eq!(check(&made, DIRECTORY, NOW + 60, Scope::Read, Some(tree)), expired);
        assert_eq!(check(&made, DIRECTORY, 0, Scope::Read, Some(tree)), BadToken::TooLong);
    }

    #[test]
    fn a_token_that_was_changed_is_nobodys() {
        let (made, account) = token(Scope::Read, None);
        let changed = [
            Token { scope: Scope::Write, ..made.clone() },
            Token { expires_at: NOW + 61, ..made.clone() },
            Token { tree: Some(ContentHash::of(b"")), ..made.clone() },
        ];
        for token in changed {
            let tree = token.tree;
            assert_eq!(token.check(DIRECTORY, NOW, Scope::Read, tree), Err(BadToken::Foreign { account }));
        }
        let other = Token { account: Address::ZERO, ..made };
        assert!(matches!(other.check(DIRECTORY, NOW, Scope::Read, None), Err(BadToken::Foreign { .. })));
    }

    #[test]
    fn other_words_are_no_token() {
        let (made, _) = token(Scope::Read, None);
        let made = made.to_string();
        for words in
            ["", "....", "a.b.c.d.e", &made.replace("read", "own"), &format!("{made}."), &made.replace('*', "")]
        {
            assert_eq!(words.parse::<Token>(), Err(BadToken::Unreadable), "{words}");
        }
    }
}
