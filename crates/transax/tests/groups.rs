//! Groups of feeders, against figures worked out by hand.

use transax::{
    Feeder, GridMember, GroupError, GroupLimits, GroupPlan, Leak, LimitRule, MemberCount, Mixing, Neighbourhood, Side,
    plan_groups,
};
use units::WattHours;

fn feeder(name: &str, limit: u64) -> Feeder {
    let (internal_limit_wh, external_limit_wh) = (Some(WattHours(limit + 5)), Some(WattHours(limit)));
    Feeder { name: name.into(), group: String::new(), internal_limit_wh, external_limit_wh }
}

fn prosumer(name: &str, feeder: &str, production: u64, consumption: u64) -> GridMember {
    GridMember {
        name: name.into(),
        feeder: feeder.into(),
        production_limit_wh: WattHours(production),
        consumption_limit_wh: WattHours(consumption),
        offered_wh: None,
        wanted_wh: None,
    }
}

fn one(of: &Neighbourhood, mixing: Mixing) -> GroupPlan {
    let mut plans = plan_groups(of, mixing, None).expect("a plan");
    assert_eq!(plans.len(), 1);
    plans.remove(0)
}

fn both(limit: u64) -> GroupLimits {
    GroupLimits { internal: Some(WattHours(limit)), external: Some(WattHours(limit)) }
}

/// Feeder a can carry 10 and its members produce 12 at most; b can carry 30 and its members produce 25 at most.
fn two_feeders() -> Neighbourhood {
    Neighbourhood {
        feeders: vec![feeder("a", 10), feeder("b", 30)],
        prosumers: vec![
            prosumer("101", "a", 6, 4),
            prosumer("102", "a", 6, 4),
            prosumer("201", "b", 25, 10),
            prosumer("202", "b", 0, 15),
        ],
    }
}

#[test]
fn a_single_feeder_keeps_its_limits_and_costs_nothing() {
    let of = Neighbourhood { feeders: vec![feeder("a", 10)], prosumers: vec![prosumer("101", "a", 99, 99)] };
    let plan = one(&of, Mixing::AcrossFeeders);
    let limits = GroupLimits { internal: Some(WattHours(15)), external: Some(WattHours(10)) };
    assert_eq!((plan.limits, &plan.rule, plan.cost_wh), (limits, &LimitRule::OneFeeder, WattHours(0)));
}

#[test]
fn without_mixing_the_least_feeder_that_can_be_exceeded_binds() {
    // (2.17): of a alone, 12 > 10. Potential trades: min(37, 33) = 33, so privacy costs 33 − 10.
    let plan = one(&two_feeders(), Mixing::WithinFeeders);
    assert_eq!(plan.limits, both(10));
    assert_eq!(plan.rule, LimitRule::LeastExceedable { feeder: "a".into() });
    assert_eq!(plan.cost_wh, WattHours(23));
}

#[test]
fn without_mixing_limits_add_up_where_no_feeder_can_be_exceeded() {
    let mut of = two_feeders();
    of.prosumers[1].production_limit_wh = WattHours(4);
    // (2.19): exactly 10 on a is still safe.
    let plan = one(&of, Mixing::WithinFeeders);
    assert_eq!((plan.limits, plan.rule, plan.cost_wh), (both(40), LimitRule::Sum, WattHours(0)));
}

#[test]
fn consumption_can_exceed_a_feeder_as_well() {
    let mut of = two_feeders();
    of.prosumers[1].production_limit_wh = WattHours(4);
    of.prosumers[1].consumption_limit_wh = WattHours(7);
    assert_eq!(one(&of, Mixing::WithinFeeders).limits, both(10));
}

#[test]
fn mixing_carries_assets_to_the_weakest_feeder() {
    let mut of = two_feeders();
    of.prosumers[1].production_limit_wh = WattHours(4);
    let plan = one(&of, Mixing::AcrossFeeders);
    assert_eq!((plan.limits, plan.rule), (both(10), LimitRule::LeastOfAll { feeder: "a".into() }));
    // Potential trades: min(35, 33).
    assert_eq!(plan.cost_wh, WattHours(23));
}

#[test]
fn what_is_really_offered_lowers_the_cost() {
    let mut of = two_feeders();
    of.prosumers[2].offered_wh = Some(WattHours(1));
    of.prosumers[3].wanted_wh = Some(WattHours(999));
    // Sells 6 + 6 + 1; more than the limit counts as the limit.
    assert_eq!(one(&of, Mixing::AcrossFeeders).cost_wh, WattHours(3));
}

#[test]
fn feeders_without_limits_bind_nobody() {
    let mut of = two_feeders();
    of.feeders[0].external_limit_wh = None;
    assert_eq!(one(&of, Mixing::AcrossFeeders).limits, both(30));
    of.feeders[1].external_limit_wh = None;
    let plan = one(&of, Mixing::AcrossFeeders);
    assert_eq!((plan.limits, plan.rule, plan.cost_wh), (GroupLimits::default(), LimitRule::Sum, WattHours(0)));
}

