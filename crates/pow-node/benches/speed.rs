//! What is left of the kernel's speed in a chain of nodes over TCP. Prints one JSON document.
//!
//! A hash costs a miner the processor's time in the kernel, and all the time between two calls of the kernel, in which it
//! reports, asks and waits. Time in the kernel is taken from the thread's processor clock, so that other work on the
//! machine does not count; time between calls from the wall clock, so that waiting does. The plain kernel is measured in
//! between, in the same steps. Difficulty is such that no block is found: leasing and reporting never pause.

#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]

use std::{
    error::Error,
    hint::black_box,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pow::Params;
use pow_kernel::{HEADER_BYTES, Kernel, Puzzle};
use pow_node::{Genesis, Member, NodeKeys, Options, print_id, run};
use rustix::time::{ClockId, clock_gettime};
use tokio::{net::TcpListener, task::JoinSet, time::sleep};

const ROUNDS: usize = 9;
/// Until rates are measured and leases have their size.
const WARM_UP: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(3);
/// Nonces of a call, as the mining thread has it.
const STEP: u64 = 1 << 14;
/// Calls of the plain kernel a round.
const PLAIN_STEPS: u64 = 1 << 10;

/// What the calls of a kernel came to.
#[derive(Clone, Copy, Default)]
struct Seen {
    hashes: u64,
    /// Seconds of the thread's processor time in calls.
    inside: f64,
    /// Seconds between calls.
    between: f64,
    ended: Option<Instant>,
}

/// A kernel that takes the time of its calls while it is told to.
struct Timed {
    kernel: Box<dyn Kernel>,
    seen: Arc<Mutex<Seen>>,
    counts: Arc<AtomicBool>,
}

impl Kernel for Timed {
    fn name(&self) -> &'static str {
        self.kernel.name()
    }

    fn search(&self, puzzle: &Puzzle, first: u64, count: u64, found: &mut dyn FnMut(u64, [u8; 32])) {
        if !self.counts.load(Ordering::Relaxed) {
            return self.kernel.search(puzzle, first, count, found);
        }
        let (began, used) = (Instant::now(), processor_time(ClockId::ThreadCPUTime));
        self.kernel.search(puzzle, first, count, found);
        let inside = processor_time(ClockId::ThreadCPUTime) - used;
        let mut seen = self.seen.lock().expect("nobody panics");
        seen.hashes += count;
        seen.inside += inside;
        seen.between += seen.ended.map_or(0.0, |ended| (began - ended).as_secs_f64());
        seen.ended = Some(Instant::now());
    }
}

/// A window of a chain's life.
struct Window {
    hashes: f64,
    inside: f64,
    between: f64,
    /// Seconds of processor time of the whole process: miners, manager, network.
    process: f64,
}

impl Window {
    /// Hashes a second of a miner, by what it costs the miner.
    fn rate(&self) -> f64 {
        self.hashes / (self.inside + self.between)
    }

    /// The same where it also costs what else the process did: the manager and the network of all nodes.
    fn rate_with_all(&self) -> f64 {
        self.hashes / (self.process.max(self.inside) + self.between)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (mut plain, mut one, mut two) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        plain.push(plain_rate());
        one.push(runtime.block_on(window(1))?);
        plain.push(plain_rate());
        two.push(runtime.block_on(window(2))?);
    }
    let kernel = median(plain);
    let of = |windows: &[Window], figure: fn(&Window) -> f64| median(windows.iter().map(figure).collect());
    let share = |windows: &[Window], figure: fn(&Window) -> f64| of(windows, figure) / kernel;
    let waiting = of(&one, |window| window.between / (window.inside + window.between));
    println!(
        "{{\n  \"kernel\": \"{}\",\n  \"kernel_million_a_second\": {:.3},\n  \
         \"one_worker_million_a_second\": {:.3},\n  \"one_worker_by_kernel\": {:.4},\n  \
         \"one_worker_between_calls\": {waiting:.5},\n  \"one_worker_with_manager_by_kernel\": {:.4},\n  \
         \"two_workers_million_a_second\": {:.3},\n  \"two_workers_by_kernel\": {:.4},\n  \
         \"two_workers_with_manager_by_kernel\": {:.4}\n}}",
        pow_kernel::fastest().name(),
        kernel / 1e6,
        of(&one, Window::rate) / 1e6,
        share(&one, Window::rate),
        share(&one, Window::rate_with_all),
        2.0 * of(&two, Window::rate) / 1e6,
        share(&two, Window::rate),
        share(&two, Window::rate_with_all),
    );
    Ok(())
}

/// The kernel alone, hashes a second of processor time.
fn plain_rate() -> f64 {
    let header: [u8; HEADER_BYTES] = std::array::from_fn(|at| u8::try_from(at).expect("a header is short"));
    let (kernel, puzzle) = (pow_kernel::fastest(), Puzzle::new(&header, &[0; 32]));
    let used = processor_time(ClockId::ThreadCPUTime);
    for step in 0..PLAIN_STEPS {
        kernel.search(black_box(&puzzle), step * STEP, STEP, &mut |nonce, _| panic!("{nonce} has a hash of zero"));
    }
    (PLAIN_STEPS * STEP) as f64 / (processor_time(ClockId::ThreadCPUTime) - used)
}

/// A manager and so many miners over TCP, for a while.
async fn window(workers: usize) -> Result<Window, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (mut members, mut nodes) = (Vec::new(), Vec::new());
    for _ in 0..=workers {
        let (keys, listener) = (NodeKeys::generate()?, TcpListener::bind("127.0.0.1:0").await?);
        members.push(Member { id: print_id(pow::Keys::id(&keys)), address: listener.local_addr()? });
        nodes.push((keys, listener));
    }
    let genesis = Genesis { params: Params::new(64), members };
    let (counts, ends) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (mut all, mut running) = (Vec::new(), JoinSet::new());
    for (number, (keys, listener)) in nodes.into_iter().enumerate() {
        let seen = Arc::<Mutex<Seen>>::default();
        all.push(seen.clone());
        let kernel = Box::new(Timed { kernel: pow_kernel::fastest(), seen, counts: counts.clone() });
        let (genesis, folder) = (genesis.clone(), folder.path().join(number.to_string()));
        let (options, ends) =
            (Options { genesis, peers: Vec::new(), keys, folder, listener, kernel, rate_limit: None }, ends.clone());
        running.spawn(run(options, move |_| !ends.load(Ordering::Relaxed)));
    }
    sleep(WARM_UP).await;
    let used = processor_time(ClockId::ProcessCPUTime);
    counts.store(true, Ordering::Relaxed);
    sleep(WINDOW).await;
    let process = processor_time(ClockId::ProcessCPUTime) - used;
    counts.store(false, Ordering::Relaxed);
    ends.store(true, Ordering::Relaxed);
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    let sum = |figure: fn(&Seen) -> f64| all.iter().map(|seen| figure(&seen.lock().expect("nobody panics"))).sum();
    let hashes: f64 = sum(|seen| seen.hashes as f64);
    let searched = all.iter().filter(|seen| seen.lock().expect("nobody panics").hashes > 0).count();
    if searched != workers {
        return Err(format!("{searched} of {workers} nodes searched").into());
    }
    Ok(Window { hashes, inside: sum(|seen| seen.inside), between: sum(|seen| seen.between), process })
}

/// Seconds of a clock so far.
fn processor_time(clock: ClockId) -> f64 {
    Duration::try_from(clock_gettime(clock)).unwrap_or_default().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
