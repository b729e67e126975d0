//! The part of the contract's interface that the page uses.

use std::sync::LazyLock;

use serde_json::Value;

/// What Foundry built.
const ARTIFACT: &str = include_str!("../../../out/Transax.sol/Transax.json");
/// What the page calls, and reads from a receipt.
const USED: [&str; 4] = ["postOffer", "cancelOffer", "OfferPosted", "OfferCancelled"];

/// As JSON: what the page uses, and every error.
pub static ABI: LazyLock<String> = LazyLock::new(|| {
    let artifact: Value = serde_json::from_str(ARTIFACT).expect("Foundry writes JSON");
    let all = artifact["abi"].as_array().expect("an artifact has an interface");
    let is_used =
        |item: &&Value| item["type"] == "error" || item["name"].as_str().is_some_and(|name| USED.contains(&name));
    all.iter().filter(is_used).cloned().collect::<Value>().to_string()
});
