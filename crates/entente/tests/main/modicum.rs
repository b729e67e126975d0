//! `modicum`: jobs between strangers, and the demonstration of them.

use std::time::Duration;

use alloy::providers::ext::AnvilApi;
use http_fuzzer::{Fuzzer, Good};
use serde_json::{Value, json};

use crate::world::{Place, Running, World, wait_for};

/// By job, how its matches ended.
fn endings<'a>(report: &'a Value, job: &str) -> Vec<&'a str> {
    let matches = report["matches"].as_array().expect("a list");
    matches.iter().filter(|line| line["job"] == job).filter_map(|line| line["ending"].as_str()).collect()
}

fn amount(value: &Value) -> i128 {
    value.to_string().parse().unwrap_or_else(|error| panic!("{value}: {error}"))
}

#[test]
fn the_demonstration_ends_as_it_must_and_no_money_is_missing() {
    let place = Place::new();
    let report = place.json("demo modicum --out demo");
    let honest = ["compress", "blur", "monte-carlo", "knapsack", "spin"];
    for job in honest {
        assert_eq!(endings(&report, job).last(), Some(&"accepted"), "{job}: {report}");
        let folder = place.path().join("demo/results").join(job);
        assert!(!std::fs::read(folder.join("stdout")).expect("a result").is_empty());
    }
    let matches = report["matches"].as_array().expect("a list");
    let fined: Vec<_> = matches.iter().filter(|line| line["ending"] == "provider-at-fault").collect();
    assert_eq!(fined.len(), 1, "{report}");
    assert_eq!(fined[0]["provider"], "cheating provider");
    assert!(
        amount(&fined[0]["gains"]["cheating provider"]) < -amount(&fined[0]["price"]),
        "it lost more than the price"
    );
    for line in matches.iter().filter(|line| line["ending"] == "accepted") {
        assert!(amount(&line["price"]) > 0 && amount(&line["gains"]["honest provider"]) > 0, "{line}");
    }
    assert_eq!(endings(&report, "seedless"), ["creator-at-fault"]);
    assert_eq!(endings(&report, "denier"), ["no-verdict"]);
    assert_eq!(endings(&report, "unlucky"), ["no-result"]);
    let ledger = &report["ledger"];
    let sum = |names: &[&str]| names.iter().map(|name| amount(&ledger[name])).sum::<i128>();
    let held = sum(&["balances", "stakes", "deposits"]);
    assert_eq!(sum(&["paid_in"]), sum(&["paid_out", "burned"]) + held, "{ledger}");
    assert_eq!(held, amount(&report["held_by_token"]));
    assert!(sum(&["burned"]) > 0, "penalties are burned");
    judged_again(&place, &fined[0]["id"]);
    counted_alike(&place, &report, fined[0]);
}

