//! What the runtime must know of a market.

use std::fmt::{Debug, Display};

use alloy::primitives::{Address, B256, Bytes};
use chain::Request;
use journal::Entry;
use serde::{Serialize, de::DeserializeOwned};

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How views are written down. A view that was kept in a form of another number is forgotten, and the chain read again.
#[derive(Clone, Copy, Debug)]
pub struct Form<V> {
    pub(crate) number: u32,
    pub(crate) write: fn(&V) -> Result<Vec<u8>, BoxError>,
    pub(crate) read: fn(&[u8]) -> Option<V>,
}

impl<V> Form<V> {
    /// What tells it from others.
    pub const fn number(&self) -> u32 {
        self.number
    }
}

impl<V: Serialize + DeserializeOwned> Form<V> {
    /// As serde has it, in `postcard`; another number whenever a field of the view changes.
    pub const fn numbered(number: u32) -> Self {
        Self { number, write: |view| Ok(postcard::to_allocvec(view)?), read: |bytes| postcard::from_bytes(bytes).ok() }
    }
}

/// What a call is about, so that whoever reads the log finds all that belongs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The interval that the market clears next.
    Interval(u64),
    /// The cycle that the market is in.
    Cycle(u64),
    /// A match, by its name.
    Match(B256),
}

/// A market on a chain: what its logs build, and how it is asked for things. A new market implements this, and the
/// runtime stays as it is.
pub trait Protocol: Send + Sync + 'static {
    /// The fold over the market's logs. It is copied when an agent still reads it as the next block arrives.
    type View: Clone + Send + Sync + 'static;
    /// What can be asked of the market; `Display` says what it does.
    type Call: Clone + Debug + Display + Send + Sync + 'static;
    /// What the market says when it refuses.
    type Refusal: Clone + Debug + Display + Send + Sync + 'static;

    /// The contracts whose logs matter.
    fn contracts(&self) -> Vec<Address>;

    /// The first block that can hold any.
    fn first_block(&self) -> u64;

    /// The view before any log.
    fn view(&self) -> Self::View;

    /// How views are written down, so that one is kept in place of the logs that it holds; `None` where logs stay.
    fn form() -> Option<Form<Self::View>> {
        None
    }

    /// Whether a view that was kept, perhaps by a program that was set up otherwise, is one to go on with; if not, the chain is
    /// read again.
    fn goes_on_with(&self, _view: &Self::View) -> bool {
        true
    }

    /// Folds a log into the view. An error ends the runtime: the view would be wrong from here on.
    fn apply(&self, view: &mut Self::View, entry: &Entry) -> Result<(), BoxError>;

    /// How a call is put to the chain.
    fn request(&self, call: &Self::Call) -> Result<Request, BoxError>;

    /// What a call is about that is wanted on this view, at `now` by the chain's clock.
    fn about(_view: &Self::View, _now: u64, _call: &Self::Call) -> Option<About> {
        None
    }

    /// Reads the data of a revert.
    fn refusal(data: &Bytes) -> Self::Refusal;

    /// Whether a refusal says no more than that somebody else was quicker, or that the clock moved on. Any other is told as
    /// a failure.
    fn is_race(refusal: &Self::Refusal) -> bool;
}
