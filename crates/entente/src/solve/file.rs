//! From a file to a problem.

use std::{collections::BTreeMap, fs};

use ::transax::{GroupLimits, PriceRule, Side};
use households::Trace;
use matching::{OpenOffer, Problem};
use serde::Deserialize;
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use crate::{
    cli::{
        Solve,
        values::{LAST_INTERVAL, MOST_ENERGY},
    },
    exit::Failure,
};

/// The problem that the words name.
pub fn read(words: &Solve) -> Result<Problem, Failure> {
    let rule = if words.uniform_price { PriceRule::Uniform } else { PriceRule::Midpoint };
    Ok(Problem { price_rule: rule, ..offers_of(words)? })
}

fn offers_of(words: &Solve) -> Result<Problem, Failure> {
    let file = words.file.display().to_string();
    let text = fs::read_to_string(&words.file).map_err(|error| Failure::Usage(format!("{file}: {error}")))?;
    let limits = GroupLimits {
        internal: words.internal_limit_wh.map(WattHours),
        external: words.external_limit_wh.map(WattHours),
    };
    if !text.trim_start().starts_with('{') {
        let trace = Trace::parse(&file, &text).map_err(|error| Failure::Usage(error.to_string()))?;
        return Ok(of_trace(&trace, limits));
    }
    if limits != GroupLimits::default() {
        return Err(Failure::Usage(format!("{file} is an instance, which has limits of its own; leave yours out")));
    }
    let instance = serde_json::from_str::<Instance>(&text).map_err(|error| error.to_string());
    instance.and_then(Instance::problem).map_err(|reason| Failure::Usage(format!("{file}: {reason}")))
}

/// Traces hold no prices, so any two offers agree.
fn of_trace(trace: &Trace, limits: GroupLimits) -> Problem {
    let offers = trace.prosumers.iter().flat_map(|prosumer| {
        prosumer.offers.iter().map(|offer| OpenOffer {
            side: offer.side,
            group: prosumer.feeder,
            price: Price(1),
            start: offer.start,
            end: offer.end,
            remaining: offer.energy,
        })
    });
    Problem {
        first: trace.first_interval,
        last: IntervalIndex(trace.first_interval.0 + trace.intervals - 1),
        offers: (1..).map(OfferId).zip(offers).collect(),
        groups: (0..).map(GroupId).zip(trace.feeders.iter().map(|_| limits)).collect(),
        price_rule: PriceRule::Midpoint,
    }
}

#[derive(Debug, Deserialize)]
struct Instance {
    intervals: u32,
    groups: Vec<Group>,
    sells: Vec<Posted>,
    buys: Vec<Posted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    id: u16,
    internal_limit: Option<u64>,
    external_limit: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    id: u32,
    group: u16,
    energy: u64,
    price: u64,
    start: u32,
    end: u32,
}

impl Instance {
    fn problem(self) -> Result<Problem, String> {
        if self.intervals == 0 || self.intervals > LAST_INTERVAL {
            return Err(format!("{} intervals; give from 1 to {LAST_INTERVAL}", self.intervals));
        }
        let mut groups = BTreeMap::new();
        for Group { id, internal_limit, external_limit } in self.groups {
            let limits =
                GroupLimits { internal: internal_limit.map(WattHours), external: external_limit.map(WattHours) };
            if groups.insert(GroupId(id), limits).is_some() {
                return Err(format!("group {id} is there twice"));
            }
        }
        let sides = [(Side::Sell, "sell", self.sells), (Side::Buy, "buy", self.buys)];
        let mut offers = BTreeMap::new();
        for (side, word, posted) in sides {
            for (posted, number) in posted.into_iter().zip(offers.len() + 1..) {
                let number = u32::try_from(number).map_err(|_| "more offers than 32 bits count".to_owned())?;
                let id = posted.id;
                let offer = posted.offer(side, self.intervals, &groups);
                offers.insert(OfferId(number), offer.map_err(|reason| format!("{word} offer {id}: {reason}"))?);
            }
        }
        let last = IntervalIndex(self.intervals - 1);
        Ok(Problem { first: IntervalIndex(0), last, offers, groups, price_rule: PriceRule::Midpoint })
    }
}

impl Posted {
    fn offer(self, side: Side, intervals: u32, groups: &BTreeMap<GroupId, GroupLimits>) -> Result<OpenOffer, String> {
        let Self { group, energy, price, start, end, .. } = self;
        if !groups.contains_key(&GroupId(group)) {
            return Err(format!("there is no group {group}"));
        }
        if energy > MOST_ENERGY.into() {
            return Err(format!("{energy} Wh; an offer holds at most {MOST_ENERGY} Wh"));
        }
        if start > end {
            return Err(format!("it starts in interval {start}, after its end in {end}"));
        }
        if end >= intervals {
            return Err(format!("it ends in interval {end}, and the last one is {}", intervals - 1));
        }
        Ok(OpenOffer {
            side,
            group: GroupId(group),
            price: Price(price),
            start: IntervalIndex(start),
            end: IntervalIndex(end),
            remaining: WattHours(energy),
        })
    }
}
