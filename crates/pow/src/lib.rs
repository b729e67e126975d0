#![doc = include_str!("../README.md")]
#![expect(clippy::doc_markdown, reason = "an author's name is no code")]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::float_arithmetic)
)]

mod block;
mod chain;
mod digest;
mod election;
mod fee;
mod header;
mod keys;
mod message;
mod node;
mod offence;
mod params;
mod record;
mod reward;
mod work;

pub use block::{Block, Body, Draw, Expulsion, Template, merkle_root};
pub use chain::{Account, Chain, Invalid};
pub use digest::Digest;
pub use election::elect;
pub use fee::{FeeRule, Terms, Transaction};
pub use header::{Header, Target};
pub use keys::{Keys, NodeId, Signature};
pub use message::{Decided, Envelope, Mandate, Message};
pub use node::{Effect, Input, Node, Role, Status, To, Unsound};
pub use offence::Offence;
pub use params::{Mode, Params};
pub use record::{Ballot, Record};
pub use reward::distribute;
pub use work::{Lease, LeaseTable, Report};
