//! Every offer that there is, by number and by owner.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize};
use units::{IntervalIndex, OfferId, OwnerId};

use crate::{Offer, closed::ClosedOffers};

/// Offers in full, and what is left of those that were closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OfferBook {
    /// How many were ever posted, which is also the number of the last.
    posted: u32,
    known: BTreeMap<OfferId, Offer>,
    by_owner: BTreeMap<OwnerId, Vec<OfferId>>,
    closed: ClosedOffers,
}

impl OfferBook {
    /// How many were ever posted.
    pub(crate) fn posted(&self) -> usize {
        // The contract counts offers in 32 bits.
        usize::try_from(self.posted).unwrap_or(usize::MAX)
    }

    /// Takes in the next one.
    pub(crate) fn push(&mut self, offer: Offer) {
        self.posted = self.posted.saturating_add(1);
        let id = OfferId(self.posted);
        self.by_owner.entry(offer.owner).or_default().push(id);
        self.known.insert(id, offer);
    }

    /// Those that are known in full, by number.
    pub(crate) fn known(&self) -> impl DoubleEndedIterator<Item = (OfferId, &Offer)> + ExactSizeIterator {
        self.known.iter().map(|(id, offer)| (*id, offer))
    }

    /// One that is known in full.
    pub(crate) fn get(&self, id: OfferId) -> Option<&Offer> {
        self.known.get(&id)
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, id: OfferId) -> Option<&mut Offer> {
        self.known.get_mut(&id)
    }

    /// One that was ever posted; of one that was closed what refusals name, settled to its end and with nothing left.
    pub(crate) fn find(&self, id: OfferId) -> Option<Cow<'_, Offer>> {
        self.get(id).map(Cow::Borrowed).or_else(|| self.closed.get(id).map(Cow::Owned))
    }

    /// Those of an owner that are known in full, by number.
    pub(crate) fn of(&self, owner: OwnerId) -> impl Iterator<Item = (OfferId, &Offer)> {
        let ids = self.by_owner.get(&owner).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| Some((*id, self.get(*id)?)))
    }

    /// Closes what is settled to its end, where that lies before `next`. Linear in the offers known in full.
    pub(crate) fn close_before(&mut self, next: IntervalIndex) {
        let Self { known, by_owner, closed, .. } = self;
        known.retain(|id, offer| {
            if !offer.is_done() || offer.end >= next {
                return true;
            }
            closed.insert(*id, offer);
            if let Some(ids) = by_owner.get_mut(&offer.owner) {
                ids.retain(|own| own != id);
                if ids.is_empty() {
                    by_owner.remove(&offer.owner);
                }
            }
            false
        });
    }

    /// The intervals before `next` that some offer spans and is not settled in.
    pub(crate) fn unsettled_before(&self, next: IntervalIndex) -> BTreeSet<IntervalIndex> {
        let spans = self.known.values().map(|offer| offer.next.0..offer.end.next().0.min(next.0));
        spans.flatten().map(IntervalIndex).collect()
    }
}
