//! What words on the command line mean: energy, prices, limits, intervals and times.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use units::{IntervalIndex, Money, Price, WattHours};

/// The contracts count intervals in 24 bits.
pub const LAST_INTERVAL: u32 = (1 << 24) - 1;
/// The contracts hold single amounts of energy in 32 bits; the greatest stands for "no limit".
pub const MOST_ENERGY: u32 = u32::MAX - 1;
/// The contracts hold a price in 40 bits.
const HIGHEST_PRICE: u128 = (1 << 40) - 1;
/// The contracts hold an amount of money in 96 bits.
const MOST_MONEY: u128 = (1 << 96) - 1;

/// A decimal number as it was written, before it is known how many digits the token has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: u128,
    places: u8,
}

impl Decimal {
    /// The price in base units per kWh of a token with so many `decimals`.
    pub fn price(self, decimals: u8) -> Result<Price, String> {
        let units = self.base_units(decimals)?;
        let price = u64::try_from(units).ok().filter(|_| units <= HIGHEST_PRICE);
        price.map(Price).ok_or_else(|| format!("{units} base units per kWh is more than a contract's 40 bits hold"))
    }

    /// The amount in base units of a token with so many `decimals`.
    pub fn money(self, decimals: u8) -> Result<Money, String> {
        let units = self.base_units(decimals)?;
        if units > MOST_MONEY {
            return Err(format!("{units} base units is more than a contract's 96 bits hold"));
        }
        Ok(Money(units))
    }

    /// The price of work in base units of a token with so many `decimals`, which MODiCuM's contract holds in 64 bits.
    pub fn job_price(self, decimals: u8) -> Result<u64, String> {
        let units = self.base_units(decimals)?;
        u64::try_from(units)
            .map_err(|_| format!("{units} base units is more than a contract's 64 bits hold for a price"))
    }

    /// Whether it is no amount at all.
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    fn base_units(self, decimals: u8) -> Result<u128, String> {
        let shift = decimals
            .checked_sub(self.places)
            .ok_or_else(|| format!("{} digits after the point, but the token has only {decimals}", self.places))?;
        10_u128
            .checked_pow(shift.into())
            .and_then(|scale| self.digits.checked_mul(scale))
            .ok_or_else(|| "the number is too large".to_owned())
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || text.ends_with('.') || !is_number(whole) || !is_number(fraction) {
            return Err("give a plain decimal number such as 0.24".to_owned());
        }
        let places = u8::try_from(fraction.len()).map_err(|_| "too many digits after the point".to_owned())?;
        let digits = format!("{whole}{fraction}").parse().map_err(|_| "the number is too large".to_owned())?;
        Ok(Self { digits, places })
    }
}

/// Limits of a group: `internal:external`, each in Wh an interval or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most that may be sold, and the most that may be bought.
    pub internal: Option<WattHours>,
    /// The most by which the two may differ.
    pub external: Option<WattHours>,
}

impl FromStr for Limits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (internal, external) =
            text.split_once(':').ok_or("give INTERNAL:EXTERNAL in Wh an interval, such as 20000:5000 or none:5000")?;
        Ok(Self { internal: limit(internal)?, external: limit(external)? })
    }
}

/// A limit in Wh an interval, or `none`.
pub fn limit(text: &str) -> Result<Option<WattHours>, String> {
    if text == "none" {
        return Ok(None);
    }
    let energy: u32 = text.parse().map_err(|_| format!("'{text}' is neither a number of Wh nor 'none'"))?;
    if energy > MOST_ENERGY {
        return Err(format!("a limit is at most {MOST_ENERGY} Wh; write 'none' for no limit"));
    }
    Ok(Some(WattHours(energy.into())))
}

/// An interval: its index, or one counted from the next that can be traded, `next` or `next+3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// By its index.
    Index(IntervalIndex),
    /// So many after the next one that can be traded.
    Next(u32),
}

