//! What a fog server tells a miner's supervisor to do.

use serde::{Deserialize, Serialize};

use crate::{MinerId, Share, SigningBytes, sample::put_text};

/// What is to be done with a miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Action {
    /// Tell its owner.
    Warn,
    /// Hold its CPU time to a part of its allotment.
    Throttle {
        /// The part.
        cpu: Share,
    },
    /// End it.
    Stop,
    /// Lift what was ordered before.
    Release,
}

impl Action {
    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Throttle { .. } => "throttle",
            Self::Stop => "stop",
            Self::Release => "release",
        }
    }
}

/// An order to one miner's supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Whose supervisor.
    pub miner: MinerId,
    /// Grows with every order, so that none is carried out twice.
    pub number: u64,
    /// When it was given, milliseconds of Unix time.
    pub time_ms: u64,
    /// What is to be done.
    pub action: Action,
    /// Why, for people.
    pub reason: String,
}

impl SigningBytes for Order {
    fn signing_bytes(&self) -> Vec<u8> {
        let mut bytes = b"entente/mint/order/1\0".to_vec();
        put_text(&mut bytes, self.miner.as_str());
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.time_ms.to_be_bytes());
        let (kind, cpu) = match self.action {
            Action::Warn => (0_u8, Share::NONE),
            Action::Throttle { cpu } => (1, cpu),
            Action::Stop => (2, Share::NONE),
            Action::Release => (3, Share::NONE),
        };
        bytes.push(kind);
        bytes.extend(cpu.ppm().to_be_bytes());
        put_text(&mut bytes, &self.reason);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_sign_alike() {
        let order = |action| Order { miner: "a".parse().unwrap(), number: 1, time_ms: 2, action, reason: "r".into() };
        let all = [Action::Warn, Action::Throttle { cpu: Share::WHOLE }, Action::Stop, Action::Release];
        let mut bytes: Vec<_> = all.into_iter().map(|action| order(action).signing_bytes()).collect();
        bytes.sort();
        bytes.dedup();
        assert_eq!(bytes.len(), all.len());
    }
}
