//! What groups are planned from, and what is wrong with it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use units::WattHours;

use super::{Feeder, GridMember};
use crate::range::ENERGY;

/// Feeders, and who is on them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbourhood {
    /// The feeders.
    pub feeders: Vec<Feeder>,
    /// Everybody on them.
    pub prosumers: Vec<GridMember>,
}

/// Why no groups can be planned.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each message explains its fields")]
pub enum GroupError {
    #[error("there are no feeders; give at least one")]
    NoFeeders,
    #[error("feeder {name:?} is there twice; give each a name of its own")]
    FeederTwice { name: String },
    #[error("prosumer {name:?} is there twice; give each a name of its own")]
    ProsumerTwice { name: String },
    #[error("prosumer {prosumer:?} is on feeder {feeder:?}, which is not among the feeders")]
    UnknownFeeder { prosumer: String, feeder: String },
    #[error("{what} of {name:?} is {amount}; the contract holds less than 2^32 - 1 Wh (null stands for no limit)")]
    TooLarge { name: String, what: &'static str, amount: WattHours },
    #[error("the denomination is zero; give at least 1 Wh")]
    ZeroDenomination,
}

impl Neighbourhood {
    pub(super) fn check(&self) -> Result<(), GroupError> {
        if self.feeders.is_empty() {
            return Err(GroupError::NoFeeders);
        }
        let mut feeders = BTreeSet::new();
        for Feeder { name, internal_limit_wh, external_limit_wh, .. } in &self.feeders {
            if !feeders.insert(name) {
                return Err(GroupError::FeederTwice { name: name.clone() });
            }
            fits(name, "the internal limit", *internal_limit_wh)?;
            fits(name, "the external limit", *external_limit_wh)?;
        }
        let mut names = BTreeSet::new();
        for member in &self.prosumers {
            let name = &member.name;
            if !names.insert(name) {
                return Err(GroupError::ProsumerTwice { name: name.clone() });
            }
            if !feeders.contains(&member.feeder) {
                return Err(GroupError::UnknownFeeder { prosumer: name.clone(), feeder: member.feeder.clone() });
            }
            fits(name, "the production limit", Some(member.production_limit_wh))?;
            fits(name, "the consumption limit", Some(member.consumption_limit_wh))?;
        }
        Ok(())
    }
}

fn fits(name: &str, what: &'static str, amount: Option<WattHours>) -> Result<(), GroupError> {
    match amount {
        Some(amount) if amount.0 >= ENERGY => Err(GroupError::TooLarge { name: name.to_owned(), what, amount }),
        _ => Ok(()),
    }
}
