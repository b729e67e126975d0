//! What can be wrong with a data file, always with its line, the cause, and what was expected.

use thiserror::Error;

/// A data file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}, line {line}: {problem}")]
pub struct DataError {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// The causes of a [`DataError`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each field is named in the message of its variant")]
pub enum Problem {
    /// There is no data row.
    #[error("the file holds no data; expected the header `{header}` and at least one row under it")]
    NoRows { header: String },
    /// The header lacks a column.
    #[error("the header has no column `{column}`; expected `{header}`")]
    MissingColumn { column: String, header: String },
    /// The header names a column twice.
    #[error("the header names column `{column}` twice")]
    RepeatedColumn { column: String },
    /// A row is too short or too long.
    #[error("{found} fields where the header has {expected}; expected `{header}`")]
    FieldCount { found: usize, expected: usize, header: String },
    /// A field cannot be read as what it must be.
    #[error("{column} is `{found}`; expected {expected}")]
    BadField { column: String, found: String, expected: &'static str },
    /// An offer of nothing.
    #[error("energy_wh is 0; expected at least 1 Wh (leave the row out instead)")]
    ZeroEnergy,
    /// An offer that ends before it starts.
    #[error("start {start} is after end {end}; expected start <= end, both inclusive")]
    InvertedRange { start: u32, end: u32 },
    /// A prosumer that changes its feeder.
    #[error("prosumer {prosumer} is on feeder {second} here and on {first} before; expected one feeder a prosumer")]
    TwoFeeders { prosumer: String, first: String, second: String },
    /// An id that must be unique stands twice.
    #[error("{what} {id} stands here a second time; expected each once")]
    Repeated { what: &'static str, id: String },
    /// Something is named that no other file knows.
    #[error("{what} `{id}` is not in {known_from}")]
    Unknown { what: &'static str, id: String, known_from: &'static str },
    /// A time series with a hole, or out of step with the other one.
    #[error("interval {found} where {expected} should follow; expected consecutive intervals, the same in load and PV")]
    IntervalGap { found: u32, expected: u32 },
    /// More than the contract's 32 bits hold.
    #[error("the {what} of {id} comes to {wh} Wh; expected less than 2^32 - 1 Wh")]
    TooMuchEnergy { what: &'static str, id: String, wh: u64 },
    /// More feeders than the contract's 16 bits hold.
    #[error("feeder number {count}; expected at most 65536")]
    TooManyFeeders { count: usize },
}
