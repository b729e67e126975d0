#![doc = include_str!("../README.md")]

mod cgroup;
mod error;
mod process;
mod pulse;
mod supervisor;

pub use cgroup::{CgroupRoot, Version};
pub use error::TelemetryError;
pub use supervisor::{Mechanism, Supervisor};

/// What a process and its children have used since they began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time of all threads, nanoseconds.
    pub cpu_ns: u64,
    /// Memory in use now, bytes.
    pub memory_bytes: u64,
    /// Read from and written to block devices, bytes.
    pub io_bytes: u64,
}
