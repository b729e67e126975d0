//! Homes that trade without being seen, as processes of their own, and a day of them.

use std::{
    collections::BTreeSet,
    fmt::Write,
    time::{Duration, Instant},
};

use alloy::primitives::Address;
use chain::anvil::dev_keys;
use serde_json::json;
use transax::{Market, Side};
use units::{IntervalIndex, WattHours};

use crate::{
    day,
    world::{Place, Running, World},
};

const HOMES: [&str; 4] = ["P101", "P102", "P103", "P104"];

/// The market's clock, seconds after genesis.
async fn warp(world: &World, interval: u64) {
    let genesis = world.place.json("")["deployment"]["params"]["genesis"].as_u64().expect("a time");
    world.node.warp_to(genesis + interval * 900).await.expect("the clock moves");
}

/// Four homes of a feeder, three of which produce, each with wallets for itself, its secrets and its meter.
async fn with_homes() -> World {
    let world = World::start().await;
    let place = &world.place;
    // The first block falls into interval 23; the homes' day begins with interval 32.
    place.json(&format!(
        "deploy --rpc {} --wallet dso --genesis 2023-11-14T16:20:50Z --group none:none",
        world.node.url()
    ));
    place.json("wallet new circle");
    for (home, key) in HOMES.into_iter().zip(dev_keys(7).into_iter().skip(3)) {
        let key = key.to_bytes().to_string();
        let ran = place.run_with_input(&["wallet", "import", home, "--key-file", "-"], &key);
        assert_eq!(ran.code, 0, "{ran:?}");
        for wallet in ["meter", "secret", "meter-secret"] {
            place.json(&format!("wallet new {home}-{wallet}"));
        }
        let production = if home == "P101" { 0 } else { 2000 };
        place.json(&format!(
            "transax meter add {home}-meter --group 0 --production-limit-wh {production} --consumption-limit-wh 2000 --wallet dso"
        ));
        place.json(&format!("transax certify {home} {home}-meter --wallet dso --output {home}.json"));
        place.json(&format!("transax register --certificate {home}.json --wallet {home}"));
        place.json(&format!("token mint {home} 100 --wallet dso"));
        place.json(&format!("transax credits deposit 100 --wallet {home}"));
    }
    world
}

