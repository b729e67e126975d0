//! How a provider behaves.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// How a provider behaves. All but the first are for tests, demonstrations and experiments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// It runs jobs and reports what came of them.
    #[default]
    Honest,
    /// Of every so many jobs it runs the last one not at all, and makes a result up.
    WrongEvery(u32),
    /// It takes jobs and says nothing.
    Silent,
    /// It reports so many percent more instructions than a job took.
    OverReporting(u32),
    /// It reports what another provider reported for the same job, if anybody did, and runs it otherwise.
    Copying,
}

/// Words that name no behaviour.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no behaviour; say honest, silent, copying, wrong-every:K or over-reporting:PERCENT")]
pub struct UnknownBehaviour(String);

impl FromStr for Behaviour {
    type Err = UnknownBehaviour;

    fn from_str(words: &str) -> Result<Self, UnknownBehaviour> {
        let unknown = || UnknownBehaviour(words.to_owned());
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0).ok_or_else(unknown);
        match words.split_once(':') {
            Some(("wrong-every", k)) => Ok(Self::WrongEvery(number(k)?)),
            Some(("over-reporting", percent)) => Ok(Self::OverReporting(number(percent)?)),
            None if words == "honest" => Ok(Self::Honest),
            None if words == "silent" => Ok(Self::Silent),
            None if words == "copying" => Ok(Self::Copying),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Honest => f.write_str("honest"),
            Self::WrongEvery(k) => write!(f, "wrong-every:{k}"),
            Self::Silent => f.write_str("silent"),
            Self::OverReporting(percent) => write!(f, "over-reporting:{percent}"),
            Self::Copying => f.write_str("copying"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for words in ["honest", "silent", "copying", "wrong-every:3", "over-reporting:50"] {
            assert_eq!(words.parse::<Behaviour>().unwrap().to_string(), words);
        }
        for words in ["", "wrong-every", "wrong-every:0", "over-reporting:-1", "kind"] {
            assert!(words.parse::<Behaviour>().is_err(), "{words}");
        }
    }
}