/// The dissertation's example 2: limits of 10 and 30, and a group that may trade 40.
#[test]
fn totals_leak_as_in_example_2() {
    let mut of = Neighbourhood {
        feeders: vec![Feeder { internal_limit_wh: Some(WattHours(40)), ..feeder("a", 40) }],
        prosumers: vec![prosumer("102", "a", 10, 0), prosumer("103", "a", 30, 0)],
    };
    let leak = |prosumer: &str, above: u64, at_most: u64| Leak {
        prosumer: prosumer.into(),
        above_wh: WattHours(above),
        at_most_wh: WattHours(at_most),
    };
    let sellers = |of: &Neighbourhood| one(of, Mixing::AcrossFeeders).anonymity[0].clone();
    assert_eq!(sellers(&of).leaks, [leak("103", 10, 30), leak("102", 30, 10)]);
    // "To improve anonymity, the feeder as a whole should not trade more than 10."
    of.feeders[0].internal_limit_wh = Some(WattHours(10));
    assert_eq!(sellers(&of).leaks, []);
    // "If both have 20, then anonymity is improved until trading exceeds 20."
    for prosumer in &mut of.prosumers {
        prosumer.production_limit_wh = WattHours(20);
    }
    of.feeders[0].internal_limit_wh = Some(WattHours(20));
    assert_eq!(sellers(&of).leaks, []);
    of.feeders[0].internal_limit_wh = Some(WattHours(21));
    assert_eq!(sellers(&of).leaks, [leak("102", 20, 1), leak("103", 20, 1)]);
}

#[test]
fn a_crowd_mixes_the_same_number_of_denominations() {
    let of = Neighbourhood {
        feeders: vec![feeder("a", 9), feeder("b", 9)],
        prosumers: vec![
            prosumer("101", "a", 500, 0),
            prosumer("102", "a", 700, 0),
            prosumer("201", "b", 900, 0),
            prosumer("202", "b", 1000, 0),
            prosumer("203", "b", 300, 0),
        ],
    };
    let plan = |mixing, denomination| plan_groups(&of, mixing, denomination).expect("a plan").remove(0);
    let count = |denominations, members: &[&str]| MemberCount {
        denominations,
        members: members.iter().map(ToString::to_string).collect(),
    };
    let [sellers, buyers] = plan(Mixing::AcrossFeeders, Some(WattHours(500))).anonymity;
    assert_eq!(sellers.crowds, [count(1, &["101", "102", "201"]), count(2, &["202"])]);
    assert_eq!((sellers.least_k, &sellers.too_small[..]), (1, &["203".to_owned()][..]));
    assert_eq!(sellers.small_crowds().count(), 1);
    assert!(!buyers.has_members() && !buyers.has_warnings());

    // Unless told, everybody can mix at least one.
    let [sellers, _] = plan(Mixing::AcrossFeeders, None).anonymity;
    assert_eq!((sellers.denomination_wh, sellers.too_small.len()), (WattHours(300), 0));
    assert_eq!(sellers.crowds, [count(1, &["101", "203"]), count(2, &["102"]), count(3, &["201", "202"])]);

    // Assets that stay on their feeder are hidden among its members only.
    let [sellers, _] = plan(Mixing::WithinFeeders, Some(WattHours(300))).anonymity;
    let feeder_a = [count(1, &["101"]), count(2, &["102"])];
    assert_eq!(sellers.crowds, [&feeder_a[..], &[count(1, &["203"]), count(3, &["201", "202"])]].concat());
}

#[test]
fn three_equal_members_below_the_leaking_total_raise_no_warning() {
    let of = Neighbourhood {
        feeders: vec![feeder("a", 20), feeder("b", 20)],
        prosumers: ["1", "2", "3"].map(|name| prosumer(name, if name == "1" { "a" } else { "b" }, 10, 0)).into(),
    };
    // C_g = 20 = 30 − 10: nobody is given away.
    let plan = one(&of, Mixing::AcrossFeeders);
    assert_eq!((plan.anonymity[0].least_k, plan.has_warnings()), (3, false));
    assert_eq!(plan.anonymity[0].side, Side::Sell);
}

#[test]
fn groups_are_kept_apart() {
    let mut of = two_feeders();
    of.feeders[1].group = "east".into();
    let plans = plan_groups(&of, Mixing::AcrossFeeders, None).expect("plans");
    let names: Vec<_> = plans.iter().map(|plan| (plan.name.as_str(), &plan.feeders[..])).collect();
    assert_eq!(names, [("", &["a".to_owned()][..]), ("east", &["b".to_owned()][..])]);
    assert!(plans.iter().all(|plan| plan.rule == LimitRule::OneFeeder));
}

#[test]
fn what_does_not_make_sense_is_refused() {
    let plan = |of: &Neighbourhood| plan_groups(of, Mixing::AcrossFeeders, None).unwrap_err();
    assert_eq!(plan(&Neighbourhood::default()), GroupError::NoFeeders);
    let mut of = two_feeders();
    of.feeders[1].name = "a".into();
    assert_eq!(plan(&of), GroupError::FeederTwice { name: "a".into() });
    let mut of = two_feeders();
    of.prosumers[1].feeder = "z".into();
    assert_eq!(plan(&of), GroupError::UnknownFeeder { prosumer: "102".into(), feeder: "z".into() });
    of.prosumers[1] = of.prosumers[0].clone();
    assert_eq!(plan(&of), GroupError::ProsumerTwice { name: "101".into() });
    let mut of = two_feeders();
    of.feeders[0].internal_limit_wh = Some(WattHours(u64::from(u32::MAX)));
    assert!(matches!(plan(&of), GroupError::TooLarge { what: "the internal limit", .. }));
    let zero = plan_groups(&two_feeders(), Mixing::AcrossFeeders, Some(WattHours(0)));
    assert_eq!(zero.unwrap_err(), GroupError::ZeroDenomination);
}
