//! `pow`: nodes as processes of their own.

use crate::world::Place;

#[test]
fn nodes_that_are_processes_decide_one_chain() {
    let report = Place::new().json("pow demo --nodes 4 --bits 14 --blocks 3 --kill-in-block 0");
    let blocks = report["blocks"].as_array().expect("a list");
    assert_eq!(blocks.len(), 3, "{report}");
    assert!(blocks.iter().all(|block| block["hash"].as_str().is_some_and(|hash| hash.starts_with("000"))), "{report}");
    assert!(report["lost_seconds"].is_null(), "{report}");
}
