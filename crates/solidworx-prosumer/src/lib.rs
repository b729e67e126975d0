#![doc = include_str!("../README.md")]

mod wish;

use alloy_primitives::Address;
use bindings::solidworx::Call;
use runtime::{Agent, Intent, SolidWorx};
use solidworx::{Exchange, State, packing};
pub use wish::{Renewal, Wish, WishedAlternative};

/// Offers what is wished.
#[derive(Clone, Debug)]
pub struct Prosumer {
    name: String,
    account: Address,
    wishes: Vec<Wish>,
}

impl Prosumer {
    /// A prosumer under this name, who acts with the key of `account`. Wishes have different numbers.
    pub fn new(name: impl Into<String>, account: Address, wishes: Vec<Wish>) -> Self {
        Self { name: name.into(), account, wishes }
    }

    /// Wishes of this cycle that are not offered in it.
    fn offers<'a>(&'a self, exchange: &'a Exchange) -> impl Iterator<Item = Intent<Call>> + 'a {
        let cycle = exchange.cycle();
        let deposit = exchange.set_up().map_or(0, |set_up| set_up.deposit);
        self.wishes.iter().filter(move |wish| wish.is_for(cycle)).filter_map(move |wish| {
            let alternatives = wish.rest(exchange, self.account)?;
            let call = Call::PostPackedOffer { side: wish.side, misc: wish.misc, alternatives, deposit };
            Some(Intent::new(format!("wish {} in cycle {cycle}", wish.misc), call))
        })
    }

    /// Deposits of past cycles that are still with the contract.
    fn deposits<'a>(&'a self, exchange: &'a Exchange) -> impl Iterator<Item = Intent<Call>> + 'a {
        let is_taken = exchange.set_up().is_some_and(|set_up| set_up.deposit > 0);
        let past = exchange.offers_of(self.account).filter(|(_, listing)| listing.cycle < exchange.cycle());
        past.filter(move |(_, listing)| is_taken && !listing.is_returned).filter_map(|(id, listing)| {
            let contents = if listing.is_packed { packing::contents(&listing.offer(id))? } else { Vec::new() };
            let call = Call::ReturnDeposit { id, contents: contents.into() };
            Some(Intent::new(format!("deposit of offer {id}"), call))
        })
    }
}

impl Agent<SolidWorx> for Prosumer {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, exchange: &Exchange, now: u64) -> Vec<Intent<Call>> {
        let mut intents: Vec<_> = self.deposits(exchange).collect();
        if exchange.state() == State::Receive && now < exchange.phase_end() {
            intents.extend(self.offers(exchange));
        }
        intents
    }
}
