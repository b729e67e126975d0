//! From a plan to the bill.

use alloy::{eips::BlockNumberOrTag, rpc::types::Filter};
use bindings::{Call, Refused};
use chain::{Outcome, Request, SubmitSettings, Submitter, anvil::dev_keys};
use serde_json::{Value, json};
use transax::{Market, Params, Plan, Trade};
use units::{IntervalIndex, OfferId, WattHours};

use crate::world::World;

/// The market, as its events tell it.
pub async fn market(world: &World, deployment: &Value) -> Market {
    let params: Params = serde_json::from_value(deployment["params"].clone()).expect("parameters");
    let address = deployment["market"].as_str().expect("an address").parse().expect("an address");
    let filter = Filter::new().address(vec![address]).from_block(BlockNumberOrTag::Earliest);
    let mut market = Market::new(params);
    for log in world.node.client().logs(&filter).await.expect("logs") {
        let event = bindings::event(&log.inner.data).expect("an event");
        if let Some(event) = event {
            market.apply(&event).expect("consistent");
        }
    }
    market
}

async fn send(world: &World, deployment: &Value, call: Call) {
    let solver = dev_keys(4).pop().expect("a key");
    let client = world.node.client().clone();
    let mut submitter = Submitter::new(client, solver, SubmitSettings::default(), Refused::decode);
    let to = deployment["market"].as_str().expect("an address").parse().expect("an address");
    let request = Request::call(to, call.data().expect("in range"));
    let outcome = submitter.submit("call", &request).await.expect("submitted");
    assert!(matches!(outcome, Outcome::Landed(_)), "{call}: {outcome:?}");
}

/// Alice sells 500 Wh for 0.10 and bob buys 400 for 0.20, both in interval 1; it is matched and made final.
async fn trade() -> World {
    let world = World::with_prosumers().await;
    let place = &world.place;
    place.json("token mint bob 1 --wallet dso");
    place.json("transax credits deposit 1 --wallet bob");
    place.json("transax withdraw-assets sell --first 1 --last 1 --energy-wh 500 --wallet alice");
    place.json("transax withdraw-assets buy --first 1 --last 1 --energy-wh 400 --wallet bob");
    place.json("transax offer sell --energy-wh 500 --price 0.10 --from 1 --wallet alice");
    place.json("transax offer buy --energy-wh 400 --price 0.20 --from 1 --wallet bob");
    let file = std::fs::read_to_string(place.path().join("entente.json")).expect("a deployment file");
    let deployment: Value = serde_json::from_str(&file).expect("a deployment");
    let energy = WattHours(400);
    let plan = Plan::new([Trade { interval: IntervalIndex(1), seller: OfferId(1), buyer: OfferId(2), energy }]);
    let plan = plan.encode().into();
    send(&world, &deployment, Call::PostSolution { value: energy, plan }).await;
    let candidate = &place.json("transax market")["candidate"];
    assert_eq!(candidate["intervals"], json!([{ "interval": 1, "energy_wh": 400, "trades": 1 }]));
    // Interval 0 begins without having been finalised, and lapses; from now on interval 1 can be.
    let genesis = deployment["params"]["genesis"].as_u64().expect("a time");
    world.node.warp_to(genesis).await.expect("the clock moves");
    let due = market(&world, &deployment).await.finalize_arguments(genesis).expect("interval 1 can be finalised");
    send(&world, &deployment, Call::Finalize { links: due.links, legs: due.legs }).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_is_final_settled_deposited_and_billed() {
    let world = trade().await;
    let place = &world.place;
    let market = place.json("transax market");
    assert_eq!((&market["next_interval"], &market["candidate"]), (&json!(2), &Value::Null));
    assert_eq!(market["last_final"][0]["solver"], json!(dev_keys(4)[3].address()));
    let trades = place.json("transax trades --wallet alice");
    assert_eq!(trades["trades"].as_array().map(Vec::len), Some(1));
    let sold = &trades["trades"][0];
    assert_eq!(
        (&sold["energy_wh"], &sold["payment_base_units"], &sold["settled"]),
        (&json!(400), &json!(60_000), &json!(false))
    );
    place.write("alice.csv", "interval,net_wh\n1,400\n");
    assert_eq!(place.json("transax bill --readings alice.csv --wallet alice")["missing_wh"], 500);

    let alice = place.json("transax deposit --wallet alice");
    assert_eq!((&alice["production_wh"], &alice["consumption_wh"]), (&json!(100), &json!(400)));
    assert_eq!(alice["received_base_units"], 60_000);
    let bob = place.json("transax deposit --wallet bob");
    assert_eq!(
        (&bob["production_wh"], &bob["consumption_wh"], &bob["paid_base_units"]),
        (&json!(400), &json!(0), &json!(60_000))
    );
    assert!(place.line("transax deposit --wallet bob").stdout.contains("nothing to deposit"));
    let balances = place.json("wallet balance bob");
    assert_eq!(balances["wallets"][0]["credits_base_units"], 940_000);

    let bill = place.json("transax bill --readings alice.csv --wallet alice");
    assert_eq!((&bill["owed"], &bill["missing_wh"]), (&json!(0), &json!(0)));
    place.write("bob.csv", "interval,net_wh\n0,-10\n1,-450\n");
    let bill = place.json("transax bill --readings bob.csv --wallet bob");
    assert_eq!(bill["lines"][1]["residual_wh"], -50);
    assert_eq!(bill["owed"], 3_000 + 15_000);
    assert!(
        place.line("transax bill --readings bob.csv --wallet bob").stdout.contains("owed to the DSO: 0.018 tokens")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_that_cannot_be_billed_are_refused_by_line() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    for (text, words) in [
        ("", "columns"),
        ("interval,net_wh\n", "no readings"),
        ("interval,net_wh\n0,1\n0,x\n", "line 3: 'x'"),
        ("interval,net_wh\n0,1\n", "interval 0 is not final yet"),
    ] {
        place.write("readings.csv", text);
        place.line("transax bill --readings readings.csv --wallet alice").refused(2, words);
    }
    place.line("transax bill --readings nowhere.csv --wallet alice").refused(2, "nowhere.csv");
}
