//! A home that the DSO moves to another group in the middle of the day.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use alloy::primitives::Address;
use chain::anvil::dev_keys;
use serde_json::json;
use transax::{Market, Side, violations};
use units::{GroupId, IntervalIndex, WattHours};

use crate::{
    day,
    world::{Running, World},
};

/// The homes' day.
const FIRST: u32 = 32;
const LAST: u32 = 43;
/// The first one that both have forecasts for: they need readings of some before.
const TRADED: u32 = 36;
/// From here on alice is in group 1, which exchanges less with others than she has to sell.
const FROM: u32 = 38;
const LIMIT: u32 = 2000;
const NARROW: u64 = 150;

/// Alice has sun and bob has none.
fn write_profile(world: &World) {
    let place = &world.place;
    let homes = "id,feeder,load_peak_kW,pv_peak_kW,storage_kWh,storage_kW,storage_init_kWh,storage_eff\n\
                 alice,F1,2,4,0,0,0,\nbob,F1,4,0,0,0,0,\n";
    let (mut load, mut pv) = ("interval,time,alice,bob\n".to_owned(), "interval,time,alice\n".to_owned());
    for interval in FIRST..=LAST {
        writeln!(load, "{interval},2016-07-05T08:00,100,{}", 400 + interval).expect("text");
        writeln!(pv, "{interval},2016-07-05T08:00,{}", 500 + interval).expect("text");
    }
    std::fs::create_dir(place.path().join("town")).expect("a folder");
    let feeders = "feeder,tight_ext_Wh,tight_int_Wh\nF1,2000,3000\n".to_owned();
    for (file, text) in [("homes", homes.to_owned()), ("feeders", feeders), ("load_diversified", load), ("pv", pv)] {
        place.write(&format!("town/{file}.csv"), &text);
    }
}

/// A market whose offers reach six intervals ahead; the first block falls into interval 27. Both homes are in group 0.
async fn neighbours() -> World {
    let world = World::start().await;
    let place = &world.place;
    place.json(&format!(
        "deploy --rpc {} --wallet dso --genesis 2023-11-14T15:20:50Z --plan-horizon 4 --offer-horizon 6 \
         --group none:none --group {NARROW}:{NARROW}",
        world.node.url()
    ));
    let solver = dev_keys(4)[3].to_bytes().to_string();
    assert_eq!(place.run_with_input(&["wallet", "import", "solver", "--key-file", "-"], &solver).code, 0);
    for name in ["alice", "bob"] {
        place.json(&format!("wallet new meter-{name}"));
        place.json(&format!(
            "transax meter add meter-{name} --group 0 --production-limit-wh {LIMIT} --consumption-limit-wh {LIMIT} \
             --wallet dso"
        ));
        place.json(&format!("transax certify {name} meter-{name} --wallet dso --output {name}.json"));
        place.json(&format!("transax register --certificate {name}.json --wallet {name}"));
        place.json(&format!("token mint {name} 10 --wallet dso"));
        place.json(&format!("transax credits deposit 10 --wallet {name}"));
    }
    write_profile(&world);
    world
}

fn start(world: &World) -> Vec<Running> {
    let home = |name| format!("prosumer run --profile town --home {name} --wallet {name}");
    let agents =
        ["dso run --wallet dso".to_owned(), "solver run --wallet solver".to_owned(), home("alice"), home("bob")];
    agents.iter().map(|words| world.place.start(&format!("transax {words} --poll-milliseconds 20"))).collect()
}

