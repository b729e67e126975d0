#![doc = include_str!("../README.md")]

mod bars;
mod carpool;
mod centres;
mod energy;
mod food;
mod map;
mod random;
mod solutions;

use alloy_primitives::Address;
use solidworx::{Assignment, Market, Side};

pub use bars::bars_svg;
pub use carpool::{Carpool, Person, carpool};
pub use centres::Point;
pub use energy::energy;
pub use food::food;
pub use map::map_svg;
pub use solutions::{Proposed, solutions_svg};

/// A case's market, and how its types lie along time.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What there is to allocate.
    pub market: Market,
    /// What a unit is, for people.
    pub unit: &'static str,
    /// Names of the slots of time.
    pub slots: Vec<String>,
    /// How many types share a slot: type t is in slot t / `types_per_slot`.
    pub types_per_slot: u64,
}

impl Case {
    fn slot(&self, resource_type: u64) -> Option<usize> {
        let slot = usize::try_from(resource_type / self.types_per_slot).ok()?;
        (slot < self.slots.len()).then_some(slot)
    }

    /// What a side could give or take in each slot, if every offer were used there as much as it can be.
    pub fn offered(&self, side: Side) -> Vec<u64> {
        let mut sums = vec![0; self.slots.len()];
        for offer in self.market.offers.iter().filter(|offer| offer.side == side) {
            let mut most = vec![0; self.slots.len()];
            for listed in &offer.alternatives {
                if let Some(slot) = self.slot(listed.resource_type) {
                    most[slot] = listed.quantity.max(most[slot]);
                }
            }
            sums.iter_mut().zip(most).for_each(|(sum, most)| *sum += most);
        }
        sums
    }

    /// What is assigned in each slot.
    pub fn assigned(&self, assignments: &[Assignment]) -> Vec<u64> {
        let mut sums = vec![0; self.slots.len()];
        for assignment in assignments {
            if let Some(slot) = self.slot(assignment.resource_type) {
                sums[slot] += assignment.quantity;
            }
        }
        sums
    }
}

/// An address for participant number `number`.
fn address(number: usize) -> Address {
    Address::left_padding_from(&(number + 1).to_be_bytes())
}
