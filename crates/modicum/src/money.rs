//! What a job costs, what must be put up for it, and who gets what.

use serde::{Deserialize, Serialize};

use crate::{Ending, Status};

/// A price of instructions is for so many.
pub const INSTRUCTIONS_PER_PRICE: u128 = 1_000_000_000;
/// A price of bandwidth is for so many bytes.
pub const BYTES_PER_PRICE: u128 = 1 << 30;

/// What a run used, or may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Instructions, counted as the offer's meter says.
    pub instructions: u64,
    /// What was transferred, bytes.
    pub bandwidth: u64,
}

/// `π̂_c`: limits at the creator's own prices, both terms rounded up.
pub fn estimate_up(limit: Usage, max_instruction_price: u64, max_bandwidth_price: u64) -> u128 {
    let instructions = product(limit.instructions, max_instruction_price).div_ceil(INSTRUCTIONS_PER_PRICE);
    let bandwidth = product(limit.bandwidth, max_bandwidth_price).div_ceil(BYTES_PER_PRICE);
    // Two quotients of at most 99 bits.
    instructions.saturating_add(bandwidth)
}

/// `π_c` by (3.1): what was used, up to the limits, at the provider's prices, both terms rounded down. Nothing where the
/// provider says that there was nothing to run.
pub fn price_down(status: Status, used: Usage, limit: Usage, instruction_price: u64, bandwidth_price: u64) -> u128 {
    if matches!(status, Status::JobNotFound | Status::DirectoryUnavailable | Status::Declined) {
        return 0;
    }
    let billed = used.instructions.min(limit.instructions);
    let moved = used.bandwidth.min(limit.bandwidth);
    let instructions = product(billed, instruction_price) / INSTRUCTIONS_PER_PRICE;
    instructions.saturating_add(product(moved, bandwidth_price) / BYTES_PER_PRICE)
}

/// Two 64-bit numbers: the product has 128 bits.
fn product(a: u64, b: u64) -> u128 {
    u128::from(a).saturating_mul(b.into())
}

/// What the shares of an ending are computed from. Base units of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// θ, at least 1.
    pub penalty_rate: u16,
    /// n, at least 2.
    pub verifications: u8,
    /// `π̂_c`, at most 96 bits.
    pub estimate: u128,
    /// What creator and provider each pay the mediator for being available, at most 80 bits.
    pub mediator_fee: u128,
    /// What they each pay the directory for it, at most 80 bits.
    pub directory_fee: u128,
    /// What they each pay the solver, at most 80 bits.
    pub solver_fee: u128,
    /// `π_c`, at most the estimate.
    pub price: u128,
    /// What the mediator spent on running the job, at most `n·π̂_c`.
    pub spent: u128,
    /// What the directory has staked, at most 96 bits.
    pub stake: u128,
}

/// Who gets what when a match ends. The solver was paid at the match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    /// The creator.
    pub creator: u128,
    /// The provider.
    pub provider: u128,
    /// The mediator.
    pub mediator: u128,
    /// The directory.
    pub directory: u128,
    /// Nobody, ever.
    pub burned: u128,
    /// What the directory's stake contributes.
    pub slashed: u128,
}

impl Terms {
    /// (3.2): what each of creator and provider puts up.
    pub fn deposit(&self) -> u128 {
        plus(self.base(), self.fees())
    }

    /// `π_a`: what each of them pays whoever was available, and the solver.
    pub fn fees(&self) -> u128 {
        plus(plus(self.mediator_fee, self.directory_fee), self.solver_fee)
    }

    /// `π_m` at most: what running the job n times may cost the mediator.
    pub fn most_spent(&self) -> u128 {
        times(self.estimate, self.verifications.into())
    }

    /// Who gets what. The shares are together both deposits, less what the solver got, plus what was slashed.
    pub fn payout(&self, ending: Ending) -> Shares {
        let base = self.base();
        let even = Shares {
            creator: base,
            provider: base,
            mediator: times(self.mediator_fee, 2),
            directory: times(self.directory_fee, 2),
            ..Shares::default()
        };
        match ending {
            Ending::Accepted => Shares { creator: less(base, self.price), provider: plus(base, self.price), ..even },
            Ending::NoResult => {
                Shares { creator: plus(base, self.estimate), provider: less(base, self.estimate), ..even }
            }
            Ending::Declined => {
                let made = self.fees().min(base);
                Shares { creator: plus(base, made), provider: less(base, made), ..even }
            }
            Ending::NoVerdict => {
                let half = self.estimate / 2;
                let creator = plus(less(base, half), self.mediator_fee);
                Shares { creator, provider: plus(plus(base, half), self.mediator_fee), mediator: 0, ..even }
            }
            Ending::CreatorAtFault => {
                Shares { creator: self.unspent(), provider: plus(base, self.price), ..self.fined(even) }
            }
            Ending::ProviderAtFault => {
                Shares { creator: plus(base, self.price), provider: self.unspent(), ..self.fined(even) }
            }
            Ending::DirectoryAtFault => self.directory_pays(even),
        }
    }

