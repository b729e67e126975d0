//! The game: its parameters, and the utilities of tables 3.2 and 3.3.

use serde::{Deserialize, Serialize};

/// The parameters of table 3.1. Money in any one unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Game {
    /// n: how often the mediator runs a disputed job.
    pub verifications: u32,
    /// θ.
    pub penalty_rate: f64,
    /// `π_c`, which is `π_d` too.
    pub price: f64,
    /// `π_a`: what creator and provider each pay whoever is available, and the solver.
    pub availability: f64,
    /// `p_a`: how likely a correct run gives a normal result, 0 to 1.
    pub determinism: f64,
    /// b.
    pub benefit: f64,
    /// `c_v`.
    pub verification_cost: f64,
    /// `c_e`.
    pub execution_cost: f64,
    /// `c_d`.
    pub deception_cost: f64,
    /// `g_m`: what asking for mediation costs the creator.
    pub mediation_request: f64,
    /// `g_j`: what taking part costs the creator.
    pub creator_fee: f64,
    /// `g_r`: what taking part costs the provider.
    pub provider_fee: f64,
}

impl Default for Game {
    /// The platform's choice of 3.6.2, an honest job, and a provider that earns a little.
    fn default() -> Self {
        Self {
            verifications: 2,
            penalty_rate: 50.0,
            price: 1.0,
            availability: 0.0,
            determinism: 1.0,
            benefit: 2.0,
            verification_cost: 0.5,
            execution_cost: 0.8,
            deception_cost: 0.0,
            mediation_request: 0.0,
            creator_fee: 0.0,
            provider_fee: 0.0,
        }
    }
}

/// What both gain, on average, by one pair of decisions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Utility {
    /// The provider's, table 3.2.
    pub provider: f64,
    /// The creator's, table 3.3.
    pub creator: f64,
}

/// Tables 3.2 and 3.3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Utilities {
    /// The provider executes, the creator verifies.
    pub execute_verify: Utility,
    /// The provider executes, the creator passes.
    pub execute_pass: Utility,
    /// The provider deceives, the creator verifies.
    pub deceive_verify: Utility,
    /// The provider deceives, the creator passes.
    pub deceive_pass: Utility,
}

impl Game {
    /// `p_a^n`: how likely the mediator sees nothing but normal results.
    pub fn unnoticed(&self) -> f64 {
        self.determinism.powi(i32::try_from(self.verifications).unwrap_or(i32::MAX))
    }

    /// n + θ + 1.
    pub fn stakes(&self) -> f64 {
        f64::from(self.verifications) + self.penalty_rate + 1.0
    }

    /// (3.2) where the estimate is the price.
    pub fn least_deposit(&self) -> f64 {
        self.price * (self.penalty_rate + f64::from(self.verifications)) + self.availability
    }

    /// Tables 3.2 and 3.3.
    pub fn utilities(&self) -> Utilities {
        let (pa, seen) = (self.determinism, 1.0 - self.unnoticed());
        let (price, lost) = (self.price, self.price * (self.stakes() - 1.0));
        let provider = -self.provider_fee - self.availability;
        let creator = -self.creator_fee - self.availability;
        let disputed = 1.0 - pa;
        let (verifying, asking) = (self.verification_cost, self.mediation_request);
        Utilities {
            execute_verify: Utility {
                provider: provider - self.execution_cost + pa * price + disputed * (seen * price - (1.0 - seen) * lost),
                creator: creator + self.benefit - verifying - pa * price
                    + disputed * ((1.0 - seen) * price - seen * lost - asking),
            },
            execute_pass: Utility {
                provider: provider - self.execution_cost + price,
                creator: creator + self.benefit - price,
            },
            deceive_verify: Utility {
                provider: provider - self.deception_cost + seen * price - (1.0 - seen) * lost,
                creator: creator - verifying - asking + (1.0 - seen) * price - seen * lost,
            },
            deceive_pass: Utility { provider: provider - self.deception_cost + price, creator: creator - price },
        }
    }
}
