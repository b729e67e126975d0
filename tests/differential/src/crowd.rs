//! The widest interval a plan may have, on both sides: as many offers matched as one interval takes, and one more.

use alloy_primitives::Address;
use transax::{GroupLimits, MAX_LEGS, Params, PriceRule, Side, Trade};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use crate::call::Call;
use crate::world::{World, pocket};

const GENESIS: u64 = 1_000_000;
/// What finalising one interval may cost at most.
const FINALIZE_GAS: u64 = 8_000_000;

#[test]
fn an_interval_takes_a_thousand_legs_and_not_one_more() {
    let params = Params {
        dso: Address::ZERO,
        token: Address::ZERO,
        genesis: GENESIS,
        interval_seconds: 40,
        clear_intervals: 1,
        plan_horizon: 1,
        offer_horizon: 2,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    };
    let mut world = World::new(&params, GENESIS - 80, 1);
    let (actor, meter) = (world.actors[0], world.meters[0]);
    let certificate = world.certificate(actor, meter);
    let (production_limit, consumption_limit) = (WattHours(10_000), WattHours(10_000));
    let register = Call::RegisterSmartMeter { meter, group: GroupId(0), production_limit, consumption_limit };
    assert!(world.step(world.dso, &Call::AddGroup(GroupLimits::default())));
    assert!(world.step(world.dso, &register));
    assert!(world.step(actor, &Call::RegisterProsumer { meter, certificate, is_certified: true }));
    assert!(world.step(actor, &Call::DepositCredits(pocket(1 << 40))));
    let (first, last) = (IntervalIndex(0), IntervalIndex(1));
    // One seller's offer for two buyers' at one place, so that legs can be odd in number.
    let sellers = u32::try_from(MAX_LEGS / 2).expect("a few hundred");
    for (side, count, energy) in [(Side::Sell, sellers, 4), (Side::Buy, sellers + 1, 2)] {
        assert!(world.step(actor, &Call::WithdrawAssets { side, first, last, energy: WattHours(5000) }));
        for _ in 0..count {
            let (price, energy) = (Price(100_000), WattHours(energy));
            assert!(world.step(actor, &Call::PostOffer { side, energy, price, start: first, end: last }));
        }
    }
    let pair = |place: u32| Trade {
        interval: first,
        seller: OfferId(place % sellers + 1),
        buyer: OfferId(sellers + place + 1),
        energy: WattHours(2),
    };
    let mut trades: Vec<Trade> = (0..=sellers).map(pair).collect();
    let propose = |trades: &[Trade]| Call::PostSolution {
        value: WattHours(2 * trades.len() as u64),
        plan: transax::plan::encode(trades),
    };
    assert!(!world.step(actor, &propose(&trades)));
    assert_eq!(world.tally.refused.keys().collect::<Vec<_>>(), ["TooManyLegs"]);
    trades.pop();
    assert!(world.step(actor, &propose(&trades)));
    world.advance(params.finalizable_at(first));
    let arguments = world.market.finalize_arguments(world.now).expect("its time has come");
    assert!(world.step(actor, &Call::Finalize { links: arguments.links, legs: arguments.legs }));
    assert!(world.gas <= FINALIZE_GAS, "finalising used {} gas", world.gas);
    world.compare();
}
