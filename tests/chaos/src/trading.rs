//! A short trading day: three homes with their meters, the DSO and two solvers.

mod market;
mod roles;

use alloy::signers::local::PrivateKeySigner;
use chain::anvil::{Anvil, Options};
use runtime::Transax;
use units::IntervalIndex;

use crate::{agent, story::Story, world::World};

pub use market::Books;
pub use roles::{ALL, DSO, PROSUMERS, Part, SOLVERS, act};

use market::INTERVAL_SECONDS;

/// A trading day, and where it stands.
#[derive(Debug, Default)]
pub struct Day {
    market: Option<Transax>,
    /// The chain's time, Unix seconds.
    now: u64,
}

impl Day {
    fn market(&self) -> &Transax {
        self.market.as_ref().expect("the market is set up first")
    }

    fn start_of(&self, interval: u32) -> u64 {
        self.market().params.start_of(IntervalIndex(interval))
    }
}

impl Story for Day {
    type Books = Books;

    fn cast(&self) -> &'static [&'static str] {
        &ALL
    }

    async fn set_up(&mut self, anvil: &Anvil, keys: &[PrivateKeySigner], _: &str) -> agent::Part {
        let genesis = Options::default().timestamp + 2 * INTERVAL_SECONDS;
        let (market, certificates) = market::set_up(anvil, keys, genesis).await;
        let (deployment, params) = (market.deployment, market.params.clone());
        self.market = Some(market);
        agent::Part::Trading(Part { deployment, params, certificates })
    }

    async fn look(&mut self, world: &World) {
        self.now = world.head().await.1;
    }

    fn is_over(&self, _: &World) -> bool {
        self.now >= self.start_of(roles::LAST + 2)
    }

    fn is_middle(&self) -> bool {
        (self.start_of(1)..self.start_of(3)).contains(&self.now)
    }

    /// Moves the clock to where the next interval is due, or past that one.
    async fn pass_time(&mut self, world: &World, jumps: bool) {
        let intervals = if jumps { 2 } else { 1 };
        let genesis = self.market().params.genesis;
        let next = (self.now / INTERVAL_SECONDS + intervals) * INTERVAL_SECONDS + genesis % INTERVAL_SECONDS;
        world.warp_to(next).await;
    }

    async fn books(&self, world: &World) -> Books {
        market::books(&world.anvil, self.market(), &world.keys).await
    }
}
