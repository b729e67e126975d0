//! The program; the library says what it is.

use std::process::ExitCode;

/// Memory of agents that run for months stays level with it, which the system's does not: it keeps what threads have freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    entente::run()
}
