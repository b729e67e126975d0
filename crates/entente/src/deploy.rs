//! `entente deploy`: a new market, and the file that says where it is.

use alloy::{
    primitives::{Address, keccak256},
    providers::Provider as _,
};
use anyhow::anyhow;
use bindings::{
    Call, Refused,
    contracts::{PaymentToken, Transax},
    is_compiled_from,
};
use chain::{Client, Receipt, Request, Settings, deploy_market_at, deploy_token};
use serde_json::json;
use transax::Params;
use units::Price;

use crate::{
    cli::{
        Deploy,
        values::{Decimal, Limits},
    },
    deployment::Deployment,
    exit::Failure,
    output::{duration, time},
    rpc::RpcUrls,
    session::{Done, Sender},
    setting::Setting,
};

/// Carries the verb out.
pub async fn run(setting: &Setting, words: Deploy) -> Result<(), Failure> {
    Deployment::check_absent(&setting.deployment_file, words.force)?;
    let rpc = setting.rpc.clone();
    let rpc = rpc.ok_or_else(|| Failure::Usage("say where the chain's node is: --rpc http://127.0.0.1:8545".into()))?;
    check(&words)?;
    let client = Client::connect_all(&rpc.expose(), Settings::default()).await?;
    let now = client.head().await?.timestamp;
    if let Some(market) = words.existing {
        let deployment = existing(&client, market, &rpc).await?;
        deployment.write(&setting.deployment_file)?;
        return Ok(setting.output.result(&report(setting, &deployment, &[]))?);
    }
    let mut deployer = Deployer { client: client.clone(), receipts: Vec::new(), setting, words: &words, rpc };
    let mut sender = Sender::new(client, setting.key(&words.signer).await?, Refused::decode).await?;
    let deployment = deployer.market(&mut sender, now).await?;
    deployer.groups(&mut sender, &deployment).await?;
    setting.output.result(&report(setting, &deployment, &deployer.receipts))?;
    Ok(())
}

/// What a market says of itself, and since when it is there.
async fn existing(client: &Client, market: Address, rpc: &RpcUrls) -> Result<Deployment, Failure> {
    let chain_id = client.chain_id();
    client.expect(chain_id, &[market]).await?;
    if !is_compiled_from(&client.code(market).await?, &Transax::DEPLOYED_BYTECODE) {
        return Err(Failure::Usage(format!("what is at {market} is no energy market of this release")));
    }
    let params = bindings::params(&client.read(market, &Transax::configCall {}).await?);
    let params =
        params.ok_or_else(|| Failure::Usage(format!("the terms of {market} make no sense to this release")))?;
    let token = params.token;
    let token_decimals = client.read(token, &PaymentToken::decimalsCall {}).await?;
    let block = first_block(client, market).await;
    Ok(Deployment { chain_id, rpc: rpc.origin(), market, token, token_decimals, block, params })
}

/// The first block in which there is code at an address; zero, which is as right and takes longer to read, where the node
/// does not know its past states.
async fn first_block(client: &Client, address: Address) -> u64 {
    let Ok(head) = client.head().await else { return 0 };
    let (mut without, mut with) = (0, head.block.number);
    while with - without > 1 {
        let middle = without + (with - without) / 2;
        match client.provider().get_code_at(address).number(middle).await {
            Ok(code) if code.is_empty() => without = middle,
            Ok(_) => with = middle,
            Err(_) => return 0,
        }
    }
    with
}

/// What can be known to be wrong before the chain is asked.
fn check(words: &Deploy) -> Result<(), Failure> {
    if words.plan_horizon > words.offer_horizon {
        let reason = "plans cannot reach further than offers: --plan-horizon is more than --offer-horizon";
        return Err(Failure::Usage(reason.into()));
    }
    Ok(())
}

struct Deployer<'a> {
    client: Client,
    receipts: Vec<Receipt>,
    setting: &'a Setting,
    words: &'a Deploy,
    rpc: RpcUrls,
}

