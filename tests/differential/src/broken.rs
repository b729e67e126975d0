//! Ways to break what a call carries.

#![expect(
    clippy::cast_possible_truncation,
    reason = "generated plans are small, and what is broken may be broken more"
)]

use alloy_primitives::B256;
use transax::{Link, Plan, Settlement};
use units::{IntervalIndex, OfferId, WattHours};

use crate::random::Random;

/// Seller's place, buyer's place, energy.
type RawTrade = (u16, u16, u32);

/// A plan's bytes before they are bytes, with whatever is wrong in them.
pub struct RawPlan {
    ids: Vec<u32>,
    blocks: Vec<(u32, Vec<RawTrade>)>,
}

impl RawPlan {
    pub fn new(plan: &Plan) -> Self {
        let mut ids: Vec<u32> = plan.trades().iter().flat_map(|trade| [trade.seller.0, trade.buyer.0]).collect();
        ids.sort_unstable();
        ids.dedup();
        let place = |id: OfferId| ids.binary_search(&id.0).map(|place| place as u16).expect("every id is listed");
        let blocks = plan.trades().chunk_by(|one, other| one.interval == other.interval).map(|block| {
            let trades = block.iter().map(|t| (place(t.seller), place(t.buyer), t.energy.0 as u32));
            (block[0].interval.0, trades.collect())
        });
        let blocks = blocks.collect();
        Self { ids, blocks }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = (self.ids.len() as u16).to_be_bytes().to_vec();
        bytes.extend(self.ids.iter().flat_map(|id| id.to_be_bytes()));
        bytes.extend((self.blocks.len() as u16).to_be_bytes());
        for (interval, trades) in &self.blocks {
            bytes.extend(&interval.to_be_bytes()[1..]);
            bytes.extend((trades.len() as u16).to_be_bytes());
            for (seller, buyer, energy) in trades {
                bytes.extend([seller.to_be_bytes(), buyer.to_be_bytes()].concat());
                bytes.extend(energy.to_be_bytes());
            }
        }
        bytes
    }

    /// Breaks one thing, or nothing where there is nothing to break.
    pub fn mutate(&mut self, random: &mut Random) {
        let block = random.place(self.blocks.len().max(1));
        match random.below(16) {
            0 if !self.ids.is_empty() => self.ids[0] = 0,
            1 => self.ids.push(1),
            2 => self.ids.push(u32::MAX),
            3 => self.ids.reverse(),
            4 => self.blocks.reverse(),
            5 => {
                let after = self.blocks.last().map_or(0, |(interval, _)| interval + 1);
                self.blocks.push((after, Vec::new()));
            }
            6 => self.blocks.extend(self.blocks.first().cloned()),
            _ => {
                if let Some((interval, trades)) = self.blocks.get_mut(block) {
                    mutate_block(interval, trades, random);
                }
            }
        }
    }
}

fn mutate_block(interval: &mut u32, trades: &mut Vec<RawTrade>, random: &mut Random) {
    let place = random.place(trades.len().max(1));
    match random.below(10) {
        0 => *interval = random.between32(0, 40),
        1 => *interval = 0xff_ffff,
        2 => trades.extend(trades.last().copied()),
        3 => trades.reverse(),
        4 => trades.push((u16::MAX, u16::MAX, 1)),
        _ => {
            let Some(trade) = trades.get_mut(place) else { return };
            match random.below(5) {
                0 => trade.2 = 0,
                1 => trade.2 = u32::MAX,
                2 => trade.2 = trade.2.wrapping_add(1),
                3 => *trade = (trade.1, trade.0, trade.2),
                _ => trade.1 = trade.1.wrapping_add(1),
            }
        }
    }
}

/// Changes, cuts or extends bytes.
pub fn bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    match random.below(4) {
        0 => bytes.truncate(random.place(bytes.len().max(1))),
        1 => bytes.extend(vec![random.below(256) as u8; random.place(20)]),
        _ if !bytes.is_empty() => {
            let place = random.place(bytes.len());
            bytes[place] ^= 1 << random.below(8);
        }
        _ => {}
    }
}

/// Breaks a list of links.
pub fn links(links: &mut Vec<Link>, random: &mut Random) {
    let place = random.place(links.len().max(1));
    match random.below(5) {
        0 => drop(links.pop()),
        1 => links.extend(links.last().copied()),
        2 => links.push(Link {
            legs_hash: B256::ZERO,
            rest: B256::ZERO,
            next_interval: IntervalIndex(0),
            next_value: WattHours(0),
        }),
        _ => {
            let Some(link) = links.get_mut(place) else { return };
            match random.below(4) {
                0 => word(&mut link.legs_hash, random),
                1 => word(&mut link.rest, random),
                2 => link.next_interval = IntervalIndex(link.next_interval.0 ^ 1),
                _ => link.next_value = WattHours(link.next_value.0 ^ 1),
            }
        }
    }
}

/// Breaks a list of leg words.
pub fn legs(legs: &mut Vec<B256>, random: &mut Random) {
    let place = random.place(legs.len().max(1));
    match random.below(4) {
        0 => drop(legs.pop()),
        1 => legs.push(B256::with_last_byte(1)),
        2 => legs.reverse(),
        _ => {
            if let Some(leg) = legs.get_mut(place) {
                word(leg, random);
            }
        }
    }
}

/// Breaks a list of settlements.
pub fn settlements(settlements: &mut Vec<Settlement>, random: &mut Random) {
    let place = random.place(settlements.len().max(1));
    let Some(settlement) = settlements.get_mut(place) else { return };
    let evidence = random.place(settlement.evidence.len().max(1));
    match random.below(10) {
        0 => settlement.until = IntervalIndex(settlement.until.0 + 1),
        1 => settlement.until = IntervalIndex(settlement.until.0.saturating_sub(1)),
        2 => settlement.offer = OfferId(random.between32(0, 20)),
        3 => drop(settlement.evidence.pop()),
        4 => settlement.evidence.extend(settlement.evidence.last().cloned()),
        5 => settlement.evidence.reverse(),
        6 => {
            let twice = settlement.clone();
            settlements.push(twice);
        }
        _ => {
            let Some(evidence) = settlement.evidence.get_mut(evidence) else { return };
            let sister = random.place(evidence.proof.len().max(1));
            match random.below(4) {
                0 => evidence.previous = OfferId(evidence.previous.0 ^ 1),
                1 => word(&mut evidence.leg, random),
                2 => drop(evidence.proof.pop()),
                _ => evidence.proof.get_mut(sister).into_iter().for_each(|sister| word(sister, random)),
            }
        }
    }
}

fn word(word: &mut B256, random: &mut Random) {
    word.0[random.place(32)] ^= 1 << random.below(8);
}
