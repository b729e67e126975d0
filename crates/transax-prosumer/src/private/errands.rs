//! What an agent cannot wait for: it is asked of an envoy, and told later.

use std::collections::BTreeMap;

use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::Address;
use coin_shuffle::{Digest, Output};
use runtime::Intent;
use tokio::sync::oneshot::{Receiver, error::TryRecvError};
use transax::{Market, Side};
use transax_mixer::{MixTerms, Period, Tier, Way};
use transax_relay::Order;

/// What a participant of a mix needs.
pub struct Invitation {
    /// Of the account whose assets go in.
    pub key: PrivateKeySigner,
    /// What all agree on.
    pub terms: MixTerms,
    /// Who can take part, with the next nonce of each.
    pub members: BTreeMap<Address, u32>,
    /// Names the mix.
    pub session: Digest,
    /// What all of the participant's chance follows from.
    pub seed: [u8; 32],
    /// The account to which each run pays out.
    pub outputs: Box<dyn FnMut(u32) -> Output + Send>,
}

/// How a mix ended.
#[derive(Debug)]
pub enum Ending {
    /// So many gave and were given; the market shows it.
    Mixed(usize),
    /// All signed, and no relay took it.
    NotRelayed(Box<Order>),
    /// Nothing was moved.
    Failed(String),
}

/// Goes between an agent and boards and relays.
pub trait Envoy: Send + 'static {
    /// Hands orders in one after another, up to the first that is not carried out; tells those that were not.
    fn hand_in(&mut self, orders: Vec<Order>) -> Receiver<Vec<Order>>;

    /// Takes part in a mix, and has its joint transaction carried out.
    fn mix(&mut self, invitation: Invitation) -> Receiver<Ending>;
}

/// Which mix.
type MixOf = ((Period, Side, Tier), Way);

/// Orders of one account on their way.
struct Handed {
    told: Option<Receiver<Vec<Order>>>,
    /// The account's nonce once all are carried out.
    nonce: u32,
    deadline: u64,
}

/// An agent's errands.
pub struct Errands {
    envoy: Box<dyn Envoy>,
    submits_itself: bool,
    handed: BTreeMap<Address, Handed>,
    /// `None` once it has ended.
    mixes: BTreeMap<MixOf, Option<Receiver<Ending>>>,
    unrelayed: Vec<Order>,
}

impl Errands {
    pub fn new(envoy: impl Envoy, submits_itself: bool) -> Self {
        let (handed, mixes) = (BTreeMap::new(), BTreeMap::new());
        Self { envoy: Box::new(envoy), submits_itself, handed, mixes, unrelayed: Vec::new() }
    }

    /// Whether something of the account is on its way, or not yet in the market that the agent sees.
    pub fn is_busy(&self, account: Address) -> bool {
        self.handed.contains_key(&account) || self.unrelayed.iter().any(|order| is_of(order, account))
    }

    /// Whether a mix goes on.
    pub fn is_mixing(&self, mix: MixOf) -> bool {
        self.mixes.get(&mix).is_some_and(Option::is_some)
    }

    /// Whether a mix was begun.
    pub fn has_mixed(&self, mix: MixOf) -> bool {
        self.mixes.contains_key(&mix)
    }

    pub fn mix(&mut self, mix: MixOf, invitation: Invitation) {
        let told = self.envoy.mix(invitation);
        self.mixes.insert(mix, Some(told));
    }

    /// Lets go of mixes that have ended, of periods in which nothing is mixed any more.
    pub fn forget(&mut self, is_over: impl Fn(Period) -> bool) {
        self.mixes.retain(|((period, ..), _), told| told.is_some() || !is_over(*period));
    }

    pub fn hand_in(&mut self, account: Address, orders: Vec<Order>) {
        let Some(Order::Action(last)) = orders.last() else { return };
        let (nonce, deadline) = (last.by.nonce.saturating_add(1), last.by.deadline);
        let told = Some(self.envoy.hand_in(orders));
        self.handed.insert(account, Handed { told, nonce, deadline });
    }

    /// Hears what became of errands; returns what the agent is to submit itself.
    pub fn collect(&mut self, name: &str, market: &Market, now: u64) -> Vec<Intent> {
        self.collect_mixes(name);
        self.collect_orders(name, market, now);
        self.unrelayed.retain(|order| is_due(order, market, now));
        let submit = |order: &Order| Intent::new(format!("order {}", order.digest()), order.clone().into_call());
        self.unrelayed.iter().filter(|order| is_next(order, market)).map(submit).collect()
    }

    fn collect_mixes(&mut self, name: &str) {
        for ((of, way), mix) in &mut self.mixes {
            let ending = match mix.as_mut().map(Receiver::try_recv) {
                None | Some(Err(TryRecvError::Empty)) => continue,
                Some(Ok(ending)) => ending,
                Some(Err(TryRecvError::Closed)) => Ending::Failed("it was given up".to_owned()),
            };
            *mix = None;
            match ending {
                Ending::Mixed(crowd) => tracing::info!(name, ?of, ?way, crowd, "mixed"),
                // Everybody sees who gives, so that it does not matter who of them submits.
                Ending::NotRelayed(order) => self.unrelayed.push(*order),
                Ending::Failed(reason) => {
                    tracing::warn!(name, ?of, ?way, reason, "not mixed: hidden among nobody");
                }
            }
        }
    }

    fn collect_orders(&mut self, name: &str, market: &Market, now: u64) {
        for (account, handed) in &mut self.handed {
            let left = match handed.told.as_mut().map(Receiver::try_recv) {
                None | Some(Err(TryRecvError::Empty)) => continue,
                Some(Ok(left)) => left,
                Some(Err(TryRecvError::Closed)) => Vec::new(),
            };
            handed.told = None;
            if !left.is_empty() {
                // What was not carried out is wanted still, and signed anew.
                handed.nonce = market.nonce(*account);
                let (count, submits_itself) = (left.len(), self.submits_itself);
                tracing::warn!(name, %account, count, submits_itself, "no relay carried out some orders");
                if submits_itself {
                    self.unrelayed.extend(left);
                }
            }
        }
        let is_pending =
            |account: Address, handed: &Handed| market.nonce(account) < handed.nonce && now <= handed.deadline;
        self.handed.retain(|account, handed| handed.told.is_some() || is_pending(*account, handed));
    }
}

fn is_of(order: &Order, account: Address) -> bool {
    matches!(order, Order::Action(action) if action.by.account == account)
}

/// Whether the market may still take it, now or after others.
fn is_due(order: &Order, market: &Market, now: u64) -> bool {
    let is_open = match order {
        Order::Action(action) => action.by.nonce >= market.nonce(action.by.account),
        Order::Mix { .. } => is_next(order, market),
    };
    is_open && now <= order.deadline()
}

/// Whether every nonce in it is the next.
fn is_next(order: &Order, market: &Market) -> bool {
    match order {
        Order::Action(action) => action.by.nonce == market.nonce(action.by.account),
        Order::Mix { joint, .. } => {
            joint.inputs.iter().zip(&joint.nonces).all(|(input, nonce)| market.nonce(*input) == *nonce)
        }
    }
}
