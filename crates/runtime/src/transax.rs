//! TRANSAX as a protocol.

use std::sync::Arc;

use alloy::primitives::{Address, Bytes};
use bindings::{Call, Deployment, Refused, Target};
use chain::Request;
use journal::Entry;
use transax::{Kin, Market, Params, Past};

use crate::{About, BoxError, Form, Protocol};

/// A deployed TRANSAX market.
#[derive(Clone, Debug)]
pub struct Transax {
    /// Where it is.
    pub deployment: Deployment,
    /// What its deployment fixed.
    pub params: Params,
    /// What its view remembers of what can matter to no call any more.
    pub past: Past,
    /// Whose anonymous accounts its view recognises.
    pub kin: Option<Arc<dyn Kin>>,
}

impl Transax {
    /// The market deployed there, of which everything is remembered.
    pub const fn new(deployment: Deployment, params: Params) -> Self {
        Self { deployment, params, past: Past::Whole, kin: None }
    }

    /// The same with a view that remembers no more of the past than this.
    #[must_use]
    pub fn remembering(self, past: Past) -> Self {
        Self { past, kin: None, ..self }
    }

    /// The same with a view that remembers no more of the past than homes need that trade without being seen, and their meters.
    #[must_use]
    pub fn recognising(self, kin: Arc<dyn Kin>) -> Self {
        Self { past: kin.past(), kin: Some(kin), ..self }
    }
}

impl Protocol for Transax {
    type View = Market;
    type Call = Call;
    type Refusal = Refused;

    fn contracts(&self) -> Vec<Address> {
        vec![self.deployment.market]
    }

    fn first_block(&self) -> u64 {
        self.deployment.block
    }

    fn view(&self) -> Market {
        Market::remembering(self.params.clone(), self.past.clone())
    }

    fn form() -> Option<Form<Market>> {
        Some(Form::numbered(Market::FORM))
    }

    fn goes_on_with(&self, view: &Market) -> bool {
        (view.params(), view.past()) == (&self.params, &self.past)
    }

    fn apply(&self, view: &mut Market, entry: &Entry) -> Result<(), BoxError> {
        if let Some(event) = bindings::event(&entry.log)? {
            match &self.kin {
                Some(kin) => view.apply_recognising(&event, &**kin)?,
                None => view.apply(&event)?,
            }
        }
        Ok(())
    }

    fn request(&self, call: &Call) -> Result<Request, BoxError> {
        let to = match call.target() {
            Target::Market => self.deployment.market,
            Target::Token => self.deployment.token,
        };
        Ok(Request::call(to, call.data()?))
    }

    fn about(view: &Market, now: u64, _call: &Call) -> Option<About> {
        Some(About::Interval(view.next_interval(now).0.into()))
    }

    fn refusal(data: &Bytes) -> Refused {
        Refused::decode(data)
    }

    fn is_race(refusal: &Refused) -> bool {
        refusal.is_race()
    }
}

#[cfg(test)]
mod tests {
    use transax::PriceRule;
    use units::Price;

    use super::*;

    fn market(offer_horizon: u32) -> Transax {
        let deployment = Deployment { chain_id: 1, market: Address::ZERO, token: Address::ZERO, block: 0 };
        let params = Params {
            dso: Address::ZERO,
            token: Address::ZERO,
            genesis: 1_000_000,
            interval_seconds: 900,
            clear_intervals: 1,
            plan_horizon: 8,
            offer_horizon,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        };
        Transax::new(deployment, params)
    }

    /// Secrets of this name.
    fn hidden(name: u8) -> Past {
        let secrets = alloy::primitives::B256::repeat_byte(name);
        Past::Unseen { accounts: [Address::repeat_byte(1)].into(), mixes_for: 11, secrets }
    }

    #[test]
    fn it_goes_on_with_a_view_of_the_same_market_that_remembers_the_same() {
        let past = [
            Past::Whole,
            Past::forgotten(),
            Past::of([Address::repeat_byte(1)]),
            Past::of([Address::repeat_byte(2)]),
            hidden(1),
            hidden(2),
        ];
        for (at, kept) in past.iter().enumerate() {
            let view = market(96).remembering(kept.clone()).view();
            let written = (Transax::form().unwrap().write)(&view).unwrap();
            let view = (Transax::form().unwrap().read)(&written).expect("what was written can be read");
            let goes_on = |now: &Past| market(96).remembering(now.clone()).goes_on_with(&view);
            let by_past: Vec<_> = past.iter().map(goes_on).collect();
            assert_eq!(by_past, (0..past.len()).map(|now| now == at).collect::<Vec<_>>(), "{kept:?}");
            assert!(!market(97).remembering(kept.clone()).goes_on_with(&view), "another market");
        }
    }
}
