//! TRANSAX as a protocol.

use alloy::primitives::{Address, Bytes};
use bindings::{Call, Deployment, Refused, Target};
use chain::Request;
use journal::Entry;
use transax::{Market, Params, Past};

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
}

impl Transax {
    /// The market deployed there, of which everything is remembered.
    pub const fn new(deployment: Deployment, params: Params) -> Self {
        Self { deployment, params, past: Past::Whole }
    }

    /// The same with a view that remembers no more of the past than this.
    #[must_use]
    pub fn remembering(self, past: Past) -> Self {
        Self { past, ..self }
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
            view.apply(&event)?;
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
