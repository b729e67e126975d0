//! `solidworx` on a chain: by hand, and by agents that are killed.

use chain::anvil::dev_keys;
use http_fuzzer::{Fuzzer, Good};
use serde_json::{Value, json};

use crate::world::{Place, World, wait_for};

const PHASES: &str = "--receive-seconds 600 --solve-seconds 300";

/// A node with a market on it, set up by `terms`.
async fn with_market(terms: &Value, more: &str) -> World {
    let world = World::start().await;
    let place = &world.place;
    place.write("terms.json", &terms.to_string());
    place.json(&format!("solidworx deploy --rpc {} --wallet dso --terms terms.json {PHASES} {more}", world.node.url()));
    world
}

fn terms() -> Value {
    json!({ "num_types": 4, "precision": 1000, "max_quantity": 50 })
}

/// One offer as a file has it.
fn offer(misc: u64, side: &str, alternatives: &[(u64, u64, u64)]) -> Value {
    let listed = |(resource_type, quantity, price): &(u64, u64, u64)| json!({ "resource_type": resource_type, "quantity": quantity, "price": price });
    json!({ "misc": misc, "side": side, "alternatives": alternatives.iter().map(listed).collect::<Vec<_>>() })
}

/// Posts one offer of `wallet`; its number.
#[track_caller]
fn post(place: &Place, wallet: &str, offer: &Value, more: &str) -> u64 {
    place.write("offers.json", &json!([offer]).to_string());
    let posted = place.json(&format!("solidworx post offers.json --wallet {wallet} {more}"));
    posted["offers"][0].as_u64().expect("a number")
}

async fn end_phase(world: &World) {
    let end = world.place.json("solidworx status")["phase_end"].as_u64().expect("a time");
    world.node.warp_to(end).await.expect("the clock moves");
}

