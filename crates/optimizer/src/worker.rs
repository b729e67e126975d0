//! A solver in a child process, which a deadline can end.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    path::PathBuf,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{Backend, LinearProgram, Optimize, OptimizerError, Solution, WORKER_ARGUMENT, wire};

/// How much of a crashed worker's standard error an error quotes, bytes.
const QUOTED: usize = 500;

/// How long a worker that has closed its output may take to exit, and to close its standard error.
const GRACE: Duration = Duration::from_millis(500);

/// How often a worker that is about to exit is looked at.
const POLL: Duration = Duration::from_millis(1);

/// What part of the time a solver is told it has: the rest is for the journey of its best point so far.
const TOLD: f64 = 0.8;

/// A solver in a child process, one a call, killed at the deadline.
#[derive(Clone, Debug)]
pub struct Worker {
    backend: Backend,
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Worker {
    /// Workers are `program optimizer-worker`; it calls [`run_if_worker`](crate::run_if_worker) first.
    pub fn new(backend: Backend, program: PathBuf) -> Self {
        Self::with_arguments(backend, program, [WORKER_ARGUMENT.into()])
    }

    /// Workers are `program arguments…`, which ends up in [`run_if_worker`](crate::run_if_worker) by its own ways.
    pub fn with_arguments(backend: Backend, program: PathBuf, arguments: impl IntoIterator<Item = OsString>) -> Self {
        Self { backend, program, arguments: arguments.into_iter().collect() }
    }

    /// Workers are this very program.
    pub fn current_program(backend: Backend) -> io::Result<Self> {
        Ok(Self::new(backend, std::env::current_exe()?))
    }

    fn start(&self) -> Result<Child, OptimizerError> {
        Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| OptimizerError::NotStarted { program: self.program.clone(), source })
    }

    fn read_answer(
        &self,
        output: &str,
        ended: &Ended,
        variables: usize,
        deadline: Duration,
    ) -> Result<Solution, OptimizerError> {
        let Some(line) = output.lines().find_map(|line| line.strip_prefix(wire::MARK)) else {
            return Err(OptimizerError::WorkerFailed {
                program: self.program.clone(),
                status: ended.status,
                stderr: ended.stderr.clone(),
            });
        };
        wire::decode_answer(line, variables, deadline)
            .unwrap_or_else(|reason| Err(OptimizerError::Garbled { program: self.program.clone(), reason }))
    }
}

impl Optimize for Worker {
    fn solve(&self, program: &LinearProgram, deadline: Duration) -> Result<Solution, OptimizerError> {
        let begun = Instant::now();
        program.validate()?;
        let question = wire::encode_question(self.backend, TOLD * deadline.as_secs_f64(), program);
        let mut worker = Running::new(self.start()?, question);
        if let Ok(output) = worker.output.recv_timeout(deadline.saturating_sub(begun.elapsed())) {
            let ended = worker.end(GRACE).map_err(OptimizerError::NotReaped)?;
            self.read_answer(&String::from_utf8_lossy(&output), &ended, program.variables(), deadline)
        } else {
            worker.end(Duration::ZERO).map_err(OptimizerError::NotReaped)?;
            Err(OptimizerError::DeadlineExceeded { deadline })
        }
    }
}

/// A child that is killed and reaped when dropped, whatever happens.
struct Running {
    child: Child,
    /// Holds the pipe when all is written: it stays open while somebody waits for the answer.
    _question: JoinHandle<ChildStdin>,
    output: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
}

struct Ended {
    status: ExitStatus,
    stderr: String,
}

impl Running {
    fn new(mut child: Child, question: String) -> Self {
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let question = thread::spawn(move || {
            // A worker that died says so by its status; a broken pipe adds nothing.
            let _ = stdin.write_all(question.as_bytes());
            stdin
        });
        let output = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        Self { child, _question: question, output, stderr }
    }

    /// Waits up to `grace` for the child to exit by itself, then kills it.
    fn end(&mut self, grace: Duration) -> io::Result<Ended> {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if begun.elapsed() >= grace {
                self.child.kill()?;
                break self.child.wait()?;
            }
            thread::sleep(POLL);
        };
        // A grandchild may hold the pipe open for ever.
        let stderr = self.stderr.recv_timeout(grace).unwrap_or_default();
        let tail = &stderr[stderr.len().saturating_sub(QUOTED)..];
        Ok(Ended { status, stderr: String::from_utf8_lossy(tail).trim().to_owned() })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where the child is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All that comes through a pipe, once it is closed.
fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What arrived before a failure is all there is to judge; nobody may be waiting for it any more.
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}
