//! The settings under which instructions are counted, and the name that they have together.

use std::fmt;

use jobs::ContentHash;
use serde::{Deserialize, Serialize};
use wasmtime::{Config, OperatorCost, OptLevel, VariableOperatorCost};

/// The engine's version, to the patch.
pub const ENGINE_VERSION: &str = "48.0.8";
/// The target that this program is built for.
pub const TARGET: &str = env!("JOB_TARGET");

/// The stack that a job may use, bytes.
const STACK_BYTES: usize = 1 << 20;
/// Elements that each of a job's tables may have.
pub const MOST_TABLE_ELEMENTS: usize = 1 << 20;
/// A module may have at most so many bytes; compiling is not billed, so that it must be bounded.
pub const MOST_MODULE_BYTES: u64 = 32 << 20;
/// What a call into the host costs.
pub const HOST_CALL_COST: u64 = 128;
/// What each byte costs that the host moves into the job's memory or out of it.
pub const HOST_BYTE_COST: u64 = 1;
/// What asking for a page of memory costs; the most that the engine's table can say.
const PAGE_COST: u8 = 255;

/// The name of a way to count: two that have the same one count the same for every job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeterId(pub ContentHash);

impl fmt::Display for MeterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How this program counts.
pub fn meter_id() -> MeterId {
    MeterId(ContentHash::of(meter_description().as_bytes()))
}

/// All that the count depends on, in words; the engine's whole table of costs is the last line.
pub fn meter_description() -> String {
    let costs = operator_costs();
    format!(
        "entente meter 1\nengine wasmtime {ENGINE_VERSION}\ntarget {TARGET}\nmemory copy-on-write off\n\
         nan canonical\nrelaxed simd off\nthreads off\ngc off\nexceptions off\nmemory64 off\nmulti-memory off\n\
         stack {STACK_BYTES}\ntable elements {MOST_TABLE_ELEMENTS}\nmodule bytes {MOST_MODULE_BYTES}\n\
         host call {HOST_CALL_COST}\nhost byte {HOST_BYTE_COST}\noperators {costs:?}\n"
    )
}

/// One an operator, as the engine has it, and a charge for pages, whose filling with zeros is work too.
fn operator_costs() -> OperatorCost {
    let variable = VariableOperatorCost { memory_grow_per_page: PAGE_COST, ..VariableOperatorCost::default() };
    OperatorCost { variable, ..OperatorCost::default() }
}

/// The engine's settings. Whatever changes the count is in [`meter_description`] too.
pub fn config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .operator_cost(operator_costs())
        .epoch_interruption(true)
        .memory_init_cow(false)
        .cranelift_nan_canonicalization(true)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .max_wasm_stack(STACK_BYTES);
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_is_built_in() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"wasmtime\"\nversion = \"{ENGINE_VERSION}\"\n")));
    }

    #[test]
    fn the_description_names_all_that_counts() {
        let words = meter_description();
        for part in ["wasmtime 48.0.8", TARGET, "nan canonical", "memory_grow_per_page: 255", "I32Add: 1", "Nop: 0"] {
            assert!(words.contains(part), "{part} is not in {words}");
        }
    }
}
