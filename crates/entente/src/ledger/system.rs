//! From words to a configuration, and what long runs have in common.

use std::{num::NonZero, path::Path, thread};

use indicatif::{ProgressBar, ProgressStyle};
use ledger_simulator::{Config, PRESETS, preset};

use crate::{cli::System, exit::Failure, output::Output};

/// The configuration that is named.
pub fn config(words: &System) -> Result<Config, Failure> {
    let mut config = match &words.config {
        Some(file) => {
            let text = read(file)?;
            Config::from_toml(&text).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?
        }
        None => preset(&words.preset).ok_or_else(|| unknown(&words.preset))?,
    };
    config.seed = words.seed.unwrap_or(config.seed);
    Ok(config)
}

/// The text of a file that a user names.
pub fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

fn unknown(name: &str) -> Failure {
    let list: Vec<_> = PRESETS.iter().map(|(name, what, _)| format!("  {name}: {what}")).collect();
    Failure::Usage(format!("there is no preset `{name}`; there are\n{}", list.join("\n")))
}

/// How many threads: as many as asked for, or as there are cores.
pub fn threads(words: Option<u32>) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    words.map_or_else(cores, |threads| threads as usize)
}

/// Progress of so many runs; hidden beside JSON.
pub fn progress(output: Output, runs: usize, what: &'static str) -> ProgressBar {
    if output.is_json() || runs < 2 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left");
    let bar = ProgressBar::new(runs as u64).with_message(what);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
