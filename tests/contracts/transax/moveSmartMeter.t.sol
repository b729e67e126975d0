// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before.
// forge-lint: disable-start(unsafe-typecast)

import {Settlement} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {ITransaxSigned} from "../../../contracts/transax/ITransaxSigned.sol";
import {Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Block, Plans} from "./Plans.sol";
import {Scene} from "./Scene.sol";

contract MoveSmartMeterTest is Scene {
    address private constant DAVE = address(0xDA7E);
    /// @dev The first interval that nothing reaches while t_f is 0.
    uint24 private constant FROM = OFFER_HORIZON + 1;

    function test_RevertWhen_AStrangerMovesAMeter() public {
        refuse(refusal(ITransaxErrors.NotDso.selector, ALICE));
        vm.prank(ALICE);
        market.moveSmartMeter(meterOf(ALICE), 1, FROM);
    }

    function test_RevertWhen_TheMeterIsUnknown() public {
        _refuse(refusal(ITransaxErrors.UnknownMeter.selector, DAVE), DAVE, 1, FROM);
    }

    function test_RevertWhen_TheGroupIsUnknown() public {
        _refuse(refusal(ITransaxErrors.UnknownGroup.selector, 3), meterOf(ALICE), 3, FROM);
    }

    function test_RevertWhen_TheGroupIsTheSame() public {
        _refuse(_sameGroup(0), meterOf(ALICE), 0, FROM);
        _move(ALICE, 1, FROM);
        warpToStart(FROM - 1);
        _refuse(_sameGroup(1), meterOf(ALICE), 1, 3 * FROM);
    }

    /// @dev Not even one that is the next to become final at that time, or one that an offer could just reach.
    function test_RevertWhen_SomethingCouldReachTheInterval() public {
        bytes4 selector = ITransaxErrors.WithinOfferHorizon.selector;
        _refuse(refusal(selector, 0, OFFER_HORIZON), meterOf(ALICE), 1, 0);
        _refuse(refusal(selector, OFFER_HORIZON, OFFER_HORIZON), meterOf(ALICE), 1, OFFER_HORIZON);
        vm.warp(GENESIS);
        _refuse(refusal(selector, OFFER_HORIZON + 1, OFFER_HORIZON + 1), meterOf(ALICE), 1, FROM);
        _move(ALICE, 1, FROM + 1);
    }

    function test_RevertWhen_AMoveIsPending() public {
        _move(ALICE, 1, FROM);
        bytes memory pending = abi.encodeWithSelector(ITransaxErrors.MovePending.selector, meterOf(ALICE), FROM);
        _refuse(pending, meterOf(ALICE), 2, 3 * FROM);
        warpToStart(FROM - 1);
        vm.warp(block.timestamp - 1);
        _refuse(pending, meterOf(ALICE), 2, 3 * FROM);
        vm.warp(block.timestamp + 1);
        assertEq(market.nextInterval(), FROM, "next");
        _move(ALICE, 2, 3 * FROM);
    }

    /// @dev Its limits count in the new group at once, and in the old one until it is moved again.
    function test_RevertWhen_TheGroupsLimitsPass32Bits() public {
        uint32 rest = type(uint32).max - 4 * LIMIT;
        vm.prank(dso);
        market.registerSmartMeter(DAVE, 1, rest, 0);
        _refuse(refusal(ITransaxErrors.LimitsTooLarge.selector, meterOf(ALICE)), meterOf(ALICE), 1, FROM);
        // All of it goes to group 2, where it leaves room for two homes but not for three.
        vm.prank(dso);
        market.moveSmartMeter(DAVE, 2, FROM);
        _refuse(refusal(ITransaxErrors.LimitsTooLarge.selector, meterOf(ALICE)), meterOf(ALICE), 1, FROM);
        _move(BOB, 2, FROM);
        _move(CAROL, 2, FROM);
        _refuse(refusal(ITransaxErrors.LimitsTooLarge.selector, meterOf(ALICE)), meterOf(ALICE), 2, FROM);
        warpToStart(FROM);
        // Gone on to group 0: group 1 is rid of it, and group 2 is not.
        vm.prank(dso);
        market.moveSmartMeter(DAVE, 0, 3 * FROM);
        _refuse(refusal(ITransaxErrors.LimitsTooLarge.selector, meterOf(ALICE)), meterOf(ALICE), 2, 3 * FROM);
        _move(ALICE, 1, 3 * FROM);
    }

    function test_WhenAMeterIsMoved() public {
        vm.expectEmit(address(market));
        emit ITransaxEvents.SmartMeterMoved(meterOf(ALICE), 0, 2, FROM);
        _move(ALICE, 2, FROM);
        _checkGroups(ALICE, 0, 2, FROM);
        warpToStart(FROM - 2);
        _checkGroups(ALICE, 0, 2, FROM);
        warpToStart(FROM - 1);
        _checkGroups(ALICE, 2, 2, FROM);
        assertEq(production(ALICE, LAST), LIMIT, "assets stay where they are");
        _checkGroups(BOB, 1, 1, 0);
    }

    function test_WhenSomebodyRegistersBehindAMeterThatWasMoved() public {
        address meter = meterOf(DAVE);
        vm.prank(dso);
        market.registerSmartMeter(meter, 0, LIMIT, LIMIT);
        vm.prank(dso);
        market.moveSmartMeter(meter, 1, FROM);
        bytes memory certificate = certify(DSO_KEY, DAVE, meter);
        vm.prank(DAVE);
        market.registerProsumer(meter, certificate);
        _checkGroups(DAVE, 0, 1, FROM);
        warpToStart(FROM - 10);
        withdraw(DAVE, Side.Sell, FROM - 1, FROM - 1, 5);
        withdraw(DAVE, Side.Sell, FROM, FROM, 6);
        _checkFree(DAVE, 0, FROM - 1, 5);
        _checkFree(DAVE, 1, FROM, 6);
    }

    function test_RevertWhen_ASpanCrossesTheMove() public {
        _move(ALICE, 1, FROM);
        warpToStart(FROM - 10);
        bytes memory crosses = refusal(ITransaxErrors.CrossesMove.selector, FROM);
        refuse(crosses);
        withdraw(ALICE, Side.Sell, FROM - 1, FROM, 1);
        refuse(crosses);
        withdraw(ALICE, Side.Sell, FROM - 9, FROM + 50, 1);
        withdraw(ALICE, Side.Sell, FROM - 9, FROM - 1, LIMIT);
        withdraw(ALICE, Side.Sell, FROM, FROM + 50, LIMIT);
        refuse(crosses);
        sell(ALICE, 1, 1, FROM - 1, FROM);
        assertEq(market.offers(sell(ALICE, 1, 1, FROM - 9, FROM - 1)).group, 0, "before");
        assertEq(market.offers(sell(ALICE, 1, 1, FROM, FROM + 50)).group, 1, "from then on");
        // Others are not concerned.
        withdraw(BOB, Side.Buy, FROM - 1, FROM, 1);
    }

    /// @dev An offer keeps its group, of which the account has nothing after the move.
    function test_RevertWhen_AnOfferIsAugmentedPastTheMove() public {
        _move(ALICE, 1, FROM);
        warpToStart(FROM - 10);
        withdraw(ALICE, Side.Sell, FROM - 9, FROM - 1, LIMIT);
        withdraw(ALICE, Side.Sell, FROM, FROM + 9, LIMIT);
        uint32 offer = sell(ALICE, 10, 1, FROM - 5, FROM - 2);
        vm.prank(ALICE);
        market.augmentOffer(offer, 5, FROM - 1);
        refuse(refusal(ITransaxErrors.InsufficientAssets.selector, FROM, 0, 15));
        vm.prank(ALICE);
        market.augmentOffer(offer, 0, FROM);
    }

    /// @dev T1: Alice sells from group 0 up to its limits, and in the next interval from group 2, which has none.
    function test_WhenTheHomeTradesBeforeAndAfter() public {
        _move(ALICE, 2, FROM);
        warpToStart(FROM - 4);
        finalizeNext();
        withdraw(ALICE, Side.Sell, FROM - 1, FROM - 1, LIMIT);
        withdraw(ALICE, Side.Sell, FROM, FROM, LIMIT);
        withdraw(BOB, Side.Buy, FROM - 1, FROM, LIMIT);
        uint32 before = sell(ALICE, LIMIT, 1000, FROM - 1, FROM - 1);
        uint32 since = sell(ALICE, LIMIT, 1000, FROM, FROM);
        uint32 wanted = buy(BOB, LIMIT, 1000, FROM - 1, FROM);
        uint32 most = EXTERNAL_LIMIT;
        _refusePlan(0, FROM - 1, before, wanted, most + 1);
        _refusePlan(1, FROM, since, wanted, most + 1);
        submit(Plans.two(Plans.one(FROM - 1, before, wanted, most), Plans.one(FROM, since, wanted, most)));
        finalizeThrough(FROM);
        settle(ALICE, before);
        settle(ALICE, since);
        settle(BOB, wanted);
        assertEq(credits(ALICE), CREDITS + 2 * most, "paid for both");
        // T5: what Alice sold is Bob's to produce, in his own group, and the reverse in hers.
        _checkFree(ALICE, 0, FROM - 1, LIMIT - most);
        _checkFree(ALICE, 2, FROM, LIMIT - most);
        assertEq(_freeIn(0, ALICE, Side.Buy, FROM - 1), most, "bought for, before");
        assertEq(_freeIn(2, ALICE, Side.Buy, FROM), most, "bought for, since");
        _checkFree(BOB, 1, FROM - 1, most);
        _checkFree(BOB, 1, FROM, most);
        _checkDeposit(0, FROM - 1, uint64(LIMIT - most) << 32 | most);
        _checkDeposit(2, FROM, uint64(LIMIT - most) << 32 | most);
    }

    /// @dev Moved twice before anything was deposited: the first group's assets are still there to be.
    function test_WhenDepositedAfterASecondMove() public {
        _move(ALICE, 1, FROM);
        warpToStart(FROM - 2);
        withdraw(ALICE, Side.Sell, FROM - 1, FROM - 1, 7);
        withdraw(ALICE, Side.Sell, FROM, FROM + 1, 8);
        warpToStart(FROM);
        _move(ALICE, 2, 3 * FROM);
        warpToStart(3 * FROM);
        _checkDeposit(0, FROM - 1, 7 << 32);
        _checkDeposit(1, FROM + 1, 8 << 32);
        _checkDeposit(2, FROM - 1, 0);
        _checkDeposit(0, FROM - 1, 0);
    }

    /// @dev T2: moving gives nobody a second share of an interval.
    function testFuzz_WhenWithdrawnAcrossTheMove(uint24 from, uint24 first, uint24 last, uint32 x, uint32 y) public {
        from = uint24(bound(from, FROM, FROM + 20));
        _move(ALICE, 1, from);
        uint24 tf = FROM - 10;
        warpToStart(tf - 1);
        first = uint24(bound(first, tf, tf + 40));
        last = uint24(bound(last, first, tf + 40));
        (x, y) = (uint32(bound(x, 1, LIMIT)), uint32(bound(y, 1, LIMIT)));
        if (first < from && from <= last) refuse(refusal(ITransaxErrors.CrossesMove.selector, from));
        withdraw(ALICE, Side.Buy, first, last, x);
        if (first < from && from <= last) last = from - 1;
        if (market.withdrawnAssets(ALICE, Side.Buy, first) == 0) withdraw(ALICE, Side.Buy, first, last, x);
        if (x + y > LIMIT) refuse(refusal(ITransaxErrors.OverLimit.selector, last, x + y, LIMIT));
        withdraw(ALICE, Side.Buy, last, last, y);
        if (x + y > LIMIT) y = 0;
        for (uint24 t = tf; t <= tf + 41; ++t) {
            uint32 amount = first <= t && t <= last ? x + (t == last ? y : 0) : 0;
            assertEq(market.withdrawnAssets(ALICE, Side.Buy, t), amount, "withdrawn");
            assertEq(consumption(ALICE, t), amount, "free");
            assertEq(_freeIn(t < from ? 0 : 1, ALICE, Side.Buy, t), amount, "in its group");
            assertEq(_freeIn(t < from ? 1 : 0, ALICE, Side.Buy, t), 0, "in the other");
        }
    }

    function _move(address account, uint16 group, uint24 from) private {
        vm.prank(dso);
        market.moveSmartMeter(meterOf(account), group, from);
    }

    function _refuse(bytes memory data, address meter, uint16 group, uint24 from) private {
        refuse(data);
        vm.prank(dso);
        market.moveSmartMeter(meter, group, from);
    }

    function _sameGroup(uint16 group) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITransaxErrors.SameGroup.selector, meterOf(ALICE), group);
    }

    function _refusePlan(uint16 group, uint24 interval, uint32 seller, uint32 buyer, uint32 energy) private {
        Block[] memory plan = Plans.one(interval, seller, buyer, energy);
        bytes memory encoded = Plans.encode(plan);
        refuse(refusal(ITransaxErrors.ExternalLimitExceeded.selector, group, interval, energy));
        market.postSolution(Plans.value(plan), encoded);
    }

    function _checkGroups(address account, uint16 group, uint16 nextGroup, uint24 from) private view {
        (,, uint16 its,) = market.accounts(account);
        assertEq(its, group, "the account's group");
        (bool registered, uint16 now_,,, address prosumer, uint16 next, uint24 since) =
            market.smartMeters(meterOf(account));
        assertTrue(registered, "registered");
        assertEq(prosumer, account, "prosumer");
        assertEq(now_, group, "the meter's group");
        assertEq(next, nextGroup, "the next");
        assertEq(since, from, "from");
    }

    function _checkFree(address account, uint16 group, uint24 interval, uint32 amount) private view {
        assertEq(_freeIn(group, account, Side.Sell, interval), amount, "in the group");
        assertEq(production(account, interval), amount, "in the account's own group");
    }

    function _freeIn(uint16 group, address account, Side side, uint24 interval) private view returns (uint32) {
        return ITransaxSigned(address(market)).freeAssetsIn(group, account, side, interval);
    }

    function _checkDeposit(uint16 group, uint24 interval, uint64 expected) private {
        uint64[] memory assets = new uint64[](1);
        assets[0] = expected;
        vm.expectEmit(address(market));
        emit ITransaxEvents.Deposited(ALICE, meterOf(ALICE), group, interval, assets);
        vm.prank(STRANGER);
        market.deposit(ALICE, group, new Settlement[](0), interval, interval);
    }
}
