#![doc = include_str!("../README.md")]

mod agent;
mod board;
mod driver;
mod figures;
mod following;
mod hosting;
mod keeping;
mod modicum;
mod protocol;
mod solidworx;
mod transax;

pub use agent::{Agent, Intent};
pub use board::{Failure, Status};
pub use figures::{Decision, SolverFigures};
pub use following::{FollowFault, Snapshot};
pub use hosting::{Runtime, RuntimeError, Settings};
pub use protocol::{About, BoxError, Form, Protocol};

pub use crate::{modicum::Modicum, solidworx::SolidWorx, transax::Transax};
