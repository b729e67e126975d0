#![doc = include_str!("../README.md")]

mod battery;
mod error;
mod forecast;
mod household;
mod plant;
mod policy;
mod prices;
mod profile;
mod resident;
mod scenario;
mod table;
mod trace;

pub use battery::{Battery, Storage};
pub use error::{DataError, Problem};
pub use household::{Household, HouseholdError, Posted, Wanted};
pub use plant::{Metered, Plant, Reading, Traded};
pub use policy::Policy;
pub use prices::{NarrowTariff, Reservation, Tariff};
pub use profile::ProfileFiles;
pub use resident::Resident;
pub use scenario::{Feeder, Home, INTERVAL_MINUTES, Scenario};
pub use trace::{Trace, TraceOffer, TraceProsumer};
