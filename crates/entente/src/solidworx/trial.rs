//! A case as people live it: who wishes what, over how many cycles, on which terms.

use std::collections::BTreeMap;

use ::solidworx::{Alternative, Pair, SetUp, Terms};
use alloy::primitives::Address;
use households::Trace;
use solidworx_cases::Case;
use solidworx_prosumer::{Renewal, Wish, WishedAlternative};

/// Length of an offering phase.
pub const RECEIVE_SECONDS: u64 = 600;
/// Length of a solving phase; with the other a quarter of an hour.
pub const SOLVE_SECONDS: u64 = 300;

/// What is tried.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What the market is set up with; pairs name the case's own addresses.
    pub terms: Terms,
    /// By the case's address: everybody, and what they wish.
    pub participants: BTreeMap<Address, Vec<Wish>>,
    /// How many cycles there are.
    pub cycles: u64,
}

impl Trial {
    /// Everybody makes the case's offers anew in each of so many cycles.
    pub fn repeated(case: &Case, cycles: u64) -> Self {
        let mut participants: BTreeMap<Address, Vec<Wish>> = BTreeMap::new();
        for offer in &case.market.offers {
            let always = |listed: &Alternative| WishedAlternative { listed: *listed, last_cycle: u64::MAX };
            participants.entry(offer.owner).or_default().push(Wish {
                misc: offer.id,
                side: offer.side,
                first_cycle: 1,
                renewal: Renewal::Whole,
                alternatives: offer.alternatives.iter().map(always).collect(),
            });
        }
        Self { terms: case.market.terms.clone(), participants, cycles }
    }

    /// The offers of an energy trace as `case` has them, each cycle for an interval: what lists it, or a later one, is
    /// offered from the cycle of its first interval on, and as long as there is something left.
    pub fn by_interval(case: &Case, trace: &Trace) -> Self {
        let mut trial = Self::repeated(case, trace.intervals.into());
        for wish in trial.participants.values_mut().flatten() {
            // Type 0 is the first interval, which is the first cycle's.
            wish.first_cycle = wish.alternatives.first().map_or(0, |one| one.listed.resource_type) + 1;
            wish.renewal = Renewal::Rest;
            for one in &mut wish.alternatives {
                one.last_cycle = one.listed.resource_type + 1;
            }
        }
        trial
    }

    /// The set-up, where the case's addresses stand for those of keys.
    pub fn set_up(&self, stands_for: &BTreeMap<Address, Address>) -> SetUp {
        let real = |address: Address| stands_for.get(&address).copied().unwrap_or(address);
        let pairs = self.terms.pairs.iter().map(|pair| Pair {
            provider: real(pair.provider),
            consumer: real(pair.consumer),
            ..*pair
        });
        SetUp {
            terms: Terms { pairs: pairs.collect(), ..self.terms.clone() },
            receive_seconds: RECEIVE_SECONDS,
            solve_seconds: SOLVE_SECONDS,
            quantity_decimals: 0,
            price_decimals: 0,
            deposit: 0,
        }
    }
}
