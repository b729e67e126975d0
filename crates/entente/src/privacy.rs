//! Keys stay in this process.

/// From now on no core dump of this process is written, and no other one of the same user may read its memory. What it starts
/// may be dumped again, but for a limit of size zero. Where the system knows neither, nothing is done.
#[cfg(unix)]
pub fn refuse_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "core dumps cannot be turned off");
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "the memory of this process cannot be closed to others");
        }
    }
}

/// Nothing is known that could be done.
#[cfg(not(unix))]
pub fn refuse_core_dumps() {}
