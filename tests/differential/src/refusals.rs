//! One description of a refusal for both sides: the name of the contract's error and its fields, in its order.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use alloy_primitives::{Address, U256, keccak256};
use serde_json::Value;
use transax::Refusal;

use crate::contract::ABI;

/// What the twin says where the contract's arithmetic stops: a panic or a bare revert.
const ARITHMETIC: &str = "OutOfRange";
/// Selector of `Panic(uint256)`.
const PANIC: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];

struct Error {
    name: String,
    /// Name and type.
    fields: Vec<(String, String)>,
}

static ERRORS: LazyLock<BTreeMap<[u8; 4], Error>> = LazyLock::new(read_errors);

/// The twin's refusal.
pub fn of_twin(refusal: &Refusal) -> String {
    match refusal {
        Refusal::OutOfRange { .. } => ARITHMETIC.into(),
        other => serde_json::to_string(other).expect("plain fields"),
    }
}

/// The contract's.
pub fn of_contract(data: &[u8]) -> String {
    let Some((selector, words)) = data.split_first_chunk() else { return ARITHMETIC.into() };
    if *selector == PANIC {
        return ARITHMETIC.into();
    }
    let Some(error) = ERRORS.get(selector) else { return format!("unknown error {data:x?}") };
    if error.fields.is_empty() {
        return format!("\"{}\"", error.name);
    }
    let fields = error.fields.iter().zip(words.chunks(32)).map(|((name, kind), word)| match kind.as_str() {
        "address" => format!("\"{name}\":\"{:#x}\"", Address::from_slice(&word[12..])),
        _ => format!("\"{name}\":{}", U256::from_be_slice(word)),
    });
    format!("{{\"{}\":{{{}}}}}", error.name, fields.collect::<Vec<_>>().join(","))
}

fn read_errors() -> BTreeMap<[u8; 4], Error> {
    let artifact: Value = serde_json::from_str(ABI).expect("the compiler writes JSON");
    let entries = artifact["abi"].as_array().expect("the compiler writes an interface");
    let errors = entries.iter().filter(|entry| entry["type"] == "error").map(|entry| {
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        let name = text(&entry["name"]);
        let inputs = entry["inputs"].as_array().expect("a list");
        let kinds: Vec<String> = inputs.iter().map(|input| text(&input["type"])).collect();
        let hash = keccak256(format!("{name}({})", kinds.join(",")));
        let names = inputs.iter().map(|input| snake_case(&text(&input["name"])));
        let selector = *hash.first_chunk().expect("a hash has 32 bytes");
        (selector, Error { name, fields: names.zip(kinds).collect() })
    });
    errors.collect()
}

fn snake_case(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, letter| {
        let under = if letter.is_ascii_uppercase() { "_" } else { "" };
        write!(snake, "{under}{}", letter.to_ascii_lowercase()).expect("writing to a string cannot fail");
        snake
    })
}