impl Deployer<'_> {
    /// Deploys what is needed and writes it down, so that a later failure loses nothing.
    async fn market(&mut self, sender: &mut Sender, now: u64) -> Result<Deployment, Failure> {
        let token = if let Some(token) = self.words.token {
            token
        } else {
            self.setting.output.progress("deploying a test token");
            deploy_token(sender.submitter()).await?
        };
        let token_decimals = self.decimals(token).await?;
        let params = params(self.words, sender.address(), token, token_decimals, now)?;
        self.setting.output.progress("deploying the market");
        let salt = self.words.salt.as_ref().map(keccak256);
        let place = deploy_market_at(sender.submitter(), &params, salt).await?;
        self.read_back(place.market, &params).await?;
        let deployment = Deployment {
            chain_id: place.chain_id,
            rpc: self.rpc.origin(),
            market: place.market,
            token,
            token_decimals,
            block: place.block,
            params,
        };
        deployment.write(&self.setting.deployment_file)?;
        if self.rpc.may_hold_secret() {
            let what = "only the node's host is written down; give the whole address in ENTENTE_RPC from now on";
            self.setting.output.progress(what);
        }
        Ok(deployment)
    }

    /// Makes sure that the market is what was asked for: its code, and what its constructor was given.
    async fn read_back(&self, market: Address, params: &Params) -> Result<(), Failure> {
        let code = self.client.code(market).await?;
        let config = self.client.read(market, &Transax::configCall {}).await?;
        if is_compiled_from(&code, &Transax::DEPLOYED_BYTECODE) && bindings::params(&config).as_ref() == Some(params) {
            return Ok(());
        }
        Err(anyhow!("what came to be at {market} is not the market that was asked for; do not use it").into())
    }

    async fn groups(&mut self, sender: &mut Sender, deployment: &Deployment) -> Result<(), Failure> {
        for (number, Limits { internal, external }) in self.words.groups.iter().enumerate() {
            self.setting.output.progress(format_args!("adding group {number}"));
            let call = Call::AddGroup { internal_limit: *internal, external_limit: *external };
            let data = call.data().map_err(|error| Failure::Usage(error.to_string()))?;
            // The number tells groups of equal limits apart: the same intent is carried out once.
            let request = Request::call(deployment.market, data);
            self.receipts.push(sender.send(&format!("group {number}"), request).await?);
        }
        Ok(())
    }

    async fn decimals(&self, token: Address) -> Result<u8, Failure> {
        self.client.expect(self.client.chain_id(), &[token]).await?;
        Ok(self.client.read(token, &PaymentToken::decimalsCall {}).await?)
    }
}

fn params(words: &Deploy, dso: Address, token: Address, decimals: u8, now: u64) -> Result<Params, Failure> {
    let interval = u64::from(words.interval_seconds);
    // Trading for interval 0 ends at the next full interval of the clock.
    let default = (now / interval + 1 + u64::from(words.clear_intervals)).saturating_mul(interval);
    let priced = |name: &str, price: Decimal| -> Result<Price, Failure> {
        price.price(decimals).map_err(|reason| Failure::Usage(format!("{name}: {reason}")))
    };
    Ok(Params {
        dso,
        token,
        genesis: words.genesis.map_or(default, |genesis| genesis.resolve(now)),
        interval_seconds: words.interval_seconds,
        clear_intervals: words.clear_intervals,
        plan_horizon: words.plan_horizon,
        offer_horizon: words.offer_horizon,
        price_rule: words.price_rule.into(),
        grid_price: priced("--grid-price", words.grid_price)?,
        feed_in_price: priced("--feed-in-price", words.feed_in_price)?,
    })
}

fn report(setting: &Setting, deployment: &Deployment, receipts: &[Receipt]) -> Done {
    let params = &deployment.params;
    let sentence = format!(
        "the market is {} on chain {}, its token {}\n  interval 0 starts {}; intervals last {}\n  written to {}",
        deployment.market,
        deployment.chain_id,
        deployment.token,
        time(params.genesis),
        duration(params.interval_seconds.into()),
        setting.deployment_file.display(),
    );
    let figures = json!({ "deployment_file": setting.deployment_file, "deployment": deployment });
    Done::new(sentence, figures, receipts)
        .then("entente transax meter add METER --group 0 …, then entente transax market")
}
