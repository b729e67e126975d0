//! What a linker gains from all that homes show while they trade without being seen: nothing beyond a guess among k about
//! which account is whose, where homes are alike but for chance; but much about which two accounts are one home's.
//!
//! It sees the chain from registration to the deposits: who withdrew what and when, joint transactions, every offer of every
//! account with its side, group, energy, price and escrow, what was traded, what was deposited, where and when; and who joined
//! the mixes when. It sorts a home by each of these and an account by each, pairs the two orders with every shift, and
//! one side's accounts with the other's; learns on half of the towns which way links best; and is measured on the other half.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use transax::{Event, Side};
use transax_prosumer::Alone;

use crate::town::Town;

/// Homes of a town.
const K: u8 = 4;
const TOWNS: u64 = 1000;
/// What a linker may gain over a guess, at the upper end of its 95 % interval.
const MOST_GAIN: f64 = 0.05;

/// Orders of those to be linked, and of those they are to be linked with; by what they are sorted.
struct Orders {
    from: Vec<Vec<Address>>,
    to: Vec<Vec<Address>>,
}

/// A town as everybody sees it, and what nobody should know.
struct Seen {
    /// Homes with accounts that sell, homes with accounts that buy, and accounts that sell with accounts that buy.
    orders: [Orders; 3],
    home_of: BTreeMap<Address, usize>,
}

/// What can be said of an address, by which it is sorted.
type Marks = BTreeMap<Address, Vec<u128>>;

fn sorted(marks: &Marks) -> Vec<Vec<Address>> {
    let count = marks.values().map(Vec::len).max().unwrap_or(0);
    let by = |mark: usize| {
        let mut all: Vec<Address> = marks.keys().copied().collect();
        all.sort_by_key(|address| marks[address][mark]);
        all
    };
    (0..count).map(by).collect()
}

/// The first and last place at which something happens to an address, and how often.
#[derive(Default)]
struct Places(BTreeMap<Address, (u128, u128, u128)>);

impl Places {
    fn note(&mut self, address: Address, place: usize) {
        let place = place as u128;
        let (_, last, count) = self.0.entry(address).or_insert((place, place, 0));
        (*last, *count) = (place, *count + 1);
    }

    fn marks(&self, address: Address) -> [u128; 3] {
        self.0.get(&address).map_or([u128::MAX; 3], |(first, last, count)| [*first, *last, *count])
    }
}

/// All that a home shows: when it withdrew and registered, where it stands among the inputs, when it joined,
/// when credits came home, and how many it has.
fn home_marks(town: &Town, side: Side) -> Marks {
    let (mut withdrawals, mut inputs, mut joined) = (Places::default(), Places::default(), Places::default());
    let mut returns = Places::default();
    for (place, event) in town.seen.events.iter().enumerate() {
        match event {
            Event::AssetsWithdrawn { account, side: of, .. } if *of == side => withdrawals.note(*account, place),
            Event::Mixed(mixed) if mixed.side == side && !mixed.amounts.is_empty() => {
                mixed.inputs.iter().enumerate().for_each(|(at, input)| inputs.note(*input, at));
            }
            Event::Transferred { to, .. } => returns.note(*to, place),
            _ => {}
        }
    }
    for (place, account) in town.seen.joined.get(&side).into_iter().flatten().enumerate() {
        joined.note(*account, place);
    }
    let marks = town.homes.iter().enumerate().map(|(number, home)| {
        let account = home.key.address();
        let credits = town.market.account(account).map_or(0, |account| account.credits.0);
        let places = [withdrawals.marks(account), inputs.marks(account), joined.marks(account), returns.marks(account)];
        (account, [vec![number as u128, credits], places.concat()].concat())
    });
    marks.collect()
}

/// All that an account of a side shows.
fn account_marks(town: &Town, side: Side) -> Marks {
    let (mut outputs, mut offers, mut deposits) = (Places::default(), Places::default(), Places::default());
    let mut sums: BTreeMap<Address, [u128; 5]> = BTreeMap::new();
    for (place, event) in town.seen.events.iter().enumerate() {
        match event {
            Event::Mixed(mixed) if mixed.side == side && !mixed.amounts.is_empty() => {
                mixed.outputs.iter().enumerate().for_each(|(at, output)| outputs.note(*output, at));
            }
            Event::OfferPosted { account, energy, price, start, end, .. } => {
                offers.note(*account, place);
                let escrow = price.cost_rounded_down(*energy).0;
                let span = u128::from(end.0 - start.0);
                let sum = sums.entry(*account).or_default();
                let shown = [energy.0.into(), escrow, span, price.0.into(), 0];
                sum.iter_mut().zip(shown).for_each(|(sum, shown): (&mut u128, u128)| *sum += shown);
            }
            Event::Deposited { account, assets, .. } => {
                deposits.note(*account, place);
                let produced: u64 = assets.iter().map(|(production, _)| production.0).sum();
                sums.entry(*account).or_default()[4] += u128::from(produced);
            }
            _ => {}
        }
    }
    let given = outputs.0.keys().map(|account| {
        let credits = town.market.account(*account).map_or(0, |account| account.credits.0);
        let places = [outputs.marks(*account), offers.marks(*account), deposits.marks(*account)].concat();
        let sums = sums.get(account).copied().unwrap_or_default();
        (*account, [vec![credits], places, sums.to_vec()].concat())
    });
    given.collect()
}

