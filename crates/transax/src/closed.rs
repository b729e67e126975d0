//! What is left of an offer of which nothing can become any more.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use units::{IntervalIndex, OfferId, OwnerId, Price, WattHours};

use crate::{Offer, Side};

/// Offers that are copied together when one of them is closed.
const CHUNK: usize = 1024;

/// What refusals name of an offer that is settled to its end, in 12 bytes: its owner and its last interval (3 bytes each,
/// the contract's 24 bits), its side (1), its price (5, the contract's 40 bits). Owners count from 1, so zeros are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Closed([u8; 12]);

impl Closed {
    const fn new(offer: &Offer) -> Self {
        let [_, o0, o1, o2] = offer.owner.0.to_be_bytes();
        let [_, e0, e1, e2] = offer.end.0.to_be_bytes();
        let [_, _, _, p0, p1, p2, p3, p4] = offer.price.0.to_be_bytes();
        let side = match offer.side {
            Side::Sell => 0,
            Side::Buy => 1,
        };
        Self([o0, o1, o2, e0, e1, e2, side, p0, p1, p2, p3, p4])
    }

    /// An offer that every check refuses for the reason for which it would refuse the one that there was: it is settled to
    /// its end and has nothing left, and spans no interval that is still to come.
    const fn offer(self) -> Option<Offer> {
        let Self([o0, o1, o2, e0, e1, e2, side, p0, p1, p2, p3, p4]) = self;
        let (owner, end) = (u32::from_be_bytes([0, o0, o1, o2]), IntervalIndex(u32::from_be_bytes([0, e0, e1, e2])));
        if owner == 0 {
            return None;
        }
        Some(Offer {
            energy: WattHours(0),
            traded: WattHours(0),
            settled: WattHours(0),
            price: Price(u64::from_be_bytes([0, 0, 0, p0, p1, p2, p3, p4])),
            start: end,
            end,
            next: end.next(),
            group: units::GroupId(0),
            owner: OwnerId(owner),
            side: if side == 0 { Side::Sell } else { Side::Buy },
        })
    }
}

/// Closed offers by number, in chunks that copies share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Closed>", into = "Vec<Closed>")]
pub(crate) struct ClosedOffers(Vec<Arc<Vec<Closed>>>);

impl ClosedOffers {
    /// Keeps what matters of an offer.
    pub(crate) fn insert(&mut self, id: OfferId, offer: &Offer) {
        let Some((chunk, place)) = place(id) else { return };
        while self.0.len() <= chunk {
            self.0.push(Arc::new(vec![Closed::default(); CHUNK]));
        }
        let chunk = self.0.get_mut(chunk).map(Arc::make_mut);
        if let Some(closed) = chunk.and_then(|chunk| chunk.get_mut(place)) {
            *closed = Closed::new(offer);
        }
    }

    /// What is known of an offer, where it was closed.
    pub(crate) fn get(&self, id: OfferId) -> Option<Offer> {
        let (chunk, place) = place(id)?;
        self.0.get(chunk)?.get(place)?.offer()
    }
}

/// Chunk, and place in it.
fn place(id: OfferId) -> Option<(usize, usize)> {
    let place = usize::try_from(id.0.checked_sub(1)?).ok()?;
    Some((place.checked_div(CHUNK)?, place.checked_rem(CHUNK)?))
}

impl From<Vec<Closed>> for ClosedOffers {
    fn from(all: Vec<Closed>) -> Self {
        let whole = |chunk: &[Closed]| {
            let vacant = std::iter::repeat(Closed::default());
            Arc::new(chunk.iter().copied().chain(vacant).take(CHUNK).collect())
        };
        Self(all.chunks(CHUNK).map(whole).collect())
    }
}

impl From<ClosedOffers> for Vec<Closed> {
    fn from(offers: ClosedOffers) -> Self {
        offers.0.iter().flat_map(|chunk| chunk.iter().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use units::GroupId;

    use super::*;

    fn offer(owner: u32, end: u32, price: u64, side: Side) -> Offer {
        Offer {
            energy: WattHours(7),
            traded: WattHours(3),
            settled: WattHours(7),
            price: Price(price),
            start: IntervalIndex(end.saturating_sub(2)),
            end: IntervalIndex(end),
            next: IntervalIndex(end + 1),
            group: GroupId(3),
            owner: OwnerId(owner),
            side,
        }
    }

    #[test]
    fn of_a_closed_offer_all_is_known_that_refusals_name() {
        let mut closed = ClosedOffers::default();
        let offers = [
            (1, offer(1, 0, 0, Side::Sell)),
            (1024, offer(0xff_ffff, 0xff_fffe, 0xff_ffff_ffff, Side::Buy)),
            (1025, offer(0x01_0203, 0x04_0506, 0x07_0809_0a0b, Side::Sell)),
        ];
        for (id, offer) in &offers {
            closed.insert(OfferId(*id), offer);
        }
        for (id, offer) in offers {
            let known = closed.get(OfferId(id)).unwrap();
            let facts = |offer: &Offer| (offer.owner, offer.side, offer.price, offer.end, offer.next, offer.is_done());
            assert_eq!(facts(&known), facts(&offer));
            assert!(known.escrow().0 == 0 && known.remaining() == WattHours(0));
        }
        assert_eq!([0, 2, 1026, u32::MAX].map(|id| closed.get(OfferId(id))), [None, None, None, None]);
    }

    #[test]
    fn a_copy_shares_all_but_what_changes() {
        let mut closed = ClosedOffers::default();
        closed.insert(OfferId(1), &offer(1, 5, 9, Side::Buy));
        closed.insert(OfferId(2000), &offer(1, 5, 9, Side::Buy));
        let before = closed.clone();
        closed.insert(OfferId(2001), &offer(2, 6, 9, Side::Buy));
        assert!(Arc::ptr_eq(&before.0[0], &closed.0[0]) && !Arc::ptr_eq(&before.0[1], &closed.0[1]));
        assert_eq!(before.get(OfferId(2001)), None);
    }

    #[test]
    fn they_take_twelve_bytes_each_when_written_down() {
        let mut closed = ClosedOffers::default();
        closed.insert(OfferId(3000), &offer(1, 5, u64::from(u32::MAX), Side::Buy));
        let bytes = postcard::to_allocvec(&closed).unwrap();
        assert_eq!(bytes.len(), 2 + 3 * CHUNK * 12);
        assert_eq!(postcard::from_bytes::<ClosedOffers>(&bytes), Ok(closed));
    }
}
