//! Wallets, the deployment file, and what is said before there is any of them.

use crate::world::{Place, World};

#[test]
fn bare_entente_leads_from_nothing_to_a_wallet_to_a_market() {
    let place = Place::new();
    assert_eq!(place.json("")["next"], "entente wallet new NAME");
    place.json("wallet new alice");
    let status = place.json("");
    assert_eq!(status["next"], "entente deploy --rpc URL --wallet NAME");
    assert_eq!(status["wallets"][0], "alice");
}

#[test]
fn a_wallet_is_made_once_and_never_shows_its_key() {
    let place = Place::new();
    let key = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
    place.write("key", key);
    let imported = place.json("wallet import bob --key-file key");
    assert_eq!(imported["address"], "0x70997970c51812dc3a010c7d01b50e0d17dc79c8");
    assert_eq!(place.json("wallet list")["wallets"][0]["address"], imported["address"]);
    let kept = std::fs::read_to_string(place.path().join("home/wallets/bob.json")).expect("a keystore");
    assert!(!kept.contains(&key[2..]));
    place.line("wallet import bob --key-file key").refused(5, "there is a wallet bob already");
    place.line("wallet new ../bob").refused(2, "letters, digits");
    place.write("key", "0x0000000000000000000000000000000000000000000000000000000000000000");
    place.line("wallet import carol --key-file key").refused(2, "no private key");
    place.write("key", "secret-but-not-hexadecimal");
    let ran = place.line("wallet import carol --key-file key");
    assert!(!ran.stderr.contains("secret"), "{ran:?}");
    ran.refused(2, "no private key");
    place.line("wallet import carol --key-file nowhere").refused(2, "nowhere");
}

#[test]
fn without_a_market_every_verb_says_how_to_get_one() {
    let place = Place::new();
    place.json("wallet new alice");
    for line in ["transax market", "transax offers", "transax deposit", "transax cancel 1", "wallet balance"] {
        place.line(line).refused(6, "entente deploy");
    }
    place.write("entente.json", "{\"chain_id\": 1, \"colour\": \"blue\"}");
    place.line("transax market").refused(6, "colour");
    place.line("deploy --rpc http://127.0.0.1:1 --wallet alice").refused(6, "--force");
    place.line("deploy --rpc http://127.0.0.1:1/key --wallet alice --force").refused(4, "--rpc");
    place.line("deploy --rpc 127.0.0.1 --wallet alice").refused(2, "http://127.0.0.1:8545");
    place.line("deploy --wallet alice --force").refused(2, "--rpc");
    place
        .line("deploy --rpc http://127.0.0.1:1 --wallet alice --plan-horizon 9 --offer-horizon 8 --force")
        .refused(2, "--plan-horizon");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_is_found_again_on_its_own_chain_only() {
    let world = World::start().await;
    let place = &world.place;
    let deployed = place.json(&format!("deploy --rpc {} --wallet dso --group 1:1 --group 1:1", world.node.url()));
    assert_eq!(deployed["deployment"]["token_decimals"], 6);
    assert_eq!(place.json("transax market")["groups"].as_array().map(Vec::len), Some(2));
    assert_eq!(place.json("")["next"], "entente transax market");
    let file = std::fs::read_to_string(place.path().join("entente.json")).expect("a deployment file");
    place.write("other.json", &file.replace("31337", "1"));
    place.line("transax market --deployment other.json").refused(4, "serves chain 31337");
    place.write("other.json", &file.replace("\"interval_seconds\": 900", "\"interval_seconds\": 901"));
    place.line("transax market --deployment other.json").refused(6, "differs from the contract");
    place.line("transax market --rpc http://127.0.0.1:1").refused(4, "check that a node runs there");
    place.write("password", "wrong");
    place.line("transax group add 1:1 --wallet dso").refused(5, "check its password");
}
