#![doc = include_str!("../README.md")]

mod assets;
mod behaviour;
mod deposits;
mod private;

use alloy_primitives::{Address, Bytes};
use bindings::Call;
use runtime::{Agent, Intent};
use transax::Market;
use units::IntervalIndex;

pub use behaviour::{Behaviour, Recorded, RecordedOffer};
pub use private::{Alone, Ending, Envoy, Invitation, Messenger, Place, PrivateProsumer, PrivateSettings};

/// How a prosumer acts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its meter and the DSO's certificate for the two; `None` where it is registered already.
    pub certificate: Option<(Address, Bytes)>,
    /// The last interval it trades in; assets of later ones are not withdrawn.
    pub last: IntervalIndex,
    /// How many intervals a deposit waits for, at least 1.
    pub deposit_every: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { certificate: None, last: IntervalIndex(u32::MAX), deposit_every: 8 }
    }
}

/// Acts for a prosumer.
pub struct Prosumer {
    name: String,
    account: Address,
    behaviour: Behaviour,
    settings: Settings,
}

impl Prosumer {
    /// The agent of the prosumer whose address is `account`, under this name.
    pub fn new(name: impl Into<String>, account: Address, behaviour: Behaviour, settings: Settings) -> Self {
        Self { name: name.into(), account, behaviour, settings }
    }
}

/// Registers with the DSO's certificate, where there is one.
fn register(certificate: Option<&(Address, Bytes)>) -> Vec<Intent> {
    let register = certificate.map(|(meter, certificate)| {
        Intent::new("register", Call::RegisterProsumer { meter: *meter, certificate: certificate.clone() })
    });
    register.into_iter().collect()
}

impl Agent for Prosumer {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, market: &Market, now: u64) -> Vec<Intent> {
        let registered = market.account(self.account).and_then(|account| account.meter);
        let Some(meter) = registered.and_then(|meter| market.smart_meter(meter)) else {
            return register(self.settings.certificate.as_ref());
        };
        let trading = (self.settings.last, self.settings.deposit_every);
        let mut intents = deposits::due(market, now, (self.account, &meter.groups), trading);
        let next = market.next_interval(now);
        // While the next interval waits to be finalised, offers for it come too late.
        if now < market.params().finalizable_at(next) && next <= self.settings.last {
            let needed = IntervalIndex(next.0.saturating_add(self.behaviour.reach())).min(self.settings.last);
            intents.extend(assets::missing(market, self.account, meter, (next, needed), self.settings.last));
            let wishes = self.behaviour.offers(market, now, self.account, &meter.groups).into_iter();
            intents.extend(wishes.map(|wish| wish.intent(market.params())));
        }
        intents
    }
}
