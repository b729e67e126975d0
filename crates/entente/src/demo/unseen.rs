//! What trading without being seen came to: who was hidden among how many, and whether the bills are right.

use std::{collections::BTreeMap, fmt};

use ::transax::{Bill, Event, Market, Mixed, Position, Side};
use alloy::primitives::Address;
use serde::Serialize;
use units::{IntervalIndex, Price, WattHours};

use super::day::Day;

/// The mixes of one group and side.
#[derive(Clone, Debug, Serialize)]
pub struct Crowd {
    /// The group.
    pub group: u16,
    /// Production or consumption.
    pub side: Side,
    /// How many took part in each mix, in the order of the periods.
    pub members: Vec<usize>,
}

/// A bill, and what it should be.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// Whose.
    pub prosumer: String,
    /// What the meter bills, base units of the token; nothing where it sent no bill.
    pub billed: Option<i128>,
    /// What comes of the prosumer's own trades and readings, base units.
    pub recomputed: i128,
    /// Assets that were withdrawn and did not come back, Wh.
    pub missing_wh: i64,
}

/// The whole day.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "seen and unseen are what it is about")]
pub struct Unseen {
    /// Energy traded by the same homes without mixing, in the same run of the program.
    pub seen_wh: u64,
    /// Energy they traded without being seen.
    pub unseen_wh: u64,
    /// Of that, what was traded from registered accounts after all.
    pub openly_wh: u64,
    /// By group and side.
    pub crowds: Vec<Crowd>,
    /// By prosumer.
    pub bills: Vec<Checked>,
}

/// Tells, from events and trades alone. `owned`: every account of each participant, the registered one first.
pub fn tell(
    day: &Day,
    market: &Market,
    events: &[Event],
    owned: &[Vec<Address>],
    bills: &BTreeMap<String, Bill>,
) -> Unseen {
    let mut crowds: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for event in events {
        if let Event::Mixed(Mixed { group, side, amounts, inputs, .. }) = event
            && !amounts.is_empty()
        {
            crowds.entry((*group, *side)).or_default().push(inputs.len());
        }
    }
    let crowds = crowds.into_iter().map(|((group, side), members)| Crowd { group: group.0, side, members });
    let checked = day.participants.iter().zip(owned).map(|(participant, accounts)| {
        let bill = bills.get(&participant.name);
        let readings = bill.iter().flat_map(|bill| bill.lines.iter().map(|line| (line.interval, line.net_wh)));
        Checked {
            prosumer: participant.name.clone(),
            billed: bill.map(|bill| bill.owed),
            recomputed: recomputed(market, accounts, readings),
            missing_wh: bill.map_or(0, |bill| bill.missing_wh),
        }
    });
    let sold = |account: &Address| market.positions(*account).values().map(|position| position.sold.0).sum::<u64>();
    Unseen {
        seen_wh: 0,
        unseen_wh: market.final_intervals().map(|(_, last)| last.value.0).sum(),
        openly_wh: owned.iter().filter_map(|accounts| accounts.first()).map(sold).sum(),
        crowds: crowds.collect(),
        bills: checked.collect(),
    }
}

/// What a prosumer owes, base units: every interval's reading less what it sold and more what it bought is left over, and
/// bought from the DSO or sold to it. Nothing here looks at assets or deposits.
fn recomputed(market: &Market, accounts: &[Address], readings: impl Iterator<Item = (IntervalIndex, i64)>) -> i128 {
    let traded = market.positions_together(accounts);
    let bought = |position: &Position| i128::from(position.bought.0) - i128::from(position.sold.0);
    let params = market.params();
    let owed = readings.map(|(interval, net_wh)| {
        let left = i128::from(net_wh) + traded.get(&interval).map_or(0, bought);
        let energy = WattHours(u64::try_from(left.unsigned_abs()).unwrap_or(u64::MAX));
        let cost = |price: Price| i128::try_from(price.cost_rounded_down(energy).0).unwrap_or(i128::MAX);
        if left < 0 { cost(params.grid_price) } else { -cost(params.feed_in_price) }
    });
    owed.sum()
}

impl Unseen {
    /// Bills that are not what trades and readings come to, or are not there.
    pub fn wrong_bills(&self) -> usize {
        let is_wrong = |bill: &&Checked| bill.billed != Some(bill.recomputed) || bill.missing_wh != 0;
        self.bills.iter().filter(is_wrong).count()
    }

    /// Energy against that of the day without mixing, in hundredths of a percent, rounded down.
    fn per_myriad(&self) -> u64 {
        self.unseen_wh.saturating_mul(10_000).checked_div(self.seen_wh).unwrap_or(10_000)
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.per_myriad();
        let (unseen, seen, openly) = (self.unseen_wh, self.seen_wh, self.openly_wh);
        let percent = format!("{}.{:02} %", share / 100, share % 100);
        writeln!(f, "without being seen: {unseen} Wh, {percent} of {seen} Wh seen by all; {openly} Wh sold openly")?;
        for Crowd { group, side, members } in &self.crowds {
            let what = if *side == Side::Sell { "producers" } else { "consumers" };
            let all: Vec<_> = members.iter().map(usize::to_string).collect();
            writeln!(f, "group {group}: {} mixes of {what}, among {}", members.len(), all.join(", "))?;
        }
        let (all, right) = (self.bills.len(), self.bills.len() - self.wrong_bills());
        write!(f, "bills: {right} of {all} are what the prosumer's own trades and readings come to")
    }
}
