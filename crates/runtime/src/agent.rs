//! Who acts for somebody.

use chain::Outcome;

use crate::{Protocol, Transax};

/// A state machine that acts for somebody: it sees the market and the time, and says what it wants.
pub trait Agent<P: Protocol = Transax>: Send + 'static {
    /// What to call it in logs; unique among the agents of a runtime.
    fn name(&self) -> &str;

    /// What it wants, given everything up to the newest block, which was made at `now` (Unix seconds).
    ///
    /// Asked again whenever there is a new block, never before the chain has been read to its end, and not before what it
    /// wanted last shows in `view`. It may take seconds: others go on meanwhile. What is wanted still, is returned again.
    fn decide(&mut self, view: &P::View, now: u64) -> Vec<Intent<P::Call>>;

    /// What became of one of its intents. It need not care: the next `view` shows it.
    fn learn(&mut self, key: &str, outcome: &Outcome<P::Refusal>) {
        let _ = (key, outcome);
    }
}

/// Something an agent wants, under a name that says what: two intents of an agent with the same name are the same one,
/// and it is carried out at most once, so the name holds whatever makes it another ("offer 57 for interval 12").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent<C = bindings::Call> {
    /// Its name.
    pub key: String,
    /// How to get it.
    pub call: C,
    /// From when on it is worth nothing, Unix seconds by the chain's clock; whatever still waits then is taken back.
    pub deadline: Option<u64>,
}

impl<C> Intent<C> {
    /// The intent `key`, carried out by `call`.
    pub fn new(key: impl Into<String>, call: C) -> Self {
        Self { key: key.into(), call, deadline: None }
    }

    /// The same, worth nothing from `deadline` on, Unix seconds by the chain's clock.
    #[must_use]
    pub fn until(self, deadline: u64) -> Self {
        Self { deadline: Some(deadline), ..self }
    }
}
