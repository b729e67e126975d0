//! Groups of feeders: what they may trade while nobody can tell who is on which feeder, what that costs, and how well it
//! hides. The dissertation's (2.17) to (2.19) and its example 2, with the choices that the crate's README states.

mod anonymity;
mod parse;

use serde::{Deserialize, Serialize};
use units::WattHours;

use crate::{GroupLimits, Side};

pub use anonymity::{Anonymity, Leak, MemberCount};
pub use parse::{GroupError, Neighbourhood};

/// A feeder of the grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feeder {
    /// What it is called.
    pub name: String,
    /// The group it is to belong to; feeders that name none form one together.
    #[serde(default)]
    pub group: String,
    /// `C_f^i`: the most that may be sold, and bought, on it, Wh an interval; `None` where there is no limit.
    #[serde(deserialize_with = "Deserialize::deserialize")]
    pub internal_limit_wh: Option<WattHours>,
    /// `C_f^e`: the most that may flow into it or out of it, Wh an interval; `None` where there is no limit.
    #[serde(deserialize_with = "Deserialize::deserialize")]
    pub external_limit_wh: Option<WattHours>,
}

/// Who lives on a feeder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridMember {
    /// What it is called.
    pub name: String,
    /// The feeder it is on.
    pub feeder: String,
    /// `L_u^+`, Wh an interval.
    pub production_limit_wh: WattHours,
    /// `L_u^−`, Wh an interval.
    pub consumption_limit_wh: WattHours,
    /// What it wishes to sell, Wh an interval; all that it may produce, unless given.
    #[serde(default)]
    pub offered_wh: Option<WattHours>,
    /// What it wishes to buy, Wh an interval; all that it may consume, unless given.
    #[serde(default)]
    pub wanted_wh: Option<WattHours>,
}

impl GridMember {
    /// `L_u` of a side.
    pub const fn limit(&self, side: Side) -> WattHours {
        match side {
            Side::Sell => self.production_limit_wh,
            Side::Buy => self.consumption_limit_wh,
        }
    }

    fn wish(&self, side: Side) -> WattHours {
        let wish = if side == Side::Sell { self.offered_wh } else { self.wanted_wh };
        wish.unwrap_or(self.limit(side)).min(self.limit(side))
    }
}

/// How far assets get from the feeder on which they were withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mixing {
    /// Prosumers of the whole group mix with each other.
    AcrossFeeders,
    /// Assets stay on their feeder: its prosumers mix among themselves or not at all.
    WithinFeeders,
}

/// Which rule a group's limits follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "rule")]
pub enum LimitRule {
    /// The group is one feeder, and its limits are the feeder's.
    OneFeeder,
    /// Mixing carries assets to any feeder: the least external limit of all (`feeder` has it).
    LeastOfAll {
        /// The feeder that binds.
        feeder: String,
    },
    /// (2.17): the least external limit among the feeders whose prosumers can exceed it.
    LeastExceedable {
        /// The feeder that binds.
        feeder: String,
    },
    /// (2.19): no feeder's prosumers can exceed its limit, so the limits add up.
    Sum,
}

/// A group of feeders, planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupPlan {
    /// What it is called.
    pub name: String,
    /// Its feeders.
    pub feeders: Vec<String>,
    /// `C_g^i` and `C_g^e` for `addGroup`.
    pub limits: GroupLimits,
    /// Why these.
    #[serde(flatten)]
    pub rule: LimitRule,
    /// The cost of privacy (2.18): what could be traded an interval and no longer can, at most.
    pub cost_wh: WattHours,
    /// How well each side is hidden: sellers, then buyers.
    pub anonymity: [Anonymity; 2],
}

impl GroupPlan {
    /// Whether somebody is not hidden as well as a mix of three would hide it, or a total gives somebody away.
    pub fn has_warnings(&self) -> bool {
        self.anonymity.iter().any(Anonymity::has_warnings)
    }
}

