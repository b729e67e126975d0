//! The six ways to choose.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A way to choose a protocol for the next interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Always PBFT.
    Pbft,
    /// Always `BigFoot`.
    Bigfoot,
    /// Q-learning from what happened.
    Agent,
    /// Q-learning, and simulating both protocols from a fork of the twin where too little happened yet.
    AgentPlus,
    /// Simulating both at every step.
    WhatIf,
    /// Simulating both with what is really going to happen: what nobody can do.
    Oracle,
}

impl Strategy {
    /// All.
    pub const ALL: [Self; 6] = [Self::Pbft, Self::Bigfoot, Self::Agent, Self::AgentPlus, Self::WhatIf, Self::Oracle];

    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pbft => "pbft",
            Self::Bigfoot => "bigfoot",
            Self::Agent => "agent",
            Self::AgentPlus => "agent+",
            Self::WhatIf => "what-if",
            Self::Oracle => "oracle",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Strategy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|strategy| strategy.name() == text);
        known.ok_or_else(|| format!("`{text}` is none of {}", Self::ALL.map(Self::name).join(", ")))
    }
}
