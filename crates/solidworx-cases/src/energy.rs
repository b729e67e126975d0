//! Energy futures, section 6.5.2.

use households::Trace;
use solidworx::{Alternative, Market, Offer, Side, Terms};

use crate::{Case, address};

/// A trace's offers, all in one cycle: a type is an interval, prices are uniform.
pub fn energy(trace: &Trace) -> Case {
    let first = trace.first_interval.0;
    let mut offers = Vec::new();
    for (number, prosumer) in trace.prosumers.iter().enumerate() {
        for offer in &prosumer.offers {
            let listed = |interval: u32| Alternative {
                resource_type: u64::from(interval - first),
                quantity: offer.energy.0,
                price: 1,
            };
            let side = match offer.side {
                transax::Side::Sell => Side::Providing,
                transax::Side::Buy => Side::Consuming,
            };
            let alternatives = (offer.start.0..=offer.end.0).map(listed).collect();
            offers.push(Offer { id: offers.len() as u64 + 1, owner: address(number), side, alternatives });
        }
    }
    let quantities = offers.iter().flat_map(|offer| &offer.alternatives).map(|listed| listed.quantity);
    let terms = Terms::new(trace.intervals.into(), 1_000_000, quantities.max().unwrap_or(1));
    let slots = (first..first + trace.intervals).map(|slot| format!("{}:{:02}", slot / 4, slot % 4 * 15)).collect();
    Case { market: Market { terms, offers }, unit: "Wh", slots, types_per_slot: 1 }
}
