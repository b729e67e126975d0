//! Ranges of the contract's fields. Its calls cannot even be encoded with figures beyond them.

use units::{IntervalIndex, Money, Price, WattHours};

use crate::Refusal;

/// Greatest amount of energy, 32 bits.
pub(crate) const ENERGY: u64 = u32::MAX as u64;
/// Greatest interval and greatest owner number, 24 bits.
pub(crate) const INTERVAL: u32 = 0xff_ffff;
/// Greatest price, 40 bits.
const PRICE: u64 = 0xff_ffff_ffff;
/// Greatest amount of credits, 96 bits.
pub(crate) const AMOUNT: u128 = u128::MAX >> 32;

pub(crate) fn energy(energy: WattHours) -> Result<(), Refusal> {
    fits(energy.0 <= ENERGY, "an amount of energy")
}

pub(crate) fn price(price: Price) -> Result<(), Refusal> {
    fits(price.0 <= PRICE, "a price")
}

pub(crate) fn amount(amount: Money) -> Result<(), Refusal> {
    fits(amount.0 <= AMOUNT, "an amount of money")
}

/// What an account holds once it gains `gained`: the contract's arithmetic stops where that does not fit.
pub(crate) fn check_room(held: Money, gained: Money) -> Result<(), Refusal> {
    fits(held.0.saturating_add(gained.0) <= AMOUNT, "the account's credits")
}

pub(crate) fn interval(interval: IntervalIndex) -> Result<(), Refusal> {
    fits(interval.0 <= INTERVAL, "an interval")
}

pub(crate) fn span(first: IntervalIndex, last: IntervalIndex) -> Result<(), Refusal> {
    interval(first)?;
    interval(last)
}

/// A limit, with the contract's number for none read as none.
pub(crate) fn limit(limit: Option<WattHours>) -> Result<Option<WattHours>, Refusal> {
    limit.map_or(Ok(()), energy)?;
    Ok(limit.filter(|limit| limit.0 < ENERGY))
}

/// The number after `count`, where numbers start at 1.
pub(crate) fn counted(count: usize, greatest: u32, what: &'static str) -> Result<u32, Refusal> {
    let number = u32::try_from(count).ok().and_then(|count| count.checked_add(1));
    number.filter(|number| *number <= greatest).ok_or(Refusal::OutOfRange { what })
}

/// Every interval of `first..=last`; none if they are inverted.
pub(crate) fn intervals(first: IntervalIndex, last: IntervalIndex) -> impl Iterator<Item = IntervalIndex> {
    (first.0..=last.0).map(IntervalIndex)
}

fn fits(is_within: bool, what: &'static str) -> Result<(), Refusal> {
    if is_within { Ok(()) } else { Err(Refusal::OutOfRange { what }) }
}
