//! Who trades.

use std::{error::Error, sync::Arc};

use alloy::primitives::{Address, Bytes};
use bindings::Deployment;
use chain::anvil::dev_keys;
use optimizer::InProcess;
use runtime::Transax;
use serde::{Deserialize, Serialize};
use transax::{Params, Side};
use transax_dso::Dso;
use transax_meter::{Meter, Source};
use transax_prosumer::{Behaviour, Prosumer, Recorded, RecordedOffer};
use transax_solver::Solver;
use units::{IntervalIndex, Price, WattHours};

use crate::agent::{ACCOUNTS, Orders, Stage, host};

pub const PROSUMERS: &str = "prosumers";
const METERS: &str = "meters";
pub const DSO: &str = "dso";
pub const SOLVERS: [&str; 2] = ["solver-a", "solver-b"];
pub const ALL: [&str; 5] = [PROSUMERS, METERS, DSO, SOLVERS[0], SOLVERS[1]];

/// Places of keys: the first of the homes', and of their meters'.
pub const FIRST_HOME: usize = 4;
pub const FIRST_METER: usize = 7;
pub const HOMES: usize = 3;
/// The last interval in which anything is offered; the first is 1.
pub const LAST: u32 = 4;

/// What all of them know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    pub deployment: Deployment,
    pub params: Params,
    pub certificates: Vec<(Address, Bytes)>,
}

/// What a home offers: in each interval the first sells what the two others buy together, so that there is one best plan.
fn offers(home: usize) -> Vec<RecordedOffer> {
    let (side, energy, price) =
        [(Side::Sell, 500, 100_000), (Side::Buy, 300, 200_000), (Side::Buy, 200, 260_000)][home];
    let offer = |interval| RecordedOffer {
        side,
        energy: WattHours(energy),
        price: Price(price),
        start: IntervalIndex(interval),
        end: IntervalIndex(interval),
    };
    (1..=LAST).map(offer).collect()
}

/// One agent, or all of a kind.
pub async fn act(orders: &Orders, part: &Part) -> Result<(), Box<dyn Error>> {
    let Part { deployment, params, .. } = part;
    let protocol = Transax::new(*deployment, params.clone());
    let (chain_id, token) = (deployment.chain_id, deployment.token);
    host(orders, chain_id, token, protocol, |stage| {
        enter(stage, &orders.role, part);
        Ok(())
    })
    .await
}

fn enter(stage: &mut Stage<Transax>, role: &str, part: &Part) {
    let keys = dev_keys(ACCOUNTS);
    match role {
        PROSUMERS => {
            for home in 0..HOMES {
                let key = &keys[FIRST_HOME + home];
                let behaviour = Behaviour::Recorded(Recorded { offers: offers(home), ahead: 2 });
                let settings = transax_prosumer::Settings {
                    certificate: Some(part.certificates[home].clone()),
                    last: IntervalIndex(LAST),
                    deposit_every: 2,
                };
                stage.enter(Prosumer::new(format!("home {home}"), key.address(), behaviour, settings), key.clone());
            }
        }
        METERS => {
            for home in 0..HOMES {
                let prosumer = keys[FIRST_HOME + home].address();
                let meter = Meter::new(format!("meter {home}"), prosumer, Source::AsOffered, |_| {});
                stage.enter(meter, keys[FIRST_METER + home].clone());
            }
        }
        DSO => stage.enter(Dso::new(DSO), keys[1].clone()),
        solver => {
            let key = if solver == SOLVERS[0] { 2 } else { 3 };
            let optimizer = Arc::new(InProcess::default());
            stage.enter(Solver::new(solver, transax_solver::Settings::default(), optimizer), keys[key].clone());
        }
    }
}
