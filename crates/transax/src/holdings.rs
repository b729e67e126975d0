//! Assets: whose, of which group of feeders and side, interval by interval.

use std::collections::{BTreeMap, btree_map::Entry};

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::{GroupId, IntervalIndex, WattHours};

use crate::Side;

/// Whose assets, of which group of feeders, side and interval.
pub(crate) type Holding = (Address, GroupId, Side, IntervalIndex);

/// The same within an interval.
type Place = (Address, GroupId, Side);

/// Assets of one account, group, side and interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assets {
    pub(crate) free: WattHours,
    pub(crate) withdrawn: WattHours,
    pub(crate) deposited: WattHours,
}

/// Everybody's assets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holdings(BTreeMap<IntervalIndex, BTreeMap<Place, Assets>>);

impl Holdings {
    pub(crate) fn get(&self, (account, group, side, interval): &Holding) -> Option<&Assets> {
        self.0.get(interval)?.get(&(*account, *group, *side))
    }

    pub(crate) fn get_mut(&mut self, (account, group, side, interval): &Holding) -> Option<&mut Assets> {
        self.0.get_mut(interval)?.get_mut(&(*account, *group, *side))
    }

    /// Those of an account on one side in one interval, group by group.
    pub(crate) fn in_any_group(
        &self,
        account: Address,
        side: Side,
        interval: IntervalIndex,
    ) -> impl Iterator<Item = &Assets> {
        let groups = (account, GroupId(0), Side::Sell)..=(account, GroupId(u16::MAX), Side::Buy);
        let places = self.0.get(&interval).into_iter().flat_map(move |places| places.range(groups.clone()));
        places.filter(move |((_, _, of), _)| *of == side).map(|(_, assets)| assets)
    }

    pub(crate) fn entry(&mut self, (account, group, side, interval): Holding) -> Entry<'_, Place, Assets> {
        self.0.entry(interval).or_default().entry((account, group, side))
    }

    /// Takes out what is of intervals before `next` and of which nothing is free.
    pub(crate) fn take_spent(&mut self, next: IntervalIndex) -> Vec<(Holding, Assets)> {
        let mut spent = Vec::new();
        for (interval, places) in self.0.range_mut(..next) {
            places.retain(|(account, group, side), assets| {
                if assets.free.0 == 0 {
                    spent.push(((*account, *group, *side, *interval), *assets));
                }
                assets.free.0 > 0
            });
        }
        self.0.retain(|_, places| !places.is_empty());
        spent
    }
}
