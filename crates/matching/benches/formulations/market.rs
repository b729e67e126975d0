//! Seeded markets.

use matching::{OpenOffer, Problem};
use transax::{GroupLimits, PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use crate::run::Method::{self, Auto, CompactCbc, CompactHighs, DenseCbc, First};

const GROUPS: u16 = 10;
/// The most energy of an offer, Wh; a thousand on average.
const MOST_ENERGY: u64 = 2_000;

/// A market, and how it is solved.
pub struct Case {
    pub name: &'static str,
    pub sells: u32,
    pub buys: u32,
    pub intervals: u32,
    /// How many prices there are.
    prices: u64,
    /// How many intervals an offer spans at most.
    most_sell_span: u32,
    most_buy_span: u32,
    pub methods: &'static [Method],
}

/// What is measured.
pub const CASES: [Case; 5] = [
    Case {
        name: "conflicting prices, small",
        sells: 100,
        buys: 100,
        intervals: 24,
        prices: 60,
        most_sell_span: 12,
        most_buy_span: 12,
        methods: &[DenseCbc, CompactCbc, CompactHighs, Auto],
    },
    Case {
        name: "conflicting prices",
        sells: 300,
        buys: 300,
        intervals: 48,
        prices: 100,
        most_sell_span: 12,
        most_buy_span: 12,
        methods: &[DenseCbc, CompactCbc, CompactHighs, Auto],
    },
    Case {
        name: "homes that buy by the interval",
        sells: 270,
        buys: 9_312,
        intervals: 96,
        prices: 60,
        most_sell_span: 24,
        most_buy_span: 1,
        methods: &[DenseCbc, CompactCbc, CompactHighs, Auto],
    },
    Case {
        name: "one price, 10,000 offers",
        sells: 5_000,
        buys: 5_000,
        intervals: 96,
        prices: 1,
        most_sell_span: 12,
        most_buy_span: 12,
        methods: &[CompactCbc, CompactHighs, Auto],
    },
    Case {
        name: "conflicting prices, 10,000 offers",
        sells: 5_000,
        buys: 5_000,
        intervals: 96,
        prices: 100,
        most_sell_span: 12,
        most_buy_span: 12,
        methods: &[CompactCbc, CompactHighs, First, Auto],
    },
];

impl Case {
    pub fn named(name: &str) -> Option<&'static Self> {
        CASES.iter().find(|case| case.name == name)
    }

    pub fn is_small(&self) -> bool {
        self.sells + self.buys < 1_000
    }

    /// The market: prices overlap by half of their range, and limits are four fifths and two fifths of what a group is
    /// offered in an interval on average, so that everything binds somewhere.
    pub fn problem(&self) -> Problem {
        let mut chance = Chance(0x5eed);
        let mut offers = Vec::new();
        for (side, count, most_span) in
            [(Side::Sell, self.sells, self.most_sell_span), (Side::Buy, self.buys, self.most_buy_span)]
        {
            for _ in 0..count {
                let start = chance.below(self.intervals.into());
                let span = chance.below(most_span.into());
                let dearer = if side == Side::Buy { self.prices / 2 } else { 0 };
                offers.push(OpenOffer {
                    side,
                    group: GroupId(u16::try_from(chance.below(GROUPS.into())).expect("few groups")),
                    price: Price(1 + dearer + chance.below(self.prices)),
                    start: index(start),
                    end: index((start + span).min(u64::from(self.intervals) - 1)),
                    remaining: WattHours(1 + chance.below(MOST_ENERGY)),
                });
            }
        }
        let offered = MOST_ENERGY / 2 * u64::from(self.sells.min(self.buys));
        let share = offered / (u64::from(GROUPS) * u64::from(self.intervals));
        let limits = GroupLimits { internal: Some(WattHours(share * 4 / 5)), external: Some(WattHours(share * 2 / 5)) };
        Problem {
            first: IntervalIndex(0),
            last: IntervalIndex(self.intervals - 1),
            offers: (1..).map(OfferId).zip(offers).collect(),
            groups: (0..GROUPS).map(|group| (GroupId(group), limits)).collect(),
            price_rule: PriceRule::Midpoint,
        }
    }
}

fn index(interval: u64) -> IntervalIndex {
    IntervalIndex(u32::try_from(interval).expect("few intervals"))
}

/// `SplitMix64`.
struct Chance(u64);

impl Chance {
    /// A number below `bound`, which is small, so that its bias does not matter.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
