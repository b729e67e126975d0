//! Agents as processes of their own: they act, and end well when they are asked to.

use crate::world::{World, fetch, wait_for};

/// A market where alice's 500 Wh and bob's 400 match in interval 1.
pub async fn with_offers() -> World {
    let world = World::with_prosumers().await;
    let place = &world.place;
    place.json("token mint bob 1 --wallet dso");
    place.json("transax credits deposit 1 --wallet bob");
    place.json("transax withdraw-assets sell --first 1 --last 1 --energy-wh 500 --wallet alice");
    place.json("transax withdraw-assets buy --first 1 --last 1 --energy-wh 400 --wallet bob");
    place.json("transax offer sell --energy-wh 500 --price 0.10 --from 1 --wallet alice");
    place.json("transax offer buy --energy-wh 400 --price 0.20 --from 1 --wallet bob");
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whose_wallet_holds_no_ether_says_why_it_does_nothing() {
    let world = with_offers().await;
    let place = &world.place;
    place.json("wallet new poor");
    let solver = place.start("transax solver run --wallet poor --poll-milliseconds 20");
    wait_for("a word about ether", || solver.said().to_lowercase().contains("insufficient funds")).await;
    assert!(solver.said().contains(" WARN "), "{}", solver.said());
    assert!(solver.stop().contains("intents: 0 carried out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_solver_proposes_and_the_dso_finalises() {
    let world = with_offers().await;
    let place = &world.place;
    let solver = place.start("transax solver run --wallet bob --poll-milliseconds 20 --metrics 127.0.0.1:0");
    wait_for("a plan", || !place.json("transax market")["candidate"].is_null()).await;
    let served = |path: &str| fetch(&format!("{}/{path}", solver.address()));
    let has = |line: &str| served("metrics").1.lines().any(|known| known == line);
    let landed = r#"entente_intents_total{outcome="landed"} 1"#;
    let compared = r#"entente_solver_candidate_value{solver="solver"} 400"#;
    wait_for("the plan to be the candidate", || has(landed) && has(compared)).await;
    let decided = |outcome: &str, times: &str| {
        has(&format!(r#"entente_solver_decisions_total{{solver="solver",outcome="{outcome}"}} {times}"#))
    };
    wait_for("a decision not to post it again", || !decided("below_margin", "0")).await;
    assert!(!decided("proposed", "0") && decided("not_found", "0"), "{}", served("metrics").1);
    assert_eq!(served("live"), (200, "alive\n".to_owned()));
    assert_eq!(served("ready"), (200, "caught up\n".to_owned()));
    let stopped = solver.stop();
    assert!(stopped.contains("intents: 1 carried out"), "{stopped}");
    let genesis = place.json("")["deployment"]["params"]["genesis"].as_u64().expect("a time");
    world.node.warp_to(genesis).await.expect("the clock moves");
    let dso = place.start("transax dso run --wallet dso --poll-milliseconds 20");
    wait_for("interval 1 to be final", || place.json("transax market")["next_interval"] == 2).await;
    let stopped = dso.stop();
    assert!(stopped.starts_with("dso ") && stopped.contains("intents: 1 carried out"), "{stopped}");
    assert_eq!(place.json("transax market")["last_final"][0]["energy_wh"], 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_takes_part_with_its_certificate_and_is_measured() {
    let world = World::start().await;
    let place = &world.place;
    // The first block falls into interval 30, and the homes' day begins with interval 32.
    place.json(&format!(
        "deploy --rpc {} --wallet dso --genesis 2023-11-14T14:35:50Z --group none:none",
        world.node.url()
    ));
    place.json("wallet new meter");
    place.json("transax meter add meter --group 0 --production-limit-wh 5000 --consumption-limit-wh 5000 --wallet dso");
    place.json("transax certify alice meter --wallet dso --output alice.json");
    // Read when the test runs: several checkouts may share what was built.
    let data = format!("{}/../../data/simbench-fifteen", std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let run = |role: &str, home: &str, more: &str| {
        format!("transax {role} run --profile {data} --home {home} --poll-milliseconds 20 {more}")
    };
    place.line(&run("meter", "P103", "--wallet meter")).refused(2, "nobody is registered behind meter");
    place.line(&run("prosumer", "P999", "--wallet alice")).refused(2, "there is no home P999; there are P101");
    place.line("transax prosumer run --profile nowhere --home P103 --wallet alice").refused(2, "nowhere/homes.csv");
    place.line(&run("prosumer", "P103", "--wallet alice")).refused(2, "is not registered; name what the DSO's certify");
    let url = world.node.url();
    place.json(&format!(
        "deploy --rpc {url} --wallet dso --interval-seconds 600 --group none:none --deployment fast.json"
    ));
    for role in ["prosumer", "meter"] {
        let ran = place.line(&run(role, "P103", "--wallet alice --deployment fast.json"));
        ran.refused(2, "profiles are of intervals of 900 s, and the market's last 600 s");
    }

    let dso = place.start("transax dso run --wallet dso --poll-milliseconds 20");
    let prosumer = place.start(&run("prosumer", "P103", "--wallet alice --certificate alice.json"));
    wait_for("a registration", || place.json("transax market")["prosumers"] == 1).await;
    wait_for("interval 31 to be final", || place.json("transax market")["next_interval"] == 32).await;
    let meter = place.start(&run("meter", "P103", "--wallet meter"));
    wait_for("assets", || place.line("transax offer sell --energy-wh 1 --price 1 --from 40 --wallet alice").code == 0)
        .await;
    assert!(meter.stop().contains("intents: 0 carried out"));
    assert!(!prosumer.stop().contains("intents: 0 carried out"));
    assert!(dso.stop().contains("intents: 1 carried out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_daemons_with_one_wallet_one_acts_and_the_other_takes_over() {
    let world = with_offers().await;
    let place = &world.place;
    let daemon = "transax dso run --wallet dso --poll-milliseconds 20";
    let first = place.start(daemon);
    wait_for("the first one to lead", || first.said().contains("kept in")).await;
    let second = place.start(&format!("{daemon} --metrics 127.0.0.1:0"));
    wait_for("a stand-by", || second.said().contains("standing by")).await;
    let served = |path: &str| fetch(&format!("{}/{path}", second.address()));
    assert_eq!((served("live").0, served("ready").0), (200, 503));
    assert!(served("metrics").1.lines().any(|line| line == "entente_leads 0"), "{}", served("metrics").1);
    first.kill();
    wait_for("the other one to act", || second.said().contains("taking over")).await;
    let genesis = place.json("")["deployment"]["params"]["genesis"].as_u64().expect("a time");
    world.node.warp_to(genesis).await.expect("the clock moves");
    wait_for("interval 1 to be final", || place.json("transax market")["next_interval"] == 2).await;
    assert_eq!(served("ready").0, 200);
    let stopped = second.stop();
    assert!(stopped.contains("intents: 1 carried out"), "{stopped}");
    let third = place.start(daemon);
    wait_for("its own past", || third.said().contains("kept in")).await;
    let stopped = third.stop();
    assert!(stopped.contains("intents: 0 carried out"), "what was done is not done again: {stopped}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_daemons_with_one_wallet_in_two_markets_one_acts() {
    let world = with_offers().await;
    let place = &world.place;
    place.json(&format!("deploy --rpc {} --wallet dso --group 1:1 --deployment other.json", world.node.url()));
    let daemon = "transax dso run --wallet dso --poll-milliseconds 20";
    let first = place.start(daemon);
    wait_for("the first one to lead", || first.said().contains("kept in")).await;
    let second = place.start(&format!("{daemon} --deployment other.json --journal other.sqlite"));
    wait_for("a stand-by", || second.said().contains("standing by")).await;
    first.stop();
    wait_for("the other one to act", || second.said().contains("taking over")).await;
    second.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_is_read_from_the_chain_again() {
    let world = with_offers().await;
    let place = &world.place;
    let daemon = "transax dso run --wallet dso --poll-milliseconds 20 --journal journal.sqlite --metrics 127.0.0.1:0";
    place.write("journal.sqlite", "no database, for whatever reason");
    let dso = place.start(daemon);
    wait_for("a word about it", || dso.said().contains("damaged")).await;
    wait_for("the past", || fetch(&format!("{}/ready", dso.address())).0 == 200).await;
    dso.stop();
    assert!(place.path().join("journal.sqlite.damaged-1").is_file());
    place.line("transax dso run --wallet dso --journal mysql://db/x").refused(2, "postgres");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_it_would_send_though_the_first_of_two_nodes_is_away() {
    let world = with_offers().await;
    let place = &world.place;
    // Nobody listens at the first.
    let rpc = format!("http://127.0.0.1:9,{}", world.node.url());
    let words = format!("transax solver run --wallet bob --poll-milliseconds 20 --dry-run --rpc {rpc}");
    let solver = place.start(&words);
    wait_for("a word about the plan", || solver.said().contains("not sent: a dry run")).await;
    assert!(place.json("transax market")["candidate"].is_null());
    let stopped = solver.stop();
    assert!(stopped.contains("intents: 0 carried out") && stopped.contains("1 not sent"), "{stopped}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_may_not_spend_enough_says_so_and_sends_nothing() {
    let world = with_offers().await;
    let place = &world.place;
    let solver = place.start("transax solver run --wallet bob --poll-milliseconds 20 --spend-at-most 0.000000001");
    wait_for("a word about the bound", || solver.said().contains("that may be spent on a day")).await;
    assert!(place.json("transax market")["candidate"].is_null());
    assert!(solver.stop().contains("intents: 0 carried out"));
    place.line("transax solver run --wallet bob --spend-at-most much").refused(2, "give ether as a number");
}
