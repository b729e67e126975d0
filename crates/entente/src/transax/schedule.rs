//! Price schedules, from files.

use std::{fs, path::Path};

use ::transax::{Params, PriceSchedule};

use crate::exit::Failure;

/// The schedule of a file, or the market's two prices where none is named.
pub fn of(file: Option<&Path>, params: &Params) -> Result<PriceSchedule, Failure> {
    file.map_or_else(|| Ok(PriceSchedule::flat(params)), read)
}

/// The schedule of a file.
pub fn read(file: &Path) -> Result<PriceSchedule, Failure> {
    let named = |reason: String| Failure::Usage(format!("the schedule {}: {reason}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| named(error.to_string()))
}
