#![doc = include_str!("../README.md")]

pub mod anvil;
mod client;
mod deploy;
mod fees;
mod follow;
mod submit;

pub use client::{Client, ClientError, Head, Receipt, Request, Revert, Settings, TRANSACTION_GAS_CAP};
pub use deploy::{DeployError, deploy_market, deploy_token};
pub use fees::Fees;
pub use follow::{FollowError, FollowSettings, Follower, Progress};
pub use submit::{Outcome, SubmitError, SubmitSettings, Submitter};
