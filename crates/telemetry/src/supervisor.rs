//! A process and whatever holds it.

use std::{
    ffi::OsString,
    fmt,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::{CgroupRoot, TelemetryError, Usage, Version, cgroup::Cgroup, process, pulse::Pulse};

/// Where control groups are mounted on every system that has them.
const MOUNT: &str = "/sys/fs/cgroup";

/// What measures and holds a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Control groups, version 2.
    CgroupV2,
    /// Control groups, version 1.
    CgroupV1,
    /// `/proc` and the signals STOP and CONT: coarser, and children that still run are held but not counted.
    Signals,
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Mechanism {
    const fn name(self) -> &'static str {
        match self {
            Self::CgroupV2 => "cgroup v2",
            Self::CgroupV1 => "cgroup v1",
            Self::Signals => "/proc and signals",
        }
    }
}

#[derive(Debug)]
enum Hold {
    Group(Cgroup),
    Pulse(Pulse),
}

/// A process that was started to be watched. It ends when this is dropped.
#[derive(Debug)]
pub struct Supervisor {
    child: Child,
    hold: Hold,
    mechanism: Mechanism,
}

impl Supervisor {
    /// Starts `command` under the name `name`, by `mechanism`, or by the best one that works here.
    pub fn start(command: &[OsString], name: &str, mechanism: Option<Mechanism>) -> Result<Self, TelemetryError> {
        let group = match mechanism {
            Some(Mechanism::Signals) => None,
            Some(wanted) => Some(group(name, Some(wanted))?),
            None => group(name, None).ok(),
        };
        let Some((mechanism, group)) = group else {
            let child = spawn(command, &[])?;
            let hold = Hold::Pulse(Pulse::new(child.id()));
            return Ok(Self { child, hold, mechanism: Mechanism::Signals });
        };
        let entrances: Vec<OsString> = group.entrances().into_iter().map(Into::into).collect();
        Ok(Self { child: spawn(command, &entrances)?, hold: Hold::Group(group), mechanism })
    }

    /// What is in force.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has used.
    pub fn usage(&self) -> Result<Usage, TelemetryError> {
        match &self.hold {
            Hold::Group(group) => group.usage(),
            Hold::Pulse(_) => process::usage(self.child.id()),
        }
    }

    /// Holds it to thousandths of a core; `None` lifts the limit.
    pub fn limit_cpu(&self, millicores: Option<u32>) -> Result<(), TelemetryError> {
        match &self.hold {
            Hold::Group(group) => group.limit_cpu(millicores),
            Hold::Pulse(pulse) => {
                pulse.limit_cpu(millicores);
                Ok(())
            }
        }
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it and its children at once.
    pub fn stop(&mut self) -> Result<(), TelemetryError> {
        let pid = self.child.id();
        let failed = |source| TelemetryError::Signal { pid, source };
        if let Hold::Group(group) = &self.hold {
            for pid in group.processes() {
                if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                    // Who has ended meanwhile need not be ended.
                    let _ = rustix::process::kill_process(pid, Signal::KILL);
                }
            }
        }
        if let Some(group) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        self.child.wait().map(|_| ()).map_err(failed)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // What cannot be ended any more has ended.
        let _ = self.stop();
    }
}

/// A fresh group of the wanted kind, with a CPU limit that can be set.
fn group(name: &str, wanted: Option<Mechanism>) -> Result<(Mechanism, Cgroup), TelemetryError> {
    let unavailable = || TelemetryError::Unavailable { mechanism: wanted.map_or("a control group", Mechanism::name) };
    let root = CgroupRoot::at(Path::new(MOUNT)).ok_or_else(unavailable)?;
    let mechanism = match root.version() {
        Version::V1 => Mechanism::CgroupV1,
        Version::V2 => Mechanism::CgroupV2,
    };
    if wanted.is_some_and(|wanted| wanted != mechanism) {
        return Err(unavailable());
    }
    let group = root.create(&format!("entente-{name}-{}", std::process::id()))?;
    group.limit_cpu(None)?;
    group.usage()?;
    Ok((mechanism, group))
}

/// Starts it as the leader of a process group of its own. A shell enters the control group first and then becomes the
/// command, so that nothing of it runs outside.
fn spawn(command: &[OsString], entrances: &[OsString]) -> Result<Child, TelemetryError> {
    const ENTER: &str = r#"n=$1; shift
while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 126; shift; n=$((n - 1)); done
exec "$@""#;
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", ENTER, "sh", &entrances.len().to_string()]).args(entrances).args(command);
    shell.stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    let name = command.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    shell.spawn().map_err(|source| TelemetryError::Start { command: name, source })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn busy(name: &str, mechanism: Option<Mechanism>) -> Supervisor {
        let words = ["/bin/sh", "-c", "while :; do :; done"].map(OsString::from);
        Supervisor::start(&words, name, mechanism).unwrap()
    }

    /// Millicores used over the time it takes to use 150 ms, or over 5 s if that is never used.
    fn rate(supervisor: &Supervisor) -> u128 {
        let (begun, before) = (Instant::now(), supervisor.usage().unwrap().cpu_ns);
        loop {
            let used = supervisor.usage().unwrap().cpu_ns - before;
            if used >= 150_000_000 || begun.elapsed() > Duration::from_secs(5) {
                return u128::from(used) * 1_000 / begun.elapsed().as_nanos();
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_busy_process_is_held_by_signals() {
        let supervisor = busy("signals", Some(Mechanism::Signals));
        assert_eq!(supervisor.mechanism(), Mechanism::Signals);
        supervisor.limit_cpu(Some(100)).unwrap();
        let held = rate(&supervisor);
        assert!(held < 250, "{held} millicores of 100");
    }

    #[test]
    fn a_busy_process_is_held_by_the_best_that_works_here() {
        let mut supervisor = busy("best", None);
        supervisor.limit_cpu(Some(100)).unwrap();
        let held = rate(&supervisor);
        assert!(held < 250, "{held} millicores of 100 by {}", supervisor.mechanism());
        assert!(supervisor.is_running());
        supervisor.stop().unwrap();
        assert!(!supervisor.is_running());
    }

    #[test]
    fn what_cannot_be_started_ends_at_once() {
        let mut supervisor = Supervisor::start(&["/no/such/program".into()], "none", None).unwrap();
        let begun = Instant::now();
        while supervisor.is_running() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the shell does not end");
            std::thread::yield_now();
        }
    }
}
