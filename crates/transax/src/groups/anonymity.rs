//! How well a group hides who trades.

use std::collections::BTreeMap;

use serde::Serialize;
use units::WattHours;

use super::{GridMember, sum};
use crate::{Side, mixing::LEAST_CROWD};

/// Members of one mix that nobody can tell apart: those who mix the same number of denominations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberCount {
    /// How many denominations each of them can mix an interval.
    pub denominations: u64,
    /// k: who they are. All are assumed to be honest; each who is not counts for nothing.
    pub members: Vec<String>,
}

/// A total that gives a prosumer away (example 2): more than all others together can trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leak {
    /// Who is given away.
    pub prosumer: String,
    /// Once the group trades more than this in an interval, the rest is the prosumer's.
    pub above_wh: WattHours,
    /// What is then known of it at most, Wh.
    pub at_most_wh: WattHours,
}

/// How well a side of a group is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Anonymity {
    /// Sellers or buyers.
    pub side: Side,
    /// The amount that each mix moves for each participant, Wh an interval; zero where nobody is on this side.
    pub denomination_wh: WattHours,
    /// k of the least hidden member; zero where nobody is on this side.
    pub least_k: usize,
    /// The crowds, by feeder where assets stay on theirs, and by count.
    pub crowds: Vec<MemberCount>,
    /// Who may trade, but less than one denomination: nothing hides it.
    pub too_small: Vec<String>,
    /// Totals within the group's limit that give somebody away.
    pub leaks: Vec<Leak>,
}

impl Anonymity {
    /// `crowds`: who mixes with whom; `limit`: the most that the group can trade.
    pub(super) fn of(
        side: Side,
        crowds: &[Vec<&GridMember>],
        limit: Option<WattHours>,
        denomination: Option<WattHours>,
    ) -> Self {
        let active: Vec<Vec<&GridMember>> = crowds
            .iter()
            .map(|crowd| crowd.iter().copied().filter(|member| member.limit(side).0 > 0).collect())
            .collect();
        let least = active.iter().flatten().map(|member| member.limit(side)).min();
        let denomination_wh = denomination.or(least).unwrap_or(WattHours(0));
        let (mut counted, mut too_small) = (Vec::new(), Vec::new());
        for crowd in &active {
            let mut by_count: BTreeMap<u64, Vec<String>> = BTreeMap::new();
            for member in crowd {
                match member.limit(side).0.checked_div(denomination_wh.0).unwrap_or(0) {
                    0 => too_small.push(member.name.clone()),
                    denominations => by_count.entry(denominations).or_default().push(member.name.clone()),
                }
            }
            counted.extend(by_count.into_iter().map(|(denominations, members)| MemberCount { denominations, members }));
        }
        let hidden = counted.iter().map(|crowd| crowd.members.len()).min().unwrap_or(0);
        // Who cannot mix at all is known.
        let least_k = if too_small.is_empty() { hidden } else { 1 };
        let leaks = leaks(side, &active.concat(), limit);
        Self { side, denomination_wh, least_k, crowds: counted, too_small, leaks }
    }

    /// Whether somebody is on this side at all.
    pub const fn has_members(&self) -> bool {
        self.least_k > 0
    }

    /// Whether mixes on this side are too small to be held, or a total gives somebody away.
    pub fn has_warnings(&self) -> bool {
        self.has_members() && (self.least_k < LEAST_CROWD || !self.leaks.is_empty())
    }

    /// The crowds that are too small for a mix.
    pub fn small_crowds(&self) -> impl Iterator<Item = &MemberCount> {
        self.crowds.iter().filter(|crowd| crowd.members.len() < LEAST_CROWD)
    }
}

/// Example 2: if the group trades more than all others than `u` can, `u` trades at least the rest.
fn leaks(side: Side, members: &[&GridMember], limit: Option<WattHours>) -> Vec<Leak> {
    let all = sum(members.iter().map(|member| member.limit(side)));
    let most = limit.map_or(all, |limit| limit.min(all));
    let leak = |member: &&GridMember| {
        let above_wh = WattHours(all.0.saturating_sub(member.limit(side).0));
        let at_most_wh = WattHours(most.0.saturating_sub(above_wh.0));
        (at_most_wh.0 > 0).then(|| Leak { prosumer: member.name.clone(), above_wh, at_most_wh })
    };
    let mut leaks: Vec<Leak> = members.iter().filter_map(leak).collect();
    leaks.sort_by_key(|leak| leak.above_wh);
    leaks
}
