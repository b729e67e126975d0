//! Plans, and their bytes.
//!
//! Big-endian: u16 number of offers; their ids, u32 each, ascending; u16 number of blocks; the blocks, by ascending
//! interval: u24 interval, u16 number of trades, and for each trade, ascending by (seller, buyer), u16 place of the
//! seller's and u16 place of the buyer's offer in the list, u32 energy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use units::{OfferId, WattHours};

use crate::plan_reader::PlanReader;
use crate::range::ENERGY;
use crate::{Refusal, Trade};

/// A plan in the one order that the contract takes: by interval, seller and buyer, each trade once and with energy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Trade>")]
pub struct Plan {
    trades: Vec<Trade>,
}

impl Plan {
    /// Sorts the trades, adds up those of one pair and interval, and leaves out those without energy.
    pub fn new(trades: impl IntoIterator<Item = Trade>) -> Self {
        let mut sums = BTreeMap::new();
        for Trade { interval, seller, buyer, energy } in trades {
            let sum: &mut u64 = sums.entry((interval, seller, buyer)).or_default();
            *sum = sum.saturating_add(energy.0);
        }
        let trades = sums.into_iter().filter(|(_, sum)| *sum > 0);
        Self {
            trades: trades
                .map(|((interval, seller, buyer), sum)| Trade { interval, seller, buyer, energy: WattHours(sum) })
                .collect(),
        }
    }

    /// Reads a plan's bytes. Refuses what the contract refuses in any state of the market.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut reader = PlanReader::new(bytes)?;
        let mut last = OfferId(0);
        let ids: Vec<OfferId> = reader.offers().collect();
        for offer in &ids {
            if *offer <= last {
                return Err(Refusal::OffersNotAscending { offer: *offer });
            }
            last = *offer;
        }
        let mut trades = Vec::new();
        for _ in 0..reader.blocks()? {
            let block = reader.open_block(|_| Ok(()))?;
            for trade in block.trades() {
                let (seller, buyer, energy) = trade?.check(&ids)?;
                trades.push(Trade { interval: block.interval, seller, buyer, energy });
            }
        }
        reader.end()?;
        Ok(Self { trades })
    }

    /// The plan's bytes. What their fields cannot hold is left out: offers past the 65,535 first, trades past as many
    /// in one interval, energy past 2^32 − 1 Wh; no such plan fits into a transaction.
    pub fn encode(&self) -> Vec<u8> {
        let mut ids: Vec<OfferId> = self.trades.iter().flat_map(|trade| [trade.seller, trade.buyer]).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(usize::from(u16::MAX));
        let mut bytes = Vec::new();
        bytes.extend(count(ids.len()));
        bytes.extend(ids.iter().flat_map(|id| id.0.to_be_bytes()));
        let blocks = self.blocks();
        bytes.extend(count(blocks.len()));
        for block in blocks.iter().take(usize::from(u16::MAX)) {
            let words: Vec<[u8; 8]> = block.iter().filter_map(|trade| trade_word(&ids, trade)).collect();
            let [_, interval @ ..] = block.first().map_or(0, |trade| trade.interval.0).to_be_bytes();
            bytes.extend(interval);
            bytes.extend(count(words.len()));
            bytes.extend(words.iter().take(usize::from(u16::MAX)).flatten());
        }
        bytes
    }

    /// Its trades, in order.
    pub fn trades(&self) -> &[Trade] {
        &self.trades
    }

    /// Energy it trades.
    pub fn value(&self) -> WattHours {
        WattHours(self.trades.iter().fold(0, |sum, trade| sum.saturating_add(trade.energy.0)))
    }

    /// Whether it trades nothing.
    pub fn is_empty(&self) -> bool {
        self.trades.is_empty()
    }

    fn blocks(&self) -> Vec<&[Trade]> {
        self.trades.chunk_by(|one, other| one.interval == other.interval).collect()
    }
}

impl From<Vec<Trade>> for Plan {
    fn from(trades: Vec<Trade>) -> Self {
        Self::new(trades)
    }
}

impl FromIterator<Trade> for Plan {
    fn from_iter<I: IntoIterator<Item = Trade>>(trades: I) -> Self {
        Self::new(trades)
    }
}

/// Bytes of the plan that these trades make, in any order; see [`Plan::new`] and [`Plan::encode`].
pub fn encode(trades: &[Trade]) -> Vec<u8> {
    Plan::new(trades.iter().copied()).encode()
}

/// Trades of a plan's bytes; see [`Plan::decode`].
pub fn decode(bytes: &[u8]) -> Result<Plan, Refusal> {
    Plan::decode(bytes)
}

fn trade_word(ids: &[OfferId], trade: &Trade) -> Option<[u8; 8]> {
    let place = |id| ids.binary_search(id).ok().and_then(|place| u16::try_from(place).ok());
    let [s0, s1] = place(&trade.seller)?.to_be_bytes();
    let [b0, b1] = place(&trade.buyer)?.to_be_bytes();
    let [.., e0, e1, e2, e3] = trade.energy.0.min(ENERGY).to_be_bytes();
    Some([s0, s1, b0, b1, e0, e1, e2, e3])
}

fn count(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use units::IntervalIndex;

    use super::*;

    fn trade(interval: u32, seller: u32, buyer: u32, energy: u64) -> Trade {
        let (seller, buyer) = (OfferId(seller), OfferId(buyer));
        Trade { interval: IntervalIndex(interval), seller, buyer, energy: WattHours(energy) }
    }

    #[test]
    fn a_plan_has_these_bytes() {
        let bytes = encode(&[trade(7, 2, 9, 500), trade(3, 1, 9, 256), trade(7, 2, 9, 12)]);
        let expected = [
            &[0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 9][..],
            &[0, 2],
            &[0, 0, 3, 0, 1, 0, 0, 0, 2, 0, 0, 1, 0],
            &[0, 0, 7, 0, 1, 0, 1, 0, 2, 0, 0, 2, 0],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn trades_of_one_pair_and_interval_are_added_up() {
        let plan = Plan::new([trade(1, 1, 2, 5), trade(1, 3, 2, 0), trade(1, 1, 2, 6)]);
        assert_eq!(plan.trades(), [trade(1, 1, 2, 11)]);
        assert_eq!(plan.value(), WattHours(11));
    }

    #[test]
    fn broken_bytes_are_refused_as_the_contract_does() {
        let good = encode(&[trade(7, 1, 2, 5)]);
        let refusal = |bytes: &[u8]| Plan::decode(bytes).unwrap_err();
        assert_eq!(refusal(&[]), Refusal::PlanTruncated { size: 0 });
        assert_eq!(refusal(&good[..good.len() - 1]), Refusal::PlanTruncated { size: 24 });
        assert_eq!(refusal(&[&good[..], &[0; 3]].concat()), Refusal::TrailingBytes { size: 3 });
        let mut swapped = good.clone();
        swapped[5] = 3;
        assert_eq!(refusal(&swapped), Refusal::OffersNotAscending { offer: OfferId(2) });
    }
}
