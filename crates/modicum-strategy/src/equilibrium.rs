//! Best answers and equilibria: (3.4), (3.5), theorem 3 and table 3.4.

use serde::Serialize;

use crate::Game;

/// Steps in which `p_a` is searched for its best value before that is made exact.
const STEPS: u32 = 4096;
/// Halvings of the interval that holds it: beyond the precision of a float.
const HALVINGS: u32 = 60;

/// Which choices a creator prefers, table 3.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CreatorType {
    /// It always verifies.
    First,
    /// It verifies what was executed and passes what was not.
    Second,
    /// It passes what was executed and verifies what was not.
    Third,
    /// It always passes, and so has no reason to take part.
    Fourth,
}

impl Game {
    /// `2·π_c − g_m − π_c·(1 − p_a^n)·(n + θ + 1)`: what the creator gains by verifying a deception, costs aside.
    fn gain(&self) -> f64 {
        2.0 * self.price - self.mediation_request - self.price * (1.0 - self.unnoticed()) * self.stakes()
    }

    /// (3.4): `p_v*`, from which on a provider gains by executing. Above 1 where no verifying makes it execute.
    pub fn verification_rate(&self) -> f64 {
        let caught = self.unnoticed() * self.determinism;
        (self.execution_cost - self.deception_cost) / (caught * self.price * self.stakes())
    }

    /// (3.5): `p_e*`, at which the creator gains as much by verifying as by passing: B / (B − A), with A and B what it
    /// gains by verifying where the provider executes and where it deceives. Only of meaning for types 2 and 3.
    pub fn execution_rate(&self) -> f64 {
        let (a, b) = self.preferences();
        b / (b - a)
    }

    /// Which type of table 3.4 the creator is.
    pub fn creator_type(&self) -> CreatorType {
        match self.preferences() {
            (a, b) if a >= 0.0 && b >= 0.0 => CreatorType::First,
            (a, _) if a >= 0.0 => CreatorType::Second,
            (_, b) if b >= 0.0 => CreatorType::Third,
            _ => CreatorType::Fourth,
        }
    }

    /// How often a creator should verify: always for type 1, by (3.4) for types 2 and 3, `None` for type 4, and where no
    /// rate makes the provider execute.
    pub fn advised_verification(&self) -> Option<f64> {
        match self.creator_type() {
            CreatorType::First => Some(1.0),
            CreatorType::Fourth => None,
            _ => Some(self.verification_rate()).filter(|rate| rate.is_finite() && *rate <= 1.0),
        }
    }

    /// The `p_a` with which a creator gains most that verifies, the provider executing with probability `p_e`: its
    /// optimum in figure 3.6. What the game says of `p_a` is not looked at.
    pub fn best_determinism(&self, p_e: f64) -> f64 {
        let utility = |determinism: f64| {
            let utilities = Self { determinism, ..*self }.utilities();
            p_e * utilities.execute_verify.creator + (1.0 - p_e) * utilities.deceive_verify.creator
        };
        let at = |step: u32| f64::from(step) / f64::from(STEPS);
        let best = (0..=STEPS).max_by(|a, b| utility(at(*a)).total_cmp(&utility(at(*b)))).unwrap_or(STEPS);
        let (mut low, mut high) = (at(best.saturating_sub(1)), at((best + 1).min(STEPS)));
        for _ in 0..HALVINGS {
            let third = (high - low) / 3.0;
            if utility(low + third) < utility(high - third) { low += third } else { high -= third }
        }
        f64::midpoint(low, high)
    }

    /// The slope of the creator's utility in `p_a` where it verifies and the provider executes: figure 3.6.
    pub fn slope(&self) -> f64 {
        let (n, pa) = (f64::from(self.verifications), self.determinism);
        let before = pa.powi(i32::try_from(self.verifications).unwrap_or(i32::MAX) - 1);
        (1.0 - pa) * self.price * self.stakes() * n * before - self.gain()
    }

    /// Which of executing and deceiving pays the provider more where the creator verifies with probability `p_v`; above
    /// zero for executing.
    pub fn execution_gain(&self, p_v: f64) -> f64 {
        let u = self.utilities();
        let mixed = |verify: f64, pass: f64| p_v * verify + (1.0 - p_v) * pass;
        mixed(u.execute_verify.provider, u.execute_pass.provider)
            - mixed(u.deceive_verify.provider, u.deceive_pass.provider)
    }

