//! The program; the library says what it is.

use std::process::ExitCode;

fn main() -> ExitCode {
    entente::run()
}
