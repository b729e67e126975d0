//! What is found to be missing before an agent misses it.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::world::{Ran, World, wait_for};

const SOLVER: &str = "agent = \"transax solver\"\nwallet = \"bob\"\npoll-milliseconds = 20\n";

/// The level and the finding of each check of this name.
fn found(ran: &Ran, check: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let checks = ran.json()["checks"].as_array().expect("a list").clone();
    let named = checks.iter().filter(|found| found["check"] == check);
    named.map(|found| (text(&found["level"]), text(&found["found"]))).collect()
}

#[track_caller]
fn expect(ran: &Ran, check: &str, level: &str, words: &str) {
    let all = found(ran, check);
    assert!(all.iter().any(|(found, finding)| found == level && finding.contains(words)), "{check} {level}: {ran:?}");
    let has_failed = ran.json()["checks"].as_array().expect("a list").iter().any(|check| check["level"] == "fail");
    assert_eq!(ran.code, i32::from(has_failed), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_tells_what_is_well_and_what_is_not() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    fs::set_permissions(place.path().join("password"), fs::Permissions::from_mode(0o600)).expect("made private");
    let examine = || place.line("doctor solver.toml --json");
    place.write("solver.toml", SOLVER);
    let ran = examine();
    assert_eq!(ran.code, 0, "{ran:?}");
    for (check, words) in [
        ("config", "solver.toml is right"),
        ("wallet", "wallet bob is 0x"),
        ("deployment", "on chain 31337"),
        ("contract", "Transax at"),
        ("contract", "TransaxSigned at"),
        ("terms", "the same as the deployment file"),
        ("ether", "has 9"),
        ("disk", "MiB are free"),
        ("journal", "will be made"),
    ] {
        expect(&ran, check, "ok", words);
    }
    // The node's clock stands in the past.
    expect(&ran, "node", "warn", "old");
    world.node.warp_to(4_000_000_000).await.expect("the clock moves");
    expect(&examine(), "clock", "warn", "ahead of this machine's clock");

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    place.write("solver.toml", &format!("{SOLVER}metrics = \"{address}\"\n"));
    expect(&examine(), "port", "fail", "nobody can listen");
    drop(taken);
    expect(&examine(), "port", "ok", "is free");

    place.write("solver.toml", &format!("{SOLVER}journal = \"password/x.sqlite\"\n"));
    expect(&examine(), "journal", "fail", "cannot be written");
    place.write("solver.toml", SOLVER);
    let agent = place.start("run solver.toml");
    wait_for("the agent to act", || agent.said().contains("kept in")).await;
    wait_for("the lock", || found(&examine(), "journal").iter().any(|(level, _)| level == "warn")).await;
    expect(&examine(), "journal", "warn", "another program with this key acts");
    agent.stop();
    expect(&examine(), "journal", "ok", "nobody else acts");
    place.write("solver.toml", &format!("{SOLVER}journal = \"damaged.sqlite\"\n"));
    place.write("damaged.sqlite", "no database, for whatever reason");
    for _ in 0..2 {
        expect(&examine(), "journal", "warn", "damaged.sqlite is damaged");
    }
    assert_eq!(fs::read_to_string(place.path().join("damaged.sqlite")).expect("it is left there").len(), 32);
    place.write("solver.toml", SOLVER);

    fs::set_permissions(place.path().join("password"), fs::Permissions::from_mode(0o644)).expect("opened");
    expect(&examine(), "password", "warn", "can be read by everybody");
    place.json("wallet new poor");
    place.write("solver.toml", &SOLVER.replace("bob", "poor"));
    expect(&examine(), "ether", "fail", "has none");
    place.write("password", "wrong\n");
    expect(&examine(), "wallet", "fail", "does not open");
    place.write("solver.toml", &SOLVER.replace("bob", "nobody"));
    expect(&examine(), "wallet", "fail", "there is no wallet nobody");
    place.write("solver.toml", "agent = \"transax solver\"\nwalet = \"bob\"\n");
    expect(&examine(), "config", "fail", "did you mean");

    place.write("password", "correct horse\n");
    place.write("solver.toml", &format!("{SOLVER}rpc = \"http://127.0.0.1:1\"\n"));
    expect(&examine(), "node", "fail", "");
    place.write("solver.toml", SOLVER);
    let market = place.json("")["deployment"]["market"].as_str().expect("an address").to_owned();
    world.set_code(&market, "0x6001").await;
    expect(&examine(), "contract", "fail", "is not the Transax that this program was built for");
    let ran = place.line("doctor solver.toml");
    assert!(ran.code == 1 && ran.stdout.contains("FAIL  contract"), "{ran:?}");
}
