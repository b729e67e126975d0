//! Where test data lies, and how it is read.

use std::{collections::BTreeMap, fs, path::PathBuf};

use matching::{OpenOffer, Problem};
use transax::{GroupLimits, PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

/// A file of the folder that `ENTENTE_SHARED` names, by default the one beside the checkout. `None`, plainly said,
/// where it is missing.
pub fn shared_file(path: &str) -> Option<String> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let file = std::env::var_os("ENTENTE_SHARED").map_or_else(beside, PathBuf::from).join(path);
    let text = fs::read_to_string(&file);
    if text.is_err() {
        eprintln!("SKIPPED: there is no {} (set ENTENTE_SHARED)", file.display());
    }
    text.ok()
}

/// One price, the same limits (internal, external) for every feeder.
pub fn trace(csv: &str, limits: Option<(u64, u64)>) -> Problem {
    let mut offers = BTreeMap::new();
    for (line, id) in csv.lines().skip(1).zip(1..) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |field: usize| fields[field].parse::<u32>().expect("a number");
        let side = if fields[4] == "sell" { Side::Sell } else { Side::Buy };
        let offer = OpenOffer {
            side,
            group: GroupId(fields[1].parse().expect("a feeder")),
            price: Price(1),
            start: IntervalIndex(number(2)),
            end: IntervalIndex(number(3)),
            remaining: WattHours(u64::from(number(5))),
        };
        offers.insert(OfferId(id), offer);
    }
    let limits = limits.map_or_else(GroupLimits::default, |(internal, external)| GroupLimits {
        internal: Some(WattHours(internal)),
        external: Some(WattHours(external)),
    });
    let groups = offers.values().map(|offer| (offer.group, limits)).collect();
    Problem { first: IntervalIndex(0), last: IntervalIndex(95), offers, groups, price_rule: PriceRule::Midpoint }
}
