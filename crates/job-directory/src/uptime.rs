//! The record of when a directory answered, which a mediator reads to find who is at fault.

use std::{collections::BTreeMap, time::Duration};

use alloy::{
    primitives::{Address, B256, Signature},
    signers::{Error, SignerSync, local::PrivateKeySigner},
    sol_types::SolStruct,
};
use serde::{Deserialize, Serialize};

use crate::access::{Uptime, domain};

/// An entry spans so much at most, so that a reader need not take more than it asks for.
const LONGEST_ENTRY_MS: u64 = 3_600_000;

/// A time without a break in which a directory answered its own questions, and its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UptimeEntry {
    /// Its first answer, milliseconds of Unix time.
    pub from_ms: u64,
    /// Its last answer.
    pub until_ms: u64,
    /// Of both and the directory's address, under EIP-712.
    pub signature: Signature,
}

impl UptimeEntry {
    fn sign(signer: &PrivateKeySigner, from_ms: u64, until_ms: u64) -> Result<Self, Error> {
        let signature = signer.sign_hash_sync(&hash(signer.address(), from_ms, until_ms))?;
        Ok(Self { from_ms, until_ms, signature })
    }

    /// Whether `directory` signed it.
    pub fn is_by(&self, directory: Address) -> bool {
        let signed = hash(directory, self.from_ms, self.until_ms);
        self.signature.recover_address_from_prehash(&signed).is_ok_and(|signer| signer == directory)
    }
}

fn hash(directory: Address, from_ms: u64, until_ms: u64) -> B256 {
    Uptime { directory, fromMs: from_ms, untilMs: until_ms }.eip712_signing_hash(&domain())
}

/// Whether entries that `directory` signed cover all times from the first to the last that are given, in milliseconds.
/// Entries that it did not sign count for nothing, and so does an interval that ends before it begins.
pub fn covers(entries: &[UptimeEntry], directory: Address, from_ms: u64, until_ms: u64) -> bool {
    let mut signed: Vec<_> = entries.iter().filter(|entry| entry.is_by(directory)).collect();
    signed.sort_by_key(|entry| entry.from_ms);
    let mut covered: Option<u64> = None;
    for entry in signed {
        if entry.from_ms > covered.unwrap_or(from_ms) {
            break;
        }
        if entry.until_ms >= from_ms {
            covered = covered.max(Some(entry.until_ms));
        }
    }
    from_ms <= until_ms && covered.is_some_and(|covered| covered >= until_ms)
}

/// What a directory keeps of its own answers.
#[derive(Debug)]
pub struct UptimeRecord {
    signer: PrivateKeySigner,
    /// Answers that are further apart leave a break between them.
    longest_gap_ms: u64,
    entries: BTreeMap<u64, UptimeEntry>,
}

impl UptimeRecord {
    /// Goes on with the entries of former runs. Two answers leave no break where they are at most `longest_gap` apart.
    pub fn new(signer: PrivateKeySigner, longest_gap: Duration, entries: Vec<UptimeEntry>) -> Self {
        let longest_gap_ms = u64::try_from(longest_gap.as_millis()).unwrap_or(u64::MAX);
        let entries = entries.into_iter().map(|entry| (entry.from_ms, entry)).collect();
        Self { signer, longest_gap_ms, entries }
    }

    /// It answered at this time. Returns the entry to be kept, in place of the one that begins at the same time; none
    /// where the clock went back.
    pub fn answered(&mut self, now_ms: u64) -> Result<Option<UptimeEntry>, Error> {
        let last = self.entries.values().next_back().map(|last| (last.from_ms, last.until_ms));
        let from_ms = match last {
            Some((_, until)) if now_ms < until => return Ok(None),
            Some((_, until)) if now_ms - until > self.longest_gap_ms => now_ms,
            Some((from, until)) if now_ms - from > LONGEST_ENTRY_MS => until,
            Some((from, _)) => from,
            None => now_ms,
        };
        let entry = UptimeEntry::sign(&self.signer, from_ms, now_ms)?;
        self.entries.insert(from_ms, entry);
        Ok(Some(entry))
    }

    /// The entries that touch an interval, first ones first.
    pub fn between(&self, from_ms: u64, until_ms: u64) -> Vec<UptimeEntry> {
        let touching = self.entries.range(..=until_ms).rev().take_while(|(_, entry)| entry.until_ms >= from_ms);
        let mut found: Vec<_> = touching.map(|(_, entry)| *entry).collect();
        found.reverse();
        found
    }

    /// Drops the entries that ended before this time, and says where they began.
    pub fn forget_before(&mut self, time_ms: u64) -> Vec<u64> {
        let gone: Vec<_> =
            self.entries.values().take_while(|entry| entry.until_ms < time_ms).map(|e| e.from_ms).collect();
        self.entries.retain(|from, _| !gone.contains(from));
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(longest_gap_ms: u64, answers: &[u64]) -> (UptimeRecord, Address) {
        let signer = PrivateKeySigner::random();
        let address = signer.address();
        let mut record = UptimeRecord::new(signer, Duration::from_millis(longest_gap_ms), Vec::new());
        for at in answers {
            record.answered(*at).unwrap();
        }
        (record, address)
    }

    #[test]
    fn a_record_covers_what_lies_between_answers_that_are_near() {
        let (record, directory) = record(100, &[1000, 1100, 1150, 1300, 1400]);
        let entries = record.between(0, u64::MAX);
        assert_eq!(entries.len(), 2);
        let covered = |from, until| covers(&entries, directory, from, until);
        assert!(covered(1000, 1150) && covered(1120, 1120) && covered(1300, 1400));
        assert!(!covered(999, 1100) && !covered(1100, 1300) && !covered(1160, 1170) && !covered(1350, 1401));
        assert!(!covered(1100, 1050), "an interval that ends before it begins");
    }

    #[test]
    fn what_another_signed_counts_for_nothing() {
        let (record, directory) = record(100, &[1000, 1100]);
        let entries = record.between(0, u64::MAX);
        assert!(!covers(&entries, Address::ZERO, 1000, 1100));
        let longer = UptimeEntry { until_ms: 1200, ..entries[0] };
        assert!(!covers(&[longer], directory, 1000, 1100));
        assert!(covers(&[longer, entries[0]], directory, 1000, 1100));
    }

    #[test]
    fn long_times_are_entries_that_touch() {
        const MINUTE: u64 = 60_000;
        let answers: Vec<_> = (0..=181).map(|minute| minute * MINUTE).collect();
        let (mut record, directory) = record(MINUTE, &answers);
        let last = *answers.last().unwrap();
        let entries = record.between(0, u64::MAX);
        assert_eq!(entries.len(), 4);
        assert!(covers(&entries, directory, 0, last));
        let some = record.between(LONGEST_ENTRY_MS + 50, LONGEST_ENTRY_MS + 60);
        assert!(some.len() == 1 && covers(&some, directory, LONGEST_ENTRY_MS + 50, LONGEST_ENTRY_MS + 60));
        assert_eq!(record.forget_before(LONGEST_ENTRY_MS + 1).len(), 1);
        assert!(!covers(&record.between(0, u64::MAX), directory, 0, last));
    }

    #[test]
    fn a_clock_that_goes_back_changes_nothing() {
        let (mut record, directory) = record(100, &[1000, 1100]);
        assert_eq!(record.answered(1050).unwrap(), None);
        assert!(covers(&record.between(0, u64::MAX), directory, 1000, 1100));
    }
}
