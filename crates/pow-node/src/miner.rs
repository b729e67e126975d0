//! A thread that hashes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use pow::{Digest, Header, Lease, Report, Target};
use pow_kernel::Kernel;

/// After how many hashes the thread looks up: whether it is to stop, and whether it is too fast.
const STEP: u64 = 1 << 14;

/// A range to search.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// With nonce 0.
    pub header: Header,
    /// The range.
    pub lease: Lease,
}

/// What a search came to.
#[derive(Clone, Debug)]
pub enum Mined {
    /// A nonce solves the block.
    Found(Header),
    /// The range is searched, at a rate in hashes a second.
    Searched(Report, u64),
}

/// A mining thread; it ends when this is dropped.
#[derive(Debug)]
pub struct Miner {
    jobs: mpsc::Sender<(u64, Job)>,
    /// The job that may run; greater numbers make the one that runs give up.
    wanted: Arc<AtomicU64>,
    hashes: Arc<AtomicU64>,
    alone: Arc<AtomicU64>,
}

impl Miner {
    /// Starts a thread that tells what it finds. With a limit, it hashes at most so many hashes a second, asleep in
    /// between: so that nodes that share a machine can each have the speed of a smaller one.
    pub fn start(kernel: Box<dyn Kernel>, limit: Option<u64>, tell: impl Fn(Mined) + Send + 'static) -> Self {
        let (jobs, todo) = mpsc::channel::<(u64, Job)>();
        let [wanted, hashes, alone] = [(); 3].map(|()| Arc::new(AtomicU64::new(0)));
        let (wants, counts, counts_alone) = (wanted.clone(), hashes.clone(), alone.clone());
        let due = Instant::now();
        let mut worker = Worker { kernel, limit, wanted: wants, hashes: counts, alone: counts_alone, due, rate: 0 };
        thread::spawn(move || {
            while let Ok((number, job)) = todo.recv() {
                worker.search(number, &job, &tell);
            }
        });
        Self { jobs, wanted, hashes, alone }
    }

    /// Searches a range, in place of the one that is being searched.
    pub fn search(&self, job: Job) {
        let number = self.wanted.fetch_add(1, Ordering::SeqCst) + 1;
        // The thread lives as long as this does.
        let _ = self.jobs.send((number, job));
    }

    /// Gives up what is being searched.
    pub fn stop(&self) {
        self.wanted.fetch_add(1, Ordering::SeqCst);
    }

    /// How many hashes were computed so far.
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    /// How many of them in ranges that every miner searches.
    pub fn hashes_alone(&self) -> u64 {
        self.alone.load(Ordering::Relaxed)
    }
}

struct Worker {
    kernel: Box<dyn Kernel>,
    limit: Option<u64>,
    wanted: Arc<AtomicU64>,
    hashes: Arc<AtomicU64>,
    alone: Arc<AtomicU64>,
    /// When the next hash may be computed.
    due: Instant,
    rate: u64,
}

impl Worker {
    fn search(&mut self, number: u64, job: &Job, tell: &impl Fn(Mined)) {
        let Job { header, lease } = *job;
        let puzzle = header.puzzle(Target::leading_zero_bits(lease.share_bits));
        let (began, mut shares, mut done) = (Instant::now(), Vec::new(), 0);
        self.due = self.due.max(began);
        let step = self.limit.map_or(STEP, |limit| (limit / 100).clamp(1, STEP));
        while done < lease.count {
            if self.wanted.load(Ordering::SeqCst) != number {
                return;
            }
            let count = step.min(lease.count - done);
            let mut solution = None;
            self.kernel.search(&puzzle, lease.first + done, count, &mut |nonce, hash| {
                shares.push(nonce);
                if header.target.is_met_by(&Digest(hash)) {
                    solution = solution.or(Some(nonce));
                }
            });
            done += count;
            self.hashes.fetch_add(count, Ordering::Relaxed);
            if lease.is_everybodys() {
                self.alone.fetch_add(count, Ordering::Relaxed);
            }
            self.pace(count);
            if let Some(nonce) = solution {
                tell(Mined::Found(header.with_nonce(nonce)));
            }
        }
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
        let rate = u64::try_from(u128::from(done) * 1_000_000 / u128::from(micros)).unwrap_or(u64::MAX);
        self.rate = self.limit.map_or(rate, |limit| rate.min(limit));
        tell(Mined::Searched(Report { header, lease, shares }, self.rate));
    }

    fn pace(&mut self, count: u64) {
        if let Some(limit) = self.limit {
            self.due += Duration::from_micros(count * 1_000_000 / limit.max(1));
            // A limit of speed is no waiting for a condition.
            thread::sleep(self.due.saturating_duration_since(Instant::now()));
        }
    }
}
