//! Where test data lies, and how it is read.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use matching::{OpenOffer, Problem};
use transax::{GroupLimits, PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

/// A file of the folder that `ENTENTE_SHARED` names, where it must be then, or of the one beside the checkout. `None`,
/// said past what captures a test's output, where it is missing.
pub fn shared_file(path: &str) -> Option<String> {
    let named = std::env::var_os("ENTENTE_SHARED").map(PathBuf::from);
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let file = named.clone().unwrap_or_else(beside).join(path);
    match fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) => {
            assert!(named.is_none(), "ENTENTE_SHARED is set, and {} cannot be read: {error}", file.display());
            let said = writeln!(io::stderr(), "SKIPPED: there is no {} (set ENTENTE_SHARED)", file.display());
            said.expect("standard error is open");
            None
        }
    }
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
