//! How a creator behaves, and how often it verifies.

use std::{fmt, str::FromStr};

use alloy_primitives::{B256, keccak256};
use modicum::{Config, Match};
use modicum_strategy::{Game, Warning};
use thiserror::Error;

/// How a creator behaves. All but the first are for tests, demonstrations and experiments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// It accepts what is right, and rejects what it found to be wrong.
    #[default]
    Honest,
    /// It never reacts to a result.
    Silent,
    /// It calls every result wrong.
    Denying,
}

/// Words that name no behaviour.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no behaviour; say honest, silent or denying")]
pub struct UnknownBehaviour(String);

impl FromStr for Behaviour {
    type Err = UnknownBehaviour;

    fn from_str(words: &str) -> Result<Self, UnknownBehaviour> {
        match words {
            "honest" => Ok(Self::Honest),
            "silent" => Ok(Self::Silent),
            "denying" => Ok(Self::Denying),
            _ => Err(UnknownBehaviour(words.to_owned())),
        }
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Honest => "honest",
            Self::Silent => "silent",
            Self::Denying => "denying",
        })
    }
}

/// What the creator's machine costs it, and how deterministic its job is: what the game needs to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// What running 10⁹ instructions itself costs it, base units of the token.
    pub per_billion_instructions: f64,
    /// `p_a`: how likely a correct run of the job gives its normal result; 1 for a module.
    pub determinism: f64,
    /// b: what the result is worth to it, base units.
    pub benefit: f64,
}

impl Costs {
    /// The game as this creator sees it where a job took so many instructions at this price. What running it costs the
    /// provider is taken to be what it costs the creator.
    pub fn game(&self, config: &Config, m: &Match, price: u128, instructions: u64) -> Game {
        let cost = real(instructions.into()) / 1e9 * self.per_billion_instructions;
        Game {
            verifications: config.verifications.into(),
            penalty_rate: config.penalty_rate.into(),
            price: real(price).max(1.0),
            availability: real(m.terms(config, 0, 0, 0).fees()),
            determinism: self.determinism,
            benefit: self.benefit,
            verification_cost: cost,
            execution_cost: cost,
            deception_cost: 0.0,
            ..Game::default()
        }
    }
}

/// How often a result is verified.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verification {
    /// With this probability, from 0 to 1.
    Rate(f64),
    /// As often as makes executing pay for the provider, by these costs; always where no rate is advised.
    Advised(Costs),
}

impl Verification {
    /// The probability for one result.
    pub fn rate(&self, config: &Config, m: &Match, price: u128, instructions: u64) -> f64 {
        match self {
            Self::Rate(rate) => *rate,
            Self::Advised(costs) => {
                let game = costs.game(config, m, price, instructions);
                game.advised_verification().map_or(1.0, |rate| rate.clamp(0.0, 1.0))
            }
        }
    }
}

/// Why there would be no honest equilibrium.
pub fn warnings(costs: &Costs, config: &Config, m: &Match, price: u128, instructions: u64) -> Vec<Warning> {
    costs.game(config, m, price, instructions).warnings()
}

/// A coin nobody can foresee who does not know the secret, the same whenever it is tossed for one match.
pub fn tossed(secret: B256, id: B256, rate: f64) -> bool {
    let hash = keccak256([secret.0, id.0].concat());
    let number = hash.0[..4].iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    f64::from(number) < rate * 2_f64.powi(32)
}

#[expect(clippy::cast_precision_loss, reason = "costs are estimates; 53 bits are plenty")]
const fn real(amount: u128) -> f64 {
    amount as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_fall_as_often_as_they_should_and_always_alike() {
        let secret = B256::repeat_byte(7);
        let ids = (0..10_000_u32).map(|number| keccak256(number.to_be_bytes()));
        let heads = ids.clone().filter(|id| tossed(secret, *id, 0.2)).count();
        // Four standard deviations of a binomial distribution.
        assert!((1840..=2160).contains(&heads), "{heads}");
        assert!(ids.clone().all(|id| tossed(secret, id, 1.0)));
        assert!(!ids.clone().any(|id| tossed(secret, id, 0.0)));
        assert!(ids.clone().all(|id| tossed(secret, id, 0.5) == tossed(secret, id, 0.5)));
    }
}
