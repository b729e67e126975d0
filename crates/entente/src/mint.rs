//! `mint`: fair mining.

mod charts;
mod cloud;
mod edge;
mod experiment;
mod fog;
mod real;
mod replay;
mod twins;

use std::{collections::BTreeMap, fs, path::Path};

use alloy::primitives::Address;
use mint::MinerId;

use crate::{cli::Mint, exit::Failure, setting::Setting};

/// Does what is asked.
pub async fn run(setting: &Setting, verb: Mint) -> Result<(), Failure> {
    match verb {
        Mint::Edge(words) => edge::run(setting, *words).await,
        Mint::Fog(words) => fog::run(setting, words).await,
        Mint::Cloud(words) => cloud::run(setting, words).await,
        Mint::Twins(words) => twins::run(setting, &words).await,
        Mint::Experiment(words) if words.real => real::run(setting, &words),
        Mint::Experiment(words) => experiment::run(setting, &words),
        Mint::Replay(words) => replay::run(setting, &words),
    }
}

/// Names and addresses, from a JSON file.
fn names(file: &Path) -> Result<BTreeMap<MinerId, Address>, Failure> {
    let text = read(file)?;
    serde_json::from_str(&text).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

/// The first line of a file, which nobody must guess.
fn token(file: &Path) -> Result<String, Failure> {
    let text = read(file)?;
    let token = text.lines().next().unwrap_or_default().trim().to_owned();
    if token.len() < 16 {
        return Err(Failure::Usage(format!("the token in {} is shorter than 16 characters", file.display())));
    }
    Ok(token)
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}
