//! The child's side of [`Worker`](crate::Worker).

use std::{
    io::{self, Read, Write},
    process, thread,
    time::Duration,
};

use crate::{
    InProcess, Optimize, OptimizerError,
    wire::{self, Question},
};

/// The first argument that turns a program into a worker.
pub const WORKER_ARGUMENT: &str = "optimizer-worker";

/// Serves one program from stdin and ends the process, if the first argument is [`WORKER_ARGUMENT`].
///
/// To be called first in `main` of every program that uses [`Worker::current_program`](crate::Worker).
pub fn run_if_worker() {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == WORKER_ARGUMENT) {
        process::exit(i32::from(serve().is_err()));
    }
}

fn serve() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let answer = match wire::decode_question(&mut input) {
        Ok(Question { backend, seconds, program }) => {
            drop(input);
            end_with_the_parent();
            let limit = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
            InProcess(backend).solve(&program, limit)
        }
        Err(reason) => Err(OptimizerError::InvalidProgram { reason }),
    };
    let mut output = io::stdout().lock();
    output.write_all(wire::encode_answer(&answer).as_bytes())?;
    output.flush()
}

/// The parent keeps the pipe open for as long as it waits: its end means that nobody wants the answer any more.
fn end_with_the_parent() {
    thread::spawn(|| {
        let mut input = io::stdin().lock();
        let mut rest = [0_u8; 64];
        while matches!(input.read(&mut rest), Ok(1..)) {}
        process::exit(1);
    });
}
