//! Prints the figures of all experiments as JSON: what `entente mint experiment --json` measures, without the rest of
//! the program to build.

use mint_study::{Experiment, experiment};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let figures = experiment(Experiment::default(), |what| eprintln!("measuring {what}"))?;
    println!("{}", serde_json::to_string_pretty(&figures)?);
    Ok(())
}
