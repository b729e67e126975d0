//! Where a market comes to be.

use crate::world::World;

/// The well-known deterministic deployer.
const DEPLOYER: &str = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

#[tokio::test(flavor = "multi_thread")]
async fn with_a_salt_a_market_has_the_same_address_on_every_chain() {
    let (here, there) = (World::start().await, World::start().await);
    let deploy = |world: &World, wallet: &str, token: &str, more: &str| {
        format!(
            "deploy --rpc {} --wallet {wallet} --genesis 2023-11-15T00:00:00Z --token {token} {more} --force",
            world.node.url()
        )
    };
    let token_of = |world: &World| {
        let made = world.place.json(&format!("deploy --rpc {} --wallet dso --deployment other.json", world.node.url()));
        made["deployment"]["token"].as_str().expect("an address").to_owned()
    };
    let token = token_of(&here);
    assert_eq!(token, token_of(&there), "both are the first that the same account creates");
    let market = |world: &World, more: &str| {
        let made = world.place.json(&deploy(world, "dso", &token, more));
        made["deployment"]["market"].as_str().expect("an address").to_owned()
    };
    let first = market(&here, "--salt street");
    // What the account did before makes no difference.
    there.place.json(&format!("deploy --rpc {} --wallet dso --deployment more.json", there.node.url()));
    assert_eq!(first, market(&there, "--salt street"));
    assert_ne!(first, market(&there, "--salt lane"));
    assert_ne!(first, market(&there, "--salt street --interval-seconds 600"));
    here.place.line(&deploy(&here, "dso", &token, "--salt street")).refused(2, "there is such a market at 0x");

    there.set_code(DEPLOYER, "0x").await;
    there.place.line(&deploy(&there, "dso", &token, "--salt alley")).refused(2, "has no deterministic deployer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_of_somebody_elses_is_written_down_as_its_deployer_did() {
    let world = World::start().await;
    let place = &world.place;
    let url = world.node.url();
    place.json("wallet new bystander");
    let made = place.json(&format!("deploy --rpc {url} --wallet dso --group none:none --price-rule uniform"));
    let market = made["deployment"]["market"].as_str().expect("an address");
    let found = place.json(&format!("deploy --rpc {url} --existing {market} --deployment found.json"));
    assert_eq!(found["deployment"], made["deployment"]);
    let token = made["deployment"]["token"].as_str().expect("an address");
    let line = |address: &str| format!("deploy --rpc {url} --existing {address} --deployment none.json");
    place.line(&line(token)).refused(2, "is no energy market of this release");
    place.line(&line("0x00000000000000000000000000000000000000aa")).refused(4, "");
}