    /// What is left of either deposit once everybody who was available has been paid for it.
    fn base(&self) -> u128 {
        times(self.estimate, u128::from(self.penalty_rate).saturating_add(self.verifications.into()))
    }

    /// What the faulty party gets back.
    fn unspent(&self) -> u128 {
        less(self.most_spent(), self.spent)
    }

    fn fined(&self, even: Shares) -> Shares {
        let penalty = times(self.estimate, self.penalty_rate.into());
        Shares { mediator: plus(even.mediator, self.spent), burned: less(penalty, self.price), ..even }
    }

    /// The directory is paid nothing; its stake, as far as it goes, pays the mediator's costs and the work.
    fn directory_pays(&self, even: Shares) -> Shares {
        let costs = self.spent.min(self.stake);
        let work = self.price.min(less(self.stake, costs));
        Shares {
            creator: plus(even.creator, self.directory_fee),
            provider: plus(plus(even.provider, self.directory_fee), work),
            mediator: plus(even.mediator, costs),
            directory: 0,
            slashed: plus(costs, work),
            ..even
        }
    }
}

// Amounts have at most 96 bits and factors 17, see the fields: nothing here comes near 128 bits, and what is subtracted is
// at most what it is subtracted from.

pub(crate) fn plus(a: u128, b: u128) -> u128 {
    a.saturating_add(b)
}

pub(crate) fn less(a: u128, b: u128) -> u128 {
    a.saturating_sub(b)
}

pub(crate) fn times(a: u128, b: u128) -> u128 {
    a.saturating_mul(b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dispute::ENDINGS;

    prop_compose! {
        fn terms()(
            penalty_rate in 1..=u16::MAX,
            verifications in 2..=u8::MAX,
            estimate in 0..=(1_u128 << 96) - 1,
            fees in [0..1_u128 << 80, 0..1_u128 << 80, 0..1_u128 << 80],
            parts in [0..=100_u128, 0..=100_u128],
            stake in 0..1_u128 << 96,
        ) -> Terms {
            Terms {
                penalty_rate, verifications, estimate, stake,
                mediator_fee: fees[0], directory_fee: fees[1], solver_fee: fees[2],
                price: estimate / 100 * parts[0],
                spent: estimate * u128::from(verifications) / 100 * parts[1],
            }
        }
    }

    proptest! {
        #[test]
        fn shares_are_together_what_was_put_up(terms in terms()) {
            for ending in ENDINGS {
                let s = terms.payout(ending);
                let paid = s.creator + s.provider + s.mediator + s.directory + s.burned;
                prop_assert_eq!(paid, 2 * (terms.deposit() - terms.solver_fee) + s.slashed);
                prop_assert!(s.slashed <= terms.stake);
            }
        }

        #[test]
        fn an_honest_provider_loses_nothing_by_a_dispute(terms in terms()) {
            prop_assert_eq!(terms.payout(Ending::CreatorAtFault).provider, terms.payout(Ending::Accepted).provider);
        }

        #[test]
        fn a_price_is_within_its_estimate(
            used in any::<(u64, u64)>(), limit in any::<(u64, u64)>(),
            instruction in any::<(u64, u64)>(), bandwidth in any::<(u64, u64)>(),
        ) {
            let limit = Usage { instructions: limit.0, bandwidth: limit.1 };
            let used = Usage { instructions: used.0, bandwidth: used.1 };
            let asked = (instruction.0.min(instruction.1), bandwidth.0.min(bandwidth.1));
            let price = price_down(Status::Completed, used, limit, asked.0, asked.1);
            prop_assert!(price <= estimate_up(limit, instruction.1, bandwidth.1));
        }
    }

    #[test]
    fn nothing_that_was_run_costs_nothing() {
        let used = Usage { instructions: 5_000_000_000, bandwidth: 1 << 30 };
        assert_eq!(price_down(Status::Completed, used, used, 3, 7), 22);
        assert_eq!(price_down(Status::JobNotFound, used, used, 3, 7), 0);
    }
}
