//! Reads a plan's bytes step by step, in the contract's order, so that whoever asks can check between the steps.

use units::{IntervalIndex, OfferId, WattHours};

use crate::Refusal;

const BLOCK_HEAD: usize = 5;
const TRADE: usize = 8;
/// The least a block takes: its head and one trade.
const BLOCK: usize = 13;

pub(crate) struct PlanReader<'a> {
    bytes: &'a [u8],
    ids: &'a [u8],
    /// What is not read yet.
    rest: &'a [u8],
    last: Option<IntervalIndex>,
}

impl<'a> PlanReader<'a> {
    /// Finds the list of offers; the number of blocks must follow it.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let truncated = || truncated(bytes);
        let (count, rest) = bytes.split_first_chunk().ok_or_else(truncated)?;
        let size = usize::from(u16::from_be_bytes(*count)).saturating_mul(4);
        let (ids, rest) = rest.split_at_checked(size).ok_or_else(truncated)?;
        if rest.len() < 2 { Err(truncated()) } else { Ok(Self { bytes, ids, rest, last: None }) }
    }

    /// The listed offers, in whatever order they are.
    pub(crate) fn offers(&self) -> impl Iterator<Item = OfferId> {
        self.ids.as_chunks().0.iter().map(|id| OfferId(u32::from_be_bytes(*id)))
    }

    /// The number of blocks, which at their least must fit.
    pub(crate) fn blocks(&mut self) -> Result<u16, Refusal> {
        let (count, rest) = self.rest.split_first_chunk().ok_or_else(|| truncated(self.bytes))?;
        let count = u16::from_be_bytes(*count);
        if usize::from(count).saturating_mul(BLOCK) > rest.len() {
            return Err(truncated(self.bytes));
        }
        self.rest = rest;
        Ok(count)
    }

    /// The next block: after the one before, in an interval that `check` lets pass, and with all its trades there.
    pub(crate) fn open_block(
        &mut self,
        check: impl FnOnce(IntervalIndex) -> Result<(), Refusal>,
    ) -> Result<BlockReader<'a>, Refusal> {
        let truncated = || truncated(self.bytes);
        let ([i0, i1, i2, t0, t1], rest) = self.rest.split_first_chunk::<BLOCK_HEAD>().ok_or_else(truncated)?;
        let interval = IntervalIndex(u32::from_be_bytes([0, *i0, *i1, *i2]));
        let trades = u16::from_be_bytes([*t0, *t1]);
        if self.last.is_some_and(|last| interval <= last) {
            return Err(Refusal::IntervalsNotAscending { interval });
        }
        check(interval)?;
        if trades == 0 {
            return Err(Refusal::EmptyBlock { interval });
        }
        let (words, rest) = rest.split_at_checked(usize::from(trades).saturating_mul(TRADE)).ok_or_else(truncated)?;
        (self.last, self.rest) = (Some(interval), rest);
        Ok(BlockReader { interval, words: words.as_chunks().0 })
    }

    /// Nothing may follow the last block.
    pub(crate) fn end(&self) -> Result<(), Refusal> {
        if self.rest.is_empty() { Ok(()) } else { Err(Refusal::TrailingBytes { size: length(self.rest) }) }
    }
}

pub(crate) struct BlockReader<'a> {
    pub(crate) interval: IntervalIndex,
    words: &'a [[u8; TRADE]],
}

impl BlockReader<'_> {
    /// The block's trades, each after the one before.
    pub(crate) fn trades(&self) -> impl Iterator<Item = Result<TradeWord, Refusal>> {
        let interval = self.interval;
        let mut last = None;
        (0_u64..).zip(self.words).map(move |(trade, [s0, s1, b0, b1, energy @ ..])| {
            let (seller, buyer) = (u16::from_be_bytes([*s0, *s1]), u16::from_be_bytes([*b0, *b1]));
            if last.is_some_and(|last| (seller, buyer) <= last) {
                return Err(Refusal::TradesNotAscending { interval, trade });
            }
            last = Some((seller, buyer));
            let energy = WattHours(u32::from_be_bytes(*energy).into());
            Ok(TradeWord { interval, trade, seller: seller.into(), buyer: buyer.into(), energy })
        })
    }
}

/// One trade, its offers by their place in the plan's list.
#[derive(Clone, Copy)]
pub(crate) struct TradeWord {
    pub(crate) interval: IntervalIndex,
    pub(crate) trade: u64,
    pub(crate) seller: usize,
    pub(crate) buyer: usize,
    pub(crate) energy: WattHours,
}

impl TradeWord {
    /// Whatever the list holds for the seller and the buyer, and the energy, which is not zero.
    pub(crate) fn check<T: Copy>(&self, list: &[T]) -> Result<(T, T, WattHours), Refusal> {
        let Self { interval, trade, .. } = *self;
        let (Some(seller), Some(buyer)) = (list.get(self.seller), list.get(self.buyer)) else {
            return Err(Refusal::OfferNotListed { interval, trade });
        };
        if self.energy.0 == 0 {
            return Err(Refusal::ZeroTrade { interval, trade });
        }
        Ok((*seller, *buyer, self.energy))
    }
}

fn truncated(bytes: &[u8]) -> Refusal {
    Refusal::PlanTruncated { size: length(bytes) }
}

fn length(bytes: &[u8]) -> u64 {
    bytes.len().try_into().unwrap_or(u64::MAX)
}