    /// What the creator gains by verifying: where the provider executes, and where it deceives.
    fn preferences(&self) -> (f64, f64) {
        let gain = self.gain();
        ((1.0 - self.determinism) * gain - self.verification_cost, gain - self.verification_cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(verifications: u32) -> Game {
        Game { verifications, penalty_rate: 0.0, price: 2.0, ..Game::default() }
    }

    fn close(a: f64, b: f64, within: f64) -> bool {
        (a - b).abs() <= within
    }

    #[test]
    fn the_best_determinism_is_that_of_the_paper() {
        for (n, expected) in [(1, 0.5), (2, 0.8047), (3, 0.9032), (4, 0.9431), (6, 0.9737)] {
            let best = bare(n).best_determinism(1.0);
            assert!(close(best, expected, 5e-5), "n = {n}: {best}, not {expected}");
            let slope = Game { determinism: best, ..bare(n) }.slope();
            assert!(close(slope, 0.0, 1e-6), "n = {n}: the slope is {slope}");
        }
    }

    /// Theorem 3: n = 2 and θ = 50 leave a creator at least 0.99, whatever else it could set.
    #[test]
    fn the_platforms_choice_bounds_dishonesty() {
        for mediation_request in [0.0, 0.3, 1.0] {
            for p_e in [1.0, 0.9, 0.5, 0.0] {
                let best = Game { mediation_request, ..Game::default() }.best_determinism(p_e);
                assert!(best >= 0.99, "{best} at g_m = {mediation_request}, p_e = {p_e}");
            }
        }
    }

    #[test]
    fn the_platforms_choice_needs_one_result_in_fifty_verified() {
        let rate = Game { determinism: 0.99, execution_cost: 1.0, ..Game::default() }.verification_rate();
        assert!(close(rate, 0.0194, 1e-4), "{rate}");
    }

    /// Theorem 1, and the two sides of (3.4).
    #[test]
    fn a_provider_executes_from_the_verification_rate_on() {
        for determinism in [1.0, 0.95, 0.9] {
            let game = Game { determinism, ..Game::default() };
            assert!(game.execution_gain(0.0) < 0.0, "nobody verifies: it deceives");
            let rate = game.verification_rate();
            assert!(close(game.execution_gain(rate), 0.0, 1e-9), "at {determinism}");
            assert!(game.execution_gain(rate + 0.01) > 0.0 && game.execution_gain(rate - 0.01) < 0.0);
        }
    }

    /// Theorem 2, from `c_e − c_d < π_c` alone: above the threshold some verifying makes the provider execute.
    #[test]
    fn a_verified_provider_executes_if_the_job_is_deterministic_enough() {
        for n in 2..6 {
            let least = 0.5_f64.powf(1.0 / f64::from(n + 1));
            let game = Game { verifications: n, penalty_rate: 0.0, execution_cost: 0.99, ..Game::default() };
            assert!(Game { determinism: least + 1e-3, ..game }.execution_gain(1.0) > 0.0, "n = {n}");
        }
    }

    /// Theorems 4 and 6: type 1 gains by verifying either way; type 3 is indifferent at (3.5).
    #[test]
    fn types_are_those_of_the_utilities() {
        let u = |game: Game, p_e: f64, verify: bool| {
            let u = game.utilities();
            let (executed, deceived) =
                if verify { (u.execute_verify, u.deceive_verify) } else { (u.execute_pass, u.deceive_pass) };
            p_e * executed.creator + (1.0 - p_e) * deceived.creator
        };
        let cheap = Game { determinism: 0.9999, verification_cost: 1e-5, ..Game::default() };
        assert_eq!(cheap.creator_type(), CreatorType::First);
        assert!(u(cheap, 1.0, true) > u(cheap, 1.0, false) && u(cheap, 0.0, true) > u(cheap, 0.0, false));
        let usual = Game { determinism: 0.99, ..Game::default() };
        assert_eq!(usual.creator_type(), CreatorType::Third);
        let p_e = usual.execution_rate();
        assert!((0.0..=1.0).contains(&p_e), "{p_e}");
        assert!(close(u(usual, p_e, true), u(usual, p_e, false), 1e-9));
        let dear = Game { verification_cost: 3.0, ..Game::default() };
        assert_eq!((dear.creator_type(), dear.advised_verification()), (CreatorType::Fourth, None));
    }

    /// Theorem 5 speaks of creators of type 2; with costs that are not negative there are none.
    #[test]
    fn nobody_is_of_type_two() {
        for n in [2, 4] {
            for step in 0..=100_u32 {
                for cost in [0.0, 0.01, 0.5, 2.0] {
                    let determinism = f64::from(step) / 100.0;
                    let game = Game { verifications: n, determinism, verification_cost: cost, ..Game::default() };
                    assert_ne!(game.creator_type(), CreatorType::Second, "{game:?}");
                }
            }
        }
    }
}
