#![doc = include_str!("../README.md")]

pub mod anvil;
mod client;
mod deploy;
mod fees;
mod follow;
mod modicum;
mod solidworx;
mod submit;

pub use client::{
    Client, ClientError, EndpointSettings, Head, Receipt, Request, Revert, Settings, TRANSACTION_GAS_CAP, http_client,
};
pub use deploy::{
    DETERMINISTIC_DEPLOYER, DeployError, create_contract, create_with_salt, deploy_market, deploy_market_at,
    deploy_token,
};
pub use fees::Fees;
pub use follow::{FollowError, FollowSettings, Follower, Progress};
pub use modicum::deploy_modicum;
pub use solidworx::deploy_solidworx;
pub use submit::{Outcome, SubmitError, SubmitSettings, Submitter};