/// Waits until the market is as it should be.
async fn until(world: &World, what: &str, is_so: impl Fn(&Market) -> bool) -> Market {
    let file = std::fs::read_to_string(world.place.path().join("entente.json")).expect("a deployment file");
    let deployment = serde_json::from_str(&file).expect("a deployment");
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let market = day::market(world, &deployment).await;
        if is_so(&market) {
            return market;
        }
        assert!(Instant::now() < deadline, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Lets the day pass: in each interval all that was planned becomes final, and the next one is offered and planned.
async fn live(world: &World) -> Market {
    let genesis = world.place.json("")["deployment"]["params"]["genesis"].as_u64().expect("a time");
    for running in 28..LAST + 2 {
        world.node.warp_to(genesis + u64::from(running) * 900).await.expect("the clock moves");
        let next = IntervalIndex(running + 2);
        let is_traded =
            |market: &Market| !(TRADED..=LAST).contains(&next.0) || market.candidate_value_at(next) > WattHours(0);
        let what = format!("trading interval {next}");
        until(world, &what, |market| market.stored_next() == next && is_traded(market)).await;
    }
    until(world, "depositing everything", |market| {
        homes()
            .iter()
            .all(|home| market.offers_of(*home).all(|(_, offer)| offer.is_done()) && lacks(market, *home) == 0)
    })
    .await
}

fn homes() -> [Address; 2] {
    [1, 2].map(|place: usize| dev_keys(3)[place].address())
}

/// What a home has withdrawn of either side for the day and not deposited, Wh.
fn lacks(market: &Market, home: Address) -> u64 {
    let sum = |of: fn(&Market, Address, Side, IntervalIndex) -> WattHours| -> u64 {
        let sides = |interval| [Side::Sell, Side::Buy].map(|side| of(market, home, side, IntervalIndex(interval)).0);
        (FIRST..=LAST).flat_map(sides).sum()
    };
    sum(Market::withdrawn_assets) - sum(Market::deposited_assets)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_goes_on_trading_from_one_group_to_the_other_within_the_limits_of_both() {
    let world = neighbours().await;
    let place = &world.place;
    let agents = start(&world);
    let to = |from: &str| format!("transax groups move --meter meter-alice --group 1 --from {from} --wallet dso");
    place.line(&to("next+6")).refused(3, "move it later");
    let moved = place.json(&to(&FROM.to_string()));
    assert_eq!((&moved["old_group"], &moved["group"], &moved["from"]), (&json!(0), &json!(1), &json!(FROM)));
    place.line(&to("next+90")).refused(3, "is to move from interval 38 on");
    let groups = place.json("transax market")["groups"].clone();
    let counts = |group: usize| ["meters", "leaving", "joining"].map(|key| groups[group][key].as_u64());
    assert_eq!([counts(0), counts(1)], [[Some(2), Some(1), Some(0)], [Some(0), Some(0), Some(1)]]);

    let market = live(&world).await;
    for agent in agents {
        let said = agent.stop();
        assert!(said.contains(", 0 refused"), "{said}");
    }
    let [alice, bob] = homes();
    for (_, offer) in market.offers_of(alice) {
        assert!(offer.end.0 < FROM || FROM <= offer.start.0, "{offer:?}");
        assert_eq!(offer.group, GroupId(u16::from(FROM <= offer.start.0)));
    }
    assert!(market.offers_of(bob).all(|(_, offer)| offer.group == GroupId(0)));
    // T1: before, both homes trade within a group without limits; from then on across a narrow one.
    assert_eq!(violations(&market), Vec::<String>::new());
    let sold = market.positions(alice);
    for interval in TRADED..=LAST {
        let sold = sold.get(&IntervalIndex(interval)).map_or(0, |position| position.sold.0);
        assert!(if interval < FROM { sold > NARROW } else { 0 < sold && sold <= NARROW }, "{interval}: {sold} Wh");
    }
    // T2 and T5: no home has more than its limits, and what both withdrew is what both handed to their meters.
    for (home, side) in homes().into_iter().flat_map(|home| [(home, Side::Sell), (home, Side::Buy)]) {
        let withdrawn = |interval| market.withdrawn_assets(home, side, IntervalIndex(interval));
        assert!((FIRST..=LAST).all(|interval| withdrawn(interval) == WattHours(LIMIT.into())));
    }
    for (side, interval) in (FIRST..=LAST).flat_map(|at| [(Side::Sell, at), (Side::Buy, at)]) {
        let deposited = homes().map(|home| market.deposited_assets(home, side, IntervalIndex(interval)).0);
        assert_eq!(deposited.iter().sum::<u64>(), 2 * u64::from(LIMIT), "{side:?} in {interval}");
    }
    // And anybody's verbs follow the move.
    assert!(place.line("transax deposit --wallet alice").stdout.contains("nothing to deposit"));
}
