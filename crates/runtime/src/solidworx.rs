//! `SolidWorx` as a protocol.

use alloy::primitives::{Address, Bytes};
use bindings::solidworx::{Call, Place, Refused, event};
use chain::Request;
use journal::Entry;
use solidworx::Exchange;

use crate::{About, BoxError, Form, Protocol};

/// A deployed `SolidWorx` market. What its set-up fixed is in its log.
#[derive(Clone, Copy, Debug)]
pub struct SolidWorx(pub Place);

impl Protocol for SolidWorx {
    type View = Exchange;
    type Call = Call;
    type Refusal = Refused;

    fn contracts(&self) -> Vec<Address> {
        vec![self.0.market]
    }

    fn first_block(&self) -> u64 {
        self.0.block
    }

    fn view(&self) -> Exchange {
        Exchange::default()
    }

    fn form() -> Option<Form<Exchange>> {
        Some(Form::numbered(Exchange::FORM))
    }

    fn apply(&self, view: &mut Exchange, entry: &Entry) -> Result<(), BoxError> {
        Ok(view.apply(event(&entry.log)?)?)
    }

    fn request(&self, call: &Call) -> Result<Request, BoxError> {
        Ok(Request::call(self.0.market, call.data()?).paying(call.value()))
    }

    fn about(view: &Exchange, _now: u64, _call: &Call) -> Option<About> {
        Some(About::Cycle(view.cycle()))
    }

    fn refusal(data: &Bytes) -> Refused {
        Refused::decode(data)
    }

    fn is_race(refusal: &Refused) -> bool {
        refusal.is_race()
    }
}
