//! The verbs of `entente job` that run jobs here. `entente` gives way to it where it stands beside.

use std::process::ExitCode;

fn main() -> ExitCode {
    entente::run_job()
}
