//! `pow`: nodes as processes of their own.

use std::net::TcpListener;

use crate::world::{Place, Running, wait_for};

#[test]
fn nodes_that_are_processes_decide_one_chain() {
    let report = Place::new().json("pow demo --nodes 4 --bits 14 --blocks 3 --kill-in-block 0");
    let run = &report["modes"][0]["runs"][0];
    let blocks = run["blocks"].as_array().expect("a list");
    assert_eq!(blocks.len(), 3, "{report}");
    assert!(blocks.iter().all(|block| block["hash"].as_str().is_some_and(|hash| hash.starts_with("000"))), "{report}");
    assert!(run["lost_seconds"].is_null(), "{report}");
}

#[test]
fn ways_to_take_over_are_compared_over_several_clusters() {
    let line = "pow demo --nodes 4 --bits 17 --blocks 4 --kill-in-block 3 --mode backups,single --repetitions 2";
    let report = Place::new().json(line);
    let modes = report["modes"].as_array().expect("a list");
    let names: Vec<_> = modes.iter().filter_map(|mode| mode["mode"].as_str()).collect();
    assert_eq!(names, ["managed with backups", "single manager"]);
    for mode in modes {
        let runs = mode["runs"].as_array().expect("a list");
        assert_eq!(runs.len(), 2, "{report}");
        for run in runs {
            assert_eq!(run["blocks"].as_array().map(Vec::len), Some(4), "{report}");
            assert!(run["killed"].is_string() && run["blocks"][3]["manager"] != run["killed"], "{report}");
        }
        assert!(mode["median_lost_seconds"].is_f64() && mode["median_extra_seconds"].is_f64(), "{report}");
    }
}

/// A chain of three members whose keys and genesis are in a folder.
fn chain() -> Place {
    let place = Place::new();
    let held: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
    let member = |(number, listener): (usize, &TcpListener)| {
        let key = place.json(&format!("pow key {number}.key"));
        format!("--member {}@{}", key["id"].as_str().expect("an id"), listener.local_addr().expect("an address"))
    };
    let members: Vec<String> = held.iter().enumerate().map(member).collect();
    let written = place.json(&format!("pow genesis --bits 14 {}", members.join(" ")));
    assert_eq!((written["members"].as_u64(), written["tolerated"].as_u64()), (Some(3), Some(1)));
    place
}

fn node(number: usize) -> String {
    format!("pow node --genesis genesis.json --key-file {number}.key --rate-limit 50000 --watch")
}

/// The greatest height that a node has shown after these words.
fn shown(node: &Running, before: &str) -> u64 {
    let said = node.said();
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    said.split(before).skip(1).filter_map(|rest| digits(rest).parse().ok()).max().unwrap_or(0)
}

fn height(node: &Running) -> u64 {
    shown(node, "at height ")
}

#[tokio::test]
async fn a_node_that_is_killed_goes_on_from_its_records_and_refuses_damaged_ones() {
    let place = chain();
    let mut nodes: Vec<Running> = (0..3).map(|number| place.start(&node(number))).collect();
    wait_for("the first blocks", || nodes.iter().all(|node| height(node) > 3)).await;
    let killed = nodes.remove(0);
    let known = height(&killed);
    drop(killed);
    let then = height(&nodes[0]);
    wait_for("two of three go on", || height(&nodes[0]) > then + 1).await;
    let again = place.start(&node(0));
    assert!(shown(&again, "works on block ") >= known, "{known}: {}", again.said());
    let then = height(&nodes[0]);
    wait_for("it takes part again", || height(&again) > then + 1).await;
    // Now its vote is needed.
    nodes.remove(1);
    let then = height(&again);
    wait_for("it decides with one other", || height(&again) > then + 1).await;
    again.stop();
    let path = place.path().join("0.data").join("records");
    let mut records = std::fs::read(&path).expect("its records");
    let middle = records.len() / 2;
    records[middle] ^= 1;
    std::fs::write(&path, records).expect("written");
    place.line(&node(0)).refused(2, "is damaged at byte");
}

#[test]
fn a_genesis_is_written_once_and_names_each_member_once() {
    let place = chain();
    let id = "ab".repeat(32);
    let line = |rest: &str| place.line(&format!("pow genesis {rest}"));
    line(&format!("--member {id}@127.0.0.1:1")).refused(1, "genesis.json");
    line(&format!("--out g --member {id}@127.0.0.1:1 --member {id}@127.0.0.1:2")).refused(2, "the same id");
    line("--out g --member 12@127.0.0.1:1").refused(2, "no public key");
    line(&format!("--out g --member {id}@somewhere")).refused(2, "no address with a port");
}
