//! `job`: running and metering jobs on this machine, naming them, and storing them in directories.

mod directory;
mod lean;
mod show;

use std::path::Path;

use job_container::Contained;
use job_runtime::{Isolated, Machine, MeterId, RunError};
use jobs::{Bundle, BundleError, Description, MODULE_PATH, Outcome};

pub use self::lean::give_way;
use self::show::{Inspected, Metered, Named, Ran, Samples};
use crate::{
    cli::{EngineAt, Job, JobHere, JobLimits, JobMeter, JobRun, JobSamples, JobSource},
    exit::Failure,
    output::Output,
    setting::Setting,
};

/// Runs one of the verbs.
pub async fn run(setting: &Setting, verb: Job) -> Result<(), Failure> {
    let output = setting.output;
    match verb {
        Job::Here(verb) => {
            tokio::task::spawn_blocking(move || run_here(output, verb)).await.map_err(anyhow::Error::from)?
        }
        Job::Put(words) => directory::put(setting, words).await,
        Job::Get(words) => directory::get(setting, words).await,
        Job::Directory(verb) => directory::run(setting, verb).await,
    }
}

/// Runs one of the verbs that take this machine alone, and may take long.
pub fn run_here(output: Output, verb: JobHere) -> Result<(), Failure> {
    match verb {
        JobHere::Run(words) => output.result(&run_once(&words)?)?,
        JobHere::Meter(words) => output.result(&meter(&words, |run| output.progress(run))?)?,
        JobHere::Hash(words) => {
            let bundle = read(&words.source)?;
            let tree = bundle.tree();
            output.result(&Named { hash: tree.hash(), files: tree.len(), bytes: tree.transfer_bytes() })?;
        }
        JobHere::Samples(words) => output.result(&write_samples(&words)?)?,
        JobHere::Inspect(words) => output.result(&Inspected::of(&read(&words.source)?)?)?,
    }
    Ok(())
}

/// The job, or another folder, that is named.
pub fn read(words: &JobSource) -> Result<Bundle, Failure> {
    let JobSource { job, input, arguments } = words;
    let is_module = job.extension().is_some_and(|extension| extension == "wasm");
    if job.extension().is_some_and(|extension| extension == "wat") {
        let module = wat::parse_file(job).map_err(|error| Failure::Usage(error.to_string()))?;
        let description = Description::wasm(arguments.clone());
        let mut bundle = Bundle::of_description(&description, input.as_deref()).map_err(failure)?;
        bundle.add_bytes(MODULE_PATH.parse().expect("a name is a path"), module).map_err(failure)?;
        return Ok(bundle);
    }
    if is_module {
        return Bundle::of_module(job, arguments.clone(), input.as_deref()).map_err(failure);
    }
    if input.is_some() || !arguments.is_empty() {
        let folder = job.display();
        return Err(Failure::Usage(format!("{folder} is a folder; its input and arguments are in it already")));
    }
    Bundle::of_folder(job).map_err(failure)
}

fn failure(error: BundleError) -> Failure {
    match error {
        BundleError::Read { .. } | BundleError::NotAFile { .. } | BundleError::Name { .. } => {
            let reason = std::error::Error::source(&error).map_or_else(String::new, |source| format!(": {source}"));
            Failure::Usage(format!("{error}{reason}"))
        }
        error => Failure::Usage(error.to_string()),
    }
}

/// What runs such a job: an engine for containers where it is one, and otherwise what runs modules.
fn machine(bundle: &Bundle, words: &JobLimits, at: &EngineAt) -> Result<Box<dyn Machine>, Failure> {
    let patience = words.patience();
    if is_container(bundle)? {
        return Ok(Box::new(Contained::connect(at.engine.as_deref(), patience).map_err(anyhow::Error::from)?));
    }
    Ok(Box::new(Isolated { patience }))
}

fn is_container(bundle: &Bundle) -> Result<bool, Failure> {
    Ok(matches!(bundle.description()?, Ok(Description::Container { .. })))
}

/// How a job that runs here is counted.
pub fn meter_of(bundle: &Bundle) -> Result<MeterId, Failure> {
    Ok(if is_container(bundle)? { job_container::meter_id() } else { job_runtime::meter_id() })
}

fn run_in(machine: &dyn Machine, bundle: &Bundle, limits: &JobLimits, out: &Path) -> Result<Outcome, Failure> {
    machine.run(bundle, limits.limits(), out).map_err(|error| match error {
        RunError::NotEmpty(_) => Failure::Usage(error.to_string()),
        error => Failure::Other(error.into()),
    })
}

fn run_once(words: &JobRun) -> Result<Ran, Failure> {
    let bundle = read(&words.source)?;
    let machine = machine(&bundle, &words.limits, &words.engine)?;
    let outcome = run_in(&*machine, &bundle, &words.limits, &words.out)?;
    Ok(Ran { job: bundle.tree().hash(), meter: machine.meter(), outcome, folder: words.out.clone() })
}

fn meter(words: &JobMeter, progress: impl Fn(String)) -> Result<Metered, Failure> {
    let bundle = read(&words.source)?;
    let machine = machine(&bundle, &words.limits, &words.engine)?;
    let is_measured = machine.meter() == job_container::meter_id();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for run in 1..=words.runs {
        let out = tempfile::tempdir()?;
        let outcome = run_in(&*machine, &bundle, &words.limits, out.path())?;
        progress(format!("run {run} of {}: {} instructions", words.runs, outcome.usage.instructions));
        if let Some(first) = outcomes.first().filter(|first| !is_measured && **first != outcome) {
            return Err(Failure::Other(anyhow::anyhow!("run {run} differs from the first: {outcome:?}, {first:?}")));
        }
        outcomes.push(outcome);
    }
    let (outcome, agreeing) = usual(&outcomes);
    let price = words.prices().map(|[instruction_price, bandwidth_price]| {
        let jobs::Usage { instructions, bandwidth_bytes: bandwidth, .. } = outcome.usage;
        let limit = modicum::Usage { instructions: words.limits.instructions, bandwidth: words.limits.bandwidth_bytes };
        let used = modicum::Usage { instructions, bandwidth };
        modicum::price_down(outcome.status, used, limit, instruction_price, bandwidth_price)
    });
    Ok(Metered { job: bundle.tree().hash(), meter: machine.meter(), runs: words.runs, agreeing, outcome, price })
}

/// What most runs came to, at the most that one of them used, and how many did. There is at least one run.
fn usual(outcomes: &[Outcome]) -> (Outcome, u32) {
    let like = |one: &Outcome| {
        let one = (one.status, one.result);
        outcomes.iter().filter(move |other| (other.status, other.result) == one)
    };
    let most = outcomes.iter().max_by_key(|one| like(one).count()).expect("there is at least one run");
    let dearest = like(most).max_by_key(|outcome| outcome.usage.instructions).expect("it is like itself");
    (dearest.clone(), u32::try_from(like(most).count()).unwrap_or(u32::MAX))
}

fn write_samples(words: &JobSamples) -> Result<Samples, Failure> {
    let out = &words.out;
    if out.exists() && std::fs::read_dir(out)?.next().is_some() {
        return Err(Failure::Usage(format!("{} is not empty", out.display())));
    }
    let mut samples = sample_jobs::samples();
    samples.retain(|sample| sample.name != "spin");
    samples.push(sample_jobs::spin(words.spin_millions));
    for sample in &samples {
        sample.write(&out.join(sample.name))?;
    }
    Ok(Samples::of(&samples, out))
}
