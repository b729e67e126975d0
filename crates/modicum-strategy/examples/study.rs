//! Figures of the game and of simulated markets, as JSON: `cargo run --package modicum-strategy --example study`.

use modicum_strategy::{Game, Market};
use serde_json::{Value, json};

const JOBS: u32 = 200_000;
const SEED: u64 = 1;

fn main() {
    let study = json!({
        "jobs": JOBS,
        "seed": SEED,
        "best_determinism": ([1, 2, 3, 4, 6].map(best_determinism)),
        "platform": platform(),
        "providers": ([1.0, 0.9, 0.5, 0.0].map(provider)),
        "creators": ([1.0, 0.99, 0.97, 0.9, 0.5].map(creator)),
    });
    println!("{study:#}");
}

/// Figure 3.6: `g_m = θ = 0`, `p_e = 1`.
fn best_determinism(verifications: u32) -> Value {
    let game = Game { verifications, penalty_rate: 0.0, ..Game::default() };
    json!({ "verifications": verifications, "determinism": game.best_determinism(1.0) })
}

/// n = 2, θ = 50, and costs at which most must be verified.
fn platform() -> Value {
    let game = Game { execution_cost: 1.0, ..Game::default() };
    let determinism = game.best_determinism(1.0);
    let game = Game { determinism: 0.99, ..game };
    json!({ "determinism": determinism, "verification_rate": game.verification_rate() })
}

/// A provider that executes so often, against creators that verify half as much again as (3.4) asks.
fn provider(execution: f64) -> Value {
    let game = Game { determinism: 0.999, ..Game::default() };
    let verification = 1.5 * game.verification_rate();
    let played = Market { game, execution, verification }.play(JOBS, SEED);
    json!({ "execution": execution, "verification": verification, "gain": played.provider, "disputes": played.disputes })
}

/// A creator whose jobs are so deterministic, which verifies all; providers execute.
fn creator(determinism: f64) -> Value {
    let game = Game { determinism, ..Game::default() };
    let played = Market { game, execution: 1.0, verification: 1.0 }.play(JOBS, SEED);
    json!({ "determinism": determinism, "gain": played.creator, "disputes": played.disputes })
}
