//! `demo modicum`: jobs between strangers, one of whom cheats, on a chain of their own.

mod books;
mod directory;
mod scene;
mod stage;

use std::fs;

use anyhow::Context;

use self::{books::Report, scene::Scenes, stage::Stage};
use crate::{cli::DemoModicum, exit::Failure, setting::Setting};

/// Runs the demonstration. It fails where a scene does not end as it must, or money is missing.
pub async fn run(setting: &Setting, words: &DemoModicum) -> Result<(), Failure> {
    let out = &words.out;
    for part in ["directory", "archive", "work", "results", "dossiers"] {
        let path = out.join(part);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("{} cannot be replaced", path.display()))?;
        }
        fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    }
    let stage = Stage::set(out, setting.output).await?;
    let mut scenes = Scenes::open(&stage, setting.output)?;
    scenes.honest_jobs_beside_a_cheater().await?;
    scenes.a_job_that_is_not_deterministic().await?;
    scenes.a_mediator_that_vanishes().await?;
    scenes.a_provider_that_vanishes().await?;
    let view = scenes.close().await?;
    let report = Report::of(&stage, &view).await?;
    stage.archive(&view).await?;
    stage.directory.stop().await?;
    let text = serde_json::to_vec_pretty(&report).context("the report cannot be written as JSON")?;
    fs::write(out.join("report.json"), text).with_context(|| format!("{} cannot be written", out.display()))?;
    report.check()?;
    Ok(setting.output.result(&report)?)
}
