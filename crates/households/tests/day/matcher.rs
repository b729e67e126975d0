//! The simplest matcher that keeps the limits of a scenario's feeders: feeder by feeder, then across.

use std::collections::BTreeMap;

use households::{Feeder, Posted};
use transax::Side;

/// An open offer: whose it is and on which feeder.
pub struct Open {
    pub home: usize,
    pub feeder: usize,
    pub posted: Posted,
}

/// What a matched interval came to.
#[derive(Default)]
pub struct Matched {
    /// Energy of each offer, by its place.
    pub energy: BTreeMap<usize, u64>,
    /// Whether each feeder stands at one of its limits.
    pub binding: Vec<bool>,
}

/// Matches what is open in one interval; offers of one interval are served first, then those that end first.
pub fn matched(open: &[Open], feeders: &[Feeder], interval: u32) -> Matched {
    let covering = |feeder: usize, side: Side| {
        let covers = open.iter().enumerate().filter(move |(_, offer)| {
            let posted = &offer.posted;
            offer.feeder == feeder && posted.side == side && (posted.start.0..=posted.end.0).contains(&interval)
        });
        let mut covers: Vec<(usize, u64)> = covers.map(|(at, offer)| (at, offer.posted.remaining.0)).collect();
        covers.sort_by_key(|(at, _)| (open[*at].posted.start < open[*at].posted.end, open[*at].posted.end));
        covers
    };
    let total = |offers: &[(usize, u64)]| offers.iter().map(|(_, energy)| energy).sum::<u64>();
    let (mut within, mut exports, mut imports) = (Vec::new(), Vec::new(), Vec::new());
    for (feeder, limits) in feeders.iter().enumerate() {
        let sold = total(&covering(feeder, Side::Sell)).min(limits.internal_limit.0);
        let bought = total(&covering(feeder, Side::Buy)).min(limits.internal_limit.0);
        let inside = sold.min(bought);
        within.push(inside);
        exports.push((sold - inside).min(limits.external_limit.0));
        imports.push((bought - inside).min(limits.external_limit.0));
    }
    let across = exports.iter().sum::<u64>().min(imports.iter().sum());
    let mut result = Matched::default();
    let (mut exported, mut imported) = (across, across);
    for (feeder, limits) in feeders.iter().enumerate() {
        let (export, import) = (exports[feeder].min(exported), imports[feeder].min(imported));
        (exported, imported) = (exported - export, imported - import);
        let (sold, bought) = (within[feeder] + export, within[feeder] + import);
        result
            .binding
            .push(sold.max(bought) == limits.internal_limit.0 || sold.abs_diff(bought) == limits.external_limit.0);
        for (side, mut left) in [(Side::Sell, sold), (Side::Buy, bought)] {
            for (at, energy) in covering(feeder, side) {
                let energy = energy.min(left);
                left -= energy;
                if energy > 0 {
                    result.energy.insert(at, energy);
                }
            }
        }
    }
    result
}
