#![doc = include_str!("../README.md")]

mod backend;
mod cbc;
mod duality;
mod error;
mod first_order;
mod highs;
mod matrix;
mod program;
mod serve;
mod wire;
mod worker;

use std::time::Duration;

pub use backend::{Backend, InProcess};
pub use error::OptimizerError;
pub use first_order::FirstOrder;
pub use program::{Comparison, LinearProgram, Solution, Status, Variable};
pub use serve::{WORKER_ARGUMENT, run_if_worker};
pub use worker::Worker;

/// Something that solves linear and mixed-integer programs.
pub trait Optimize {
    /// The optimum of `program`, an optimal vertex where there are many, within `deadline` of the call. With integer
    /// variables it may be the best point that was found in time instead.
    fn solve(&self, program: &LinearProgram, deadline: Duration) -> Result<Solution, OptimizerError>;
}
