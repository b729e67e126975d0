#![doc = include_str!("../README.md")]

mod counters;
mod follow;
mod log;
pub mod mqtt;
pub mod table;
#[cfg(test)]
mod testing;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use units::IntervalIndex;

pub use counters::{Counters, Fate, GREATEST_COUNTER_WH, LATENESS_SECONDS, Reading};
pub use follow::{FollowError, follow};
pub use log::{Log, LogError};

/// What a meter has read so far. Clones share it: one end takes readings, the other bills.
#[derive(Clone, Debug)]
pub struct Readings(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    source: Source,
    changes: u64,
}

#[derive(Debug)]
enum Source {
    Table(BTreeMap<IntervalIndex, i64>),
    Counters(Box<Log>),
}

impl Readings {
    /// Net energy by interval, as somebody else has worked it out.
    pub fn of_table(table: BTreeMap<IntervalIndex, i64>) -> Self {
        Self::new(Source::Table(table))
    }

    /// Counters, kept in a file.
    pub fn of_counters(log: Log) -> Self {
        Self::new(Source::Counters(Box::new(log)))
    }

    fn new(source: Source) -> Self {
        Self(Arc::new(Mutex::new(Shared { source, changes: 0 })))
    }

    /// Produced minus consumed, Wh, of each interval before `until` that is known at `now`, Unix seconds. Of counters, what
    /// can be closed is closed for good.
    pub fn net_energy(&self, until: IntervalIndex, now: u64) -> Result<BTreeMap<IntervalIndex, i64>, LogError> {
        let mut shared = self.shared();
        let known = match &mut shared.source {
            Source::Table(table) => &*table,
            Source::Counters(log) => {
                log.close(now)?;
                log.counters().net()
            }
        };
        Ok(known.range(..until).map(|(interval, net)| (*interval, *net)).collect())
    }

    /// Grows whenever something new was read.
    pub fn changes(&self) -> u64 {
        self.shared().changes
    }

    /// Takes a reading of counters, which is on the disk when this returns. `None` where there are no counters.
    pub fn read(&self, reading: Reading) -> Result<Option<Fate>, LogError> {
        let mut shared = self.shared();
        let Source::Counters(log) = &mut shared.source else { return Ok(None) };
        let fate = log.read(reading)?;
        if fate == Fate::Kept {
            if log.counters().was_reset(reading.time) {
                tracing::warn!(time = reading.time, "a counter fell; it is taken to have begun again at zero");
            }
            shared.changes += 1;
        }
        Ok(Some(fate))
    }

    fn replace(&self, table: BTreeMap<IntervalIndex, i64>) {
        let mut shared = self.shared();
        shared.source = Source::Table(table);
        shared.changes += 1;
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // Nothing is left half done within it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
