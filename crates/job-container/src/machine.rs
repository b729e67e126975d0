//! Running a container job.

use std::{
    fs, io,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    time::Duration,
};

use job_runtime::{Ended, Machine, MeterId, RunError, conduct, described};
use jobs::{Bundle, BundleError, ContentHash, Description, INPUT_FOLDER, Limits, Mode, Outcome, Status, Usage};
use waiting::Aside;

use crate::{
    Engine, EngineError,
    cgroup::{Group, Reading},
    engine::{End, Run},
    name::{self, Name},
    output::{Prints, bytes_below},
};

/// What is billed is CPU time, and a job has one processor.
pub const NANOSECONDS_A_SECOND: u64 = 1_000_000_000;
/// What the engine may take for starting a container on a busy machine.
const START_NANOSECONDS: u64 = 200_000_000;
/// Where a job finds what it reads.
pub const INPUT: &str = "/input";
/// Where a job writes.
pub const OUTPUT: &str = "/output";
/// Whose processes a job's are where this program is the superuser's: nobody's.
const NOBODY: u32 = 65_534;

/// How containers are measured: an instruction is a nanosecond of CPU time.
pub fn meter_id() -> MeterId {
    let architecture = std::env::consts::ARCH;
    MeterId(ContentHash::of(
        format!("entente container meter 1\nnanoseconds of CPU time\narchitecture {architecture}\nprocessors 1\n")
            .as_bytes(),
    ))
}

/// What MODiCuM's contract calls this machine's processors in offers; `None` of those that it has no number for.
pub fn architecture() -> Option<u8> {
    match std::env::consts::ARCH {
        "x86_64" => Some(1),
        "aarch64" => Some(2),
        _ => None,
    }
}

/// Runs containers with an engine of this machine.
#[derive(Clone, Debug)]
pub struct Contained {
    engine: Engine,
    patience: Duration,
    aside: Aside,
}

impl Contained {
    /// With the engine at an address, see [`Engine::connect`]; a job may take so long on this machine. What a program that
    /// was killed left running is ended.
    pub fn connect(address: Option<&str>, patience: Duration) -> Result<Self, EngineError> {
        let aside = Aside::new()?;
        let engine = aside.wait(async {
            let engine = Engine::connect(address).await?;
            name::sweep(&engine).await?;
            Ok::<_, EngineError>(engine)
        })?;
        Ok(Self { engine, patience, aside })
    }

    fn execute(
        &self,
        job: &Bundle,
        limits: &Limits,
        out: &Path,
        scratch: &Path,
        usage: &mut Usage,
    ) -> Result<Ended, RunError> {
        let (image, command) = match read_job(job, limits.image)? {
            Ok(read) => read,
            Err(reason) => return Ok(Ended::of(Status::JobDescriptionError, reason)),
        };
        let (input, output) = (scratch.join("input"), scratch.join("output"));
        let user = prepare(job, &input, &output)?;
        // Engines know paths from the root on.
        let (input, output) = (absolute(&input)?, absolute(&output)?);
        let name = Name::new().map_err(RunError::Machine)?;
        let group = Group::create(name.as_str()).map_err(|source| {
            let reason =
                "a control group for the job cannot be made; this needs the superuser, or a group that is delegated";
            RunError::Machine(io::Error::new(source.kind(), format!("{reason}: {source}")))
        })?;
        let mut prints = Prints::create(out, limits.storage_bytes).map_err(RunError::Machine)?;
        let run = Run {
            name: name.as_str(),
            image: &image,
            command: &command,
            input: &input,
            output: &output,
            user,
            limits,
            patience: self.patience,
        };
        let mut reading = Reading::default();
        let end = self.aside.wait(async {
            if !self.engine.has(&image).await? {
                return Ok(None);
            }
            self.engine.run(&run, &group, &mut prints, &mut reading).await.map(Some)
        });
        usage.instructions = reading.cpu_ns;
        usage.memory_bytes = reading.memory_bytes;
        usage.storage_bytes = prints.bytes().saturating_add(bytes_below(&output).map_err(RunError::Machine)?);
        match end.map_err(failed)? {
            None => Err(RunError::NoImage(image)),
            Some(End::TooSlow) => Err(RunError::TooSlow(self.patience)),
            Some(End::Exceeded(status)) => Ok(exceeded(status, limits, usage)),
            Some(End::Exited(_)) if usage.instructions > limits.instructions => {
                Ok(exceeded(Status::InstructionsExceeded, limits, usage))
            }
            Some(End::Exited(_)) if usage.storage_bytes > limits.storage_bytes => {
                Ok(exceeded(Status::StorageExceeded, limits, usage))
            }
            Some(End::Exited(code)) => keep_result(&output, out, code),
        }
    }
}

impl Machine for Contained {
    fn run(&self, job: &Bundle, limits: Limits, out: &Path) -> Result<Outcome, RunError> {
        conduct(job, &limits, out, |scratch, usage| self.execute(job, &limits, out, scratch, usage))
    }

    fn meter(&self) -> MeterId {
        meter_id()
    }

