//! The child's side of [`CbcWorker`](crate::CbcWorker).

use std::{
    io::{self, Read, Write},
    process, thread,
    time::Duration,
};

use crate::{InProcess, Optimize, OptimizerError, wire};

/// The first argument that turns a program into a worker.
pub const WORKER_ARGUMENT: &str = "optimizer-worker";

/// Serves one linear program from stdin and ends the process, if the first argument is [`WORKER_ARGUMENT`].
///
/// To be called first in `main` of every program that uses [`CbcWorker::current_program`](crate::CbcWorker).
pub fn run_if_worker() {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == WORKER_ARGUMENT) {
        process::exit(i32::from(serve().is_err()));
    }
}

fn serve() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let answer = match wire::decode_program(&mut input) {
        Ok(program) => {
            drop(input);
            end_with_the_parent();
            InProcess.solve(&program, Duration::MAX)
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
