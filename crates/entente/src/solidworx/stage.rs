//! A node with a market on it, and keys for everybody.

use std::{collections::BTreeMap, time::Duration};

use ::solidworx::SetUp;
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::Context;
use bindings::solidworx::{Place, Refused};
use chain::{
    Submitter,
    anvil::{Anvil, Mining, Options, dev_keys},
    deploy_solidworx,
};

use super::trial::Trial;
use crate::{demo::troupe::submit_settings, output::Output};

/// Everything that the agents act on.
pub struct Stage {
    /// The node.
    pub node: Anvil,
    /// The market.
    pub place: Place,
    /// The directory's key.
    pub directory: PrivateKeySigner,
    /// The solvers' keys.
    pub solvers: Vec<PrivateKeySigner>,
    /// By the case's address, a prosumer's key.
    pub prosumers: BTreeMap<Address, PrivateKeySigner>,
    /// Gas that deploying and setting up used.
    pub gas: u64,
}

impl Stage {
    /// Starts a node whose clock shows `begins`, Unix seconds, and which makes a block of what came every `block`;
    /// deploys and sets up.
    pub async fn set(trial: &Trial, begins: u64, block: Duration, output: Output) -> anyhow::Result<Self> {
        let accounts = u32::try_from(trial.participants.len() + 4).context("too many prosumers")?;
        let mut keys = dev_keys(accounts).into_iter();
        let mut key = || keys.next().expect("as many as were counted");
        let (deployer, directory, solvers) = (key(), key(), vec![key(), key()]);
        let prosumers: BTreeMap<_, _> = trial.participants.keys().map(|address| (*address, key())).collect();
        let stands_for = prosumers.iter().map(|(address, key)| (*address, key.address())).collect();
        let set_up: SetUp = trial.set_up(&stands_for);

        let mining = Mining::Batched(block);
        let node = Anvil::start(Options { accounts, timestamp: begins, mining, ..Options::default() }).await?;
        output.progress(format_args!("a node is running at {}; deploying", node.url()));
        let mut deployer = Submitter::new(node.client().clone(), deployer, submit_settings(), Refused::decode);
        let (place, receipts) = deploy_solidworx(&mut deployer, &set_up).await?;
        let gas = receipts.iter().map(|receipt| receipt.gas_used).sum();
        Ok(Self { node, place, directory, solvers, prosumers, gas })
    }
}
