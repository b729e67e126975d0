#![doc = include_str!("../README.md")]

mod equilibrium;
mod game;
mod market;
mod warning;

pub use equilibrium::CreatorType;
pub use game::{Game, Utilities, Utility};
pub use market::{Market, Mean, Played};
pub use warning::Warning;
