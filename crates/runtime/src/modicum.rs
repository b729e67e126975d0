//! `Modicum` as a protocol.

use alloy::primitives::{Address, Bytes};
use bindings::{
    Target,
    modicum::{Call, Place, Refused, event},
};
use chain::Request;
use journal::Entry;
use modicum::{Config, Refusal, View};

use crate::{About, BoxError, Form, Protocol};

/// A deployed `Modicum` market, and what its deployment fixed, which no event tells.
#[derive(Clone, Debug)]
pub struct Modicum {
    place: Place,
    empty: View,
}

impl Modicum {
    /// The market at a place, with the configuration that its contract tells.
    pub fn new(place: Place, config: Config) -> Result<Self, Refusal> {
        Ok(Self { place, empty: View::new(config)? })
    }

    /// Where it is.
    pub const fn place(&self) -> &Place {
        &self.place
    }
}

impl Protocol for Modicum {
    type View = View;
    type Call = Call;
    type Refusal = Refused;

    fn contracts(&self) -> Vec<Address> {
        vec![self.place.market]
    }

    fn first_block(&self) -> u64 {
        self.place.block
    }

    fn view(&self) -> View {
        self.empty.clone()
    }

    fn form() -> Option<Form<View>> {
        Some(Form::numbered(View::FORM))
    }

    fn apply(&self, view: &mut View, entry: &Entry) -> Result<(), BoxError> {
        match event(&entry.log)? {
            Some(event) => Ok(view.apply(event, entry.block.number)?),
            None => Ok(()),
        }
    }

    fn request(&self, call: &Call) -> Result<Request, BoxError> {
        let to = match call.target() {
            Target::Market => self.place.market,
            Target::Token => self.place.token,
        };
        Ok(Request::call(to, call.data()?))
    }

    fn about(_view: &View, _now: u64, call: &Call) -> Option<About> {
        call.contents().map(|contents| About::Match(contents.name()))
    }

    fn refusal(data: &Bytes) -> Refused {
        Refused::decode(data)
    }

    fn is_race(refusal: &Refused) -> bool {
        refusal.is_race()
    }
}
