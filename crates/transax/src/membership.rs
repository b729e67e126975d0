//! Where meters belong, and moving them.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::{GroupId, IntervalIndex};

use crate::range::{self, ENERGY};
use crate::{Event, Inconsistent, Market, Refusal, SmartMeter};

/// A move of a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The first interval in which it belongs to the new group.
    pub from: IntervalIndex,
    /// The new group.
    pub group: GroupId,
}

/// The group that a meter belongs to, interval by interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    registered_in: GroupId,
    /// Ascending.
    moves: Vec<Move>,
}

impl Membership {
    pub(crate) const fn new(group: GroupId) -> Self {
        Self { registered_in: group, moves: Vec::new() }
    }

    /// The group in an interval.
    pub fn at(&self, interval: IntervalIndex) -> GroupId {
        let reached = self.moves.iter().rev().find(|to| to.from <= interval);
        reached.map_or(self.registered_in, |to| to.group)
    }

    /// The group it stays in, once its last move has come.
    pub fn last(&self) -> GroupId {
        self.moves.last().map_or(self.registered_in, |to| to.group)
    }

    /// Its moves, ascending.
    pub fn moves(&self) -> impl DoubleEndedIterator<Item = Move> {
        self.moves.iter().copied()
    }

    /// Where `first..=last` is to be cut so that it stays in the group of `first`: the last interval up to `last` before the
    /// next move.
    pub fn stretch(&self, first: IntervalIndex, last: IntervalIndex) -> IntervalIndex {
        let next = self.moves.iter().find(|to| first < to.from && to.from <= last);
        next.map_or(last, |to| IntervalIndex(to.from.0.saturating_sub(1)))
    }

    /// Since when it belongs to the group that it belongs to in an interval; zero where it was registered there.
    pub fn since(&self, interval: IntervalIndex) -> IntervalIndex {
        let reached = self.moves.iter().rev().find(|to| to.from <= interval);
        reached.map_or(IntervalIndex(0), |to| to.from)
    }

    /// Whether its limits count in the group: in its last one, and in the one before that, of which it may have withdrawn
    /// assets of open intervals.
    fn counts_in(&self, group: GroupId) -> bool {
        let before = self.moves.iter().rev().nth(1).map_or(self.registered_in, |to| to.group);
        self.last() == group || (!self.moves.is_empty() && before == group)
    }
}

/// `moveSmartMeter`.
impl Market {
    /// Moves a meter to another group, from an interval on that nothing reaches yet.
    pub fn move_smart_meter(
        &self,
        caller: Address,
        now: u64,
        meter: Address,
        group: GroupId,
        from: IntervalIndex,
    ) -> Result<Vec<Event>, Refusal> {
        range::interval(from)?;
        self.check_dso(caller)?;
        let moved = self.meters.get(&meter).ok_or(Refusal::UnknownMeter { meter })?;
        self.group_limits(group).ok_or(Refusal::UnknownGroup { group })?;
        let (next, old_group) = (self.next_interval(now), moved.groups.last());
        if let Some(last) = moved.groups.moves().next_back().filter(|last| last.from > next) {
            return Err(Refusal::MovePending { meter, from: last.from });
        }
        if group == old_group {
            return Err(Refusal::SameGroup { meter, group });
        }
        let last = self.params.offer_horizon_after(next);
        if from <= last {
            return Err(Refusal::WithinOfferHorizon { from, last });
        }
        self.check_pledge(meter, group, moved.limits())?;
        Ok(vec![Event::SmartMeterMoved { meter, old_group, group, from }])
    }

    /// Whether the limits of a group's meters, of which `meter` becomes one, stay within 32 bits. Assets keep their group and
    /// their number, whoever trades or mixes them: no sum of a group's passes that.
    pub(crate) fn check_pledge(&self, meter: Address, group: GroupId, limits: u64) -> Result<(), Refusal> {
        let others = self.meters.iter().filter(|(other, of)| **other != meter && of.groups.counts_in(group));
        let pledged = others.fold(limits, |sum, (_, other)| sum.saturating_add(other.limits()));
        if pledged > ENERGY { Err(Refusal::LimitsTooLarge { meter }) } else { Ok(()) }
    }

    /// The event of it.
    pub(crate) fn smart_meter_moved(
        &mut self,
        meter: Address,
        old_group: GroupId,
        to: Move,
    ) -> Result<(), Inconsistent> {
        let groups = &mut self.meters.get_mut(&meter).ok_or(Inconsistent::UnknownMeter { meter })?.groups;
        let is_later = groups.moves.last().is_none_or(|last| last.from < to.from);
        if groups.last() != old_group || !is_later {
            return Err(Inconsistent::Move { meter, from: to.from });
        }
        groups.moves.push(to);
        Ok(())
    }
}

impl SmartMeter {
    /// What both sides together may withdraw an interval.
    const fn limits(&self) -> u64 {
        self.production_limit.0.saturating_add(self.consumption_limit.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In group 0 before interval 10, in group 2 before interval 20, and then in group 1.
    fn moved() -> Membership {
        let to = |from, group| Move { from: IntervalIndex(from), group: GroupId(group) };
        Membership { registered_in: GroupId(0), moves: vec![to(10, 2), to(20, 1)] }
    }

    #[test]
    fn every_interval_has_its_group() {
        let groups = moved();
        let at = |interval| groups.at(IntervalIndex(interval)).0;
        assert_eq!([0, 9, 10, 19, 20, 999].map(at), [0, 0, 2, 2, 1, 1]);
        let since = |interval| groups.since(IntervalIndex(interval)).0;
        assert_eq!([0, 9, 10, 19, 20, 999].map(since), [0, 0, 10, 10, 20, 20]);
        assert_eq!((groups.last(), Membership::new(GroupId(3)).last()), (GroupId(1), GroupId(3)));
    }

    #[test]
    fn a_stretch_ends_before_the_next_move() {
        let stretch = |first, last| moved().stretch(IntervalIndex(first), IntervalIndex(last)).0;
        assert_eq!([stretch(0, 9), stretch(0, 10), stretch(9, 25), stretch(10, 19)], [9, 9, 9, 19]);
        assert_eq!([stretch(10, 25), stretch(20, 25), stretch(30, 40)], [19, 25, 40]);
    }

    #[test]
    fn limits_count_in_the_last_two_groups() {
        let counts = |groups: &Membership| [0, 1, 2].map(|group| groups.counts_in(GroupId(group)));
        assert_eq!(counts(&moved()), [false, true, true]);
        assert_eq!(counts(&Membership::new(GroupId(1))), [false, true, false]);
    }
}
