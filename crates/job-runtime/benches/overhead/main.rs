//! What running a job costs beyond running its module: `entente job run`, as people call it, against the same module in
//! the same engine with the same settings and nothing around it, after section 3.7.1 of the dissertation. Both are
//! processes of their own, one after the other, again and again. Prints one JSON document; times are of CPU and of the
//! clock, seconds; memory is the most that a process ever had, KiB, and the most of it that was its own, and no file's pages,
//! as it was seen.
//!
//! `ENTENTE` is the program; `ENTENTE_OVERHEAD_MILLIONS` and `ENTENTE_OVERHEAD_RUNS` make runs shorter or more.

mod bare;

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Of the job `spin`: about thirty seconds.
const MILLIONS: &str = "10500";
const RUNS: usize = 5;
/// Beyond what any run needs.
const INSTRUCTIONS: &str = "10000000000000";

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    if let [word, module, rest @ ..] = words.as_slice()
        && word == "bare"
    {
        return bare::run(Path::new(module), rest);
    }
    let Ok(entente) = env::var("ENTENTE") else {
        return eprintln!("skipped: ENTENTE names no program to measure");
    };
    let millions = env::var("ENTENTE_OVERHEAD_MILLIONS").unwrap_or_else(|_| MILLIONS.to_owned());
    let runs = env::var("ENTENTE_OVERHEAD_RUNS").map_or(RUNS, |runs| runs.parse().expect("a number of runs"));
    let place = tempfile::tempdir().expect("a folder");
    let (samples, result) = (place.path().join("samples"), place.path().join("result"));
    let mut write = Command::new(&entente);
    write.args(["job", "samples", "--spin-millions", &millions, "--out"]).arg(&samples);
    measure(&mut write);
    let (mut bare, mut platform) = (Vec::new(), Vec::new());
    for run in 1..=runs {
        let mut alone = Command::new(env::current_exe().expect("this program"));
        alone.arg("bare").arg(samples.join("spin/module.wasm")).arg(&millions);
        bare.push(measure(&mut alone));
        let mut whole = Command::new(&entente);
        whole.args(["job", "run", "--instructions", INSTRUCTIONS, "--patience", "3600"]);
        platform.push(measure(whole.arg(samples.join("spin")).arg("--out").arg(&result)));
        fs::remove_dir_all(&result).expect("the result");
        eprintln!("run {run} of {runs}: bare {:?}, platform {:?}", bare.last(), platform.last());
    }
    println!("{{\"millions\":{millions},\"runs\":{runs},\"bare\":{},\"platform\":{}}}", json(&bare), json(&platform));
}

/// What a process took.
#[derive(Debug)]
struct Taken {
    cpu_seconds: f64,
    seconds: f64,
    memory_kib: u64,
    own_memory_kib: u64,
}

fn json(all: &[Taken]) -> String {
    let one = |Taken { cpu_seconds, seconds, memory_kib, own_memory_kib }: &Taken| {
        format!(
            "{{\"cpuSeconds\":{cpu_seconds:.2},\"seconds\":{seconds:.3},\"memoryKib\":{memory_kib},\
             \"ownMemoryKib\":{own_memory_kib}}}"
        )
    };
    format!("[{}]", all.iter().map(one).collect::<Vec<_>>().join(","))
}

fn measure(command: &mut Command) -> Taken {
    let (before, began) = (children_cpu_seconds(), Instant::now());
    let mut child = command.stdout(Stdio::null()).spawn().expect("the program starts");
    let (mut memory_kib, mut own_memory_kib) = (0, 0);
    let status = loop {
        // The kernel remembers the most; what comes after the last look is missed.
        memory_kib = kib(child.id(), "VmHWM:").unwrap_or(memory_kib);
        own_memory_kib = kib(child.id(), "RssAnon:").unwrap_or(0).max(own_memory_kib);
        if let Some(status) = child.try_wait().expect("a child of ours") {
            break status;
        }
        thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{command:?} fails: {status}");
    let seconds = began.elapsed().as_secs_f64();
    Taken { cpu_seconds: children_cpu_seconds() - before, seconds, memory_kib, own_memory_kib }
}

fn kib(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Of all children that were waited for, in hundredths of a second.
fn children_cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").expect("a system with /proc");
    // After the name, which may hold anything, come the third field and all others.
    let (_, fields) = text.rsplit_once(')').expect("a name in brackets");
    let ticks = fields.split_whitespace().skip(13).take(2).map(|field| field.parse::<u32>().expect("ticks"));
    ticks.map(f64::from).sum::<f64>() / 100.0
}
