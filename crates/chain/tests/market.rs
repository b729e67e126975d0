//! A market on a node of its own.

use std::sync::Arc;

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use bindings::{Call, Deployment, Refused, Target};
use chain::{
    Client, FollowSettings, Follower, Outcome, Progress, Receipt, Request, SubmitSettings, Submitter,
    anvil::{Anvil, Options, dev_keys},
    deploy_market, deploy_token,
};
use journal::{Entry, Journal, MemoryJournal};
use transax::{Params, PriceRule};
use units::Price;

pub struct Market {
    pub anvil: Anvil,
    pub keys: Vec<PrivateKeySigner>,
    pub deployment: Deployment,
    pub dso: Submitter<Refused>,
}

impl Market {
    pub async fn deploy() -> Self {
        Self::deploy_on(Options::default()).await
    }

    /// On a node like this.
    pub async fn deploy_on(options: Options) -> Self {
        let (keys, genesis) = (dev_keys(options.accounts), options.timestamp + 3600);
        let anvil = Anvil::start(options).await.unwrap();
        let mut dso = submitter(anvil.client().clone(), &keys[0]);
        let token = deploy_token(&mut dso).await.unwrap();
        let deployment = deploy_market(&mut dso, &params(keys[0].address(), token, genesis)).await.unwrap();
        anvil.client().expect(deployment.chain_id, &[deployment.market, deployment.token]).await.unwrap();
        Self { anvil, keys, deployment, dso }
    }

    pub fn client(&self) -> &Client {
        self.anvil.client()
    }

    pub fn submitter(&self, key: usize) -> Submitter<Refused> {
        submitter(self.client().clone(), &self.keys[key])
    }

    pub fn request(&self, call: &Call) -> Request {
        let to = if call.target() == Target::Market { self.deployment.market } else { self.deployment.token };
        Request::call(to, call.data().unwrap())
    }

    /// Adds a group, which emits one event.
    pub async fn add_group(&mut self, key: &str) -> Receipt {
        let request = self.request(&add_group());
        landed(self.dso.submit(key, &request).await.unwrap())
    }

    pub async fn follower(&self, journal: &Arc<MemoryJournal>, chunk: u64) -> Follower {
        let mut settings = FollowSettings::new(vec![self.deployment.market], self.deployment.block);
        settings.chunk = chunk;
        Follower::open(self.client().clone(), Arc::clone(journal) as Arc<dyn Journal>, settings).await.unwrap()
    }

    /// What somebody reads who starts now.
    pub async fn read_anew(&self) -> Vec<Entry> {
        let journal = Arc::default();
        catch_up(&mut self.follower(&journal, 1000).await).await;
        entries(&journal).await
    }

    pub async fn transactions_of(&self, key: usize) -> u64 {
        let latest = alloy::eips::BlockId::latest();
        self.client().transaction_count(self.keys[key].address(), latest).await.unwrap()
    }
}

pub fn add_group() -> Call {
    Call::AddGroup { internal_limit: None, external_limit: None }
}

pub fn submitter(client: Client, key: &PrivateKeySigner) -> Submitter<Refused> {
    Submitter::new(client, key.clone(), SubmitSettings::default(), Refused::decode)
}

pub fn landed(outcome: Outcome<Refused>) -> Receipt {
    match outcome {
        Outcome::Landed(receipt) => receipt,
        other => panic!("it did not land: {other:?}"),
    }
}

pub async fn entries(journal: &MemoryJournal) -> Vec<Entry> {
    journal.entries(None, usize::MAX).await.unwrap()
}

/// Steps until the newest block is reached, and returns all steps that brought something.
pub async fn catch_up(follower: &mut Follower) -> Vec<Progress> {
    let mut steps = Vec::new();
    loop {
        match follower.step().await.unwrap() {
            Progress::None { .. } => return steps,
            step => steps.push(step),
        }
    }
}

fn params(dso: Address, token: Address, genesis: u64) -> Params {
    Params {
        dso,
        token,
        genesis,
        interval_seconds: 900,
        clear_intervals: 1,
        plan_horizon: 8,
        offer_horizon: 96,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    }
}
