//! What the meter bills and reports, on markets of the rules crate.

mod stage;
mod unseen;

use std::sync::mpsc::{Receiver, channel};

use alloy_primitives::Address;
use households::{Home, Household, Policy, Resident, Tariff};
use meter_readings::{Fate, Log, Reading, Readings};
use runtime::Agent;
use stage::{BUYER, OFFERED, SELLER, Stage};
use transax::{Bill, BillLine, DayPeriod, PeriodBill, PriceBlock, PriceSchedule, TimeOfDay};
use transax_meter::{Meter, Periods, Source};
use units::{GroupId, IntervalIndex, Price, WattHours};

fn meter(prosumer: Address, source: Source) -> (Meter, Receiver<Bill>) {
    let (reports, reported) = channel();
    let report = move |bill: &Bill| reports.send(bill.clone()).expect("the test goes on");
    (Meter::new("meter", prosumer, source, report), reported)
}

fn as_offered(stage: &Stage, prosumer: Address, during: u32) -> Bill {
    meter(prosumer, Source::AsOffered).0.bill(&stage.market, stage.during(during))
}

/// A home that consumes and produces these.
fn home<const N: usize>(load: [u64; N], pv: [u64; N]) -> Source {
    let home = Home {
        id: "P101".to_owned(),
        feeder: GroupId(0),
        load: load.map(WattHours).to_vec(),
        pv: pv.map(WattHours).to_vec(),
        battery: None,
        load_peak: WattHours(1000),
        pv_peak: WattHours(1000),
    };
    let tariff = Tariff::new(Price(300_000), Price(80_000)).expect("a wide tariff");
    let policy = Policy {
        reservation: tariff.reservation(0, 1),
        reserve_permille: 250,
        target_permille: 800,
        window: 4,
        evening: 76,
        last: IntervalIndex(3),
    };
    Source::Home(Box::new(Resident::new(Household::new(home, IntervalIndex(0), policy))))
}

/// Interval, net energy, residual and money owed of each line.
fn outline(bill: &Bill) -> Vec<(u32, i64, i64, i128)> {
    let outline = |line: &BillLine| (line.interval.0, line.net_wh, line.residual_wh, line.owed);
    bill.lines.iter().map(outline).collect()
}

#[test]
fn what_was_offered_and_traded_is_delivered_and_not_billed() {
    let mut stage = Stage::traded(&[(1, 100), (3, 400)]);
    for account in [SELLER, BUYER] {
        stage.deposit(account, 0, 3);
    }
    let (sold, bought) = (as_offered(&stage, SELLER, 4), as_offered(&stage, BUYER, 4));
    assert_eq!(outline(&sold), [(1, 100, 0, 0), (3, 400, 0, 0)]);
    assert_eq!(outline(&bought), [(1, -100, 0, 0), (3, -400, 0, 0)]);
}

#[test]
fn what_a_seller_offered_and_did_not_trade_is_fed_in_at_the_end_of_the_offer() {
    let mut stage = Stage::traded(&[(1, 100), (2, 150)]);
    stage.deposit(SELLER, 0, 3);
    let bill = as_offered(&stage, SELLER, 4);
    assert_eq!(outline(&bill), [(1, 100, 0, 0), (2, 150, 0, 0), (3, 250, 250, -20_000)]);
    assert_eq!((bill.owed, bill.missing_wh), (-20_000, 0));
}

#[test]
fn what_a_buyer_asked_for_and_did_not_get_comes_from_the_grid_at_the_end_of_the_offer() {
    let mut stage = Stage::traded(&[(1, 100)]);
    stage.deposit(BUYER, 0, 3);
    let bill = as_offered(&stage, BUYER, 4);
    assert_eq!(outline(&bill), [(1, -100, 0, 0), (3, -400, -400, 120_000)]);
}

#[test]
fn only_intervals_that_have_passed_are_billed() {
    let mut stage = Stage::traded(&[(1, 100)]);
    stage.deposit(SELLER, 0, 3);
    // In interval 2 nothing is traded, and none has a line in which there is nothing.
    let billed = |during| as_offered(&stage, SELLER, during).lines.len();
    assert_eq!([0, 1, 2, 3, 4].map(billed), [0, 0, 1, 1, 2]);
}

#[test]
fn assets_that_were_not_deposited_are_reported_as_missing() {
    let mut stage = Stage::traded(&[]);
    stage.deposit(SELLER, 0, 1);
    let bill = as_offered(&stage, SELLER, 4);
    let missing: Vec<_> = bill.lines.iter().map(|line| (line.interval.0, line.missing_wh)).collect();
    assert_eq!(missing, [(2, 500), (3, 500)]);
    assert_eq!(bill.missing_wh, 1000);
}

#[test]
fn assets_of_intervals_without_offers_are_missed_too() {
    let stage = Stage::new();
    let bill = as_offered(&stage, SELLER, 2);
    assert_eq!(outline(&bill), [(0, 0, -500, 150_000), (1, 0, -500, 150_000)]);
    assert_eq!(bill.missing_wh, 1000);
}

#[test]
fn a_home_is_billed_for_what_its_meter_reads() {
    let mut stage = Stage::new();
    stage.deposit(BUYER, 0, 3);
    let (mut meter, _) = meter(BUYER, home([100, 300, 0, 0], [0, 50, 200, 0]));
    let bill = meter.bill(&stage.market, stage.during(4));
    assert_eq!(
        outline(&bill),
        [(0, -100, -100, 30_000), (1, -250, -250, 75_000), (2, 200, 200, -16_000), (3, 0, 0, 0)]
    );
}

