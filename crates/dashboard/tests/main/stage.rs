//! A market, and a dashboard over it.

use std::{sync::Arc, time::Duration};

use bindings::{Call, Refused};
use chain::{
    Outcome, Request, SubmitSettings, Submitter,
    anvil::{Anvil, Options, dev_keys},
    deploy_market, deploy_token,
};
use dashboard::{Dashboard, DashboardError, Followed, Settings};
use journal::MemoryJournal;
use reqwest::{Client, Response};
use runtime::Transax;
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use transax::{Params, PriceRule};
use units::{Price, WattHours};
use web::Rate;

/// Longer than this nothing is waited for.
pub const SOON: Duration = Duration::from_secs(30);

pub struct Stage {
    pub anvil: Anvil,
    pub url: String,
    pub client: Client,
    dso: Submitter<Refused>,
    protocol: Transax,
    groups: u64,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), DashboardError>>,
}

/// Quick, and without bounds that the test does not look at.
pub fn settings() -> Settings {
    let rate = Rate { burst: 1_000_000, per_second: 1_000_000 };
    Settings { poll: Duration::from_millis(10), rate, ..Settings::default() }
}

impl Stage {
    /// A market with one group, and all of its past read.
    pub async fn new(settings: Settings) -> Self {
        let options = Options::default();
        let (key, genesis) = (dev_keys(1).remove(0), options.timestamp + 3600);
        let anvil = Anvil::start(options).await.unwrap();
        let node = anvil.client().clone();
        let dso_address = key.address();
        let mut dso = Submitter::new(node.clone(), key, SubmitSettings::default(), Refused::decode);
        let token = deploy_token(&mut dso).await.unwrap();
        let params = Params {
            dso: dso_address,
            token,
            genesis,
            interval_seconds: 900,
            clear_intervals: 1,
            plan_horizon: 8,
            offer_horizon: 96,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        };
        let deployment = deploy_market(&mut dso, &params).await.unwrap();
        let protocol = Transax::new(deployment, params);
        let mut dashboard = Dashboard::new(settings);
        dashboard.transax(Followed {
            client: node,
            protocol: protocol.clone(),
            token_decimals: 6,
            journal: Arc::new(MemoryJournal::default()),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(dashboard.serve(listener, async { drop(stopped.await) }));
        let client = Client::builder().timeout(SOON).build().unwrap();
        let mut stage = Self { anvil, url, client, dso, protocol, groups: 0, stop: Some(stop), serving };
        stage.add_group().await;
        stage.wait_for("the past", async |stage| stage.get("/ready").await.status() == 200).await;
        stage
            .wait_for("the group", async |stage| stage.json("/api/market").await["transax"]["groups"][0].is_object())
            .await;
        stage
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        let text = self.get(path).await.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// Something that is news.
    pub async fn add_group(&mut self) {
        self.groups += 1;
        let call = Call::AddGroup { internal_limit: Some(WattHours(20_000)), external_limit: Some(WattHours(5_000)) };
        let request = Request::call(self.protocol.deployment.market, call.data().unwrap());
        let outcome = self.dso.submit(&format!("group {}", self.groups), &request).await.unwrap();
        assert!(matches!(outcome, Outcome::Landed(_)), "{outcome:?}");
    }

    pub async fn wait_for(&self, what: &str, condition: impl AsyncFn(&Self) -> bool) {
        let waiting = async {
            while !condition(self).await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("{what} did not come"));
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        self.serving.await.unwrap().unwrap();
    }
}
