//! A prosumer's verbs, and how each is refused.

use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_dso_alone_sets_the_market_up() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    assert_eq!(place.json("transax group add none:7 --wallet dso")["group"], 1);
    place.line("transax group add 5:5 --wallet alice").refused(3, "only the DSO");
    place.line("transax group add 5 --wallet dso").refused(2, "INTERNAL:EXTERNAL");
    let meter = |group: u8| {
        format!(
            "transax meter add meter-bob --group {group} --production-limit-wh 1 --consumption-limit-wh 1 --wallet dso"
        )
    };
    place.line(&meter(0)).refused(3, "registered already");
    place.line(&meter(9)).refused(3, "there is no group 9");
    place.line("transax certify bob meter-bob --wallet alice").refused(2, "only the DSO");
    place.line("transax certify nobody meter-bob --wallet dso").refused(5, "there is no wallet nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_takes_a_certificate_for_this_account_and_a_known_meter() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    place.line("transax register --certificate alice.json --wallet alice").refused(3, "is registered already");
    place.json("wallet new poor");
    place.json("wallet new meter-poor");
    place.json("transax meter add meter-poor --group 0 --production-limit-wh 1 --consumption-limit-wh 1 --wallet dso");
    place.json("transax certify poor meter-poor --wallet dso --output poor.json");
    place
        .line("transax register --certificate poor.json --wallet poor")
        .refused(1, "has 0.000000000000000000 ether, which does not pay for the gas to register");
    place.line("transax register --certificate alice.json --wallet bob").refused(2, "use that one's wallet");
    place.json("transax certify dso 0x0000000000000000000000000000000000000009 --wallet dso --output unknown.json");
    place.line("transax register --certificate unknown.json --wallet dso").refused(3, "is not registered; ask the DSO");
    place.write("broken.json", "{}");
    place.line("transax register --certificate broken.json --wallet dso").refused(2, "broken.json");
    let forged = std::fs::read_to_string(place.path().join("unknown.json")).expect("a certificate");
    let meter = place.json("wallet new meter-dso")["address"].as_str().expect("an address").to_owned();
    place.json("transax meter add meter-dso --group 0 --production-limit-wh 1 --consumption-limit-wh 1 --wallet dso");
    place.write("forged.json", &forged.replace("0x0000000000000000000000000000000000000009", &meter));
    place.line("transax register --certificate forged.json --wallet dso").refused(3, "certificate does not bind");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_moves_in_and_out_and_never_more_than_there_is() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    place.json("token mint alice 25 --wallet dso");
    place.line("token mint alice 25 --wallet bob").refused(3, "revert");
    place.line("transax credits deposit 25.5 --wallet alice").refused(3, "holds 25000000");
    place.line("transax credits deposit 0 --wallet alice").refused(2, "the amount is zero");
    place.line("transax credits deposit 0.0000001 --wallet alice").refused(2, "only 6");
    place.line("transax credits deposit 1,5 --wallet alice").refused(2, "plain decimal");
    place.json("transax credits deposit 10.5 --wallet alice");
    place.line("transax credits withdraw 11 --wallet alice").refused(3, "10500000");
    place.json("transax credits withdraw 0.5 --wallet alice");
    let balance = place.json("wallet balance alice");
    assert_eq!(balance["wallets"][0]["credits_base_units"], 10_000_000);
    assert!(place.line("wallet balance alice").stdout.contains("15       10"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_needs_assets_energy_and_open_intervals_in_order() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    let sell = |words: &str| place.line(&format!("transax offer sell --price 0.12 {words} --wallet alice"));
    sell("--energy-wh 500 --from next").refused(3, "withdraw assets or offer less");
    sell("--energy-wh 0 --from next").refused(2, "0 is not in 1..");
    sell("--energy-wh 500 --from 5 --to 4").refused(2, "swap them");
    sell("--energy-wh 500 --from next --to 97").refused(3, "intervals are open up to 96");
    place.line("transax offer sell --price -1 --energy-wh 1 --from 1 --wallet alice").refused(2, "--price");
    place.line("transax offer sell --price 0.1 --energy-wh 1 --from 1 --wallet dso").refused(3, "is not registered");
    let withdraw = |energy: u32| {
        place.line(&format!("transax withdraw-assets sell --first 1 --last 20 --energy-wh {energy} --wallet alice"))
    };
    assert_eq!(withdraw(800).code, 0);
    withdraw(1701).refused(3, "over the meter's limit of 2500 Wh");
    let posted = place.json("transax offer sell --energy-wh 500 --price 0.12 --from 1 --to 12 --wallet alice");
    assert_eq!((&posted["offer"], &posted["price_base_units"]), (&json!(1), &json!(120_000)));
    sell("--energy-wh 301 --from 1").refused(3, "300 Wh of free assets");
    place.line("transax offer augment 1 --wallet alice").refused(2, "nothing to add");
    place.line("transax offer augment 1 --energy-wh 5 --wallet bob").refused(3, "not");
    place.json("transax offer augment 1 --energy-wh 100 --to 15 --wallet alice");
    assert_eq!(place.json("transax cancel 1 --wallet alice")["end"], 8);
    place.line("transax cancel 1 --wallet alice").refused(3, "let it run out");
    place.line("transax cancel 7 --wallet alice").refused(3, "there is no offer 7");
    let offers = place.json("transax offers --wallet alice");
    assert_eq!((&offers["offers"][0]["energy_wh"], &offers["offers"][0]["state"]), (&json!(600), &json!("open")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_needs_credits_for_the_whole_offer() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    place.json("transax withdraw-assets consumption --first 1 --last 1 --energy-wh 1000 --wallet bob");
    let line = "transax offer buy --energy-wh 1000 --price 0.24 --from 1 --wallet bob";
    place.line(line).refused(3, "240000 are needed; deposit the difference first");
    place.json("token mint bob 1 --wallet dso");
    place.json("transax credits deposit 0.24 --wallet bob");
    assert_eq!(place.json(line)["offer"], 1);
    let market = place.line("transax market").stdout;
    assert!(market.contains("Open offers: 1 of 1") && market.contains("Candidate: none"), "{market}");
    let error = place.line(&format!("{line} --json"));
    let error: serde_json::Value = serde_json::from_str(&error.stderr).expect("one JSON document");
    assert_eq!((&error["error"]["code"], &error["error"]["kind"]), (&json!(3), &json!("refused")));
    assert!(error["error"]["refusal"]["InsufficientAssets"].is_object(), "{error}");
}
