//! What the meter of a home bills that trades without being seen.

use alloy_primitives::Address;
use bindings::Domain;
use transax::{Authorization, Kin, Market, Plan, PostingTerms, Side, Trade, Transfer, TransferredAssets};
use transax_meter::{Meter, Source};
use transax_mixer::{AnonymousAccounts, HiddenHome, HiddenHomes, Period, Schedule, Seed};
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

use crate::{
    outline,
    stage::{BUYER, DSO, GENESIS, OFFERED, SELLER, Stage},
};

const GROUP: GroupId = GroupId(0);

fn secret(number: u8) -> AnonymousAccounts {
    AnonymousAccounts::new(Seed::new([number; 32]), Domain { chain_id: 1, market: Address::repeat_byte(7) })
}

fn by(account: Address, nonce: u32) -> Authorization {
    Authorization { account, nonce, deadline: u64::MAX, fee: Money(0), relay: None }
}

/// The seller's assets go to an account of its own that nobody knows, which sells 250 Wh of the 500 it offers.
fn traded(account: Address) -> Stage {
    let (mut stage, now) = (Stage::new(), GENESIS - 200);
    let (energy, start, end) = (WattHours(OFFERED), IntervalIndex(1), IntervalIndex(3));
    let assets = TransferredAssets { group: GROUP, side: Side::Sell, first: IntervalIndex(0), last: end, energy };
    let transfer = Transfer { to: account, credits: Money(0), assets };
    let terms = PostingTerms { group: GROUP, side: Side::Sell, energy, price: Price(100_000), start, end };
    stage.apply(|market| market.transfer_by_sig(DSO, now, &by(SELLER, 0), true, &transfer));
    stage.apply(|market| market.post_offer_by_sig(DSO, now, &by(account, 0), true, terms));
    stage.apply(|market| market.post_offer(BUYER, now, Side::Buy, energy, Price(200_000), start, end));
    let trade = |(interval, energy)| Trade {
        interval: IntervalIndex(interval),
        seller: OfferId(1),
        buyer: OfferId(2),
        energy: WattHours(energy),
    };
    let plan: Plan = [(1, 100), (3, 150)].map(trade).into_iter().collect();
    stage.apply(|market| market.post_solution(DSO, now, plan.value(), &plan.encode()));
    stage.finalize(0..4);
    stage
}

#[test]
fn it_bills_what_an_account_traded_that_only_the_homes_secret_tells_though_the_view_forgets() {
    let (home, one_time, schedule) = (secret(1), secret(2), Schedule::default());
    let account = home.output(Period(0), 0, 0).address();
    let kin = HiddenHomes::new(
        [HiddenHome { prosumer: SELLER, accounts: home.clone(), one_time: one_time.clone() }],
        schedule,
    );
    let bill = |market: &Market, now| {
        let meter = Meter::new("meter", SELLER, Source::AsOffered, |_| ());
        meter.of_private_home(one_time.clone(), home.clone(), schedule).bill(market, now)
    };
    let bills = |stage: &Stage, during| {
        let mut forgetting = Market::remembering(stage.market.params().clone(), kin.past());
        for event in &stage.events {
            forgetting.apply_recognising(event, &kin).expect("it happened");
        }
        let now = stage.during(during);
        assert_eq!(bill(&forgetting, now), bill(&stage.market, now));
        (bill(&forgetting, now), forgetting.offers().len())
    };
    let mut stage = traded(account);
    let (waiting, _) = bills(&stage, 4);
    assert_eq!(waiting.missing_wh, 2000);
    let (now, last, meter) = (stage.during(4), IntervalIndex(3), one_time.one_time(Period(0), account).address());
    let settlements = stage.market.settlements(account, now, last.next());
    stage.apply(|market| {
        let by = by(account, 1);
        market.deposit_by_sig(DSO, now, &by, true, &settlements, meter, GROUP, (IntervalIndex(0), last))
    });
    stage.deposit(BUYER, 0, 3);
    stage.finalize(4..40);
    let (settled, offers) = bills(&stage, 39);
    assert_eq!((settled.missing_wh, offers), (0, 0), "both offers are forgotten");
    assert_eq!(outline(&settled), [(0, 0, 0, 0), (1, 100, 0, 0), (2, 0, 0, 0), (3, 400, 250, -20_000)]);
}
