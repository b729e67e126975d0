//! The day to trade: who takes part, with which limits, and what everybody does.

use std::{fs, path::Path};

use ::transax::{GroupLimits, PriceRule, Side};
use households::{Household, Policy, ProfileFiles, Resident, Scenario, Tariff, Trace};
use transax_meter::Source;
use transax_prosumer::{Behaviour, Recorded, RecordedOffer};
use units::{GroupId, IntervalIndex, Price, WattHours};

use crate::{cli::DemoTransax, exit::Failure};

/// What the DSO charges, 0.32 of a token per kWh, and what it pays, 0.08: near German retail and feed-in prices.
pub const GRID_PRICE: Price = Price(320_000);
/// See [`GRID_PRICE`].
pub const FEED_IN_PRICE: Price = Price(80_000);
/// How many intervals ahead recorded offers are posted.
const AHEAD: u32 = 4;

macro_rules! built_in {
    ($file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/simbench-fifteen/", $file))
    };
}

/// A day to trade.
pub struct Day {
    /// Where it is from.
    pub label: String,
    /// The groups, one a feeder; a place is an id.
    pub groups: Vec<GroupLimits>,
    /// Everybody who trades.
    pub participants: Vec<Participant>,
    /// The first interval that is traded.
    pub first: IntervalIndex,
    /// The last one.
    pub last: IntervalIndex,
    /// How trades are priced.
    pub price_rule: PriceRule,
}

/// A prosumer and its meter.
pub struct Participant {
    /// Its name in the data.
    pub name: String,
    /// Its feeder.
    pub group: GroupId,
    /// The most production assets it may withdraw for an interval.
    pub production_limit: WattHours,
    /// The most consumption assets.
    pub consumption_limit: WattHours,
    /// What it offers.
    pub behaviour: Behaviour,
    /// What its meter measures.
    pub source: Source,
}

impl Day {
    /// The day that the command line asks for.
    pub fn read(words: &DemoTransax) -> Result<Self, Failure> {
        let limits = GroupLimits {
            internal: words.internal_limit_wh.map(WattHours),
            external: words.external_limit_wh.map(WattHours),
        };
        let price_rule = words.price_rule.into();
        match &words.data {
            None => Self::built_in(limits, price_rule),
            Some(path) if path.is_dir() => Self::folder(path, limits, price_rule),
            Some(path) => {
                let label = path.display().to_string();
                let text = read(path)?;
                let trace = Trace::parse(&label, &text).map_err(|error| Failure::Usage(error.to_string()))?;
                Ok(Self::of_trace(label, trace, limits, price_rule))
            }
        }
    }

    fn built_in(limits: GroupLimits, price_rule: PriceRule) -> Result<Self, Failure> {
        let files = ProfileFiles {
            homes: built_in!("homes.csv"),
            feeders: built_in!("feeders.csv"),
            load: built_in!("load_diversified.csv"),
            pv: built_in!("pv.csv"),
        };
        Self::of_profile("simbench/fifteen".to_owned(), files, limits, price_rule)
    }

    fn folder(path: &Path, limits: GroupLimits, price_rule: PriceRule) -> Result<Self, Failure> {
        let file = |name| read(&path.join(name));
        let (homes, feeders) = (file("homes.csv")?, file("feeders.csv")?);
        let (load, pv) = (file("load_diversified.csv")?, file("pv.csv")?);
        let files = ProfileFiles { homes: &homes, feeders: &feeders, load: &load, pv: &pv };
        Self::of_profile(path.display().to_string(), files, limits, price_rule)
    }

    fn of_profile(
        label: String,
        files: ProfileFiles<'_>,
        limits: GroupLimits,
        price_rule: PriceRule,
    ) -> Result<Self, Failure> {
        let scenario = Scenario::parse(files).map_err(|error| Failure::Usage(format!("{label}: {error}")))?;
        let (first, last) = (scenario.first_interval, scenario.last_interval());
        let groups = scenario.feeders.iter().map(|feeder| GroupLimits {
            internal: limits.internal.or(Some(feeder.internal_limit)),
            external: limits.external.or(Some(feeder.external_limit)),
        });
        let participants = scenario.homes.iter().enumerate().map(|(place, home)| {
            let policy = Policy::spread(&scenario, place, tariff());
            let resident = Box::new(Resident::new(Household::new(home.clone(), first, policy)));
            Participant {
                name: home.id.clone(),
                group: home.feeder,
                production_limit: home.production_limit(),
                consumption_limit: home.consumption_limit(),
                behaviour: Behaviour::Home(resident.clone()),
                source: Source::Home(resident),
            }
        });
        Ok(Self { label, groups: groups.collect(), participants: participants.collect(), first, last, price_rule })
    }

    fn of_trace(label: String, trace: Trace, limits: GroupLimits, price_rule: PriceRule) -> Self {
        let prices = tariff().reservation(0, 1);
        let participants = trace.prosumers.into_iter().map(|prosumer| {
            let offers = prosumer.offers.iter().map(|offer| {
                let price = if offer.side == Side::Sell { prices.stock_ask } else { prices.charge_bid };
                RecordedOffer { side: offer.side, energy: offer.energy, price, start: offer.start, end: offer.end }
            });
            Participant {
                name: prosumer.id.clone(),
                group: prosumer.feeder,
                production_limit: prosumer.production_limit,
                consumption_limit: prosumer.consumption_limit,
                behaviour: Behaviour::Recorded(Recorded { offers: offers.collect(), ahead: AHEAD }),
                source: Source::AsOffered,
            }
        });
        let last = IntervalIndex(trace.first_interval.0 + trace.intervals - 1);
        let groups = vec![limits; trace.feeders.len()];
        Self { label, groups, participants: participants.collect(), first: trace.first_interval, last, price_rule }
    }

    /// Whether everybody decides interval by interval, rather than by a record.
    pub fn is_of_homes(&self) -> bool {
        self.participants.iter().all(|participant| matches!(participant.behaviour, Behaviour::Home(_)))
    }

    /// How many intervals are traded.
    pub const fn intervals(&self) -> u32 {
        self.last.0 - self.first.0 + 1
    }
}

fn tariff() -> Tariff {
    Tariff::new(GRID_PRICE, FEED_IN_PRICE).expect("the two are far apart")
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}