    /// A quarter more than was measured, for another machine's caches and clock, and what starting a container may take.
    fn fair(&self, instructions: u64) -> u64 {
        instructions.saturating_add(instructions / 4).saturating_add(START_NANOSECONDS)
    }
}

fn failed(error: EngineError) -> RunError {
    match error {
        EngineError::Io(source) => RunError::Machine(source),
        error => RunError::Engine(error.to_string()),
    }
}

/// All instructions that the job might have are billed where these are what it exceeded.
fn exceeded(status: Status, limits: &Limits, usage: &mut Usage) -> Ended {
    usage.instructions = usage.instructions.min(limits.instructions);
    let reason = match status {
        Status::InstructionsExceeded => "the job took more CPU time than it may",
        Status::MemoryExceeded => "the job asked for more memory than it may have",
        _ => "the job wrote more than it may",
    };
    Ended::of(status, reason)
}

/// The image and what is run in it, or why there is none.
fn read_job(job: &Bundle, allowed: Option<ContentHash>) -> Result<Result<(String, Vec<String>), String>, RunError> {
    let description = match described(job)? {
        Ok(description) => description,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let id = description.image_id();
    Ok(match description {
        Description::Container { command, .. } if command.is_empty() => Err("the job has no command".to_owned()),
        Description::Container { image, command } => match id {
            Some(id) if allowed.is_none_or(|allowed| allowed == id) => Ok((image, command)),
            Some(_) => Err(format!("the job was offered for another image than {image}")),
            None => Err(format!(
                "the image {image} is named by no id; it must be as sha256:… so that it is the same everywhere"
            )),
        },
        Description::Wasm { .. } => Err("the job is a module, not a container".to_owned()),
    })
}

/// Writes what the job reads, makes a folder for what it writes, and says whose its processes are to be.
fn prepare(job: &Bundle, input: &Path, output: &Path) -> Result<String, RunError> {
    let machine = RunError::Machine;
    fs::create_dir(input).map_err(machine)?;
    fs::create_dir(output).map_err(machine)?;
    let prefix = format!("{INPUT_FOLDER}/");
    for (path, entry, source) in job.sources() {
        let name = path.to_string();
        let Some(name) = name.strip_prefix(&prefix) else { continue };
        let at = input.join(name);
        fs::create_dir_all(at.parent().expect("it is in the folder")).map_err(machine)?;
        let mut file = fs::File::create_new(&at).map_err(machine)?;
        let mut bytes = source.open().map_err(|source| RunError::Read { path: path.to_string(), source })?;
        io::copy(&mut bytes, &mut file).map_err(machine)?;
        let mode = if entry.mode == Mode::Executable { 0o555 } else { 0o444 };
        fs::set_permissions(&at, fs::Permissions::from_mode(mode)).map_err(machine)?;
    }
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    if !user.is_root() {
        return Ok(format!("{}:{}", user.as_raw(), group.as_raw()));
    }
    chown(output, Some(NOBODY), Some(NOBODY)).map_err(machine)?;
    Ok(format!("{NOBODY}:{NOBODY}"))
}

fn absolute(path: &Path) -> Result<PathBuf, RunError> {
    fs::canonicalize(path).map_err(RunError::Machine)
}

/// Moves what the job wrote to where the result is, beside what it printed.
fn keep_result(output: &Path, out: &Path, code: i64) -> Result<Ended, RunError> {
    let kept = out.join("output");
    if let Err(error) = Bundle::of_folder(output) {
        return match error {
            BundleError::Read { .. } => Err(error.into()),
            error => Ok(no_tree(out, &error)),
        };
    }
    if output.read_dir().map_err(RunError::Machine)?.next().is_some() {
        fs::rename(output, kept).map_err(RunError::Machine)?;
    }
    if code == 0 {
        return Ok(Ended::completed());
    }
    let reason = format!("the job ended with the exit code {code}");
    Ok(Ended { exit_code: i32::try_from(code).ok(), ..Ended::of(Status::ExceptionOccurred, reason) })
}

/// What the job wrote is in no tree: a link, or a name that is none. What it printed is its result.
fn no_tree(out: &Path, error: &BundleError) -> Ended {
    let path = match error {
        BundleError::NotAFile { path } | BundleError::Name { path } => path.file_name().map(Path::new),
        _ => None,
    };
    tracing::debug!(%error, folder = %out.display(), "a job's output is no tree");
    let what = path.map_or_else(|| error.to_string(), |name| format!("{} is no file", name.display()));
    Ended::of(Status::ExceptionOccurred, format!("what the job wrote is no result: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_runs_in_the_image_that_it_was_offered_for() {
        let [offered, other] = ["one image", "another"].map(|image| ContentHash::of(image.as_bytes()));
        let command = vec!["/bin/true".to_owned()];
        let image = format!("sha256:{offered}");
        let description = Description::Container { image: image.clone(), command: command.clone() };
        let job = Bundle::of_description(&description, None).unwrap();
        for allowed in [None, Some(offered)] {
            assert_eq!(read_job(&job, allowed).unwrap(), Ok((image.clone(), command.clone())));
        }
        assert!(read_job(&job, Some(other)).unwrap().unwrap_err().contains("another image"));
    }
}
