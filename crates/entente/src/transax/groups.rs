//! `groups plan`: limits for groups of feeders, and what they hide.

use std::{fmt, fs};

use ::transax::{Anonymity, GroupPlan, LimitRule, MemberCount, Mixing, Neighbourhood, Side, plan_groups};
use serde::Serialize;
use units::WattHours;

use crate::{cli::PlanGroups, exit::Failure, output::Table, setting::Setting};

/// Plans the groups of a file. No chain is needed.
pub fn plan(setting: &Setting, words: &PlanGroups) -> Result<(), Failure> {
    let named = |reason: String| Failure::Usage(format!("{}: {reason}", words.file.display()));
    let text = fs::read_to_string(&words.file).map_err(|error| named(error.to_string()))?;
    let neighbourhood: Neighbourhood = serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
    let mixing = if words.unmixed { Mixing::WithinFeeders } else { Mixing::AcrossFeeders };
    let denomination = words.denomination_wh.map(|amount| WattHours(amount.into()));
    let groups = plan_groups(&neighbourhood, mixing, denomination).map_err(|error| named(error.to_string()))?;
    let groups = groups.into_iter().map(|plan| Planned { warnings: warnings(&plan), plan }).collect();
    Ok(setting.output.result(&Shown { mixing, groups })?)
}

#[derive(Debug, Serialize)]
struct Shown {
    mixing: Mixing,
    groups: Vec<Planned>,
}

#[derive(Debug, Serialize)]
struct Planned {
    #[serde(flatten)]
    plan: GroupPlan,
    warnings: Vec<String>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["group", "feeders", "C^i Wh", "C^e Wh", "cost Wh", "sellers' k", "buyers' k"]);
        for Planned { plan, .. } in &self.groups {
            let k = |side: &Anonymity| if side.has_members() { side.least_k.to_string() } else { "-".into() };
            let [sellers, buyers] = &plan.anonymity;
            table.row([
                title(plan),
                plan.feeders.join(" "),
                limit(plan.limits.internal),
                limit(plan.limits.external),
                plan.cost_wh.0.to_string(),
                k(sellers),
                k(buyers),
            ]);
        }
        writeln!(f, "{table}")?;
        for Planned { plan, warnings } in &self.groups {
            writeln!(f, "{}: {}", title(plan), why(&plan.rule))?;
            for warning in warnings {
                writeln!(f, "  warning: {warning}")?;
            }
        }
        let limits = self.groups.first().map(|Planned { plan, .. }| plan.limits).unwrap_or_default();
        writeln!(f, "next: entente transax group add {}:{}", limit(limits.internal), limit(limits.external))
    }
}

fn title(plan: &GroupPlan) -> String {
    if plan.name.is_empty() { "(unnamed)".into() } else { plan.name.clone() }
}

fn limit(limit: Option<WattHours>) -> String {
    limit.map_or_else(|| "none".into(), |limit| limit.0.to_string())
}

fn why(rule: &LimitRule) -> String {
    match rule {
        LimitRule::OneFeeder => "one feeder, which keeps its own limits".into(),
        LimitRule::LeastOfAll { feeder } => {
            format!("mixing may bring everything to feeder {feeder}, whose external limit is the least")
        }
        LimitRule::LeastExceedable { feeder } => {
            format!("feeder {feeder} has the least external limit of those that can be exceeded")
        }
        LimitRule::Sum => "no feeder's limit can be exceeded, so they add up".into(),
    }
}

fn warnings(plan: &GroupPlan) -> Vec<String> {
    plan.anonymity.iter().flat_map(side_warnings).collect()
}

fn side_warnings(side: &Anonymity) -> Vec<String> {
    let (noun, verb) = match side.side {
        Side::Sell => ("sellers", "sells"),
        Side::Buy => ("buyers", "buys"),
    };
    let denomination = side.denomination_wh;
    let small = |crowd: &MemberCount| {
        let (k, count, who) = (crowd.members.len(), crowd.denominations, crowd.members.join(" "));
        format!("only {k} of the {noun} can mix {count} times {denomination} ({who}); a mix hides nobody below 3")
    };
    let mut warnings: Vec<String> = side.small_crowds().map(small).collect();
    if !side.too_small.is_empty() {
        let who = side.too_small.join(" ");
        warnings.push(format!("some of the {noun} cannot mix even one {denomination} ({who}); take a smaller one"));
    }
    warnings.extend(side.leaks.iter().map(|leak| {
        let (who, above, most) = (&leak.prosumer, leak.above_wh, leak.at_most_wh);
        format!("if the group {verb} more than {above}, the rest, up to {most}, is known to be {who}'s")
    }));
    warnings
}
