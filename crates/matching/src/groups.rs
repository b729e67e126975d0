//! What groups trade in an interval, within their limits.

use transax::Side;

use crate::{Problem, book::Book, cells::place, flow::amount, network::AMPLE};

/// A group's sums and limits, Wh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// Sold and bought.
    pub sums: [i64; 2],
    pub internal: i64,
    pub external: i64,
}

/// A book's groups, as it has them.
#[derive(Clone, Debug)]
pub(crate) struct Groups(Vec<Group>);

impl Groups {
    /// None of them trades yet.
    pub fn new(problem: &Problem, book: &Book) -> Self {
        let groups = book.groups.iter().map(|group| {
            let limits = problem.limits(*group);
            let [internal, external] =
                [limits.internal, limits.external].map(|limit| limit.map_or(AMPLE, |limit| amount(limit.0)));
            Group { sums: [0; 2], internal, external }
        });
        Self(groups.collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
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
