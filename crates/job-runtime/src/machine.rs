//! What agents run jobs with, whatever kind of machine it is.

use std::{io, path::Path, time::Duration};

use jobs::{Bundle, ContentHash, DESCRIPTION_PATH, Description, Limits, Outcome};

use crate::{MeterId, RunError, Runner, meter_description, meter_id};

/// The argument for which a [`Leaky`] machine puts a number drawn by chance.
pub const CHANCE: &str = "{chance}";

/// A machine that runs jobs.
pub trait Machine: Send + Sync {
    /// Runs a job within limits. Its result is in the folder `out` afterwards, which must not be there, or be empty.
    fn run(&self, job: &Bundle, limits: Limits, out: &Path) -> Result<Outcome, RunError>;

    /// How it counts.
    fn meter(&self) -> MeterId;

    /// The most that may honestly be claimed of a job for which it counted so many instructions: just these, where
    /// everybody counts the same.
    fn fair(&self, instructions: u64) -> u64 {
        instructions
    }
}

/// Runs modules as [`Runner`] does.
#[derive(Clone, Copy, Debug)]
pub struct Isolated {
    /// How long a job may take on this machine.
    pub patience: Duration,
}

impl Machine for Isolated {
    fn run(&self, job: &Bundle, limits: Limits, out: &Path) -> Result<Outcome, RunError> {
        Runner { limits, patience: self.patience }.run(job, out)
    }

    fn meter(&self) -> MeterId {
        meter_id()
    }
}

/// Lets chance into a job that asks for it, as hosts do that isolate less: where its arguments hold [`CHANCE`], the job is
/// told a number that the operating system draws anew for each run. Any other job runs as on an isolated machine. So a job
/// can be non-deterministic, which tests and demonstrations of disputes need; its meter is another one, so that nobody
/// matches such a job by mistake.
#[derive(Clone, Copy, Debug)]
pub struct Leaky {
    /// How long a job may take on this machine.
    pub patience: Duration,
}

impl Machine for Leaky {
    fn run(&self, job: &Bundle, limits: Limits, out: &Path) -> Result<Outcome, RunError> {
        let drawn = draw(job).map_err(RunError::Machine)?;
        Isolated { patience: self.patience }.run(drawn.as_ref().unwrap_or(job), limits, out)
    }

    fn meter(&self) -> MeterId {
        MeterId(ContentHash::of(format!("{}chance in arguments\n", meter_description()).as_bytes()))
    }
}

/// The job with a number in place of each [`CHANCE`]; `None` where it asks for none.
fn draw(job: &Bundle) -> io::Result<Option<Bundle>> {
    let path = DESCRIPTION_PATH.parse().expect("a name is a path");
    let Some(source) = job.source(&path) else { return Ok(None) };
    let Ok(Description::Wasm { module, mut arguments }) = Description::from_json(&source.read()?) else {
        return Ok(None);
    };
    let mut is_drawn = false;
    for argument in arguments.iter_mut().filter(|argument| argument.as_str() == CHANCE) {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        // As long as what it stands for, so that the job stays as large as it is.
        *argument = format!("{:08}", u32::from_le_bytes(bytes) % 100_000_000);
        is_drawn = true;
    }
    let bytes = Description::Wasm { module, arguments }.to_json();
    Ok(is_drawn.then(|| job.replacing(&path, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(argument: &str) -> Bundle {
        let mut job = Bundle::of_description(&Description::wasm(vec![argument.into()]), None).unwrap();
        job.add_bytes("module.wasm".parse().unwrap(), b"x".to_vec()).unwrap();
        job
    }

    #[test]
    fn chance_gets_only_into_jobs_that_ask_for_it() {
        assert!(draw(&job("7")).unwrap().is_none());
        let asks = job(CHANCE);
        let drawn: Vec<_> = (0..4).map(|_| draw(&asks).unwrap().unwrap()).collect();
        assert!(drawn.iter().any(|bundle| bundle.tree() != drawn[0].tree()), "four draws of 10^8 are not all the same");
        assert!(drawn.iter().all(|bundle| bundle.tree().transfer_bytes() == asks.tree().transfer_bytes()));
    }

    #[test]
    fn a_machine_that_leaks_has_a_meter_of_its_own() {
        let patience = Duration::from_secs(1);
        assert_ne!(Leaky { patience }.meter(), Isolated { patience }.meter());
    }
}
