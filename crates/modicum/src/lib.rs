#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::float_arithmetic)
)]

mod contract;
mod course;
mod dispute;
mod event;
mod life;
mod market;
mod money;
mod offer;
mod refusal;
mod rule;
mod view;
mod words;

pub use contract::{Config, Match, MatchState, OfferState, Phase, Service, ServiceKind};
pub use course::{Closing, Course, Rejection, Report, Verdict};
pub use dispute::{Ending, Finding, Reason, Status, ending, is_rejectable, is_reportable};
pub use event::Event;
pub use life::Pairing;
pub use market::Market;
pub use money::{BYTES_PER_PRICE, INSTRUCTIONS_PER_PRICE, Shares, Terms, Usage, estimate_up, price_down};
pub use offer::{JobOffer, ResourceOffer};
pub use refusal::Refusal;
pub use rule::check;
pub use view::{Inconsistent, Ledger, View};
