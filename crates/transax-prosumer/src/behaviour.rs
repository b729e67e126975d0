//! What a prosumer offers.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use bindings::Call;
use households::{Posted, Resident, Traded, Wanted};
use runtime::Intent;
use transax::{Market, Membership, Params, Side};
use units::{IntervalIndex, Price, WattHours};

/// Where offers come from.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// A household decides, interval by interval.
    Home(Box<Resident>),
    /// They were recorded.
    Recorded(Recorded),
}

/// Offers that were made beforehand, each posted when its time comes near.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The offers.
    pub offers: Vec<RecordedOffer>,
    /// How many intervals before its first one becomes the market's next an offer is posted.
    pub ahead: u32,
}

/// An offer that is to be posted, under a name that says which it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) key: String,
    pub(crate) offer: RecordedOffer,
}

impl Wish {
    /// Posted by the registered account itself, before its first interval is settled.
    pub(crate) fn intent(self, params: &Params) -> Intent {
        let RecordedOffer { side, energy, price, start, end } = self.offer;
        let post = Intent::new(self.key, Call::PostOffer { side, energy, price, start, end });
        post.until(params.finalizable_at(start))
    }
}

/// One offer of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedOffer {
    /// Sell or buy.
    pub side: Side,
    /// Energy in all.
    pub energy: WattHours,
    /// Reservation price.
    pub price: Price,
    /// First interval.
    pub start: IntervalIndex,
    /// Last interval.
    pub end: IntervalIndex,
}

impl Behaviour {
    /// How many intervals past the market's next one its offers may reach soon.
    pub fn reach(&self) -> u32 {
        match self {
            // An hour of quarters: as long as offers from a battery stand.
            Self::Home(_) => 4,
            Self::Recorded(recorded) => {
                let spans = recorded.offers.iter().map(|offer| offer.end.0.saturating_sub(offer.start.0));
                recorded.ahead.saturating_add(spans.max().unwrap_or(0))
            }
        }
    }

    /// What is to be posted now and is not yet. `groups`: where the account's meter belongs; no offer spans a move.
    pub(crate) fn offers(&mut self, market: &Market, now: u64, account: Address, groups: &Membership) -> Vec<Wish> {
        let next = market.next_interval(now);
        match self {
            Self::Home(resident) => wanted(resident, market, now, &[account], |start, end| groups.stretch(start, end)),
            Self::Recorded(recorded) => recorded.due(market, next, account, groups),
        }
    }
}

impl Recorded {
    fn due(&self, market: &Market, next: IntervalIndex, account: Address, groups: &Membership) -> Vec<Wish> {
        let due = self.not_posted(market, account, groups).into_iter().filter(|(_, offer)| {
            let is_near = offer.start.0 <= next.0.saturating_add(self.ahead);
            offer.end >= next && is_near
        });
        let intents = due.map(|(place, offer)| {
            let offer = RecordedOffer { start: offer.start.max(next), ..offer };
            Wish { key: format!("offer {place} of the record, from interval {}", offer.start), offer }
        });
        intents.collect()
    }

    /// Offers that the market does not show, with their places. Offers may be alike but for their start, and one that was
    /// posted late starts later than recorded: what was posted goes to the offers of its very start first, then to earlier
    /// ones, which are all as late as each other.
    fn not_posted(&self, market: &Market, account: Address, groups: &Membership) -> Vec<(usize, RecordedOffer)> {
        let mut posted: BTreeMap<_, Vec<IntervalIndex>> = BTreeMap::new();
        for (_, offer) in market.offers_of(account) {
            posted.entry((offer.side, offer.energy, offer.price, offer.end)).or_default().push(offer.start);
        }
        let numbered = self.offers.iter().enumerate();
        let mut left: Vec<_> = numbered
            .flat_map(|(place, offer)| offer.within(groups).into_iter().map(move |part| (place, part)))
            .collect();
        for is_of in [|posted, recorded| posted == recorded, |posted: IntervalIndex, recorded| posted > recorded] {
            left.retain(|(_, offer)| {
                let starts = posted.get_mut(&(offer.side, offer.energy, offer.price, offer.end));
                let place = starts.as_ref().and_then(|all| all.iter().position(|start| is_of(*start, offer.start)));
                starts.zip(place).map(|(starts, place)| starts.swap_remove(place)).is_none()
            });
        }
        left
    }
}

impl RecordedOffer {
    /// The offer, or where the home moves to another group meanwhile one for each group, with a share of the energy that
    /// follows from how many of the intervals it has.
    fn within(self, groups: &Membership) -> Vec<Self> {
        let (mut parts, mut rest) = (Vec::new(), self);
        loop {
            let end = groups.stretch(rest.start, rest.end);
            if end >= rest.end {
                break;
            }
            let intervals = |first: IntervalIndex, last: IntervalIndex| u64::from(last.0 - first.0 + 1);
            let (of_part, of_rest) = (intervals(rest.start, end), intervals(rest.start, rest.end));
            let energy = WattHours(rest.energy.0 * of_part / of_rest);
            parts.push(Self { energy, end, ..rest });
            rest = Self { energy: WattHours(rest.energy.0 - energy.0), start: end.next(), ..rest };
        }
        parts.push(rest);
        parts.retain(|part| part.energy.0 > 0);
        parts
    }
}

/// What a home wants that is not posted yet, by any of its accounts. `cut`: the last interval of `start..=end` that an offer
/// may reach.
pub(crate) fn wanted(
    resident: &mut Resident,
    market: &Market,
    now: u64,
    accounts: &[Address],
    cut: impl Fn(IntervalIndex, IntervalIndex) -> IntervalIndex,
) -> Vec<Wish> {
    let next = market.next_interval(now);
    let traded = Traded::of(market, accounts);
    // The last interval that has begun goes on; those before it have been measured.
    let running = IntervalIndex(market.params().first_not_begun(now).0.saturating_sub(1));
    if let Err(error) = resident.catch_up(running, &traded) {
        tracing::error!(account = ?accounts.first(), %error, "the home's profile cannot be run; nothing is offered");
        return Vec::new();
    }
    let all = || accounts.iter().flat_map(|account| market.offers_of(*account));
    let offers = || all().map(|(_, offer)| offer).filter(|offer| offer.end >= next);
    // What it wants for an interval follows from what was posted before, so asking again gives the same.
    let earlier: Vec<_> = offers()
        .filter(|offer| offer.start < next)
        .map(|offer| Posted { side: offer.side, remaining: offer.remaining(), start: offer.start, end: offer.end })
        .collect();
    let wanted = resident.household().wanted(next, &traded, &earlier).into_iter();
    let wanted = wanted.map(|wanted| Wanted { end: cut(wanted.start, wanted.end), ..wanted });
    // In the last interval offers of PV and of the battery have the same span, and only their prices differ.
    let is_posted = |wanted: &Wanted| {
        let Wanted { side, price, start, end, .. } = *wanted;
        offers().any(|offer| (offer.side, offer.price, offer.start, offer.end) == (side, price, start, end))
    };
    let missing = wanted.filter(|offer| !is_posted(offer)).map(|offer| {
        let Wanted { side, energy, price, start, end } = offer;
        let key = format!("{side:?} offer at {price} for intervals {start} to {end}");
        Wish { key, offer: RecordedOffer { side, energy, price, start, end } }
    });
    missing.collect()
}