fn one(quantity: u64, price: u64) -> Value {
    json!({ "assignments": [
        { "providing_offer": 1, "consuming_offer": 2, "resource_type": 1, "quantity": quantity, "price": price }
    ] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_is_lived_by_hand() {
    let world = with_market(&terms(), "--deposit-wei 7").await;
    let place = &world.place;
    assert_eq!(post(place, "alice", &offer(1, "providing", &[(0, 5, 8), (1, 9, 8)]), ""), 1);
    assert_eq!(post(place, "bob", &offer(2, "consuming", &[(1, 6, 9)]), "--stepwise"), 2);
    assert_eq!(post(place, "bob", &offer(3, "consuming", &[(0, 1, 9)]), ""), 3);
    place.json("solidworx cancel 3 --wallet bob");
    place.line("solidworx cancel 1 --wallet bob").refused(3, "offer 1 is not 0x");
    place.line("solidworx advance --wallet bob").refused(3, "not yet: the phase ends at");
    end_phase(&world).await;
    assert_eq!(place.json("solidworx advance --wallet bob")["was"], "closed");
    place.write("late.json", &json!([offer(4, "consuming", &[(0, 1, 9)])]).to_string());
    place.line("solidworx post late.json --wallet bob").refused(3, "the market is in its solving phase");

    place.write("market.json", &place.json("solidworx offers").to_string());
    let solved = place.json("solidworx solve market.json");
    assert_eq!((solved["value"].as_u64(), solved["assignments"].as_array().map(Vec::len)), (Some(6), Some(1)));
    place.write("small.json", &one(2, 8).to_string());
    place.json("solidworx submit small.json --wallet bob --stepwise");
    place.write("allocation.json", &solved.to_string());
    place.json("solidworx submit allocation.json --wallet bob");
    place.line("solidworx submit small.json --wallet bob").refused(3, "does not beat the candidate, which is worth 6");
    let candidate = &place.json("solidworx status")["candidate"];
    assert_eq!((&candidate["value"], &candidate["assignments"]), (&json!(6), &json!(1)));

    place.line("solidworx return-deposit 1 --wallet bob").refused(3, "offer 1 is of this cycle");
    end_phase(&world).await;
    assert_eq!(place.json("solidworx advance --wallet alice")["was"], "finalised");
    let allocation = place.json("solidworx allocation");
    assert_eq!((&allocation["cycle"], &allocation["value"]), (&json!(1), &json!(6)));
    assert_eq!(allocation["assignments"], solved["assignments"]);
    place.write("market.json", &place.json("solidworx offers --cycle 1").to_string());
    place.write("final.json", &allocation.to_string());
    assert_eq!(place.json("solidworx verify market.json final.json")["value"], 6);
    place.json("solidworx return-deposit 1 --wallet bob");
    place.line("solidworx return-deposit 1 --wallet bob").refused(3, "offer 1 has no deposit to return");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_is_refused_with_the_contracts_reason() {
    let mut terms = terms();
    terms["bounded"] = true.into();
    terms["paired"] = true.into();
    terms["rules"] = json!({ "1": { "weight": 1, "min_price": 3, "max_price": 8 } });
    let [_, alice, bob] = &dev_keys(3)[..] else { panic!("three keys") };
    let pair = |resource_type: u64| json!({ "resource_type": resource_type, "provider": alice.address(), "consumer": bob.address() });
    terms["pairs"] = json!([pair(1)]);
    let world = with_market(&terms, "").await;
    let place = &world.place;
    let refused = |offer: Value, words: &str| {
        place.write("offers.json", &json!([offer]).to_string());
        place.line("solidworx post offers.json --wallet alice").refused(3, words);
    };
    refused(offer(1, "providing", &[(4, 1, 1)]), "there is no type 4: types are below 4");
    refused(offer(1, "providing", &[(0, 51, 1)]), "51 is more than the 50 that an offer may list");
    refused(offer(1, "providing", &[(1, 1, 1), (0, 1, 1)]), "type 0 is not listed in ascending order");
    refused(offer(1, "providing", &[]), "0 bytes are not 1 to 256 alternatives");
    post(place, "alice", &offer(1, "providing", &[(1, 9, 2), (2, 9, 2)]), "");
    post(place, "bob", &offer(2, "consuming", &[(1, 6, 9), (2, 6, 9)]), "");
    place.write("early.json", &one(1, 5).to_string());
    place.line("solidworx submit early.json --wallet bob").refused(3, "the market is in its offering phase");
    end_phase(&world).await;
    place.json("solidworx advance --wallet dso");
    // Step by step the contract itself judges what cannot be packed.
    for more in ["", "--stepwise"] {
        let judged = |allocation: &Value, words: &str| {
            place.write("bad.json", &allocation.to_string());
            place.line(&format!("solidworx submit bad.json --wallet bob {more}")).refused(3, words);
        };
        let mut other = one(1, 5);
        other["assignments"][0]["resource_type"] = 2.into();
        judged(&other, "may not provide type 2 to");
        other["assignments"][0]["resource_type"] = 3.into();
        judged(&other, "offer 1 does not list type 3");
        other["assignments"][0]["providing_offer"] = 9.into();
        judged(&other, "there is no offer 9");
        judged(&one(1, 9), "price 9 of type 1 is not within 3 to 8");
        judged(&one(1, 1), "price 1 is below the 2 that offer 1 asks");
        judged(&one(7, 5), "parts of offer 2 are assigned, and it has 1000");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_that_are_killed_and_one_that_is_found_by_asking_lose_no_cycle() {
    let world = with_market(&terms(), "").await;
    let place = &world.place;
    for (name, key) in ["anne", "ben"].into_iter().zip(&dev_keys(5)[3..]) {
        let ran = place.run_with_input(&["wallet", "import", name, "--key-file", "-"], &key.to_bytes().to_string());
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let directory = place.start("solidworx directory run --wallet dso --listen 127.0.0.1:0 --poll-milliseconds 20");
    let told = directory.said();
    let url = told.split_whitespace().find(|word| word.starts_with("http://")).expect("it says where").to_owned();
    let mut fuzzer = Fuzzer::new(&url, 4, [Good::get("/").steady()]);
    fuzzer.run(1000).await;
    fuzzer.came_to(&[200, 404, 405]);
    let mut wish = offer(1, "providing", &[(1, 9, 8)]);
    wish["renewal"] = "whole".into();
    place.write("alice.json", &json!([wish]).to_string());
    wish["side"] = "consuming".into();
    place.write("bob.json", &json!([wish]).to_string());
    let poll = format!("--directory {url} --poll-milliseconds 20");
    let prosumers = ["alice", "bob"]
        .map(|name| place.start(&format!("solidworx prosumer run --wishes {name}.json --wallet {name} {poll}")));
    let solver = |name: &str| place.start(&format!("solidworx solver run --wallet {name} {poll}"));
    let (anne, ben) = (solver("anne"), solver("ben"));
    let status = |key: &str| place.json("solidworx status")[key].clone();

    wait_for("offers", || status("offers") == 2).await;
    // Killed, not asked to end.
    drop(anne);
    end_phase(&world).await;
    wait_for("a solution by the other solver", || !status("candidate").is_null()).await;
    drop(directory);
    end_phase(&world).await;
    assert_eq!(status("cycle"), 1);
    let directory = place.start("solidworx directory run --wallet dso --poll-milliseconds 20");
    wait_for("the end of the cycle", || status("cycle") == 2).await;
    assert_eq!((status("last")["value"].clone(), status("last")["assignments"].clone()), (json!(9), json!(1)));
    wait_for("offers of the next cycle", || status("offers") == 2).await;
    assert!(directory.stop().contains("intents: 1 carried out"));
    assert!(ben.stop().contains("intents: 1 carried out"));
    for prosumer in prosumers {
        assert!(prosumer.stop().contains("intents: 2 carried out"));
    }
    place.line(&format!("solidworx status --directory {url}")).refused(1, "does not say where the market is");
    place.line("solidworx status --market nowhere.json").refused(6, "make one with `entente solidworx deploy`");
}
