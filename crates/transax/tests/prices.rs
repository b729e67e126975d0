//! Price schedules: what they charge, what follows from their rules, and what is refused.

use alloy_primitives::Address;
use proptest::prelude::*;
use transax::{DayPeriod, Metered, Params, PriceBlock, PriceRule, PriceSchedule, TimeOfDay, bill_rounded_toward_zero};
use units::{IntervalIndex, Price, WattHours};

const EXAMPLE: &str = include_str!("../../../data/price-schedule.json");
/// A midnight, UTC.
const MIDNIGHT: u64 = 1_700_006_400;
const HOUR: u64 = 3600;

fn read(text: &str) -> Result<PriceSchedule, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn params(grid: u64, feed_in: u64) -> Params {
    Params {
        dso: Address::ZERO,
        token: Address::ZERO,
        genesis: MIDNIGHT,
        interval_seconds: 900,
        clear_intervals: 1,
        plan_horizon: 8,
        offer_horizon: 96,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(grid),
        feed_in_price: Price(feed_in),
    }
}

#[test]
fn the_example_charges_by_the_hour_and_by_the_size() {
    let prices = read(EXAMPLE).expect("the example is sound");
    let owed = |hour: u64, residual| prices.owed_rounded_toward_zero(MIDNIGHT + hour * HOUR, residual);
    // The clock is an hour ahead of UTC: 17:00 begins at 16:00.
    assert_eq!([15, 16, 19, 20].map(|hour| owed(hour, -1000)), [240_000, 330_000, 330_000, 240_000]);
    assert_eq!(owed(16, -500), 150_000);
    assert_eq!(owed(16, -3000), 150_000 + 540_000 + 480_000);
    assert_eq!(owed(16, 3000), -120_000 - 120_000);
    assert_eq!((owed(23, 1000), owed(16, 0)), (-80_000, 0));
    let text = serde_json::to_string(&prices).expect("plain data");
    assert_eq!(read(&text), Ok(prices));
}

#[test]
fn each_schedule_has_a_name_of_its_own() {
    let of = |text: &str| read(text).expect("sound").hash();
    let one = of(EXAMPLE);
    assert_eq!(one, of(EXAMPLE));
    for (from, to) in
        [("\"17:00\"", "\"17:01\""), ("2000", "2001"), ("480000", "480001"), ("minutes\": 60", "minutes\": 0")]
    {
        assert!(EXAMPLE.contains(from));
        assert_ne!(one, of(&EXAMPLE.replacen(from, to, 1)), "{from}");
    }
    assert_ne!(PriceSchedule::flat(&params(2, 1)).hash(), PriceSchedule::flat(&params(3, 1)).hash());
}

