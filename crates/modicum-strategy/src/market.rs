//! Jobs played one by one, each paid by the contract's own payout function.

use modicum::{Ending, Shares, Terms};
use serde::Serialize;
use simulation::Random;

use crate::Game;

/// What a price of 1 is in base units.
const UNIT: u32 = 1_000_000;

/// A market in which one kind of creator meets one kind of provider.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Market {
    /// The game they play.
    pub game: Game,
    /// `p_e`: how often the provider executes.
    pub execution: f64,
    /// `p_v`: how often the creator verifies.
    pub verification: f64,
}

/// A mean, with its standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}

/// What came of many jobs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Played {
    /// How many.
    pub jobs: u32,
    /// Gain a job of the provider's.
    pub provider: Mean,
    /// Gain a job of the creator's.
    pub creator: Mean,
    /// How many went to the mediator.
    pub disputes: u32,
    /// How many ended with the provider at fault, and with the creator.
    pub faults: (u32, u32),
    /// Base units a job that were burned, in prices.
    pub burned: f64,
}

#[derive(Default)]
struct Sums {
    sum: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, gain: f64) {
        self.sum += gain;
        self.squares += gain * gain;
    }

    fn mean(&self, jobs: u32) -> Mean {
        let n = f64::from(jobs);
        let mean = self.sum / n;
        Mean { mean, error: ((self.squares / n - mean * mean).max(0.0) / n).sqrt() }
    }
}

impl Market {
    /// Plays so many jobs, at least one; the same seed plays the same.
    pub fn play(&self, jobs: u32, seed: u64) -> Played {
        let mut random = Random::stream(seed, "modicum");
        let (mut provider, mut creator) = (Sums::default(), Sums::default());
        let mut played = Played {
            jobs,
            provider: Mean::default(),
            creator: Mean::default(),
            disputes: 0,
            faults: (0, 0),
            burned: 0.0,
        };
        for _ in 0..jobs {
            let (ending, gains) = self.play_one(&mut random, &mut played);
            played.disputes += u32::from(ending != Ending::Accepted);
            played.faults.0 += u32::from(ending == Ending::ProviderAtFault);
            played.faults.1 += u32::from(ending == Ending::CreatorAtFault);
            provider.add(gains.0);
            creator.add(gains.1);
        }
        (played.provider, played.creator) = (provider.mean(jobs), creator.mean(jobs));
        played.burned /= f64::from(jobs);
        played
    }

    /// One path through the tree of figure 3.4, and what provider and creator gain by it.
    fn play_one(&self, random: &mut Random, played: &mut Played) -> (Ending, (f64, f64)) {
        let game = &self.game;
        let executes = random.unit() < self.execution;
        let verifies = random.unit() < self.verification;
        let is_normal = |random: &mut Random| random.unit() < game.determinism;
        // A creator that verifies disputes a deception, and what its own job made look wrong.
        let is_disputed = verifies && !(executes && is_normal(random));
        let ending = if !is_disputed {
            Ending::Accepted
        } else if (0..game.verifications).fold(true, |all, _| is_normal(random) && all) {
            Ending::ProviderAtFault
        } else {
            Ending::CreatorAtFault
        };
        let shares = self.shares(ending);
        let paid = |share: u128| (money(share) - self.deposit()) * game.price;
        played.burned += money(shares.burned);
        let work = if executes { game.execution_cost } else { game.deception_cost };
        let provider = paid(shares.provider) - game.availability - game.provider_fee - work;
        let benefit = if executes { game.benefit } else { 0.0 };
        let check = if verifies { game.verification_cost } else { 0.0 };
        let asking = if is_disputed { game.mediation_request } else { 0.0 };
        let creator = paid(shares.creator) - game.availability - game.creator_fee + benefit - check - asking;
        (ending, (provider, creator))
    }

    /// By the contract's twin, for a price of 1; the mediator spends all it may.
    fn shares(&self, ending: Ending) -> Shares {
        self.terms().payout(ending)
    }

    /// What either puts up without the fees, in prices.
    fn deposit(&self) -> f64 {
        money(self.terms().deposit())
    }

    fn terms(&self) -> Terms {
        let whole = self.game.penalty_rate.round().clamp(0.0, f64::from(u16::MAX));
        let verifications = u8::try_from(self.game.verifications).unwrap_or(u8::MAX);
        let unit = u128::from(UNIT);
        Terms {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped in the line above")]
            penalty_rate: whole as u16,
            verifications,
            estimate: unit,
            mediator_fee: 0,
            directory_fee: 0,
            solver_fee: 0,
            price: unit,
            spent: unit * u128::from(verifications),
            stake: 0,
        }
    }
}

/// Base units in prices.
fn money(amount: u128) -> f64 {
    f64::from(u32::try_from(amount / u128::from(UNIT)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOBS: u32 = 200_000;

    fn near(mean: Mean, expected: f64) -> bool {
        (mean.mean - expected).abs() <= 4.5 * mean.error + 1e-9
    }

    /// Tables 3.2 and 3.3 against what the payout function pays, 200,000 jobs each, within 4.5 standard errors.
    #[test]
    fn payouts_come_to_the_tables() {
        let game = Game {
            penalty_rate: 5.0,
            determinism: 0.9,
            availability: 0.05,
            mediation_request: 0.03,
            creator_fee: 0.01,
            provider_fee: 0.02,
            deception_cost: 0.1,
            ..Game::default()
        };
        let u = game.utilities();
        let cases = [
            (1.0, 1.0, u.execute_verify),
            (1.0, 0.0, u.execute_pass),
            (0.0, 1.0, u.deceive_verify),
            (0.0, 0.0, u.deceive_pass),
        ];
        for (seed, (execution, verification, expected)) in (0..).zip(cases) {
            let played = Market { game, execution, verification }.play(JOBS, seed);
            assert!(near(played.provider, expected.provider), "{execution} {verification}: {played:?} {expected:?}");
            assert!(near(played.creator, expected.creator), "{execution} {verification}: {played:?} {expected:?}");
        }
    }

    #[test]
    fn an_honest_provider_earns_more_than_a_dishonest_one() {
        let game = Game { determinism: 0.999, ..Game::default() };
        let verification = 1.5 * game.verification_rate();
        let earn = |execution: f64| Market { game, execution, verification }.play(JOBS, 7).provider;
        let (honest, always, sometimes) = (earn(1.0), earn(0.0), earn(0.9));
        assert!(honest.mean > always.mean + 4.5 * (honest.error + always.error), "{honest:?} {always:?}");
        assert!(honest.mean > sometimes.mean, "{honest:?} {sometimes:?}");
    }

    #[test]
    fn a_creator_of_honest_jobs_gains_more_than_one_that_cheats() {
        let gain = |determinism: f64| {
            let game = Game { determinism, ..Game::default() };
            Market { game, execution: 1.0, verification: 1.0 }.play(JOBS, 8).creator
        };
        let honest = gain(0.99);
        for determinism in [0.5, 0.9, 0.97] {
            let cheating = gain(determinism);
            assert!(honest.mean > cheating.mean + 4.5 * (honest.error + cheating.error), "at {determinism}");
        }
    }

    #[test]
    fn a_seed_plays_the_same() {
        let market = Market { game: Game::default(), execution: 0.7, verification: 0.2 };
        assert_eq!(market.play(1_000, 3), market.play(1_000, 3));
        assert_ne!(market.play(1_000, 3), market.play(1_000, 4));
    }
}