#[test]
fn what_a_home_traded_is_not_billed_again() {
    let mut stage = Stage::traded(&[(1, 100), (2, 150)]);
    stage.deposit(SELLER, 0, 3);
    let (mut meter, _) = meter(SELLER, home([0; 4], [0, 100, 160, 0]));
    let bill = meter.bill(&stage.market, stage.during(4));
    assert_eq!(outline(&bill), [(0, 0, 0, 0), (1, 100, 0, 0), (2, 160, 10, -800), (3, 0, 0, 0)]);
}

#[test]
fn past_its_profile_a_home_is_billed_no_more() {
    let mut stage = Stage::new();
    stage.deposit(BUYER, 0, 3);
    let (mut meter, _) = meter(BUYER, home([100, 300], [0, 0]));
    assert_eq!(meter.bill(&stage.market, stage.during(9)).lines.len(), 2);
}

#[test]
fn a_bill_is_reported_once_an_interval() {
    let stage = Stage::new();
    let (mut meter, reported) = meter(BUYER, home([100, 300, 0, 0], [0; 4]));
    for now in [0, 10, 40].map(|seconds| stage.during(1) + seconds) {
        assert_eq!(meter.decide(&stage.market, now), []);
    }
    assert_eq!(reported.try_iter().map(|bill| bill.lines.len()).collect::<Vec<_>>(), [1]);
    meter.decide(&stage.market, stage.during(2));
    assert_eq!(reported.try_iter().map(|bill| bill.lines.len()).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_bill_that_has_not_changed_is_not_reported_again() {
    let mut stage = Stage::traded(&[(1, 100)]);
    stage.deposit(SELLER, 0, 3);
    let (mut meter, reported) = meter(SELLER, Source::AsOffered);
    for during in [4, 5, 6] {
        meter.decide(&stage.market, stage.during(during));
    }
    assert_eq!(reported.try_iter().count(), 1);
}

#[test]
fn a_deposit_that_comes_later_shows_in_the_next_bill() {
    let mut stage = Stage::traded(&[]);
    let (mut meter, reported) = meter(SELLER, Source::AsOffered);
    meter.decide(&stage.market, stage.during(4));
    stage.deposit(SELLER, 0, 3);
    meter.decide(&stage.market, stage.during(5));
    let withdrawn = i64::try_from(4 * OFFERED).expect("a small number");
    assert_eq!(reported.try_iter().map(|bill| bill.missing_wh).collect::<Vec<_>>(), [withdrawn, 0]);
}

#[test]
fn nothing_is_reported_before_an_interval_has_passed() {
    let stage = Stage::new();
    let (mut meter, reported) = meter(BUYER, home([100; 4], [0; 4]));
    for now in [0, stage.during(0) - 100, stage.during(0)] {
        meter.decide(&stage.market, now);
    }
    assert_eq!(reported.try_iter().count(), 0);
}

#[test]
fn a_schedule_takes_the_place_of_the_two_prices() {
    let stage = Stage::new();
    let block = |end: Option<u64>, price| PriceBlock { up_to_wh: end.map(WattHours), price: Price(price) };
    let all_day = DayPeriod {
        from: TimeOfDay::MIDNIGHT,
        grid: vec![block(Some(200), 300_000), block(None, 500_000)],
        feed_in: vec![block(None, 80_000)],
    };
    let prices = PriceSchedule { utc_offset_minutes: 0, periods: vec![all_day] };
    let (meter, _) = meter(BUYER, home([100, 300, 0, 0], [0, 0, 200, 0]));
    let bill = meter.with_prices(prices).bill(&stage.market, stage.during(3));
    assert_eq!(outline(&bill), [(0, -100, -100, 30_000), (1, -300, -300, 110_000), (2, 200, 200, -16_000)]);
}

#[test]
fn what_a_real_meter_reads_is_billed_as_it_comes_and_signed_once_a_period() {
    let mut stage = Stage::new();
    stage.deposit(BUYER, 0, 3);
    let folder = tempfile::tempdir().expect("a folder");
    let log = Log::open(&folder.path().join("readings"), stage.market.params().clone()).expect("a new file");
    let readings = Readings::of_counters(log);
    let (issue, issued) = channel();
    let (meter, reported) = meter(BUYER, readings.clone().into());
    let mut meter = meter.with_periods(Periods::new(2, 0, None, move |bill: &PeriodBill| issue.send(*bill).is_ok()));
    let read = |interval, import_wh| {
        let time = stage.market.params().start_of(IntervalIndex(interval));
        let fate = readings.read(Reading { time, import_wh, export_wh: 0 }).expect("written");
        assert_eq!(fate, Some(Fate::Kept));
    };
    for (interval, import_wh) in [(0, 0), (1, 100)] {
        read(interval, import_wh);
    }
    meter.decide(&stage.market, stage.during(2));
    read(2, 350);
    // In the same interval, but there is news.
    meter.decide(&stage.market, stage.during(2) + 1);
    meter.decide(&stage.market, stage.during(2) + 2);
    assert_eq!(reported.try_iter().map(|bill| bill.lines.len()).collect::<Vec<_>>(), [1, 2]);
    let bills: Vec<_> = issued.try_iter().map(|bill| (bill.prosumer, bill.first.0, bill.last.0, bill.owed)).collect();
    assert_eq!(bills, [(BUYER, 0, 1, 30_000 + 75_000)]);
}