/// The provider, the mediator in each run, and ten runs without a chain count the same for one job.
fn counted_alike(place: &Place, report: &Value, fined: &Value) {
    let job = fined["job"].as_str().expect("a name");
    let matches = report["matches"].as_array().expect("a list");
    let done = matches.iter().find(|line| line["job"] == job && line["ending"] == "accepted").expect("it was done");
    let id = fined["id"].as_str().expect("a name");
    let file = place.path().join("demo/dossiers").join(format!("{id}.json"));
    let signed: Value = serde_json::from_slice(&std::fs::read(file).expect("a dossier")).expect("JSON");
    let runs = signed["dossier"]["evidence"]["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 2);
    place.json("job samples --out samples --spin-millions 20");
    let metered = place.json(&format!("job meter samples/{job} --runs 10"));
    assert_eq!(done["instructions"], metered["usage"]["instructions"], "{metered}");
    assert!(runs.iter().all(|run| run["usage"]["instructions"] == done["instructions"]), "{runs:?}");
}

/// What the mediator published stands, whoever judges it again.
fn judged_again(place: &Place, id: &Value) {
    let id = id.as_str().expect("a name");
    let judged = place.json(&format!("modicum judge demo/dossiers/{id}.json --store demo/archive --leaky"));
    assert_eq!((&judged["stands"], &judged["finding"]), (&true.into(), &"result-wrong".into()));
    let file = place.path().join("demo/dossiers").join(format!("{id}.json"));
    let text = std::fs::read_to_string(&file).expect("a dossier");
    place.write("false.json", &text.replace("result-wrong", "results-agree"));
    place.line("modicum judge false.json --store demo/archive --leaky").refused(2, "not signed by its mediator");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_submitted_and_one_command_later_its_result_is_there() {
    let world = World::start().await;
    let (place, node) = (&world.place, &world.node);
    // A wallet for each role; the world has three.
    for (name, key) in ["judy", "sam"].into_iter().zip(chain::anvil::dev_keys(5).into_iter().skip(3)) {
        let ran = place.run_with_input(&["wallet", "import", name, "--key-file", "-"], &key.to_bytes().to_string());
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    place.json(&format!("modicum deploy --rpc {} --wallet dso --penalty-rate 2 --solver-fee 0.01", node.url()));
    place.json("modicum register mediator --fee 0.02 --wallet judy");
    place.json("modicum register directory --wallet dso");
    // A mediator that asks for more, and the only one whom the provider trusts.
    place.json("modicum register mediator --fee 3 --wallet dso");
    for (name, trusted) in [("alice", "0 1 2"), ("bob", "1 2"), ("judy", "1"), ("dso", "1")] {
        place.json(&format!("modicum trust {trusted} --wallet {name}"));
        place.json(&format!("modicum mint {name} 1000 --wallet dso"));
    }
    place.line("modicum trust 7 --wallet alice").refused(2, "there is no service 7");
    place.json("job samples --out samples --spin-millions 300");
    // A directory of somebody who is none of the market's is not used.
    let foreign = place.start("job directory run --folder foreign --listen 127.0.0.1:0 --wallet sam");
    let directory = place.start("job directory run --folder store --listen 127.0.0.1:0 --wallet dso");
    let store = format!("--store http://{}", directory.address());
    let run = format!(
        "modicum rp run --instruction-price 0.2 --deposit 500 {store} --work work --poll-milliseconds 20 --wallet bob"
    );
    place.line(&run.replace(&directory.address(), &foreign.address())).refused(2, "is no directory of this market");
    foreign.stop();
    let provider = place.start(&run);
    let otherwise = place.line(&format!("modicum mediator run {store} --leaky --wallet judy"));
    otherwise.refused(2, "is registered as counting by");
    let mediator = place.start(&format!("modicum mediator run {store} --poll-milliseconds 20 --wallet judy"));
    let submit = format!(
        "modicum jc submit samples/monte-carlo --max-price 0.5 --out result {store} --instructions 9000000000 --verify 1 \
         --poll-milliseconds 20 --wallet alice"
    );
    let explained = place.json(&format!("{submit} --dry-run"));
    assert_eq!(explained["endings"].as_array().map(Vec::len), Some(7));
    // Signed and not posted: the creator sends nothing but its acceptance.
    let solver = place.start("modicum solver run --listen 127.0.0.1:0 --poll-milliseconds 20 --wallet sam");
    let said = solver.said();
    let url = said.split_whitespace().find(|word| word.starts_with("http://")).expect("where it listens");
    spoiled_offers_do_no_harm(url).await;
    // The chain makes no blocks by itself; agents look when there is a new one.
    let miner = tokio::spawn(mine(node.client().clone()));
    let done = place.json(&format!("{submit} --solver {url}"));
    let provider = a_provider_that_is_killed_goes_on(place, provider, &run, &submit).await;
    miner.abort();
    let steps = done["steps"].as_array().expect("steps");
    let step = |name: &str| steps.iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("{name}: {done}"));
    assert_eq!(step("verified")["is_right"], true);
    assert_eq!(step("ended")["ending"], "accepted");
    let metered = place.json("job meter samples/monte-carlo");
    assert_eq!(
        step("reported")["instructions"],
        metered["usage"]["instructions"],
        "what is billed is what the meter says"
    );
    let printed = std::fs::read_to_string(place.path().join("result/stdout")).expect("a result");
    assert!(printed.contains("price"), "{printed}");
    let status = place.json("modicum status --timeline");
    let told = status["matches"][0]["timeline"].as_array().expect("a timeline");
    assert_eq!(told.len(), 3, "{status}");
    let id = status["matches"][0]["id"].as_str().expect("a name");
    let watched = place.line(&format!("modicum watch --all --match {id} --poll-milliseconds 20 --json"));
    let lines: Vec<Value> = watched.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((watched.code, lines.len()), (0, 3), "it ends with the match: {watched:?}");
    assert!(lines.iter().zip(told).all(|(line, step)| line["match"] == id && line["what"] == step["what"]));
    assert_eq!(place.json(&format!("modicum explain {id}"))["is_price_known"], true);
    assert_eq!(place.json("modicum providers")["offers"][0]["accepted"], 2);
    wait_for("the solver's news", || solver.said().contains("1 carried out")).await;
    for agent in [provider, mediator, solver, directory] {
        agent.stop();
    }
}

/// An offer that nobody signed, and worse.
async fn spoiled_offers_do_no_harm(solver: &str) {
    let (account, hash) = ("0x".to_owned() + &"11".repeat(20), "0x".to_owned() + &"22".repeat(32));
    let offer = json!({
        "creator": account, "deposit": 1, "instruction_limit": 1, "memory_limit": 1, "storage_limit": 1,
        "bandwidth_limit": 1, "max_instruction_price": 1, "max_bandwidth_price": 1, "architecture": 0,
        "meter_id": hash, "base_layer": hash, "job_hash": hash, "directory": 0, "deadline": 1, "nonce": 0,
    });
    let signed = json!({ "job": { "offer": offer, "signature": "0x".to_owned() + &"33".repeat(65) } });
    let mut fuzzer = Fuzzer::new(solver, 3, [Good::new("POST", "/offers").json(signed.to_string())]);
    fuzzer.run(2000).await;
    fuzzer.came_to(&[400, 403, 404, 405, 413]);
}

/// Killed in the middle of a job, and started again: the match is not lost.
async fn a_provider_that_is_killed_goes_on(place: &Place, provider: Running, run: &str, submit: &str) -> Running {
    let submit = submit.replace("samples/monte-carlo", "samples/spin").replace("--out result", "--out spun");
    let creator = place.start(&submit);
    let scratch = || {
        let works = std::fs::read_dir(place.path().join("work")).into_iter().flatten().filter_map(Result::ok);
        works.map(|work| work.path().join("result/.scratch")).any(|scratch| scratch.exists())
    };
    wait_for("the job's beginning", scratch).await;
    provider.kill();
    assert!(scratch(), "it is killed before the job is done");
    let provider = place.start(run);
    wait_for("the job's end", || creator.said().contains("the result is in spun")).await;
    assert!(creator.end().contains("spun"));
    assert!(!std::fs::read(place.path().join("spun/stdout")).expect("a result").is_empty());
    provider
}

/// A block now and then.
async fn mine(client: chain::Client) {
    loop {
        client.provider().evm_mine(None).await.expect("a block");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn strategy_gives_the_figures_of_the_paper() {
    let place = Place::new();
    let advice = place.json("modicum strategy --determinism 0.99 --execution-cost 1");
    let best = advice["best_determinism"].as_array().expect("rows");
    let four = |rate: &Value| format!("{:.4}", rate.as_f64().expect("a rate"));
    let found: Vec<_> = best.iter().map(|row| four(&row["without_penalty"])).collect();
    assert_eq!(found, ["0.5000", "0.8047", "0.9032", "0.9431", "0.9737"]);
    assert!(best.iter().filter(|row| row["verifications"] == 2).all(|row| row["with_penalty"].as_f64() >= Some(0.99)));
    assert_eq!(four(&advice["verification_rate"]), "0.0194");
    let told = place.line("modicum strategy --determinism 0.5").stdout;
    assert!(told.contains("warning: p_a^(n+1) is at most 1/2"), "{told}");
    place.line("modicum strategy --determinism 2").refused(2, "from 0 to 1");
}
