//! Running a job.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use jobs::{
    Bundle, BundleError, DESCRIPTION_PATH, Description, Limits, Outcome, Source, Status, Tree, Undescribed, Usage,
};
use thiserror::Error;
use wasmtime::{Engine, Linker, Module, Store, Trap};

use crate::{
    end::End,
    files::Files,
    host::Host,
    meter::{MOST_MODULE_BYTES, config},
    wasi,
};

/// Of the thread in which a job runs; its own stack is within.
const THREAD_STACK_BYTES: usize = 8 << 20;

/// Runs jobs within limits.
#[derive(Clone, Copy, Debug)]
pub struct Runner {
    /// What a job may use.
    pub limits: Limits,
    /// How long it may take on this machine. It depends on the machine, so that exceeding it says nothing of the job.
    pub patience: Duration,
}

/// Why this machine could not find out how a job ends.
#[derive(Debug, Error)]
pub enum RunError {
    /// It takes too long here.
    #[error("the job took longer than the {} s that it may take on this machine", .0.as_secs())]
    TooSlow(Duration),
    /// There is something already.
    #[error("{0} is not empty; a result needs a folder of its own")]
    NotEmpty(PathBuf),
    /// The result cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The job cannot be read.
    #[error("the job's file {path} cannot be read")]
    Read {
        /// Of its tree.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A file or memory failed in the run.
    #[error("the machine failed the job")]
    Machine(#[source] io::Error),
    /// The result is no tree.
    #[error(transparent)]
    Result(#[from] BundleError),
    /// The engine does not start, or does not do what it must.
    #[error("the engine fails: {0}")]
    Engine(String),
    /// The engine lacks what the job is to run in.
    #[error("the engine has no image {0}; load it, and try again")]
    NoImage(String),
    /// The thread ended by itself.
    #[error("the thread of the job broke")]
    Broken,
}

/// How a run ended, before its result is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub status: Status,
    /// The exit code, where the job gave one.
    pub exit_code: Option<i32>,
    /// Why it ended as it did, in words, where it did not complete.
    pub reason: Option<String>,
}

impl Ended {
    /// The job did all that it wanted.
    pub const fn completed() -> Self {
        Self { status: Status::Completed, exit_code: Some(0), reason: None }
    }

    /// The job did not complete, for a reason.
    pub fn of(status: Status, reason: impl Into<String>) -> Self {
        Self { status, exit_code: None, reason: Some(reason.into()) }
    }

    /// Whether what the job had printed and written is its result.
    const fn has_result(&self) -> bool {
        matches!(self.status, Status::Completed | Status::ExceptionOccurred)
    }

    fn outcome(self, usage: Usage, result: &Tree) -> Outcome {
        let Self { status, exit_code, reason } = self;
        Outcome { status, exit_code, usage, result: result.hash(), reason }
    }
}

/// Runs a job in whatever way `execute` does, which leaves the result in `out`, has the folder that it is given for
/// itself, and says what was used. What is the same for every way is done here: `out` must be new or empty, moving the job
/// and its result must be within what it may take, and a job that exceeded a limit has no result.
pub fn conduct(
    job: &Bundle,
    limits: &Limits,
    out: &Path,
    execute: impl FnOnce(&Path, &mut Usage) -> Result<Ended, RunError>,
) -> Result<Outcome, RunError> {
    prepare(out)?;
    let mut usage = Usage { bandwidth_bytes: job.tree().transfer_bytes(), ..Usage::default() };
    if usage.bandwidth_bytes > limits.bandwidth_bytes {
        return Ok(Outcome::too_large_to_move(usage.bandwidth_bytes));
    }
    let scratch = out.join(".scratch");
    fs::create_dir(&scratch).map_err(|source| RunError::Write { path: scratch.clone(), source })?;
    let ended = execute(&scratch, &mut usage);
    let removed = fs::remove_dir_all(&scratch);
    let mut ended = ended?;
    removed.map_err(|source| RunError::Write { path: scratch, source })?;
    if !ended.has_result() {
        return without_result(ended, usage, out);
    }
    let result = Bundle::of_folder(out)?;
    usage.bandwidth_bytes += result.tree().transfer_bytes();
    if usage.bandwidth_bytes > limits.bandwidth_bytes {
        ended = Ended::of(Status::BandwidthExceeded, "moving the job and its result takes more than it may");
        return without_result(ended, usage, out);
    }
    Ok(ended.outcome(usage, result.tree()))
}

impl Runner {
    /// Runs a job. Its result is in the folder `out` afterwards, which must not be there, or be empty.
    pub fn run(&self, job: &Bundle, out: &Path) -> Result<Outcome, RunError> {
        let thread = thread::Builder::new().name("job".to_owned()).stack_size(THREAD_STACK_BYTES);
        thread::scope(|scope| {
            let run = || conduct(job, &self.limits, out, |scratch, usage| self.execute(job, scratch, usage, out));
            let run = thread.spawn_scoped(scope, run).map_err(RunError::Machine)?;
            run.join().map_err(|_| RunError::Broken)?
        })
    }

    fn execute(&self, job: &Bundle, scratch: &Path, usage: &mut Usage, out: &Path) -> Result<Ended, RunError> {
        let (module, arguments) = match read_job(job)? {
            Ok(read) => read,
            Err(reason) => return Ok(Ended::of(Status::JobDescriptionError, reason)),
        };
        let engine = Engine::new(&config()).map_err(|error| RunError::Engine(error.to_string()))?;
        let module = match Module::from_binary(&engine, &module) {
            Ok(module) => module,
            Err(error) => {
                return Ok(Ended::of(Status::JobDescriptionError, format!("the module is not valid: {error:#}")));
            }
        };
        let files = Files::new(job, scratch, self.limits.storage_bytes);
        let host = Host::new(job, files, &arguments, self.limits.memory_bytes).map_err(machine)?;
        let mut store = Store::new(&engine, host);
        store.limiter(|host| host);
        store.set_fuel(self.limits.instructions).map_err(|error| RunError::Engine(error.to_string()))?;
        store.set_epoch_deadline(1);
        let ended = self.guard(&engine, || start(&engine, &module, &mut store))?;
        let left = store.get_fuel().map_err(|error| RunError::Engine(error.to_string()))?;
        let host = store.data();
        usage.instructions = self.limits.instructions - left;
        usage.memory_bytes = host.memory_peak as u64;
        usage.storage_bytes = host.files.peak();
        keep_result(host, out)?;
        Ok(ended)
    }

    /// Interrupts the engine when patience ends.
    fn guard(&self, engine: &Engine, run: impl FnOnce() -> Result<Ended, Stopped>) -> Result<Ended, RunError> {
        let (done, is_done) = mpsc::channel::<()>();
        let patience = self.patience;
        thread::scope(|scope| {
            scope.spawn(move || {
                if is_done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                    engine.increment_epoch();
                }
            });
            let ended = run();
            drop(done);
            ended.map_err(|stopped| match stopped {
                Stopped::TooSlow => RunError::TooSlow(patience),
                Stopped::Machine(source) => RunError::Machine(source),
            })
        })
    }
}

/// What ends a run that is not the job's doing.
enum Stopped {
    TooSlow,
    Machine(io::Error),
}

fn machine(end: End) -> RunError {
    RunError::Machine(match end {
        End::Machine(source) => source,
        end => io::Error::other(end),
    })
}

fn prepare(out: &Path) -> Result<(), RunError> {
    let write = |source| RunError::Write { path: out.to_owned(), source };
    fs::create_dir_all(out).map_err(write)?;
    match fs::read_dir(out).map_err(write)?.next() {
        None => Ok(()),
        Some(_) => Err(RunError::NotEmpty(out.to_owned())),
    }
}

/// What the job says of itself, or why it says nothing; only the machine's failure is the machine's.
pub fn described(job: &Bundle) -> Result<Result<Description, Undescribed>, RunError> {
    job.description().map_err(|source| RunError::Read { path: DESCRIPTION_PATH.to_owned(), source })
}

/// The module and what it is told, or why there is none.
#[expect(clippy::type_complexity, reason = "an answer within an answer: the machine fails, or the job is wrong")]
fn read_job(job: &Bundle) -> Result<Result<(Vec<u8>, Vec<String>), String>, RunError> {
    let read = |path: &jobs::TreePath, source: &Source| {
        source.read().map_err(|source| RunError::Read { path: path.to_string(), source })
    };
    let (module, arguments) = match described(job)? {
        Ok(Description::Wasm { module, arguments }) => (module, arguments),
        Ok(Description::Container { .. }) => return Ok(Err("the job is a container, not a module".to_owned())),
        Err(error) => return Ok(Err(error.to_string())),
    };
    if arguments.iter().any(|word| word.contains('\0')) {
        return Ok(Err("an argument holds a zero".to_owned()));
    }
    match (job.tree().get(&module), job.source(&module)) {
        (Some(entry), _) if entry.size > MOST_MODULE_BYTES => {
            Ok(Err(format!("the module has {} bytes, over {MOST_MODULE_BYTES}", entry.size)))
        }
        (Some(_), Some(source)) => Ok(Ok((read(&module, source)?, arguments))),
        _ => Ok(Err(format!("the job holds no {module}"))),
    }
}

fn start(engine: &Engine, module: &Module, store: &mut Store<Host>) -> Result<Ended, Stopped> {
    let mut linker = Linker::new(engine);
    wasi::offer(&mut linker).map_err(|error| Stopped::Machine(io::Error::other(error.to_string())))?;
    // A trap while the module is set up is the job's own; what cannot be ready at all is not a job.
    let ready = match linker.instantiate_pre(module) {
        Ok(ready) => ready,
        Err(error) => return Ok(Ended::of(Status::JobDescriptionError, format!("{error:#}"))),
    };
    let instance = match ready.instantiate(&mut *store) {
        Ok(instance) => instance,
        Err(error) => return ended(&error),
    };
    let Ok(main) = instance.get_typed_func::<(), ()>(&mut *store, "_start") else {
        return Ok(Ended::of(Status::JobDescriptionError, "the module exports no function _start without arguments"));
    };
    match main.call(store, ()) {
        Ok(()) => Ok(Ended::completed()),
        Err(error) => ended(&error),
    }
}

/// What an error of the engine means for the job.
fn ended(error: &wasmtime::Error) -> Result<Ended, Stopped> {
    if let Some(end) = error.downcast_ref::<End>() {
        return match end {
            End::Exit(0) => Ok(Ended::completed()),
            End::Exit(code) => {
                Ok(Ended { exit_code: Some(*code), ..Ended::of(Status::ExceptionOccurred, end.to_string()) })
            }
            End::Memory => Ok(Ended::of(Status::MemoryExceeded, end.to_string())),
            End::Storage => Ok(Ended::of(Status::StorageExceeded, end.to_string())),
            End::Machine(source) => Err(Stopped::Machine(io::Error::new(source.kind(), source.to_string()))),
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Ok(Ended::of(Status::InstructionsExceeded, "the job ran for longer than it may")),
        Some(Trap::Interrupt) => Err(Stopped::TooSlow),
        Some(trap) => Ok(Ended::of(Status::ExceptionOccurred, trap.to_string())),
        None => Ok(Ended::of(Status::ExceptionOccurred, error.root_cause().to_string())),
    }
}

/// Moves what the job wrote to where the result is.
fn keep_result(host: &Host, out: &Path) -> Result<(), RunError> {
    let prints = [("stdout", host.stdout), ("stderr", host.stderr)];
    let prints = prints.into_iter().filter_map(|(name, id)| Some((out.join(name), host.files.scratch_path(id)?)));
    let files = host.files.written().map(|(path, bytes)| (out.join("output").join(path), bytes));
    for (path, bytes) in prints.chain(files) {
        let write = |source| RunError::Write { path: path.clone(), source };
        fs::create_dir_all(path.parent().expect("it is in a folder")).map_err(write)?;
        fs::rename(bytes, &path).map_err(write)?;
    }
    Ok(())
}

/// Keeps nothing of a job that exceeded a limit, or is none.
fn without_result(ended: Ended, usage: Usage, out: &Path) -> Result<Outcome, RunError> {
    fs::remove_dir_all(out)
        .and_then(|()| fs::create_dir(out))
        .map_err(|source| RunError::Write { path: out.to_owned(), source })?;
    Ok(ended.outcome(usage, &Tree::default()))
}
