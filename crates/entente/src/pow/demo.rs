//! `pow demo`: clusters of processes on this machine, whose manager is killed.

mod cluster;
mod report;

use std::{fs, path::Path};

use anyhow::{Context, anyhow};

use self::{
    cluster::{Cluster, Killed},
    report::{BlockFigures, ModeFigures, Report, Run},
};
use super::simulate;
use crate::{
    cli::{ModeName, PowDemo},
    exit::Failure,
    hosting::Interrupt,
    setting::Setting,
};

/// How many clusters in a row may solve the block before their manager can be killed.
const ATTEMPTS: u32 = 10;

/// Runs it.
pub async fn run(setting: &Setting, words: &PowDemo) -> Result<(), Failure> {
    let mut interrupt = Interrupt::listen()?;
    let report = tokio::select! {
        report = all(setting, words) => report?,
        interrupted = interrupt.heard() => return Ok(interrupted?),
    };
    if let Some(folder) = &words.out {
        draw(setting, folder, &report)?;
    }
    Ok(setting.output.result(&report)?)
}

/// All clusters of all modes, in turn, so that whatever else the machine does meets all modes alike.
async fn all(setting: &Setting, words: &PowDemo) -> Result<Report, Failure> {
    let mut runs: Vec<Vec<Run>> = words.mode.iter().map(|_| Vec::new()).collect();
    let mut early = vec![0; words.mode.len()];
    for repetition in 1..=words.repetitions {
        for (at, mode) in words.mode.iter().enumerate() {
            let mut attempts = 0;
            let run = loop {
                if let Some(run) = one(setting, words, *mode).await? {
                    break run;
                }
                early[at] += 1;
                attempts += 1;
                if attempts == ATTEMPTS {
                    let why = anyhow!("blocks are solved before their manager can be killed; try more bits");
                    return Err(why.into());
                }
            };
            if words.repetitions > 1 {
                let name = report::name(*mode);
                setting.output.progress(format_args!("{repetition} of {}, {name}: {run}", words.repetitions));
            }
            runs[at].push(run);
        }
    }
    let figures = words.mode.iter().zip(runs).zip(early);
    let modes = figures.map(|((mode, runs), early)| ModeFigures::of(*mode, runs, killed_in(words), early)).collect();
    Ok(Report {
        nodes: words.nodes,
        bits: words.bits,
        rate_limit: words.rate_limit,
        killed_in_block: killed_in(words),
        modes,
    })
}

fn killed_in(words: &PowDemo) -> Option<u32> {
    (1..=words.blocks).contains(&words.kill_in_block).then_some(words.kill_in_block)
}

/// One cluster's life; none where the block was solved before its manager could be killed, which says nothing.
async fn one(setting: &Setting, words: &PowDemo, mode: ModeName) -> Result<Option<Run>, Failure> {
    let folder = tempfile::tempdir()?;
    let is_single = words.repetitions == 1;
    let mut cluster = Cluster::start(folder.path(), words, mode, setting.output, is_single)?;
    if is_single {
        setting.output.progress(format_args!("{} nodes are running, each a process", words.nodes));
    }
    let (mut blocks, mut killed) = (Vec::new(), None);
    let (mut began_ms, mut before) = (cluster.wait_until_connected().await?, cluster.different_hashes(0));
    for height in 1..=words.blocks {
        if Some(height) == killed_in(words) {
            let Killed::Manager(id) = cluster.kill_manager(height).await? else {
                setting
                    .output
                    .progress(format_args!("block {height} was solved before its manager was killed: once more"));
                return Ok(None);
            };
            if is_single {
                let id = id.get(..8).unwrap_or(&id);
                setting.output.progress(format_args!("block {height}: the active manager {id} is killed"));
            }
            killed = Some(id);
        }
        let decided = cluster.wait_for(height).await?;
        let hashes = cluster.different_hashes(height);
        blocks.push(BlockFigures::of(height, &decided, began_ms, hashes.saturating_sub(before)));
        (began_ms, before) = (decided.at_ms, hashes);
    }
    cluster.stop().await?;
    Ok(Some(Run::of(blocks, killed_in(words), killed)))
}

/// Figures 1 to 4 from the simulated network, and figure 5 from these processes.
fn draw(setting: &Setting, folder: &Path, report: &Report) -> Result<(), Failure> {
    simulate::draw(setting.output, folder)?;
    let path = folder.join("figure-5.svg");
    fs::write(&path, report.figure_5()).with_context(|| format!("{} cannot be written", path.display()))?;
    setting.output.progress(format_args!("figures 1 to 5 are in {}", folder.display()));
    Ok(())
}