#[test]
fn what_makes_no_sense_or_pays_whoever_games_it_is_refused_with_the_reason() {
    let with = |grid: &str, feed_in: &str| {
        read(&format!(r#"{{"periods": [{{"from": "00:00", "grid": [{grid}], "feed_in": [{feed_in}]}}]}}"#))
    };
    let refused = |grid: &str, feed_in: &str| with(grid, feed_in).expect_err("refused");
    let (two, open) = (r#"{"up_to_wh": 5, "price": 2}"#, r#"{"price": 2}"#);
    assert!(with(open, open).is_ok() && with(&format!("{two}, {open}"), open).is_ok());
    assert!(refused("", open).contains("grid from 00:00: only the last block"));
    assert!(refused(open, two).contains("feed_in from 00:00: only the last block"));
    assert!(refused(&format!("{open}, {open}"), open).contains("only the last block"));
    assert!(refused(&format!("{two}, {two}, {open}"), open).contains("must rise"));
    assert!(refused(r#"{"up_to_wh": 0, "price": 2}, {"price": 2}"#, open).contains("must rise"));
    assert!(refused(&format!(r#"{two}, {{"price": 1}}"#), r#"{"price": 1}"#).contains("falls from 2/kWh to 1/kWh"));
    assert!(refused(open, &format!(r#"{two}, {{"price": 3}}"#)).contains("rises from 2/kWh to 3/kWh"));
    assert!(refused(open, r#"{"price": 3}"#).contains("bought and sold at once"));
    assert!(refused(r#"{"price": 1099511627776}"#, open).contains("40 bits"));
    assert!(refused(r#"{"price": 2, "colour": 1}"#, open).contains("unknown field `colour`"));
    assert!(refused(r#"{"price": -2}"#, open).contains("-2"));
    assert!(refused(r#"{"price": 2.5}"#, open).contains("2.5"));
}

#[test]
fn each_time_of_a_day_has_one_price() {
    let periods = |times: &[&str]| {
        let period = |time| format!(r#"{{"from": "{time}", "grid": [{{"price": 2}}], "feed_in": [{{"price": 1}}]}}"#);
        let periods: Vec<_> = times.iter().map(period).collect();
        read(&format!(r#"{{"periods": [{}]}}"#, periods.join(", ")))
    };
    assert!(periods(&["00:00", "06:30", "23:59"]).is_ok());
    let refused = |times: &[&str]| periods(times).expect_err("refused");
    assert!(refused(&[]).contains("must begin at 00:00"));
    assert!(refused(&["06:30"]).contains("must begin at 00:00"));
    assert!(refused(&["00:00", "07:00", "07:00"]).contains("from 07:00 does not come after"));
    for time in ["24:00", "12:60", "1:00", "12", "+1:00", "noon", ""] {
        assert!(refused(&["00:00", time]).contains("no time of day"), "{time}");
    }
    assert!(read(&EXAMPLE.replace(": 60,", ": 841,")).expect_err("refused").contains("841"));
    assert!(read(&EXAMPLE.replace("utc_offset", "offset")).expect_err("refused").contains("unknown field"));
}

fn readings() -> impl Strategy<Value = Vec<Metered>> {
    let amount = || (0..5000_u64).prop_map(WattHours);
    let one = (0..400_u32, -5000..5000_i64, (amount(), amount()), (amount(), amount()));
    let metered = |(interval, net_wh, withdrawn, deposited)| Metered {
        interval: IntervalIndex(interval),
        net_wh,
        withdrawn,
        deposited,
    };
    prop::collection::vec(one.prop_map(metered), 0..20)
}

/// Blocks with prices that step by these from the first one on; ends at these.
fn blocks(ends: &[u64], prices: &[u64]) -> Vec<PriceBlock> {
    let end = |place: usize| ends.get(place).map(|end| WattHours(*end));
    prices.iter().enumerate().map(|(place, price)| PriceBlock { up_to_wh: end(place), price: Price(*price) }).collect()
}

/// Any schedule with one period that is accepted.
fn accepted() -> impl Strategy<Value = PriceSchedule> {
    let ends = || prop::collection::btree_set(1..6000_u64, 0..4);
    (ends(), ends(), prop::collection::vec(0..1_000_000_u64, 10)).prop_map(|(grid, feed_in, mut prices)| {
        prices.sort_unstable();
        let (low, high) = prices.split_at(5);
        let falling: Vec<_> = low.iter().rev().take(feed_in.len() + 1).copied().collect();
        let period = DayPeriod {
            from: TimeOfDay::MIDNIGHT,
            grid: blocks(&grid.iter().copied().collect::<Vec<_>>(), &high[..=grid.len()]),
            feed_in: blocks(&feed_in.iter().copied().collect::<Vec<_>>(), &falling),
        };
        let made = PriceSchedule { utc_offset_minutes: 0, periods: vec![period] };
        let text = serde_json::to_string(&made).expect("plain data");
        serde_json::from_str(&text).expect("its rules are kept")
    })
}

fn rounded_toward_zero(price: u64, residual: i64) -> i128 {
    -i128::from(residual) * i128::from(price) / 1000
}

proptest! {
    #[test]
    fn a_flat_schedule_bills_the_contracts_two_prices(
        grid in 0..1_000_000_u64, feed_in in 0..1_000_000_u64, readings in readings(),
    ) {
        let params = params(grid, feed_in);
        let bill = bill_rounded_toward_zero(&params, &PriceSchedule::flat(&params), &readings);
        for line in &bill.lines {
            let price = if line.residual_wh < 0 { grid } else { feed_in };
            prop_assert_eq!(line.owed, rounded_toward_zero(price, line.residual_wh));
        }
        prop_assert_eq!(bill.owed, bill.lines.iter().map(|line| line.owed).sum::<i128>());
    }

    #[test]
    fn one_price_at_all_times_and_sizes_is_flat(
        grid in 0..1_000_000_u64, share in 0..=100_u64, readings in readings(),
        times in prop::collection::btree_set(1..1440_u16, 0..5), ends in prop::collection::btree_set(1..5000_u64, 0..5),
        offset in -840..=840_i16,
    ) {
        let params = params(grid, grid * share / 100);
        let ends: Vec<_> = ends.into_iter().collect();
        let alike = |price: Price| blocks(&ends, &vec![price.0; ends.len() + 1]);
        let period = |minutes: u16| DayPeriod {
            from: format!("{:02}:{:02}", minutes / 60, minutes % 60).try_into().expect("a time"),
            grid: alike(params.grid_price),
            feed_in: alike(params.feed_in_price),
        };
        let periods: Vec<_> = std::iter::once(0).chain(times).map(period).collect();
        let words = serde_json::to_string(&PriceSchedule { utc_offset_minutes: offset, periods }).expect("plain data");
        let varied = read(&words).expect("its rules are kept");
        let flat = bill_rounded_toward_zero(&params, &PriceSchedule::flat(&params), &readings);
        prop_assert_eq!(bill_rounded_toward_zero(&params, &varied, &readings), flat);
    }

    /// What is taken from the DSO and handed back to it in the same interval costs at least as much as it earns, but for
    /// the base unit that rounding three amounts can make.
    #[test]
    fn buying_and_selling_at_once_gains_nothing(
        prices in accepted(), residual in -6000..6000_i64, extra in 1..6000_i64,
    ) {
        let owed = |residual| prices.owed_rounded_toward_zero(MIDNIGHT, residual);
        let (more, less) = if residual < 0 { (residual - extra, extra) } else { (residual + extra, -extra) };
        prop_assert!(owed(more) + owed(less) >= owed(residual) - 1);
    }

    #[test]
    fn the_further_off_the_dearer(prices in accepted(), residual in 0..6000_i64, step in 1..1000_i64) {
        let owed = |residual| prices.owed_rounded_toward_zero(MIDNIGHT, residual);
        // What is charged, and what is paid, grows with the residual, and what is charged grows ever faster.
        prop_assert!(owed(-residual - step) >= owed(-residual) && owed(residual + step) <= owed(residual));
        prop_assert!(owed(-residual - 2 * step) - owed(-residual - step) >= owed(-residual - step) - owed(-residual) - 2);
        prop_assert!(owed(residual) - owed(residual + step) >= owed(residual + step) - owed(residual + 2 * step) - 2);
    }
}
