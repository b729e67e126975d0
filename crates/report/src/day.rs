//! A day's figures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a day of trading came to; the keys of `report.json`, energies in Wh, money in base units of the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayReport {
    /// Where the data is from.
    pub data: String,
    /// How many prosumers took part.
    pub prosumers: usize,
    /// How many intervals were traded.
    pub intervals: usize,
    /// How many offers were posted.
    pub offers: usize,
    /// Energy offered for sale.
    pub offered_sell_wh: u64,
    /// Energy asked for.
    pub offered_buy_wh: u64,
    /// Energy in final trades.
    pub traded_wh: u64,
    /// The most that could have been traded, had all offers been known at the start.
    pub optimum_wh: u64,
    /// Broken promises found by an independent check of what was finalised.
    pub violations: u64,
    /// Gas of all transactions.
    pub gas_total: u64,
    /// Solutions that became the candidate, by solver.
    pub solutions_by_solver: BTreeMap<String, u64>,
    /// Intervals that were never made final, with trades or without.
    #[serde(default)]
    pub missed_intervals: u64,
    /// Each interval, in order.
    pub series: Vec<IntervalFigures>,
    /// Each prosumer's account of the day.
    pub bills: Vec<BillFigures>,
    /// Name and decimals of the token.
    pub token: Token,
}

/// What one interval came to, Wh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntervalFigures {
    /// The interval; 0 starts at midnight.
    pub interval: u32,
    /// Energy for sale: see [`series`](crate::series) on offers that span intervals.
    pub offered_sell_wh: u64,
    /// Energy asked for.
    pub offered_buy_wh: u64,
    /// Energy in final trades.
    pub traded_wh: u64,
}

/// What one prosumer traded, was measured at, and owes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillFigures {
    /// Who.
    pub prosumer: String,
    /// Energy sold on the market, Wh.
    pub sold_wh: u64,
    /// Energy bought on the market, Wh.
    pub bought_wh: u64,
    /// Received for energy sold, base units.
    pub earned: u128,
    /// Paid for energy bought, base units.
    pub paid: u128,
    /// Energy from the DSO beyond what was traded, Wh.
    pub from_dso_wh: u64,
    /// Energy to the DSO beyond what was traded, Wh.
    pub to_dso_wh: u64,
    /// The DSO's bill, base units: positive is owed to the DSO.
    pub bill: i128,
}

/// The token's name and how many decimals its base unit has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Short name.
    pub symbol: String,
    /// A token is 10^decimals base units.
    pub decimals: u8,
}

impl Default for Token {
    fn default() -> Self {
        Self { symbol: "EUR".to_owned(), decimals: 6 }
    }
}

impl DayReport {
    /// Traded energy as a share of the optimum, in hundredths of a percent rounded down; full where nothing could be.
    pub fn traded_per_myriad(&self) -> u64 {
        if self.optimum_wh == 0 {
            return 10_000;
        }
        let share = u128::from(self.traded_wh) * 10_000 / u128::from(self.optimum_wh);
        u64::try_from(share).unwrap_or(u64::MAX)
    }
}

impl Token {
    /// An amount in whole tokens with `places` decimals (at most all there are), rounded half away from zero.
    pub fn format(&self, amount: i128, places: u8) -> String {
        let places = places.min(self.decimals);
        let dropped = 10_u128.pow(u32::from(self.decimals - places));
        let rounded = (amount.unsigned_abs() + dropped / 2) / dropped;
        let sign = if amount < 0 && rounded > 0 { "-" } else { "" };
        let whole = 10_u128.pow(u32::from(places));
        match places {
            0 => format!("{sign}{rounded}"),
            _ => format!("{sign}{}.{:0width$}", rounded / whole, rounded % whole, width = usize::from(places)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_starts_with_the_agreed_keys_in_order() {
        let json = serde_json::to_string(&DayReport::default()).unwrap();
        let agreed = "{\"data\":\"\",\"prosumers\":0,\"intervals\":0,\"offers\":0,\"offered_sell_wh\":0,\"offered_buy_wh\":0,\
            \"traded_wh\":0,\"optimum_wh\":0,\"violations\":0,\"gas_total\":0,\"solutions_by_solver\":{},";
        assert!(json.starts_with(agreed), "{json}");
        assert_eq!(serde_json::from_str::<DayReport>(&json).unwrap(), DayReport::default());
    }

    #[test]
    fn money_is_shown_in_tokens_rounded_half_away_from_zero() {
        let token = Token::default();
        for (amount, shown) in
            [(0, "0.00"), (1_234_567, "1.23"), (-1_235_000, "-1.24"), (-4_999, "0.00"), (995_000, "1.00")]
        {
            assert_eq!(token.format(amount, 2), shown);
        }
        assert_eq!(token.format(-1, 6), "-0.000001");
        assert_eq!(token.format(1_500_000, 0), "2");
        assert_eq!(Token { symbol: String::new(), decimals: 2 }.format(5, 6), "0.05");
    }

    #[test]
    fn a_day_without_possible_trades_is_complete() {
        assert_eq!(DayReport::default().traded_per_myriad(), 10_000);
        let report = DayReport { traded_wh: 971, optimum_wh: 1_000, ..DayReport::default() };
        assert_eq!(report.traded_per_myriad(), 9_710);
    }
}
