//! What groups trade in an interval, within their limits.

use transax::Side;
use units::GroupId;

use crate::{Problem, book::Book, cells::place, flow::amount, network::AMPLE};

/// A group's sums and limits, Wh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    id: GroupId,
    /// Sold and bought.
    pub sums: [i64; 2],
    pub internal: i64,
    pub external: i64,
}

/// The groups that a book knows, ascending by number.
#[derive(Clone, Debug)]
pub(crate) struct Groups(Vec<Group>);

impl Groups {
    /// None of them trades yet.
    pub fn new(problem: &Problem, book: &Book) -> Self {
        // A bit for every group that there can be: entries are many, and this is done for every book.
        let mut known = [0_u64; 1 << 10];
        for GroupId(id) in book.entries.iter().map(|entry| entry.group) {
            known[usize::from(id >> 6)] |= 1 << (id & 63);
        }
        let ids = (0..=u16::MAX).step_by(64).zip(known).filter(|(_, bits)| *bits != 0);
        let ids =
            ids.flat_map(|(first, bits)| (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| first + bit));
        let groups = ids.map(GroupId).map(|id| {
            let limits = problem.limits(id);
            let [internal, external] =
                [limits.internal, limits.external].map(|limit| limit.map_or(AMPLE, |limit| amount(limit.0)));
            Group { id, sums: [0; 2], internal, external }
        });
        Self(groups.collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Where a group of the book stands.
    pub fn place_of(&self, group: GroupId) -> usize {
        self.0.partition_point(|known| known.id < group)
    }

    pub fn at(&self, place: usize) -> Group {
        self.0[place]
    }

    pub fn each(&self) -> impl Iterator<Item = Group> {
        self.0.iter().copied()
    }

    /// Lets a group trade so much more.
    pub fn add(&mut self, group: usize, side: Side, energy: i64) {
        self.0[group].sums[place(side)] += energy;
    }

    /// How much more one group can sell to another, or to itself.
    pub fn room_between(&self, seller: usize, buyer: usize) -> i64 {
        if seller == buyer {
            return self.0[seller].room([1, 1]);
        }
        self.0[seller].room([1, 0]).min(self.0[buyer].room([0, 1]))
    }
}

impl Group {
    /// How often these changes of what is sold and bought fit.
    pub fn room(self, [sells, buys]: [i64; 2]) -> i64 {
        let [sold, bought] = self.sums;
        let fits = |left: i64, change: i64| if change > 0 { left / change } else { AMPLE };
        let (exports, export) = (sold - bought, sells - buys);
        let external = fits(self.external - exports, export).min(fits(self.external + exports, -export));
        fits(self.internal - sold, sells).min(fits(self.internal - bought, buys)).min(external)
    }

    /// Whether it can sell, or buy, no more in any way.
    pub fn is_full(self, side: Side) -> bool {
        self.sums[place(side)] >= self.internal
    }
}
