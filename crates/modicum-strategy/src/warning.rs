//! What keeps a game from having an honest equilibrium.

use std::fmt;

use serde::Serialize;

use crate::{CreatorType, Game};

/// A condition of section 3.6 that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// θ is below 1: (3.2) leaves nothing for the harmed party.
    PenaltyTooLow,
    /// n is below 2: one run shows no job to be non-deterministic.
    TooFewVerifications,
    /// `c_e ≥ π_c`: the provider would abort the job.
    ExecutionTooDear,
    /// `c_e > c_d` does not hold: there is nothing to gain by deceiving, and the game is another one.
    DeceptionTooDear,
    /// `b ≤ π_c + π_a + g_j`: the creator gains nothing by having the job run.
    NoBenefit,
    /// `p_a^{n+1} ≤ 1/2`: theorem 2 does not say that a verified provider executes.
    TooLittleDeterminism,
    /// `p_v* > 1`: not even always verifying makes the provider execute.
    NoVerificationSuffices,
    /// A creator of type 4 never verifies, and is always deceived.
    CreatorNeverVerifies,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PenaltyTooLow => "the penalty rate is below 1: a deposit leaves nothing for the harmed party",
            Self::TooFewVerifications => "a mediator that runs a job once cannot show it to be non-deterministic",
            Self::ExecutionTooDear => "executing costs as much as it pays: the provider would not run the job",
            Self::DeceptionTooDear => "deceiving costs as much as executing: there is nothing to gain by it",
            Self::NoBenefit => "the job costs its creator more than it is worth to it",
            Self::TooLittleDeterminism => "p_a^(n+1) is at most 1/2: verifying may not make the provider execute",
            Self::NoVerificationSuffices => "not even verifying every result makes the provider execute",
            Self::CreatorNeverVerifies => "verifying never pays this creator, so a provider would always deceive it",
        })
    }
}

impl Game {
    /// What does not hold of the constraints of table 3.1 and the conditions of the theorems.
    pub fn warnings(&self) -> Vec<Warning> {
        let rate = self.verification_rate();
        let checks = [
            (self.penalty_rate < 1.0, Warning::PenaltyTooLow),
            (self.verifications < 2, Warning::TooFewVerifications),
            (self.execution_cost >= self.price, Warning::ExecutionTooDear),
            (self.execution_cost <= self.deception_cost, Warning::DeceptionTooDear),
            (self.benefit <= self.price + self.availability + self.creator_fee, Warning::NoBenefit),
            (self.unnoticed() * self.determinism <= 0.5, Warning::TooLittleDeterminism),
            (!rate.is_finite() || rate > 1.0, Warning::NoVerificationSuffices),
            (self.creator_type() == CreatorType::Fourth, Warning::CreatorNeverVerifies),
        ];
        checks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, warning)| warning).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_game_gives_no_warning() {
        assert_eq!(Game { determinism: 0.999, ..Game::default() }.warnings(), []);
    }

    #[test]
    fn each_condition_is_told() {
        let game = Game { penalty_rate: 0.0, verifications: 1, determinism: 0.5, ..Game::default() };
        let warnings = game.warnings();
        for expected in [
            Warning::PenaltyTooLow,
            Warning::TooFewVerifications,
            Warning::TooLittleDeterminism,
            Warning::NoVerificationSuffices,
        ] {
            assert!(warnings.contains(&expected), "{expected}");
        }
        let dear =
            Game { execution_cost: 1.0, deception_cost: 1.0, benefit: 1.0, verification_cost: 9.0, ..Game::default() };
        let expected =
            [Warning::ExecutionTooDear, Warning::DeceptionTooDear, Warning::NoBenefit, Warning::CreatorNeverVerifies];
        assert_eq!(dear.warnings(), expected);
    }
}
