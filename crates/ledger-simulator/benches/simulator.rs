//! How fast the simulator is: whole runs of the presets on one core, the fastest of several.
//!
//! Prints JSON: what `make results-ledger` collects.

use std::{hint::black_box, time::Instant};

use ledger_simulator::{Simulator, preset};

const RUNS: u32 = 15;
const PRESETS: [&str; 4] = ["paper-001-figure-5", "paper-001-bigfoot", "paper-001-figure-6", "consortium"];

fn main() {
    let rows: Vec<_> = PRESETS.into_iter().map(measure).collect();
    println!("[\n{}\n]", rows.join(",\n"));
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn measure(name: &str) -> String {
    let config = preset(name).expect("a preset");
    let mut fastest = f64::INFINITY;
    let mut events = 0;
    for _ in 0..RUNS {
        let begun = Instant::now();
        let mut simulator = Simulator::new(black_box(&config)).expect("presets can be simulated");
        simulator.run();
        fastest = fastest.min(begun.elapsed().as_secs_f64());
        events = black_box(&simulator).events();
    }
    let (milliseconds, rate) = (fastest * 1e3, events as f64 / fastest / 1e6);
    format!(
        r#"  {{"preset": "{name}", "nodes": {}, "events": {events}, "milliseconds": {milliseconds:.3}, "million_events_a_second": {rate:.2}}}"#,
        config.nodes
    )
}
