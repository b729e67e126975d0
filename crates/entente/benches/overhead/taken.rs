//! What a process takes.

use std::{
    fs,
    process::Child,
    thread,
    time::{Duration, Instant},
};

/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// What a process took, or one that goes on took in some time.
#[derive(Debug, Default)]
pub struct Taken {
    cpu_seconds: f64,
    seconds: f64,
    memory_kib: u64,
    own_memory_kib: u64,
}

/// A process that is watched.
pub struct Watched {
    process: u32,
    began: Instant,
    before: f64,
    memory_kib: u64,
    own_memory_kib: u64,
}

impl Watched {
    /// From now on.
    pub fn new(process: u32) -> Self {
        let before = cpu_seconds(process).unwrap_or(0.0);
        Self { process, began: Instant::now(), before, memory_kib: 0, own_memory_kib: 0 }
    }

    /// Looks at its memory: the kernel remembers the most of all, and what comes after the last look is missed.
    pub fn look(&mut self) {
        self.memory_kib = kib(self.process, "VmHWM:").unwrap_or(self.memory_kib);
        self.own_memory_kib = kib(self.process, "RssAnon:").unwrap_or(0).max(self.own_memory_kib);
    }

    /// Until now, of a process that goes on.
    pub fn so_far(&self) -> Taken {
        self.taken(cpu_seconds(self.process).expect("it goes on") - self.before)
    }

    fn taken(&self, cpu_seconds: f64) -> Taken {
        let Self { began, memory_kib, own_memory_kib, .. } = *self;
        Taken { cpu_seconds, seconds: began.elapsed().as_secs_f64(), memory_kib, own_memory_kib }
    }
}

/// What a process takes until it ends, which it must do well.
pub fn whole(mut child: Child) -> Taken {
    let (mut watched, before) = (Watched::new(child.id()), children_cpu_seconds());
    let status = loop {
        watched.look();
        if let Some(status) = child.try_wait().expect("a child of ours") {
            break status;
        }
        thread::sleep(PAUSE);
    };
    assert!(status.success(), "it fails: {status}");
    watched.taken(children_cpu_seconds() - before)
}

/// What a process takes while something is so, that goes on afterwards.
pub fn meanwhile(process: u32, mut goes_on: impl FnMut() -> bool) -> Taken {
    let mut watched = Watched::new(process);
    while goes_on() {
        watched.look();
        thread::sleep(PAUSE);
    }
    watched.so_far()
}

/// As JSON.
pub fn json(all: &[Taken]) -> String {
    let one = |Taken { cpu_seconds, seconds, memory_kib, own_memory_kib }: &Taken| {
        format!(
            "{{\"cpuSeconds\":{cpu_seconds:.2},\"seconds\":{seconds:.3},\"memoryKib\":{memory_kib},\
             \"ownMemoryKib\":{own_memory_kib}}}"
        )
    };
    format!("[{}]", all.iter().map(one).collect::<Vec<_>>().join(","))
}

fn kib(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Of a process itself.
fn cpu_seconds(process: u32) -> Option<f64> {
    ticks(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?, 11)
}

/// Of all children that were waited for.
fn children_cpu_seconds() -> f64 {
    ticks(&fs::read_to_string("/proc/self/stat").expect("a system with /proc"), 13).expect("as the kernel writes it")
}

/// Two neighbouring fields of `/proc/PID/stat`, the first of them so many after the third one, which are hundredths of a
/// second; as seconds.
fn ticks(stat: &str, after: usize) -> Option<f64> {
    // After the name, which may hold anything, come the third field and all others.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: Vec<u32> =
        fields.split_whitespace().skip(after).take(2).map(|field| field.parse().ok()).collect::<Option<_>>()?;
    Some(ticks.into_iter().map(f64::from).sum::<f64>() / 100.0)
}
