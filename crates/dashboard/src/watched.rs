//! A market with what its rules do not need to remember: who competed, and what happened last, in words.

use std::{borrow::Cow, collections::VecDeque};

use alloy::primitives::{Address, B256, Bytes};
use chain::Request;
use journal::Entry;
use runtime::{BoxError, Form, Protocol};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// So much of what happened is remembered.
const REMEMBERED: usize = 200;
/// Views are numbered below this, so that their forms and those of what is seen beside them make one number.
const MOST_VIEW_FORMS: u32 = 1000;

/// A protocol whose events can be told.
pub trait Chronicle: Protocol<View: Serialize + DeserializeOwned> {
    /// Its name in documents.
    const SYSTEM: &'static str;
    /// Tells how what is remembered beside the view is written down, history and news: another number whenever either changes.
    const FORM: u32;
    /// What is remembered beside the view.
    type History: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Takes note of a log, and says what it tells; `view` is that before it.
    fn note(&self, view: &Self::View, history: &mut Self::History, entry: &Entry) -> Result<Option<Told>, BoxError>;
}

/// What an event tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The event, in a word.
    pub kind: &'static str,
    /// For people.
    pub text: String,
}

impl Told {
    /// Of such a kind.
    pub fn new(kind: &'static str, text: String) -> Self {
        Self { kind, text }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// The market.
    pub system: Cow<'static, str>,
    /// The event, in a word.
    pub kind: Cow<'static, str>,
    /// Where.
    pub block: u64,
    /// In which transaction.
    pub transaction: B256,
    /// For people.
    pub text: String,
}

/// What is folded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen<V, H> {
    /// The market.
    pub market: V,
    /// What its rules do not remember.
    pub history: H,
    news: VecDeque<News>,
    /// How many there ever were.
    told: u64,
}

impl<V, H> Seen<V, H> {
    /// The latest news, oldest first, each with its number: they count up from 1 within a market.
    pub fn news(&self) -> impl DoubleEndedIterator<Item = (u64, &News)> {
        let first = self.told + 1 - self.news.len() as u64;
        self.news.iter().enumerate().map(move |(place, news)| (first + place as u64, news))
    }
}

/// A protocol, watched.
#[derive(Clone, Debug)]
pub struct Watched<P>(pub P);

impl<P: Chronicle> Protocol for Watched<P> {
    type View = Seen<P::View, P::History>;
    type Call = P::Call;
    type Refusal = P::Refusal;

    fn contracts(&self) -> Vec<Address> {
        self.0.contracts()
    }

    fn first_block(&self) -> u64 {
        self.0.first_block()
    }

    fn view(&self) -> Self::View {
        Seen { market: self.0.view(), history: P::History::default(), news: VecDeque::new(), told: 0 }
    }

    fn form() -> Option<Form<Self::View>> {
        P::form().map(|form| Form::numbered(P::FORM * MOST_VIEW_FORMS + form.number()))
    }

    fn goes_on_with(&self, seen: &Self::View) -> bool {
        self.0.goes_on_with(&seen.market)
    }

    fn apply(&self, seen: &mut Self::View, entry: &Entry) -> Result<(), BoxError> {
        let told = self.0.note(&seen.market, &mut seen.history, entry)?;
        self.0.apply(&mut seen.market, entry)?;
        if let Some(Told { kind, text }) = told {
            seen.told += 1;
            let (system, kind) = (P::SYSTEM.into(), kind.into());
            let (block, transaction) = (entry.block.number, entry.transaction);
            seen.news.push_back(News { system, kind, block, transaction, text });
            if seen.news.len() > REMEMBERED {
                seen.news.pop_front();
            }
        }
        Ok(())
    }

    fn request(&self, call: &P::Call) -> Result<Request, BoxError> {
        self.0.request(call)
    }

    fn refusal(data: &Bytes) -> P::Refusal {
        P::refusal(data)
    }

    fn is_race(refusal: &P::Refusal) -> bool {
        P::is_race(refusal)
    }
}

/// An address or a hash that fits into a sentence.
pub fn short(long: &impl ToString) -> String {
    let text = long.to_string().to_lowercase();
    match (text.get(..6), text.get(text.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if text.len() > 12 => format!("{head}…{tail}"),
        _ => text,
    }
}

/// What an enum is called in documents, with spaces.
pub fn word(variant: &impl Serialize) -> String {
    serde_json::to_value(variant).ok().and_then(|value| Some(value.as_str()?.replace('-', " "))).unwrap_or_default()
}
