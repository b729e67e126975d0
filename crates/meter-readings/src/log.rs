//! Counter readings in a file to which lines are added, so that a restart loses nothing and finds the same.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use transax::Params;
use units::IntervalIndex;

use crate::{Counters, Fate, Reading};

/// One line.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    /// A reading that counts.
    Reading(Reading),
    /// From here on, everything before the start of this interval is closed.
    Closed(IntervalIndex),
}

/// Why readings cannot be kept.
#[derive(Debug, Error)]
pub enum LogError {
    /// The file is not there and cannot be made, or cannot be read.
    #[error("the readings {} cannot be opened", file.display())]
    Open {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another program reads this meter.
    #[error("the readings {} are kept by another program; stop that one first", file.display())]
    Busy {
        /// Which.
        file: PathBuf,
    },
    /// A line says what this program never wrote.
    #[error("the readings {}, line {line}: {reason}", file.display())]
    Malformed {
        /// Which.
        file: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Nothing more can be added.
    #[error("the readings {} cannot be written", file.display())]
    Write {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Counters, and the file that they follow from.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    counters: Counters,
}

impl Log {
    /// Opens the file of a meter in a market with these parameters, or begins one; no other program can until it is dropped.
    /// A last line that was not finished is removed: nobody was told that it is kept.
    pub fn open(path: &Path, params: Params) -> Result<Self, LogError> {
        let failed = |source| LogError::Open { file: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(LogError::Busy { file: path.to_owned() }),
            locked => locked.map_err(|error| failed(error.into()))?,
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(failed)?;
        let mut counters = Counters::new(params);
        for (place, line) in text[..whole].lines().enumerate() {
            let malformed = |reason: String| LogError::Malformed { file: path.to_owned(), line: place + 1, reason };
            match serde_json::from_str(line).map_err(|error| malformed(error.to_string()))? {
                Line::Reading(reading) => match counters.read(reading) {
                    Fate::Kept => {}
                    fate => return Err(malformed(format!("a reading that would not count ({fate:?})"))),
                },
                Line::Closed(until) => counters.close(until),
            }
        }
        Ok(Self { path: path.to_owned(), file, counters })
    }

    /// What follows from all that was read.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Takes a reading, which is on the disk when this returns.
    pub fn read(&mut self, reading: Reading) -> Result<Fate, LogError> {
        let fate = self.counters.judge(&reading);
        if fate == Fate::Kept {
            self.add(Line::Reading(reading))?;
            self.counters.read(reading);
        }
        Ok(fate)
    }

    /// Closes what can be closed at `now`, Unix seconds, for good; whether there was anything.
    pub fn close(&mut self, now: u64) -> Result<bool, LogError> {
        let Some(until) = self.counters.closable(now) else { return Ok(false) };
        self.add(Line::Closed(until))?;
        self.counters.close(until);
        Ok(true)
    }

    fn add(&mut self, line: Line) -> Result<(), LogError> {
        let mut text = serde_json::to_string(&line).expect("numbers can be written");
        text.push('\n');
        let end = self.file.metadata().map(|metadata| metadata.len());
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|source| {
            // Half a line would spoil the next one. Where even this fails, opening the file again removes it.
            if let Ok(end) = end {
                let _ = self.file.set_len(end);
            }
            LogError::Write { file: self.path.clone(), source }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, params};

    fn read(interval: u32, import_wh: u64) -> Reading {
        Reading { time: at(interval), import_wh, export_wh: 0 }
    }

    #[test]
    fn what_was_read_and_closed_is_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new").join("readings");
        let mut log = Log::open(&path, params()).expect("a new file");
        for reading in [read(0, 0), read(1, 10), read(3, 50)] {
            assert_eq!(log.read(reading).expect("written"), Fate::Kept);
        }
        assert!(log.close(at(1)).expect("written") && !log.close(at(1)).expect("nothing to write"));
        // Comes before the end of interval 1 is closed, and counts.
        log.read(read(2, 11)).expect("written");
        assert!(log.close(at(3)).expect("written"));
        let net = log.counters().net().clone();
        assert_eq!(net.values().copied().collect::<Vec<_>>(), [-10, -1, -39]);
        drop(log);
        let mut log = Log::open(&path, params()).expect("the same file");
        assert_eq!(log.counters().net(), &net);
        assert_eq!(log.read(read(2, 11)).expect("nothing to write"), Fate::Late);
        assert_eq!(log.read(read(3, 50)).expect("nothing to write"), Fate::Known);
    }

    #[test]
    fn half_a_line_is_forgotten_and_a_strange_one_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("readings");
        let mut log = Log::open(&path, params()).expect("a new file");
        log.read(read(0, 0)).expect("written");
        drop(log);
        let whole = fs::read_to_string(&path).expect("text");
        fs::write(&path, format!("{whole}{{\"reading\":{{\"ti")).expect("written");
        let mut log = Log::open(&path, params()).expect("the same file");
        log.read(read(1, 10)).expect("written");
        log.close(at(1)).expect("written");
        assert_eq!(log.counters().net().len(), 1);
        assert!(matches!(Log::open(&path, params()), Err(LogError::Busy { .. })));
        drop(log);
        assert_eq!(Log::open(&path, params()).expect("the same file").counters().net().len(), 1);
        fs::write(&path, format!("{whole}{{}}\n")).expect("written");
        let error = Log::open(&path, params()).expect_err("refused").to_string();
        assert!(error.contains("line 2"), "{error}");
        fs::write(&path, format!("{whole}{whole}")).expect("written");
        let error = Log::open(&path, params()).expect_err("refused").to_string();
        assert!(error.contains("line 2") && error.contains("Known"), "{error}");
    }
}
