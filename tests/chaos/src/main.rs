//! A trading day, and jobs between strangers, with faults of every kind, each compared with the undisturbed one. This same
//! program, told so by its environment, is each of the agents, so that they can be killed as processes are.
//!
//! `ENTENTE_CHAOS=full` runs the whole matrix, `ENTENTE_CHAOS_SEED` another one of as many, and `ENTENTE_CHAOS_DAY` only
//! days whose names contain its words.

mod agent;
mod ambush;
mod clocks;
mod computing;
mod door;
mod matrix;
mod proxy;
mod random;
mod story;
mod trading;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let Ok(orders) = std::env::var(agent::ORDERS) else {
        let is_full = std::env::var("ENTENTE_CHAOS").is_ok_and(|words| words == "full");
        let seed = std::env::var("ENTENTE_CHAOS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
        return if runtime.block_on(matrix::run(is_full, seed)) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    };
    let orders = serde_json::from_str(&orders).expect("orders that this program wrote");
    match runtime.block_on(agent::act(orders)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
