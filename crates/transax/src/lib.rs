#![doc = include_str!("../README.md")]

mod event;
mod offer;
mod params;

pub use event::Event;
pub use offer::{Leg, Offer, Side, Trade};
pub use params::{Params, PriceRule};
