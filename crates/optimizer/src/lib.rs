#![doc = include_str!("../README.md")]

mod cbc;
mod error;
mod program;
mod serve;
mod wire;
mod worker;

use std::time::Duration;

pub use cbc::InProcess;
pub use error::OptimizerError;
pub use program::{Comparison, LinearProgram, Solution, Variable};
pub use serve::{WORKER_ARGUMENT, run_if_worker};
pub use worker::CbcWorker;

/// Something that solves linear programs.
pub trait Optimize {
    /// The optimum of `program`, an optimal vertex where there are many, within `deadline` of the call.
    fn solve(&self, program: &LinearProgram, deadline: Duration) -> Result<Solution, OptimizerError>;
}
