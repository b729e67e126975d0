//! One run of a method.

use std::{
    fmt,
    io::Read,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use matching::{Formulation, Options, solve};
use optimizer::{Backend, InProcess};
use serde::{Deserialize, Serialize};

use crate::market::Case;

/// When a run is given up.
const PATIENCE: Duration = Duration::from_mins(3);

/// A way to the optimum, integer repair included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The papers' program.
    DenseCbc,
    CompactCbc,
    CompactHighs,
    /// The answer that is there when the deadline is at once.
    First,
    Auto,
}

impl Method {
    const ALL: [Self; 5] = [Self::DenseCbc, Self::CompactCbc, Self::CompactHighs, Self::First, Self::Auto];

    pub fn name(self) -> &'static str {
        match self {
            Self::DenseCbc => "dense-cbc",
            Self::CompactCbc => "compact-cbc",
            Self::CompactHighs => "compact-highs",
            Self::First => "first-answer",
            Self::Auto => "auto",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// What a run came to.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outcome {
    pub milliseconds: f64,
    pub value: u64,
    pub upper_bound: u64,
    pub trades: usize,
    pub variables: usize,
    /// The most memory that the process ever had, KiB; none where the system does not tell.
    pub peak_kib: Option<u64>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} Wh in {:.1} ms", self.value, self.upper_bound, self.milliseconds)
    }
}

/// Solves in this process, solver and all.
pub fn run(case: &Case, method: Method) -> Outcome {
    let (formulation, backend) = match method {
        Method::DenseCbc => (Formulation::Dense, Backend::Cbc),
        Method::CompactCbc => (Formulation::Compact, Backend::Cbc),
        Method::CompactHighs => (Formulation::Compact, Backend::Highs),
        Method::First | Method::Auto => (Formulation::Auto, Backend::Cbc),
    };
    let deadline = if method == Method::First { Duration::ZERO } else { PATIENCE };
    let (problem, options) = (case.problem(), Options { deadline, ..Options::default() });
    let begun = Instant::now();
    let matching = solve(&problem, &InProcess(backend), &options, formulation).expect("bounded and feasible");
    Outcome {
        milliseconds: begun.elapsed().as_secs_f64() * 1e3,
        value: matching.value.0,
        upper_bound: matching.upper_bound.0,
        trades: matching.trades.len(),
        variables: matching.variables,
        peak_kib: peak_kib(),
    }
}

fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Runs in a child, which is killed when patience ends.
pub fn in_a_child(case: &Case, method: Method) -> Option<Outcome> {
    let program = std::env::current_exe().expect("this program is a file");
    let mut command = Command::new(program);
    command.args(["--run", case.name, method.name()]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("this program runs");
    let begun = Instant::now();
    while child.try_wait().expect("a child of this process").is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().expect("a child of this process");
            child.wait().expect("a child of this process");
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
    let mut output = String::new();
    child.stdout.take()?.read_to_string(&mut output).ok()?;
    // A solver may print lines of its own.
    output.lines().find_map(|line| serde_json::from_str(line).ok())
}