fn live(seed: u64, is_spread: bool) -> Seen {
    let mut town = Town::new(K, seed, Alone::TradeOpenly);
    town.is_spread = is_spread;
    town.live();
    let mut home_of = BTreeMap::new();
    for (number, home) in town.homes.iter().enumerate() {
        home_of.insert(home.key.address(), number);
        home_of.extend(town.masks(number).iter().map(|mask| (mask.account(), number)));
    }
    let homes = |side| sorted(&home_marks(&town, side));
    let accounts = |side| sorted(&account_marks(&town, side));
    let orders = [
        Orders { from: homes(Side::Sell), to: accounts(Side::Sell) },
        Orders { from: homes(Side::Buy), to: accounts(Side::Buy) },
        Orders { from: accounts(Side::Sell), to: accounts(Side::Buy) },
    ];
    Seen { orders, home_of }
}

/// A way to link: what with what, an order of each, whether one is turned round, and a shift.
type Way = (usize, usize, usize, bool, usize);

fn ways(seen: &Seen) -> Vec<Way> {
    let mut ways = Vec::new();
    for (what, Orders { from, to }) in seen.orders.iter().enumerate() {
        for (from, to) in (0..from.len()).flat_map(|from| (0..to.len()).map(move |to| (from, to))) {
            let shifts = 0..usize::from(K);
            ways.extend(shifts.flat_map(|shift| [false, true].map(|turned| (what, from, to, turned, shift))));
        }
    }
    ways
}

/// The share of accounts whose home is named rightly.
fn share(towns: &[Seen], (what, from, to, turned, shift): Way) -> f64 {
    let k = usize::from(K);
    let hits: usize = towns
        .iter()
        .map(|seen| {
            let Orders { from: all_from, to: all_to } = &seen.orders[what];
            let (from, to) = (&all_from[from], &all_to[to]);
            let guess = |place: usize| from[(if turned { k - 1 - place } else { place } + shift) % k];
            to.iter().enumerate().filter(|(place, one)| seen.home_of[&guess(*place)] == seen.home_of[*one]).count()
        })
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let share = hits as f64 / (towns.len() * k) as f64;
    share
}

/// What of the orders are homes and their accounts, and what are accounts of the two sides.
const HOMES: [usize; 2] = [0, 1];
const SIDES: [usize; 1] = [2];

/// What the best way of the first half gains over a guess on the second, and half the width of its 95 % interval.
fn gain(towns: &[Seen], of: &[usize]) -> (f64, f64) {
    let (learned, measured) = towns.split_at(towns.len() / 2);
    let all = ways(&towns[0]).into_iter().filter(|(what, ..)| of.contains(what));
    let best = all.max_by(|one, other| share(learned, *one).total_cmp(&share(learned, *other)));
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let (guess, count) = (1.0 / f64::from(K), measured.len() as f64);
    // The hits of one town depend on each other; a permutation at random has one on average, with a variance of one.
    (share(measured, best.expect("many ways")) - guess, 1.96 * guess / count.sqrt())
}

#[test]
fn a_linker_gains_nothing_over_a_guess() {
    let towns: Vec<Seen> = (0..TOWNS).map(|seed| live(seed, true)).collect();
    let (of_homes, margin) = gain(&towns, &HOMES);
    println!("homes and accounts: gain {of_homes:.4} ± {margin:.4} over 1/{K}, {TOWNS} towns");
    assert!(of_homes + margin <= MOST_GAIN, "{of_homes} ± {margin}");
    // What a home asks and bids ties the accounts of its two sides to each other, though not to it.
    let (of_sides, margin) = gain(&towns, &SIDES);
    println!("accounts of the two sides: gain {of_sides:.4} ± {margin:.4} over 1/{K}, {TOWNS} towns");
    assert!(of_sides - margin > MOST_GAIN, "better than the README says: {of_sides} ± {margin}");
}

/// The linker is worth something only if it finds what can be found: homes that are always as quick as each other.
#[test]
fn the_linker_finds_homes_by_their_haste_where_orders_are_not_kept_back() {
    let towns: Vec<Seen> = (0..60).map(|seed| live(seed, false)).collect();
    assert!(gain(&towns, &HOMES).0 > 0.5);
}
