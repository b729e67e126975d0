//! A node with a market on it, and everybody with money in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use ::modicum::{Config, ServiceKind, View};
use alloy::{
    primitives::{Address, B256, U256},
    signers::local::PrivateKeySigner,
};
use anyhow::anyhow;
use bindings::modicum::{Call, Refused};
use chain::{
    Outcome, Submitter,
    anvil::{Anvil, Options, dev_keys},
    create_contract, deploy_modicum,
};
use job_runtime::{Leaky, Machine};
use job_storage::{Folder, Storage};
use jobs::ContentHash;
use runtime::{Modicum, Protocol};

use super::directory::Running;
use crate::{demo::troupe::submit_settings, output::Output};

/// Digits of the token after the point.
pub const DECIMALS: u8 = 6;
/// A token.
pub const TOKEN: u128 = 1_000_000;
/// What everybody pays in but the cheater.
const MUCH: u128 = 10_000 * TOKEN;
/// What the cheater has: enough for one match, and not for a second after a fine.
const LITTLE: u128 = 40 * TOKEN;
/// How long a job may take on this machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// Those who are there all the time, and the creators, in the order of their keys.
pub const NAMES: [&str; 13] = [
    "minter",
    "solver",
    "mediator",
    "directory",
    "honest provider",
    "cheating provider",
    "compress",
    "blur",
    "monte-carlo",
    "knapsack",
    "spin",
    "seedless",
    "denier",
];
/// The creator whose provider vanishes.
pub const LAST: &str = "unlucky";

/// Everything that the agents act on.
pub struct Stage {
    /// The node.
    pub node: Anvil,
    /// The market.
    pub market: Modicum,
    /// By name, everybody's key.
    pub keys: BTreeMap<&'static str, PrivateKeySigner>,
    /// What jobs are run with.
    pub machine: Arc<dyn Machine>,
    /// Where jobs and results are.
    pub directory: Running,
    /// Where everything is written.
    pub out: PathBuf,
}

impl Stage {
    /// Starts a node, deploys, registers the services, and lets everybody pay in and trust them.
    pub async fn set(out: &Path, output: Output) -> anyhow::Result<Self> {
        let names = || NAMES.into_iter().chain([LAST]);
        let accounts = u32::try_from(names().count())?;
        let keys: BTreeMap<_, _> = names().zip(dev_keys(accounts)).collect();
        let node = Anvil::start(Options { accounts, ..Options::default() }).await?;
        output.progress(format_args!("a node is running at {}; deploying", node.url()));
        let minter = keys["minter"].clone();
        let mut submitter = Submitter::new(node.client().clone(), minter, submit_settings(), Refused::decode);
        let (token, _) = create_contract(&mut submitter, "token", bindings::token_creation()).await?;
        let config = Config {
            token,
            penalty_rate: 10,
            verifications: 2,
            reaction_seconds: 600,
            verdict_seconds: 600,
            longest_seconds: 86_400,
            solver_fee: TOKEN / 100_000,
            stake: 5 * TOKEN,
        };
        let (place, _) = deploy_modicum(&mut submitter, &config).await?;
        let market = Modicum::new(place, config)?;
        let machine: Arc<dyn Machine> = Arc::new(Leaky { patience: PATIENCE });
        let directory = Running::start(keys["directory"].clone(), &out.join("directory")).await?;
        output.progress(format_args!("a directory is running at {}", directory.url));
        let stage = Self { node, market, keys, machine, directory, out: out.to_owned() };
        let mut minter = Actor { submitter };
        for (name, key) in stage.keys.iter().filter(|(name, _)| paid_in(name) > 0) {
            let amount = paid_in(name);
            minter.act(&stage, &format!("mint for {name}"), Call::Mint { account: key.address(), amount }).await?;
            stage.join(name, amount).await?;
        }
        stage.register("mediator", ServiceKind::Mediator, TOKEN / 50_000).await?;
        stage.register("directory", ServiceKind::Directory, TOKEN / 100_000).await?;
        Ok(stage)
    }

    /// Somebody pays in, and trusts the two services there will be.
    async fn join(&self, name: &str, amount: u128) -> anyhow::Result<()> {
        let mut actor = self.actor(name);
        actor.act(self, "approve", Call::Approve { spender: self.market.place().market, amount }).await?;
        actor.act(self, "deposit", Call::DepositFunds { amount }).await?;
        actor.act(self, "trust", Call::Trust { word: 0, services: U256::from(3) }).await
    }

    async fn register(&self, name: &str, kind: ServiceKind, fee: u128) -> anyhow::Result<()> {
        let call = Call::RegisterService { kind, architecture: 0, meter_id: self.meter(), fee };
        self.actor(name).act(self, "register", call).await
    }

    /// The directory as somebody uses it.
    pub fn storage(&self, name: &str) -> anyhow::Result<Arc<dyn Storage>> {
        self.directory.used_by(self.keys[name].clone())
    }

    /// Keeps jobs and results in a folder, from which they can be judged again when the directory is gone.
    pub async fn archive(&self, view: &View) -> anyhow::Result<()> {
        let jobs = view.courses().filter_map(|(_, course)| Some(view.job(course.contents.job_offer)?.job_hash));
        let results = view.courses().filter_map(|(_, course)| Some(course.report?.result_hash));
        let trees: BTreeSet<_> = jobs.chain(results).map(|hash| ContentHash(hash.0)).collect();
        let (storage, archive) = (self.storage("minter")?, Folder::open(&self.out.join("archive"))?);
        let keep = move || {
            for tree in trees {
                let place = tempfile::tempdir()?;
                match storage.get(tree, &place.path().join("tree"), u64::MAX) {
                    Ok(bundle) => archive.put(&bundle)?,
                    // A result that was made up, and none.
                    Err(error) if error.is_absence() => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        };
        tokio::task::spawn_blocking(keep).await?
    }

    /// How everybody counts.
    pub fn meter(&self) -> B256 {
        B256::from(self.machine.meter().0.0)
    }

    /// The name of an address.
    pub fn name_of(&self, address: Address) -> &'static str {
        self.keys.iter().find(|(_, key)| key.address() == address).map_or("nobody", |(name, _)| *name)
    }

    /// Somebody who acts by hand. Nobody else may use the key meanwhile.
    pub fn actor(&self, name: &str) -> Actor {
        let (client, key) = (self.node.client().clone(), self.keys[name].clone());
        Actor { submitter: Submitter::new(client, key, submit_settings(), Refused::decode) }
    }
}

/// What somebody pays in.
pub fn paid_in(name: &str) -> u128 {
    match name {
        "minter" => 0,
        "cheating provider" => LITTLE,
        _ => MUCH,
    }
}

/// Somebody who does things one after another.
pub struct Actor {
    submitter: Submitter<Refused>,
}

impl Actor {
    /// Does one thing.
    pub async fn act(&mut self, stage: &Stage, key: &str, call: Call) -> anyhow::Result<()> {
        let request = stage.market.request(&call).map_err(|error| anyhow!("{call}: {error}"))?;
        match self.submitter.submit(key, &request).await? {
            Outcome::Landed(_) => Ok(()),
            Outcome::Refused(refused) => Err(anyhow!("{call}: {refused}")),
            Outcome::Raced { .. } | Outcome::Expired { .. } | Outcome::Withheld { .. } => {
                Err(anyhow!("{call}: failed on the chain"))
            }
        }
    }
}
