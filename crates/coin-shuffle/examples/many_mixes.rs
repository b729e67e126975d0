//! Plays drawn mixes on all processors and says how they ended: `cargo run --package coin-shuffle --example
//! many_mixes -- 10000`. Ends with 1 where a mix did not end, honest participants disagreed, one was left out or lost
//! assets.

use std::{collections::BTreeMap, process::ExitCode, thread};

use coin_shuffle::{
    Fault,
    simulation::{Report, play_drawn},
};

#[derive(Default)]
struct Tally {
    mixes: u64,
    misbehaving: usize,
    endless: u64,
    disagreed: u64,
    wronged: usize,
    robbed: usize,
    unfinished: u64,
    faults: BTreeMap<Fault, u64>,
}

impl Tally {
    fn add(&mut self, misbehaving: usize, report: &Report) {
        self.mixes += 1;
        self.misbehaving += misbehaving;
        self.endless += u64::from(!report.is_ended);
        self.disagreed += u64::from(!report.is_agreed);
        self.wronged += report.wronged.len();
        self.robbed += report.robbed.len();
        self.unfinished += u64::from(report.joint.is_none());
        for fault in report.excluded.values() {
            *self.faults.entry(*fault).or_default() += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.mixes += other.mixes;
        self.misbehaving += other.misbehaving;
        self.endless += other.endless;
        self.disagreed += other.disagreed;
        self.wronged += other.wronged;
        self.robbed += other.robbed;
        self.unfinished += other.unfinished;
        for (fault, count) in other.faults {
            *self.faults.entry(fault).or_default() += count;
        }
    }

    fn is_sound(&self) -> bool {
        self.endless + self.disagreed + self.unfinished == 0 && self.wronged + self.robbed == 0
    }
}

fn main() -> ExitCode {
    let mixes = std::env::args().nth(1).map_or(Ok(1000), |words| words.parse());
    let Ok(mixes) = mixes else {
        eprintln!("error: give the number of mixes");
        return ExitCode::from(2);
    };
    let tally = played(mixes);
    println!("mixes                        {}", tally.mixes);
    println!("participants that misbehave  {}", tally.misbehaving);
    println!("mixes without an end         {}", tally.endless);
    println!("honest that disagree         {}", tally.disagreed);
    println!("honest that were left out    {}", tally.wronged);
    println!("honest that lost assets      {}", tally.robbed);
    println!("mixes the honest do not end  {}", tally.unfinished);
    for (fault, count) in &tally.faults {
        println!("left out: {:18} {count}", format!("{fault:?}"));
    }
    if tally.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every processor takes each so-many-th seed.
fn played(mixes: u64) -> Tally {
    let workers = thread::available_parallelism().map_or(1, |count| u64::try_from(count.get()).unwrap_or(1));
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let work = |worker| {
            move || {
                let mut tally = Tally::default();
                for seed in (worker..mixes).step_by(usize::try_from(workers).unwrap_or(1)) {
                    let (mischief, report) = play_drawn(seed);
                    tally.add(mischief.len(), &report);
                }
                tally
            }
        };
        let workers: Vec<_> = (0..workers).map(|worker| scope.spawn(work(worker))).collect();
        for worker in workers {
            tally.merge(worker.join().expect("a worker only plays"));
        }
    });
    tally
}