/// Plans every group that the feeders name, in the order of their first feeders. `denomination`: the one amount that mixes
/// move, Wh an interval; the least limit of a group's side unless given.
///
/// # Errors
/// Names that are missing or given twice, and amounts that the contract cannot hold.
pub fn plan_groups(
    neighbourhood: &Neighbourhood,
    mixing: Mixing,
    denomination: Option<WattHours>,
) -> Result<Vec<GroupPlan>, GroupError> {
    neighbourhood.check()?;
    if denomination == Some(WattHours(0)) {
        return Err(GroupError::ZeroDenomination);
    }
    let mut names: Vec<&str> = Vec::new();
    for feeder in &neighbourhood.feeders {
        if !names.contains(&feeder.group.as_str()) {
            names.push(&feeder.group);
        }
    }
    Ok(names.into_iter().map(|name| plan(neighbourhood, name, mixing, denomination)).collect())
}

fn plan(of: &Neighbourhood, name: &str, mixing: Mixing, denomination: Option<WattHours>) -> GroupPlan {
    let feeders: Vec<&Feeder> = of.feeders.iter().filter(|feeder| feeder.group == name).collect();
    let members: Vec<&GridMember> =
        of.prosumers.iter().filter(|member| feeders.iter().any(|feeder| feeder.name == member.feeder)).collect();
    let (limits, rule) = limits(&feeders, &members, mixing);
    let cost_wh = match rule {
        LimitRule::OneFeeder => WattHours(0),
        _ => cost(&members, limits.internal),
    };
    // Where assets stay on their feeder, only its own members can have been behind one.
    let crowds: Vec<Vec<&GridMember>> = match mixing {
        Mixing::AcrossFeeders => vec![members],
        Mixing::WithinFeeders => feeders
            .iter()
            .map(|feeder| members.iter().copied().filter(|member| member.feeder == feeder.name).collect())
            .collect(),
    };
    let anonymity = [Side::Sell, Side::Buy].map(|side| Anonymity::of(side, &crowds, limits.internal, denomination));
    let feeders = feeders.iter().map(|feeder| feeder.name.clone()).collect();
    GroupPlan { name: name.to_owned(), feeders, limits, rule, cost_wh, anonymity }
}

/// (2.17) and (2.19). With net zero for the group one feeder may still export all that another imports, so the external
/// limit counts for both.
fn limits(feeders: &[&Feeder], members: &[&GridMember], mixing: Mixing) -> (GroupLimits, LimitRule) {
    if let [feeder] = feeders {
        let limits = GroupLimits { internal: feeder.internal_limit_wh, external: feeder.external_limit_wh };
        return (limits, LimitRule::OneFeeder);
    }
    let can_bind = |feeder: &&&Feeder| match mixing {
        Mixing::AcrossFeeders => true,
        Mixing::WithinFeeders => can_exceed(feeder, members),
    };
    let binding = feeders.iter().filter(can_bind).filter_map(|feeder| Some((feeder.external_limit_wh?, feeder)));
    let (limit, rule) = match (binding.min_by_key(|(limit, _)| *limit), mixing) {
        (Some((limit, feeder)), Mixing::AcrossFeeders) => {
            (Some(limit), LimitRule::LeastOfAll { feeder: feeder.name.clone() })
        }
        (Some((limit, feeder)), Mixing::WithinFeeders) => {
            (Some(limit), LimitRule::LeastExceedable { feeder: feeder.name.clone() })
        }
        (None, _) => {
            let limits: Option<Vec<WattHours>> = feeders.iter().map(|feeder| feeder.external_limit_wh).collect();
            (limits.map(|limits| sum(limits.into_iter())), LimitRule::Sum)
        }
    };
    (GroupLimits { internal: limit, external: limit }, rule)
}

/// Whether the members of a feeder can sell, or can buy, more than may flow out of it or into it.
fn can_exceed(feeder: &Feeder, members: &[&GridMember]) -> bool {
    let Some(limit) = feeder.external_limit_wh else { return false };
    let total =
        |side| sum(members.iter().filter(|member| member.feeder == feeder.name).map(|member| member.limit(side)));
    total(Side::Sell) > limit || total(Side::Buy) > limit
}

/// (2.18).
fn cost(members: &[&GridMember], limit: Option<WattHours>) -> WattHours {
    let total = |side| sum(members.iter().map(|member| member.wish(side)));
    let possible = total(Side::Sell).min(total(Side::Buy));
    let allowed = limit.map_or(possible, |limit| limit.min(possible));
    WattHours(possible.0.saturating_sub(allowed.0))
}

/// Exact: amounts are at most 2^32 each, and a file of 2^32 of them cannot be held.
fn sum(amounts: impl Iterator<Item = WattHours>) -> WattHours {
    WattHours(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
}