fn start(place: &Place, home: &str, mailbox: &Running, relay: &Running) -> Running {
    // Read when the test runs: several checkouts may share what was built.
    let data = format!("{}/../../data/simbench-fifteen", std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    place.start(&format!(
        "transax prosumer run --profile {data} --home {home} --wallet {home} --private --poll-milliseconds 50 \
         --secret {home}-secret --meter-secret {home}-meter-secret --circle circle --patience-seconds 8 \
         --mailbox http://{} --relay http://{} --spread-seconds 0",
        mailbox.address(),
        relay.address()
    ))
}

async fn market(world: &World) -> Market {
    let file = std::fs::read_to_string(world.place.path().join("entente.json")).expect("a deployment file");
    day::market(world, &serde_json::from_str(&file).expect("a deployment")).await
}

/// Waits until the market is as it should be.
async fn until(world: &World, what: &str, is_so: impl Fn(&Market) -> bool) -> Market {
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let market = market(world).await;
        if is_so(&market) {
            return market;
        }
        assert!(Instant::now() < deadline, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn crowds(market: &Market) -> Vec<(Side, usize)> {
    market.mixes().map(|mixed| (mixed.side, mixed.inputs.len())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn homes_mix_and_offer_without_being_seen_though_one_vanishes() {
    let world = with_homes().await;
    let place = &world.place;
    let mailbox = place.start("transax mailbox run --listen 127.0.0.1:0");
    let relay = place.start("transax relay run --listen 127.0.0.1:0 --least-seconds 0 --wallet bob");
    // Nothing can be offered for an interval that waits to be made final.
    let dso = place.start("transax dso run --wallet dso --poll-milliseconds 20");
    let mut homes: Vec<_> = HOMES.into_iter().map(|home| start(place, home, &mailbox, &relay)).collect();
    let registered: BTreeSet<Address> = dev_keys(7).into_iter().skip(3).map(|key| key.address()).collect();
    let has_withdrawn = |market: &Market, account: &Address, side| {
        market.withdrawn_assets(*account, side, IntervalIndex(39)) == WattHours(2000)
    };
    // Five intervals before the first one is traded.
    warp(&world, 25).await;
    until(&world, "withdrawing", |market| {
        registered.iter().all(|account| has_withdrawn(market, account, Side::Buy))
            && registered
                .iter()
                .filter(|account| market.withdrawn_assets(**account, Side::Sell, IntervalIndex(39)).0 > 0)
                .count()
                == 3
    })
    .await;
    // It has said that it takes part, and does not.
    homes.remove(0).kill();
    warp(&world, 26).await;
    until(&world, "the mix of production", |market| crowds(market) == [(Side::Sell, 3)]).await;
    warp(&world, 28).await;
    until(&world, "the mix of consumption", |market| crowds(market) == [(Side::Sell, 3), (Side::Buy, 3)]).await;
    warp(&world, 30).await;
    let market = until(&world, "offers", |market| market.offers().len() >= 3).await;
    for (_, offer) in market.offers() {
        let account = market.owner_address(offer.owner).expect("an account");
        assert!(!registered.contains(&account), "{account} offers openly");
    }
    for home in homes {
        assert!(home.stop().contains("0 refused"));
    }
    dso.stop();
}

const LOAD: [u64; 4] = [120, 90, 150, 110];

#[test]
fn a_day_without_being_seen_trades_as_much_and_is_billed_right() {
    let place = Place::new();
    let mut homes =
        "id,feeder,load_peak_kW,pv_peak_kW,storage_kWh,storage_kW,storage_init_kWh,storage_eff\n".to_owned();
    let (mut load, mut pv) = ("interval,time,A,B,C,D\n".to_owned(), "interval,time,A,B,C\n".to_owned());
    for home in ["A", "B", "C"] {
        writeln!(homes, "{home},F1,2,3,6,3,4,0.95").expect("text");
    }
    homes += "D,F1,4,0,0,0,0,\n";
    for interval in 32..44 {
        let of: Vec<_> = LOAD.iter().map(|load| (load + interval % 3 * 20).to_string()).collect();
        writeln!(load, "{interval},2016-07-05T08:00,{}", of.join(",")).expect("text");
        writeln!(pv, "{interval},2016-07-05T08:00,{interval},{},{}", 40 + interval, 20 + interval).expect("text");
    }
    std::fs::create_dir(place.path().join("town")).expect("a folder");
    let feeders = "feeder,tight_ext_Wh,tight_int_Wh\nF1,2000,3000\n".to_owned();
    for (file, text) in [("homes", homes), ("feeders", feeders), ("load_diversified", load), ("pv", pv)] {
        place.write(&format!("town/{file}.csv"), &text);
    }
    let ran = place.line("demo transax --privacy --data town --out out --json");
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = ran.json();
    assert_eq!(report["violations"], 0);
    let unseen = &report["unseen"];
    let figure = |key: &str| unseen[key].as_u64().expect("a number");
    assert!(figure("seen_wh") > 0 && figure("unseen_wh") * 100 >= figure("seen_wh") * 95, "{unseen:#}");
    assert_eq!(figure("openly_wh"), 0);
    // The three with batteries may consume more than the fourth, and mix what that is among themselves.
    let crowds = [("sell", vec![3, 3]), ("buy", vec![4, 3, 4, 3])];
    let crowds = crowds.map(|(side, members)| json!({ "group": 0, "side": side, "members": members }));
    assert_eq!(unseen["crowds"], json!(crowds));
    for bill in unseen["bills"].as_array().expect("bills") {
        assert_eq!((&bill["billed"], &bill["missing_wh"]), (&bill["recomputed"], &json!(0)));
    }
}

#[test]
fn a_trace_has_no_homes_that_could_hide() {
    let place = Place::new();
    place.write("trace.csv", "prosumer,feeder,start,end,side,energy_wh\na,1,0,0,sell,1000\nb,1,0,0,buy,600\n");
    place.line("demo transax --privacy --data trace.csv").refused(2, "a profile of homes");
}
