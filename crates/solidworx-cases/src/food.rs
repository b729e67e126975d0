//! Surplus food: a domain that the dissertation does not have, and that needs nothing new.

use solidworx::{Alternative, EVERY_TYPE, Market, Offer, Pair, Side, Terms, TypeRule};

use crate::{Case, address, centres::Point, random::Random};

const SHOPS: usize = 14;
const KITCHENS: usize = 10;
/// Hours of collection, from 18:00.
const HOURS: u64 = 4;
/// Kilometres on a side of the town.
const TOWN: f64 = 8.0;
/// How far a van goes, kilometres.
const REACH: f64 = 4.0;

/// Kinds of food: the portions of it that fill a van, and how many tenths of a meal a portion is.
const KINDS: [(u64, u64); 5] = [(60, 4), (45, 10), (36, 7), (25, 12), (80, 3)];
/// The highest price of a portion, cents.
const PRICE_CAP: u64 = 50;

/// An evening drawn from a seed.
pub fn food(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let mut place = || Point { x: TOWN * random.unit(), y: TOWN * random.unit() };
    let places: Vec<Point> = (0..SHOPS + KITCHENS).map(|_| place()).collect();
    let kinds = KINDS.len() as u64;
    let mut terms = Terms { weighted: true, bounded: true, paired: true, ..Terms::new(HOURS * kinds, 1_000_000, 1000) };
    for resource_type in 0..terms.num_types {
        let (_, weight) = KINDS[usize::try_from(resource_type % kinds).expect("a kind")];
        terms.rules.insert(resource_type, TypeRule { weight, min_price: 0, max_price: PRICE_CAP });
    }
    for (shop, from) in places.iter().enumerate().take(SHOPS) {
        for (kitchen, to) in places.iter().enumerate().skip(SHOPS) {
            if from.distance(*to) <= REACH {
                let (provider, consumer) = (address(shop), address(kitchen));
                terms.pairs.insert(Pair { resource_type: EVERY_TYPE, provider, consumer });
            }
        }
    }
    let offers = (0..places.len()).filter_map(|number| offer(number, &mut random));
    let offers = (1..).zip(offers).map(|(id, offer)| Offer { id, ..offer }).collect();
    let slots = (0..HOURS).map(|hour| format!("{}:00", 18 + hour)).collect();
    Case { market: Market { terms, offers }, unit: "portions", slots, types_per_slot: kinds }
}

/// A shop's van, or a kitchen's store, in one or two hours: some kinds, as many portions of each as would fill it.
fn offer(number: usize, random: &mut Random) -> Option<Offer> {
    let is_shop = number < SHOPS;
    let (first, length) = (random.below(HOURS), 1 + random.below(2));
    let (share, price) = (20 + random.below(81), random.below(40));
    let mut alternatives = Vec::new();
    for hour in first..(first + length).min(HOURS) {
        for (kind, (full, _)) in (0..).zip(KINDS) {
            if random.below(3) > 0 {
                let resource_type = hour * KINDS.len() as u64 + kind;
                let quantity = (full * share / 100).max(1);
                let price = if is_shop { price } else { price + 20 };
                alternatives.push(Alternative { resource_type, quantity, price });
            }
        }
    }
    let side = if is_shop { Side::Providing } else { Side::Consuming };
    (!alternatives.is_empty()).then(|| Offer { id: 0, owner: address(number), side, alternatives })
}
