//! Widths: the rules count in machine words, the contract in as many bits as it needs.

use alloy::primitives::{U256, Uint};
use thiserror::Error;
use units::{IntervalIndex, WattHours};

/// A figure does not fit the contract's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{field} is {value}, and the contract holds no more than {most}")]
pub struct OutOfRange {
    /// The contract's name of the field.
    pub field: &'static str,
    /// The figure.
    pub value: u128,
    /// The greatest that fits.
    pub most: u128,
}

pub(crate) fn narrow<T: TryFrom<u128> + Max>(field: &'static str, value: impl Into<u128>) -> Result<T, OutOfRange> {
    let value = value.into();
    T::try_from(value).map_err(|_| OutOfRange { field, value, most: T::MOST })
}

/// The greatest value of a type of the contract.
pub(crate) trait Max {
    const MOST: u128;
}

impl Max for u32 {
    const MOST: u128 = Self::MAX as u128;
}

impl Max for u64 {
    const MOST: u128 = Self::MAX as u128;
}

impl<const BITS: usize, const LIMBS: usize> Max for Uint<BITS, LIMBS> {
    const MOST: u128 = (1 << BITS) - 1;
}

pub(crate) fn interval<const BITS: usize, const LIMBS: usize>(number: Uint<BITS, LIMBS>) -> IntervalIndex {
    IntervalIndex(number.saturating_to())
}

/// Energy as errors tell it, which may be any number.
pub(crate) fn energy(number: U256) -> WattHours {
    WattHours(number.saturating_to())
}

/// A limit, which the contract stores as its greatest number where there is none.
pub(crate) fn limit(number: u32) -> Option<WattHours> {
    (number != u32::MAX).then(|| WattHours(number.into()))
}

pub(crate) fn limit_number(field: &'static str, limit: Option<WattHours>) -> Result<u32, OutOfRange> {
    match limit {
        None => Ok(u32::MAX),
        Some(WattHours(value)) if value >= u64::from(u32::MAX) => {
            Err(OutOfRange { field, value: value.into(), most: u128::from(u32::MAX) - 1 })
        }
        Some(WattHours(value)) => narrow(field, value),
    }
}
