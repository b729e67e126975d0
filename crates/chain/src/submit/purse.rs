//! What was spent on this day, and what may be.

use std::sync::Arc;

use journal::{JournalError, Spending};
use tracing::warn;

use super::SubmitError;

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// The purse of one key. Whatever is sent is counted before, at the most it can cost, and after at what it did cost: what
/// a process that was killed had sent counts at the most.
#[derive(Default)]
pub(super) struct Purse {
    /// What may be spent on a day, wei; without, nothing is counted.
    cap: Option<u128>,
    /// Where it is written down, beyond this process.
    pub(super) kept: Option<Arc<dyn Spending>>,
    today: Option<Day>,
}

/// One day, UTC, by the chain's clock.
#[derive(Clone, Copy)]
struct Day {
    number: u64,
    spent: u128,
    /// For what is on its way.
    reserved: u128,
}

impl Day {
    const fn total(self) -> u128 {
        self.spent.saturating_add(self.reserved)
    }
}

impl Purse {
    pub(super) fn new(cap: Option<u128>) -> Self {
        Self { cap, ..Self::default() }
    }

    /// Whether `at_most` wei may be spent at `now`, Unix seconds, for `key`.
    pub(super) async fn check(&mut self, key: &str, now: u64, at_most: u128) -> Result<(), SubmitError> {
        let Some(cap) = self.cap else { return Ok(()) };
        let day = self.day(now / DAY_SECONDS).await.map_err(SubmitError::Spending)?;
        if day.total().saturating_add(at_most) > cap {
            return Err(SubmitError::TooDear { key: key.to_owned(), at_most, spent: day.total(), cap });
        }
        Ok(())
    }

    /// Sets `at_most` aside, before anything is sent.
    pub(super) async fn reserve(&mut self, key: &str, now: u64, at_most: u128) -> Result<(), SubmitError> {
        self.check(key, now, at_most).await?;
        if let Some(day) = &mut self.today {
            day.reserved = at_most;
        }
        self.write_down().await.map_err(SubmitError::Spending)
    }

    /// What an earlier process had set aside, and what it wrote down holds, is set aside still.
    pub(super) async fn take_up(&mut self, now: u64, at_most: u128) -> Result<(), SubmitError> {
        if self.cap.is_some() {
            let day = self.day(now / DAY_SECONDS).await.map_err(SubmitError::Spending)?;
            self.today = Some(Day { spent: day.spent.saturating_sub(at_most), reserved: at_most, ..day });
        }
        Ok(())
    }

    /// Sets more aside for what takes the place of what is on its way. Whether it may.
    pub(super) async fn raise(&mut self, at_most: u128) -> bool {
        let (Some(cap), Some(day)) = (self.cap, &mut self.today) else { return true };
        let reserved = day.reserved;
        day.reserved = reserved.max(at_most);
        if day.total() <= cap {
            match self.write_down().await {
                Ok(()) => return true,
                Err(error) => warn!(error = &error as &dyn std::error::Error, "what was spent cannot be kept"),
            }
        }
        if let Some(day) = &mut self.today {
            day.reserved = reserved;
        }
        false
    }

    /// What was on its way did cost `wei`, or can no longer cost anything.
    pub(super) async fn settle(&mut self, wei: u128) {
        let Some(day) = &mut self.today else { return };
        day.spent = day.spent.saturating_add(wei);
        day.reserved = 0;
        // What is written down is more than that: the cap holds all the same.
        if let Err(error) = self.write_down().await {
            warn!(error = &error as &dyn std::error::Error, "what was spent cannot be kept");
        }
    }

    async fn day(&mut self, number: u64) -> Result<Day, JournalError> {
        if let Some(day) = self.today.filter(|day| day.number >= number) {
            return Ok(day);
        }
        let spent = match &self.kept {
            Some(kept) => kept.spent(number).await?,
            None => 0,
        };
        let day = Day { number, spent, reserved: 0 };
        self.today = Some(day);
        Ok(day)
    }

    async fn write_down(&self) -> Result<(), JournalError> {
        match (&self.kept, self.today) {
            (Some(kept), Some(day)) => kept.record(day.number, day.total()).await,
            _ => Ok(()),
        }
    }
}
