//! A hundred prosumers on a local node: registers them and lets each post offers, and says how fast that goes.
//!
//! `cargo run -p runtime --example hundred_agents [agents] [offers of each]`

use std::{error::Error, sync::Arc, time::Duration};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use bindings::{Call, Refused, sign_certificate};
use chain::{
    SubmitSettings, Submitter,
    anvil::{Anvil, Mining, Options, dev_keys},
    deploy_market, deploy_token,
};
use journal::MemoryJournal;
use runtime::{Agent, Intent, Runtime, Settings, Status, Transax};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use transax::{Market, Params, PriceRule, Side};
use units::{GroupId, IntervalIndex, Price, WattHours};

/// Registers a meter for each prosumer.
struct Dso {
    prosumers: Vec<Address>,
}

impl Agent for Dso {
    fn name(&self) -> &'static str {
        "dso"
    }

    fn decide(&mut self, view: &Market, _: u64) -> Vec<Intent> {
        let group = Call::AddGroup { internal_limit: None, external_limit: None };
        let group = view.groups().next().is_none().then(|| Intent::new("the group", group));
        let unknown = self.prosumers.iter().filter(|prosumer| view.smart_meter(meter_of(**prosumer)).is_none());
        group.into_iter().chain(unknown.map(|prosumer| register_meter(*prosumer))).collect()
    }
}

fn register_meter(prosumer: Address) -> Intent {
    let (meter, limit) = (meter_of(prosumer), WattHours(1_000_000));
    let call = Call::RegisterSmartMeter { meter, group: GroupId(0), production_limit: limit, consumption_limit: limit };
    Intent::new(format!("meter {meter}"), call)
}

/// Registers and posts offers.
struct Prosumer {
    name: String,
    account: Address,
    registration: Call,
    offers: usize,
}

impl Agent for Prosumer {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, view: &Market, now: u64) -> Vec<Intent> {
        if view.smart_meter(meter_of(self.account)).is_none() {
            return Vec::new();
        }
        if view.account(self.account).and_then(|account| account.owner).is_none() {
            return vec![Intent::new("register", self.registration.clone())];
        }
        let interval = IntervalIndex(view.next_interval(now).0 + 2);
        let mut intents = Vec::new();
        if view.withdrawn_assets(self.account, Side::Sell, interval).0 == 0 {
            let energy = WattHours(1_000_000);
            let call = Call::WithdrawAssets { side: Side::Sell, first: interval, last: interval, energy };
            intents.push(Intent::new(format!("assets of {interval}"), call));
        }
        let posted = view.offers_of(self.account).count();
        intents.extend((posted..self.offers).map(|offer| {
            let (energy, price) = (WattHours(1000), Price(100_000));
            let call = Call::PostOffer { side: Side::Sell, energy, price, start: interval, end: interval };
            Intent::new(format!("offer {offer}"), call)
        }));
        intents
    }
}

/// Any address that is the prosumer's alone will do for a meter that measures nothing.
fn meter_of(prosumer: Address) -> Address {
    prosumer.create(0)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse());
    let agents = arguments.next().unwrap_or(Ok(100))?;
    let offers = arguments.next().unwrap_or(Ok(20))?.try_into()?;
    let keys = dev_keys(agents + 1);
    let mining = Mining::Batched(Duration::from_millis(10));
    let options = Options { accounts: agents + 1, mining, ..Options::default() };
    let genesis = options.timestamp + 3600;
    let anvil = Anvil::start(options).await?;
    let protocol = deploy(&anvil, &keys[0], genesis).await?;
    let settings = Settings { poll: Duration::from_millis(50), ..Settings::default() };
    let mut runtime =
        Runtime::new(anvil.client().clone(), protocol.clone(), Arc::new(MemoryJournal::default()), settings);
    runtime.host(Dso { prosumers: keys[1..].iter().map(PrivateKeySigner::address).collect() }, keys[0].clone());
    for key in &keys[1..] {
        runtime.host(prosumer(&protocol, &keys[0], key.address(), offers)?, key.clone());
    }
    let mut status = runtime.status();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.run(stop.clone()));
    let (setup, all) = (u64::from(agents) * 3 + 1, u64::from(agents) * (3 + offers as u64) + 1);
    let begin = Instant::now();
    let ready = *status.wait_for(|status| status.landed >= setup).await?;
    report("first part, the DSO alone at first", Status::default(), ready, begin);
    let begin = Instant::now();
    let done = *status.wait_for(|status| status.idle && status.landed >= all).await?;
    report("second part, all at once", ready, done, begin);
    println!(
        "blocks {} clock moved by {} s refused {} raced {}",
        done.block,
        done.now + 3600 - genesis,
        done.refused,
        done.raced
    );
    stop.cancel();
    Ok(running.await??)
}

fn report(what: &str, before: Status, after: Status, begin: Instant) {
    let (landed, seconds) = (after.landed - before.landed, begin.elapsed().as_secs_f64());
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rate = landed as f64 / seconds;
    println!("{what}: {landed} transactions in {seconds:.1} s, {rate:.0} a second");
}

async fn deploy(anvil: &Anvil, dso: &PrivateKeySigner, genesis: u64) -> Result<Transax, Box<dyn Error>> {
    let client = anvil.client().clone();
    let mut submitter = Submitter::new(client, dso.clone(), SubmitSettings::default(), Refused::decode);
    let params = Params {
        dso: dso.address(),
        token: deploy_token(&mut submitter).await?,
        genesis,
        interval_seconds: 900,
        clear_intervals: 1,
        plan_horizon: 8,
        offer_horizon: 96,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    };
    Ok(Transax::new(deploy_market(&mut submitter, &params).await?, params))
}

fn prosumer(
    protocol: &Transax,
    dso: &PrivateKeySigner,
    account: Address,
    offers: usize,
) -> Result<Prosumer, Box<dyn Error>> {
    let (meter, deployment) = (meter_of(account), &protocol.deployment);
    let certificate = sign_certificate(dso, deployment.chain_id, deployment.market, account, meter)?;
    let registration = Call::RegisterProsumer { meter, certificate };
    Ok(Prosumer { name: format!("prosumer {account}"), account, registration, offers })
}