impl When {
    /// The interval meant while `next` is the next one that can be traded.
    pub fn resolve(self, next: IntervalIndex) -> IntervalIndex {
        match self {
            Self::Index(interval) => interval,
            Self::Next(ahead) => IntervalIndex(next.0.saturating_add(ahead)),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bounded = |number: &str| {
            let number: u32 = number.parse().map_err(|_| "give an interval's index, 'next' or 'next+3'".to_owned())?;
            if number > LAST_INTERVAL {
                return Err(format!("intervals are counted up to {LAST_INTERVAL}"));
            }
            Ok(number)
        };
        match text.strip_prefix("next") {
            Some("") => Ok(Self::Next(0)),
            Some(ahead) => Ok(Self::Next(bounded(ahead.strip_prefix('+').unwrap_or_default())?)),
            None => Ok(Self::Index(IntervalIndex(bounded(text)?))),
        }
    }
}

/// When interval 0 starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genesis {
    /// Unix seconds.
    At(u64),
    /// Seconds after the chain's latest block.
    After(u64),
}

impl Genesis {
    /// Unix seconds, while the chain's latest block has the time `now`.
    pub const fn resolve(self, now: u64) -> u64 {
        match self {
            Self::At(time) => time,
            Self::After(seconds) => now.saturating_add(seconds),
        }
    }
}

impl FromStr for Genesis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help = "give a time such as 2026-11-20T06:00:00Z, or +900 or +15m from now";
        if let Some(ahead) = text.strip_prefix('+') {
            let seconds = ahead.parse().ok().or_else(|| {
                ahead.parse::<SignedDuration>().ok().and_then(|duration| u64::try_from(duration.as_secs()).ok())
            });
            return seconds.map(Self::After).ok_or_else(|| help.to_owned());
        }
        let time: Timestamp = text.parse().map_err(|_| help.to_owned())?;
        u64::try_from(time.as_second()).map(Self::At).map_err(|_| "the time lies before 1970".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_price_becomes_base_units() {
        let price = |text: &str| text.parse::<Decimal>().and_then(|decimal| decimal.price(6));
        assert_eq!(price("0.24"), Ok(Price(240_000)));
        assert_eq!(price("1"), Ok(Price(1_000_000)));
        assert_eq!(price("0.000001"), Ok(Price(1)));
        assert!(price("0.0000001").expect_err("too fine").contains("the token has only 6"));
        assert!(price("1099512").expect_err("over 40 bits").contains("40 bits"));
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_refused() {
        for text in ["", ".5", "5.", "-1", "1e3", "0,24", "1.2.3", "0x10", " 1"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        assert!("1".repeat(60).parse::<Decimal>().is_err());
    }

    #[test]
    fn money_fits_96_bits() {
        let huge: Decimal = "79228162514264337593543950336".parse().expect("a number");
        assert!(huge.money(0).is_err());
        assert!(huge.money(18).is_err());
        assert_eq!("2.5".parse::<Decimal>().expect("a number").money(6), Ok(Money(2_500_000)));
    }

    #[test]
    fn a_group_has_two_limits_or_none() {
        let both = Limits { internal: Some(WattHours(20_000)), external: Some(WattHours(0)) };
        assert_eq!("20000:0".parse(), Ok(both));
        assert_eq!("none:none".parse(), Ok(Limits { internal: None, external: None }));
        for text in ["5", "5:", ":5", "a:5", "5:5:5", "4294967295:1", "-1:1"] {
            assert!(text.parse::<Limits>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_interval_counts_from_genesis_or_from_the_next() {
        let at = |text: &str| text.parse::<When>().map(|when| when.resolve(IntervalIndex(10)));
        assert_eq!(at("57"), Ok(IntervalIndex(57)));
        assert_eq!(at("next"), Ok(IntervalIndex(10)));
        assert_eq!(at("next+3"), Ok(IntervalIndex(13)));
        for text in ["", "-1", "next-1", "next+", "soon", "16777216"] {
            assert!(at(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_genesis_is_a_time_or_a_delay() {
        assert_eq!("1970-01-01T01:00:00Z".parse(), Ok(Genesis::At(3600)));
        assert_eq!("+900".parse(), Ok(Genesis::After(900)));
        assert_eq!("+15m".parse(), Ok(Genesis::After(900)));
        assert_eq!(Genesis::After(900).resolve(100), 1000);
        for text in ["900", "+", "+-5", "tomorrow", "1960-01-01T00:00:00Z"] {
            assert!(text.parse::<Genesis>().is_err(), "{text}");
        }
    }
}
