#![doc = include_str!("../README.md")]

mod addresses;
mod answer;
mod ask;
mod clock;
mod limiter;
mod operator;
mod serve;

pub use addresses::Addresses;
pub use answer::{ErrorAnswer, health, refuse, well};
pub use ask::{AskError, ask, client, piece, read, send};
pub use clock::now_ms;
pub use limiter::{Limiter, Rate};
pub use operator::{Operator, bearer};
pub use serve::serve;
