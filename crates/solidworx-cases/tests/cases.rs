//! Every case is solved by the same code, and optimally where that can be known.

use std::{collections::VecDeque, env, fs, path::PathBuf, time::Duration};

use allocation::{Allocation, Method, solve};
use households::Trace;
use optimizer::InProcess;
use solidworx::{Market, Offer, Side};
use solidworx_cases::{bars_svg, carpool, energy, food, map_svg};

const DEADLINE: Duration = Duration::from_mins(1);

fn solved(market: &Market, method: Method) -> Allocation {
    let found = solve(market, &InProcess::default(), DEADLINE, method).expect("solved");
    assert_eq!(market.verify(&found.assignments), Ok(found.value));
    found
}

/// Whether two offers list a type at prices that meet.
fn meet(provider: &Offer, consumer: &Offer) -> bool {
    provider.alternatives.iter().any(|given| {
        let taken = consumer.alternatives.iter().find(|other| other.resource_type == given.resource_type);
        taken.is_some_and(|taken| given.price <= taken.price)
    })
}

/// The most units that can be exchanged where each offer lists one quantity: a maximum flow by shortest augmenting
/// paths from providers to consumers, which knows neither types nor programs.
fn most_units(market: &Market) -> u64 {
    let count = market.offers.len();
    let (source, sink) = (count, count + 1);
    let mut capacity = vec![vec![0_u64; count + 2]; count + 2];
    for (place, offer) in market.offers.iter().enumerate() {
        let quantity = offer.alternatives[0].quantity;
        assert!(offer.alternatives.iter().all(|listed| listed.quantity == quantity));
        match offer.side {
            Side::Providing => capacity[source][place] = quantity,
            Side::Consuming => capacity[place][sink] = quantity,
        }
        for (other, consumer) in market.offers.iter().enumerate() {
            if offer.side == Side::Providing && consumer.side == Side::Consuming && meet(offer, consumer) {
                capacity[place][other] = u64::MAX / 4;
            }
        }
    }
    let mut flow = 0;
    while let Some(path) = path(&capacity, source, sink) {
        let room = path.windows(2).map(|edge| capacity[edge[0]][edge[1]]).min().expect("an edge");
        for edge in path.windows(2) {
            capacity[edge[0]][edge[1]] -= room;
            capacity[edge[1]][edge[0]] += room;
        }
        flow += room;
    }
    flow
}

fn path(capacity: &[Vec<u64>], source: usize, sink: usize) -> Option<Vec<usize>> {
    let mut from = vec![None; capacity.len()];
    let mut queue = VecDeque::from([source]);
    while let Some(node) = queue.pop_front() {
        for next in 0..capacity.len() {
            if capacity[node][next] > 0 && from[next].is_none() && next != source {
                from[next] = Some(node);
                queue.push_back(next);
            }
        }
    }
    let mut path = vec![sink];
    while *path.last()? != source {
        path.push(from[*path.last()?]?);
    }
    path.reverse();
    Some(path)
}

#[test]
fn carpools_are_allocated_as_many_seats_as_any_allocation_could() {
    let mut total = 0;
    for seed in 0..20 {
        let carpool = carpool(seed);
        assert_eq!((carpool.people.len(), carpool.pickups.len(), carpool.garages.len()), (75, 20, 5));
        let found = solved(&carpool.case.market, Method::Auto);
        assert_eq!(found.value, u128::from(most_units(&carpool.case.market)), "seed {seed}");
        assert_eq!(found.upper_bound, found.value);
        total += found.value;
    }
    assert!(total > 20, "a carpool that nobody shares shows nothing");
}

#[test]
fn a_seed_is_a_carpool() {
    assert_eq!(carpool(3), carpool(3));
    assert_ne!(carpool(3), carpool(4));
}

#[test]
fn the_map_shows_everybody_and_the_bars_every_slot() {
    let carpool = carpool(1);
    let found = solved(&carpool.case.market, Method::Auto);
    let map = map_svg(&carpool, &found.assignments);
    assert_eq!(map.matches("<circle").count(), 75 + 20 + 5);
    assert_eq!(map.matches("<line").count(), 3 * found.assignments.len());
    let bars = bars_svg("a carpool", &carpool.case, &found.assignments);
    assert_eq!(bars.matches("<rect").count(), 1 + 3 * carpool.case.slots.len());
}

#[test]
fn food_is_allocated_by_an_integer_program_within_its_bound() {
    for seed in 0..5 {
        let case = food(seed);
        let found = solved(&case.market, Method::Auto);
        assert_eq!(found.method, "integer program");
        assert!(found.value > 0 && found.value <= found.upper_bound, "seed {seed}: {found:?}");
        // Rounding mixtures up costs at most a unit an offer, and hardly ever any.
        assert!(found.upper_bound - found.value <= 24, "seed {seed}: {found:?}");
    }
}

fn shared(name: &str) -> Option<Trace> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = env::var_os("ENTENTE_SHARED").map_or_else(beside, PathBuf::from);
    let file = folder.join("data/microgrid102").join(name);
    let Ok(text) = fs::read_to_string(&file) else {
        eprintln!("SKIPPED: there is no {} (set ENTENTE_SHARED)", file.display());
        return None;
    };
    Some(Trace::parse(name, &text).expect("a trace"))
}

#[test]
fn energy_futures_of_a_hundred_homes_reach_the_optimum_by_either_method() {
    for (name, optimum) in [("offers.csv", 4_131_200), ("offers_battery.csv", 4_332_000)] {
        let Some(trace) = shared(name) else { continue };
        let case = energy(&trace);
        for (method, named) in [(Method::Auto, "intervals"), (Method::General, "flow")] {
            let found = solved(&case.market, method);
            assert_eq!((found.value, found.method), (optimum, named), "{name}");
        }
    }
}
