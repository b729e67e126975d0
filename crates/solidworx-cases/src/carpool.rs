//! The carpool of section 6.5.1.

use solidworx::{Alternative, Market, Offer, Side, Terms};

use crate::{
    Case, address,
    centres::{Point, k_means},
    random::Random,
};

const PEOPLE: usize = 75;
const PICKUPS: usize = 20;
const GARAGES: usize = 5;
/// Slots of 15 minutes from 7:00 to 9:30.
const SLOTS: u64 = 10;
const MOST_SEATS: u64 = 3;
const TOWNS: usize = 12;

/// Somebody who drives or wants to be driven.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Where it lives.
    pub home: Point,
    /// Its garage, by place.
    pub garage: usize,
    /// Whether it drives.
    pub drives: bool,
    /// Its offer's number; `None` where no pick-up point is within reach.
    pub offer: Option<u64>,
}

/// A carpool: its map and its market.
#[derive(Clone, Debug, PartialEq)]
pub struct Carpool {
    /// Everybody.
    pub people: Vec<Person>,
    /// Where they go.
    pub garages: Vec<Point>,
    /// Where they may meet.
    pub pickups: Vec<Point>,
    /// Its offers.
    pub case: Case,
}

impl Carpool {
    /// Slot, pick-up point and garage of a type, by place.
    pub fn parts(resource_type: u64) -> (u64, usize, usize) {
        let (pickups, garages) = (PICKUPS as u64, GARAGES as u64);
        let place = |part: u64| usize::try_from(part).unwrap_or(usize::MAX);
        let (rest, garage) = (resource_type / garages, resource_type % garages);
        (rest / pickups, place(rest % pickups), place(garage))
    }
}

/// A carpool drawn from a seed.
pub fn carpool(seed: u64) -> Carpool {
    let mut random = Random::new(seed);
    let garages: Vec<Point> = (0..GARAGES).map(|_| around(Point { x: 0.0, y: 0.0 }, 1.0, &mut random)).collect();
    let towns: Vec<Point> = (0..TOWNS).map(|_| around(Point { x: 0.0, y: 0.0 }, 15.0, &mut random)).collect();
    let homes: Vec<Point> = (0..PEOPLE)
        .map(|_| {
            let town = towns[random.place(TOWNS)];
            around(town, 3.0, &mut random)
        })
        .collect();
    let pickups = k_means(&homes, PICKUPS, &mut random);
    let (mut people, mut offers) = (Vec::new(), Vec::new());
    for (number, home) in homes.into_iter().enumerate() {
        let mut person = Person { home, garage: random.place(GARAGES), drives: random.below(2) == 0, offer: None };
        let alternatives = alternatives(&person, &garages, &pickups, &mut random);
        if !alternatives.is_empty() {
            let id = offers.len() as u64 + 1;
            person.offer = Some(id);
            let side = if person.drives { Side::Providing } else { Side::Consuming };
            offers.push(Offer { id, owner: address(number), side, alternatives });
        }
        people.push(person);
    }
    let types_per_slot = (PICKUPS * GARAGES) as u64;
    let terms = Terms::new(SLOTS * types_per_slot, 1_000_000, MOST_SEATS);
    let slots = (0..SLOTS).map(|slot| format!("{}:{:02}", 7 + slot / 4, slot % 4 * 15)).collect();
    let case = Case { market: Market { terms, offers }, unit: "seats", slots, types_per_slot };
    Carpool { people, garages, pickups, case }
}

/// What a person lists: one or two slots, each with every pick-up point within half the way.
fn alternatives(person: &Person, garages: &[Point], pickups: &[Point], random: &mut Random) -> Vec<Alternative> {
    let (first, length) = (random.below(SLOTS), 1 + random.below(2));
    let quantity = 1 + random.below(MOST_SEATS);
    let price = if person.drives { 5 + random.below(8) } else { 8 + random.below(8) };
    let garage = garages[person.garage];
    let radius = person.home.distance(garage) / 2.0;
    let centre = if person.drives { person.home.middle(garage) } else { person.home };
    let mut listed = Vec::new();
    for slot in first..(first + length).min(SLOTS) {
        for (pickup, point) in (0..).zip(pickups) {
            if point.distance(centre) <= radius {
                let resource_type = (slot * PICKUPS as u64 + pickup) * GARAGES as u64 + person.garage as u64;
                listed.push(Alternative { resource_type, quantity, price });
            }
        }
    }
    listed
}

/// A point within `radius` kilometres on either axis.
fn around(centre: Point, radius: f64, random: &mut Random) -> Point {
    let mut offset = || radius * (2.0 * random.unit() - 1.0);
    Point { x: centre.x + offset(), y: centre.y + offset() }
}
