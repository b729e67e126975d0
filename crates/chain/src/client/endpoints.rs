//! Several nodes of one chain: one is asked, the others stand in for it, and all are compared from time to time.

mod condition;
mod survey;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use alloy::{
    primitives::Address,
    providers::RootProvider,
    rpc::{
        client::RpcClient,
        json_rpc::{RequestPacket, ResponsePacket},
    },
    transports::{
        TransportError, TransportErrorKind, TransportFut,
        http::{Http, reqwest},
        utils::guess_local_url,
    },
};
use condition::{Condition, Fault, fault};
use tokio::time::Instant;
use tower_service::Service;
use tracing::warn;

use super::{ClientError, Settings, transport};

/// How several nodes of one chain are used.
#[derive(Clone, Copy, Debug)]
pub struct EndpointSettings {
    /// How often they are compared.
    pub survey_every: Duration,
    /// How many blocks a node may be behind the furthest before it is asked only where no other answers.
    pub most_behind: u64,
    /// How far below the lowest head the block is whose hash all must agree on; reorganisations reach less deep.
    pub settled_depth: u64,
    /// How long a node that failed is left alone first; twice as long after each failure that follows.
    pub first_rest: Duration,
    /// How long it is left alone at most.
    pub longest_rest: Duration,
}

impl Default for EndpointSettings {
    fn default() -> Self {
        Self {
            survey_every: Duration::from_secs(15),
            most_behind: 5,
            settled_depth: 20,
            first_rest: Duration::from_secs(1),
            longest_rest: Duration::from_mins(2),
        }
    }
}

/// One node.
#[derive(Debug)]
struct Endpoint {
    /// Scheme, host and port: the rest of an address may be a key.
    name: String,
    http: Http<reqwest::Client>,
    provider: RootProvider,
}

/// What is known of all of them.
#[derive(Debug)]
struct State {
    conditions: Vec<Condition>,
    /// Whose answer was taken last.
    used: usize,
    /// How often another one came to be that.
    switches: u64,
    next_survey: Instant,
    chain_id: u64,
    contracts: Vec<Address>,
}

#[derive(Debug)]
struct Shared {
    all: Vec<Endpoint>,
    settings: EndpointSettings,
    state: Mutex<State>,
}

/// A transport over all of them. Clones share what is known.
#[derive(Clone, Debug)]
pub(super) struct Endpoints(Arc<Shared>);

impl Endpoints {
    pub(super) fn new(urls: &[impl AsRef<str>], settings: &Settings) -> Result<Self, ClientError> {
        let all = urls.iter().map(|url| endpoint(url.as_ref(), settings)).collect::<Result<Vec<_>, _>>()?;
        if all.is_empty() {
            return Err(ClientError::BadUrl { url: String::new() });
        }
        let state = State {
            conditions: vec![Condition::Unverified; all.len()],
            used: 0,
            switches: 0,
            next_survey: Instant::now() + settings.endpoints.survey_every,
            chain_id: 0,
            contracts: Vec::new(),
        };
        Ok(Self(Arc::new(Shared { all, settings: settings.endpoints, state: Mutex::new(state) })))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.all.len()
    }

    /// How often another one came to be asked.
    pub(super) fn switches(&self) -> u64 {
        self.state().switches
    }

    /// How each of them is.
    pub(super) fn conditions(&self) -> Vec<(String, &'static str)> {
        let names = self.0.all.iter().map(|endpoint| endpoint.name.clone());
        names.zip(self.state().conditions.iter().map(|condition| condition.name())).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom to ask, in this order.
    fn order(&self) -> Vec<usize> {
        let (state, now) = (self.state(), Instant::now());
        let rank = |index: &usize| state.conditions[*index].rank(*index == state.used, now);
        let mut order: Vec<_> = (0..self.count()).filter(|index| rank(index).is_some()).collect();
        order.sort_by_key(rank);
        order
    }

    async fn ask(self, request: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let mut last = None;
        for index in self.order() {
            let answer = self.0.all[index].http.clone().call(request.clone()).await;
            match fault(&request, &answer) {
                None => {
                    self.answered(index);
                    return answer;
                }
                Some(fault) => self.failed(index, &fault),
            }
            last = Some(answer);
        }
        last.unwrap_or_else(|| Err(TransportErrorKind::custom_str("no endpoint is left that agrees with the others")))
    }

    fn answered(&self, index: usize) {
        let mut state = self.state();
        if matches!(state.conditions[index], Condition::Resting { .. }) {
            state.conditions[index] = Condition::Good;
        }
        self.switch(&mut state, index);
    }

    /// Takes another one for the one in use.
    fn switch(&self, state: &mut State, index: usize) {
        if state.used == index {
            return;
        }
        warn!(from = self.0.all[state.used].name, to = self.0.all[index].name, "another endpoint is asked");
        state.used = index;
        state.switches += 1;
        metrics::counter!("entente_rpc_switches_total").increment(1);
    }

    /// Leaves it alone for a while, longer each time.
    fn failed(&self, index: usize, fault: &Fault) {
        let name = &self.0.all[index].name;
        metrics::counter!("entente_rpc_failures_total", "endpoint" => name.clone()).increment(1);
        let mut state = self.state();
        let (condition, settings) = (state.conditions[index], &self.0.settings);
        if !condition.is_verified() || matches!(condition, Condition::Aside(_)) {
            return;
        }
        let pause = condition.next_pause(fault.retry_after, settings.first_rest, settings.longest_rest);
        if self.count() > 1 && !matches!(condition, Condition::Resting { .. }) {
            warn!(endpoint = name, reason = fault.reason, ?pause, "an endpoint fails");
        }
        state.conditions[index] = Condition::Resting { until: Instant::now() + pause, pause };
    }
}

fn endpoint(url: &str, settings: &Settings) -> Result<Endpoint, ClientError> {
    let (http, name) = transport::http(url, settings.request_timeout)?;
    let provider = RootProvider::new(RpcClient::new(http.clone(), guess_local_url(url)));
    Ok(Endpoint { name, http, provider })
}

impl Service<RequestPacket> for Endpoints {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}
