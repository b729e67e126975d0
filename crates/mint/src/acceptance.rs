//! Which samples a twin takes in.

use thiserror::Error;

use crate::Sample;

/// How far a sample's time may be from the receiver's, and how long a miner may say nothing; milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The most a sample may be ahead of the receiver's clock.
    pub ahead_ms: u64,
    /// The most it may be behind.
    pub behind_ms: u64,
    /// A miner that was not heard of for longer is marked as silent.
    pub silence_ms: u64,
}

impl Default for Acceptance {
    fn default() -> Self {
        Self { ahead_ms: 2_000, behind_ms: 60_000, silence_ms: 5_000 }
    }
}

/// The sample that a miner's next one must follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSample {
    /// Its number.
    pub sequence: u64,
    /// Its time.
    pub time_ms: u64,
}

/// Why a sample is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It was taken in before, or one after it was.
    #[error("sample {sequence} was seen before; the last one was {last}")]
    Replayed {
        /// Its number.
        sequence: u64,
        /// The last number taken in.
        last: u64,
    },
    /// It was taken later than now.
    #[error("the sample is {ahead_ms} ms from the future; check the miner's clock")]
    FromTheFuture {
        /// How much later.
        ahead_ms: u64,
    },
    /// It was taken too long ago.
    #[error("the sample is {behind_ms} ms old; check the miner's clock")]
    Stale {
        /// How long ago.
        behind_ms: u64,
    },
    /// It was not taken after the one before it.
    #[error("the sample of {time_ms} ms does not follow that of {last_ms} ms")]
    TimeStoodStill {
        /// When it says it was taken.
        time_ms: u64,
        /// When the one before was.
        last_ms: u64,
    },
}

impl Acceptance {
    /// Whether a sample may be taken in after `last`, at the time `now_ms`.
    pub fn check(&self, sample: &Sample, last: Option<LastSample>, now_ms: u64) -> Result<(), Refusal> {
        if let Some(last) = last {
            if sample.sequence <= last.sequence {
                return Err(Refusal::Replayed { sequence: sample.sequence, last: last.sequence });
            }
            if sample.time_ms <= last.time_ms {
                return Err(Refusal::TimeStoodStill { time_ms: sample.time_ms, last_ms: last.time_ms });
            }
        }
        let ahead_ms = sample.time_ms.saturating_sub(now_ms);
        let behind_ms = now_ms.saturating_sub(sample.time_ms);
        if ahead_ms > self.ahead_ms {
            Err(Refusal::FromTheFuture { ahead_ms })
        } else if behind_ms > self.behind_ms {
            Err(Refusal::Stale { behind_ms })
        } else {
            Ok(())
        }
    }

    /// Whether a miner that was last heard at `heard_ms` is silent at `now_ms`.
    pub const fn is_silent(&self, heard_ms: u64, now_ms: u64) -> bool {
        now_ms.saturating_sub(heard_ms) > self.silence_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Share;

    const RULES: Acceptance = Acceptance { ahead_ms: 2_000, behind_ms: 60_000, silence_ms: 5_000 };

    fn sample(sequence: u64, time_ms: u64) -> Sample {
        let [cpu, gpu, memory, io] = [Share::WHOLE, Share::NONE, Share::NONE, Share::NONE];
        Sample { miner: "a".parse().unwrap(), sequence, time_ms, cpu, gpu, memory, io, obeyed: 0 }
    }

    #[test]
    fn the_next_sample_is_taken_in() {
        let last = LastSample { sequence: 4, time_ms: 99_000 };
        assert_eq!(RULES.check(&sample(5, 100_000), Some(last), 100_000), Ok(()));
        assert_eq!(RULES.check(&sample(5, 102_000), None, 100_000), Ok(()));
        assert_eq!(RULES.check(&sample(5, 40_000), None, 100_000), Ok(()));
    }

    #[test]
    fn bad_samples_are_refused_by_name() {
        let last = Some(LastSample { sequence: 4, time_ms: 99_000 });
        let refusal = |sequence, time_ms| RULES.check(&sample(sequence, time_ms), last, 200_000).unwrap_err();
        assert_eq!(refusal(4, 200_000), Refusal::Replayed { sequence: 4, last: 4 });
        assert_eq!(refusal(5, 99_000), Refusal::TimeStoodStill { time_ms: 99_000, last_ms: 99_000 });
        assert_eq!(refusal(5, 202_001), Refusal::FromTheFuture { ahead_ms: 2_001 });
        assert_eq!(refusal(5, 139_999), Refusal::Stale { behind_ms: 60_001 });
    }

    #[test]
    fn silence_begins_after_its_time() {
        assert!(!RULES.is_silent(1_000, 6_000));
        assert!(RULES.is_silent(1_000, 6_001));
        assert!(!RULES.is_silent(9_000, 6_000));
    }
}
