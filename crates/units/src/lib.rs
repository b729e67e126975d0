#![doc = include_str!("../README.md")]

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident($inner:ty), $suffix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// The bare number.
            #[inline]
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{}", $suffix), self.0)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}

unit!(
    /// An amount of energy, whole watt-hours. The contracts hold single amounts in 32 bits and sums in 48.
    WattHours(u64), " Wh"
);
unit!(
    /// A price, base units of the payment token per kilowatt-hour. The contracts hold it in 40 bits.
    Price(u64), "/kWh"
);
unit!(
    /// An amount of money, base units of the payment token. The contracts hold it in 96 bits.
    Money(u128), ""
);
unit!(
    /// A trading interval, counted from the market's genesis. The contracts hold it in 24 bits.
    IntervalIndex(u32), ""
);
unit!(
    /// An offer's number, from 1.
    OfferId(u32), ""
);
unit!(
    /// A group of feeders, from 0.
    GroupId(u16), ""
);
unit!(
    /// A registered account's number as an owner of offers, from 1. The contracts hold it in 24 bits.
    OwnerId(u32), ""
);

impl Price {
    /// What `energy` costs at this price, rounded down to a base unit.
    pub fn cost_rounded_down(self, energy: WattHours) -> Money {
        Money(u128::from(energy.0) * u128::from(self.0) / 1000)
    }

    /// What `energy` costs at this price, rounded up.
    pub fn cost_rounded_up(self, energy: WattHours) -> Money {
        Money((u128::from(energy.0) * u128::from(self.0)).div_ceil(1000))
    }
}

impl IntervalIndex {
    /// The interval after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_rounds_once() {
        assert_eq!(Price(999).cost_rounded_down(WattHours(1)), Money(0));
        assert_eq!(Price(1000).cost_rounded_down(WattHours(1)), Money(1));
        assert_eq!([999, 1000, 1001].map(|price| Price(price).cost_rounded_up(WattHours(1))), [1, 1, 2].map(Money));
    }
}
