#![doc = include_str!("../README.md")]

mod bill;
mod call;
mod certificate;
mod code;
pub mod contracts;
mod deployment;
mod event;
pub mod modicum;
mod number;
mod params;
mod refusal;
pub mod revert;
mod settlement;
mod signed;
pub mod solidworx;

pub use bill::SignedBill;
pub use call::{Call, Target};
pub use certificate::{certificate_hash, certificate_to_sign, sign_certificate};
pub use code::is_compiled_from;
pub use deployment::{Deployment, market_creation, token_creation};
pub use event::{UnknownEvent, event};
pub use number::OutOfRange;
pub use params::params;
pub use refusal::Refused;
pub use signed::{Action, CompactSignature, Domain, SignError, SignedAction, mix_signed, sign_mix};
