#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::float_arithmetic)
)]

mod accounts;
mod audit;
mod billing;
mod book;
mod candidate;
mod closed;
mod event;
mod finalize;
mod groups;
mod holdings;
mod inconsistent;
mod kin;
mod leg;
mod market;
mod membership;
mod mixing;
mod offer;
mod offers;
mod params;
mod past;
mod period;
pub mod plan;
mod plan_reader;
mod position;
mod prices;
mod range;
mod refusal;
mod settle;
mod signed;
pub mod tree;
mod verify;

pub use audit::violations;
pub use billing::{Bill, BillLine, Metered, bill_rounded_toward_zero};
pub use candidate::{Block, Candidate, Link, links};
pub use event::{Event, SettledOffer};
pub use finalize::{FinalInterval, FinalizeArguments};
pub use groups::{
    Anonymity, Feeder, GridMember, GroupError, GroupPlan, Leak, LimitRule, MemberCount, Mixing, Neighbourhood,
    plan_groups,
};
pub use inconsistent::Inconsistent;
pub use kin::Kin;
pub use leg::{Leg, legs_hash};
pub use market::{Account, GroupLimits, Market, SmartMeter};
pub use membership::{Membership, Move};
pub use mixing::{LEAST_CROWD, Mix, Mixed};
pub use offer::{Offer, Side, Trade};
pub use params::{Params, PriceRule};
pub use past::Past;
pub use period::{PeriodBill, PeriodError};
pub use plan::Plan;
pub use position::Position;
pub use prices::{DayPeriod, PriceBlock, PriceSchedule, PriceScheduleError, TimeOfDay};
pub use refusal::Refusal;
pub use settle::Settlement;
pub use signed::{Authorization, PostingTerms, Transfer, TransferredAssets};
pub use tree::{Evidence, LegTree};
pub use verify::{MAX_LEGS, Verified};
