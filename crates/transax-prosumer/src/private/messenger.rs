//! The envoy that goes over HTTP.

use std::time::Duration;

use bindings::{Call, Domain};
use coin_shuffle::{Outcome, Settings};
use mailbox::{Circle, Client};
use tokio::{
    runtime::Handle,
    sync::{
        oneshot::{self, Receiver},
        watch,
    },
};
use transax::LEAST_CROWD;
use transax_mixer::{Member, gather};
use transax_relay::{Order, Relays};

use super::{Ending, Envoy, Invitation};

/// Where homes of a group meet.
#[derive(Clone, Debug)]
pub struct Place {
    /// The address of a board, like `http://127.0.0.1:8700`.
    pub board: String,
    /// Who can read there.
    pub circle: Circle,
    /// How long a step of a mix may take; whoever says nothing for so long is left out. The first step always takes all of it.
    pub patience: Duration,
    /// How often the board is read.
    pub pause: Duration,
    /// The longest that orders of an account are kept back, at random: a home that is always quick would give its accounts
    /// away by that.
    pub spread: Duration,
}

/// Takes part in mixes at a board, and hands orders in at relays.
#[derive(Clone, Debug)]
pub struct Messenger {
    place: Place,
    relays: Relays,
    domain: Domain,
    tasks: Handle,
    under_way: watch::Sender<usize>,
}

impl Messenger {
    /// For the market of `domain`. Must be made within a Tokio runtime, which its errands run on.
    pub fn new(domain: Domain, place: Place, relays: Relays) -> Self {
        Self { place, relays, domain, tasks: Handle::current(), under_way: watch::Sender::new(0) }
    }

    /// How many errands are under way; of its clones too.
    pub fn under_way(&self) -> watch::Receiver<usize> {
        self.under_way.subscribe()
    }

    fn send<T: Send + 'static>(&self, errand: impl Future<Output = T> + Send + 'static) -> Receiver<T> {
        let (tell, told) = oneshot::channel();
        let gone = Gone::new(self.under_way.clone());
        self.tasks.spawn(async move {
            // Nobody listens any more where the agent has ended.
            let _ = tell.send(errand.await);
            drop(gone);
        });
        told
    }
}

impl Envoy for Messenger {
    fn hand_in(&mut self, orders: Vec<Order>) -> Receiver<Vec<Order>> {
        let (relays, delay) = (self.relays.clone(), drawn(self.place.spread));
        self.send(async move {
            tokio::time::sleep(delay).await;
            for (at, order) in orders.iter().enumerate() {
                if let Err(error) = relays.hand_in(order).await {
                    tracing::warn!(%error, "an order was not carried out");
                    return orders[at..].to_vec();
                }
            }
            Vec::new()
        })
    }

    fn mix(&mut self, invitation: Invitation) -> Receiver<Ending> {
        let (place, relays, domain) = (self.place.clone(), self.relays.clone(), self.domain);
        self.send(async move { mix(&place, &relays, domain, invitation).await.unwrap_or_else(Ending::Failed) })
    }
}

async fn mix(place: &Place, relays: &Relays, domain: Domain, invitation: Invitation) -> Result<Ending, String> {
    let Invitation { key, terms, members, session, seed, outputs } = invitation;
    let settings = Settings {
        session,
        start: 0,
        patience: u64::try_from(place.patience.as_millis()).unwrap_or(u64::MAX),
        least: LEAST_CROWD,
        most: members.len(),
    };
    if members.len() < LEAST_CROWD {
        return Err(format!("only {} have withdrawn assets", members.len()));
    }
    let board = Client::new(&place.board, place.circle.clone(), &session).map_err(|error| error.to_string())?;
    let member = Member::new(key, domain, terms.clone(), members.clone());
    let outcome = gather(&board, settings, (member.id(), member), seed, outputs, place.pause).await;
    let joint = match outcome.map_err(|error| error.to_string())? {
        Outcome::Mixed(joint) => joint,
        Outcome::TooFew => return Err("too few were left".to_owned()),
        Outcome::Excluded => return Err("the others left this one out".to_owned()),
    };
    let Call::Mix { joint, signatures } = terms.call(&joint, &members).map_err(|error| error.to_string())? else {
        unreachable!("terms make joint transactions");
    };
    let crowd = joint.inputs.len();
    let order = Order::Mix { joint: *joint, signatures };
    match relays.hand_in(&order).await {
        Ok(_) => Ok(Ending::Mixed(crowd)),
        // Another one's relay may have been quicker; the market shows it.
        Err(error) if error.is_the_markets() => Err(error.to_string()),
        Err(_) => Ok(Ending::NotRelayed(Box::new(order))),
    }
}

/// At random, up to `longest`; nothing where there is no chance to be had, which posting to the board finds as well.
fn drawn(longest: Duration) -> Duration {
    let share = getrandom::u32().unwrap_or(0);
    longest.mul_f64(f64::from(share) / f64::from(u32::MAX))
}

/// Counts an errand until it is over, however it ends.
struct Gone(watch::Sender<usize>);

impl Gone {
    fn new(under_way: watch::Sender<usize>) -> Self {
        under_way.send_modify(|count| *count += 1);
        Self(under_way)
    }
}

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
