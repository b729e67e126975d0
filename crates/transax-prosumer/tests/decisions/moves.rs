//! A home that the DSO moves to another group goes on.

use transax::Side::{Buy, Sell};
use transax_prosumer::{RecordedOffer, Settings};
use units::{GroupId, IntervalIndex, WattHours};

use crate::stage::{ACCOUNT, LIMIT, OFFER_HORIZON, Stage, deposits, home, offers, recorded, sale, withdrawals};

/// The first interval in the new group, of a move that is made while interval 0 is the next.
const FROM: u32 = OFFER_HORIZON + 1;

fn moved() -> Stage {
    let mut stage = Stage::new();
    stage.move_home(FROM);
    stage
}

/// Group and energy of each offer, with its intervals.
fn posted(stage: &Stage) -> Vec<(u16, u64, u32, u32)> {
    let offers = stage.market.offers_of(ACCOUNT);
    offers.map(|(_, offer)| (offer.group.0, offer.energy.0, offer.start.0, offer.end.0)).collect()
}

#[test]
fn assets_are_withdrawn_of_one_group_at_a_time() {
    let mut stage = moved();
    stage.go_to(4);
    let mut agent = recorded(&[], 10, Settings { deposit_every: 100, ..Settings::default() });
    let of = |side| [(side, 4, FROM - 1), (side, FROM, 16)];
    assert_eq!(withdrawals(&stage.act(&mut agent)), [of(Sell), of(Buy)].concat());
    let free = |group, interval| stage.market.free_assets_in(GroupId(group), ACCOUNT, Sell, IntervalIndex(interval));
    assert_eq!([free(0, FROM - 1), free(1, FROM - 1)], [LIMIT, WattHours(0)]);
    assert_eq!([free(0, FROM), free(1, FROM)], [WattHours(0), LIMIT]);
}

#[test]
fn a_recorded_offer_across_the_move_becomes_one_of_each_group() {
    let mut stage = moved();
    let record = [sale(FROM - 1, FROM + 1), RecordedOffer { energy: WattHours(1), ..sale(FROM - 1, FROM) }];
    stage.go_to(6);
    let mut agent = recorded(&record, 10, Settings::default());
    stage.act_out(&mut agent);
    let parts = [(0, 33, FROM - 1, FROM - 1), (1, 67, FROM, FROM + 1), (1, 1, FROM, FROM)];
    assert_eq!(posted(&stage), parts);
    // Nothing is posted twice, whoever starts again and however late.
    for next in [6, FROM + 1] {
        stage.go_to(next);
        assert_eq!(offers(&stage.act_out(&mut recorded(&record, 10, Settings::default()))), []);
    }
}

#[test]
fn a_home_that_is_moved_while_it_runs_offers_in_both_groups_and_never_across() {
    let mut stage = Stage::new();
    let mut agent = home(50);
    let mut deposited = Vec::new();
    for next in 0..=24 {
        stage.go_to(next);
        if next == 2 {
            stage.move_home(2 + FROM);
        }
        deposited.extend(deposits(&stage.act_out(&mut agent)));
    }
    let offers = posted(&stage);
    assert!(offers.iter().all(|(group, _, start, end)| {
        let is_before = *end < 2 + FROM;
        (is_before || *start >= 2 + FROM) && *group == u16::from(!is_before)
    }));
    for group in [0, 1] {
        assert!(offers.iter().any(|offer| offer.0 == group), "{offers:?}");
    }
    let spans: Vec<_> = deposited.iter().map(|(first, last, _)| (*first, *last)).collect();
    assert_eq!(spans, [(0, 7), (8, 14), (15, 15), (16, 23)]);
    for interval in (0..24).map(IntervalIndex) {
        for side in [Sell, Buy] {
            assert_eq!(stage.market.deposited_assets(ACCOUNT, side, interval), LIMIT, "{interval}");
        }
    }
}
