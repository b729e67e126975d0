// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Evidence, Settlement} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {Plans} from "./Plans.sol";
import {Scene} from "./Scene.sol";

/// @notice Interval 1 trades 300 Wh between Alice and Bob and 100 Wh between her and Carol, 2 lapses, 3 trades 50 Wh;
/// Bob's idle offer, between theirs, trades nothing.
abstract contract Traded is Scene {
    uint32 internal idle0;
    uint32 internal alices;
    uint32 internal idle;
    uint32 internal bobs;
    uint32 internal idle2;

    function setUp() public virtual override {
        super.setUp();
        idle0 = sell(BOB, 7, 500_000, 1, 3);
        alices = sell(ALICE, 1000, 100_001, 1, 4);
        idle = sell(BOB, 8, 500_000, 1, 3);
        bobs = buy(BOB, 500, 200_000, 1, 3);
        idle2 = sell(BOB, 9, 500_000, 1, 3);
        submit(Plans.two(Plans.one(1, alices, bobs, 300), Plans.one(3, alices, bobs, 50)));
        finalizeThrough(1);
        vm.warp(GENESIS + 3 * DELTA - 1);
        finalizeNext();
    }
}

contract SettleTest is Traded {
    function test_RevertWhen_TheOfferIsUnknown() public {
        _refuse(refusal(ITransaxErrors.UnknownOffer.selector, 99), ALICE, 99, 2, new Evidence[](0));
    }

    function test_RevertWhen_ItIsNotTheAccounts() public {
        bytes memory data = abi.encodeWithSelector(ITransaxErrors.NotOwner.selector, alices, BOB);
        _refuse(data, BOB, alices, 2, evidence(alices, 2));
        data = abi.encodeWithSelector(ITransaxErrors.NotOwner.selector, alices, STRANGER);
        _refuse(data, STRANGER, alices, 2, evidence(alices, 2));
    }

    function test_RevertWhen_SettledAlready() public {
        bytes memory data = refusal(ITransaxErrors.AlreadySettled.selector, alices, 1);
        _refuse(data, ALICE, alices, 1, new Evidence[](0));
        settle(ALICE, alices, 2);
        data = refusal(ITransaxErrors.AlreadySettled.selector, alices, 2);
        _refuse(data, ALICE, alices, 2, new Evidence[](0));
        settle(BOB, bobs);
        data = refusal(ITransaxErrors.AlreadySettled.selector, bobs, 4);
        _refuse(data, BOB, bobs, 4, new Evidence[](0));
        _refuse(data, BOB, bobs, type(uint24).max, new Evidence[](0));
    }

    /// @dev Twice in one call is no better than in two.
    function test_RevertWhen_SettledTwiceInOneCall() public {
        Settlement[] memory twice = new Settlement[](2);
        twice[0] = settlement(bobs, 4)[0];
        twice[1] = twice[0];
        refuse(refusal(ITransaxErrors.AlreadySettled.selector, bobs, 4));
        market.settle(BOB, twice);
    }

    function test_RevertWhen_NotFinal() public {
        _refuse(refusal(ITransaxErrors.NotFinal.selector, 4, 4), ALICE, alices, 5, evidence(alices, 4));
        _refuse(refusal(ITransaxErrors.NotFinal.selector, 4, 4), BOB, bobs, 5, evidence(bobs, 4));
    }

    function test_RevertWhen_PastTheOffersEnd() public {
        finalizeThrough(6);
        _refuse(refusal(ITransaxErrors.OutsideOffer.selector, bobs, 4), BOB, bobs, 5, evidence(bobs, 4));
    }

    function test_RevertWhen_EvidenceIsMissing() public {
        bytes memory data = refusal(ITransaxErrors.BadEvidence.selector, bobs, 1);
        _refuse(data, BOB, bobs, 2, new Evidence[](0));
        data = refusal(ITransaxErrors.BadEvidence.selector, bobs, 3);
        _refuse(data, BOB, bobs, 4, evidence(bobs, 2));
    }

    function test_RevertWhen_EvidenceIsLeftOver() public {
        _refuse(refusal(ITransaxErrors.UnusedEvidence.selector, bobs), BOB, bobs, 2, evidence(bobs, 4));
        settle(BOB, bobs, 2);
        // Interval 2 lapsed and wants none.
        _refuse(refusal(ITransaxErrors.UnusedEvidence.selector, bobs), BOB, bobs, 3, evidence(bobs, 4));
        settle(BOB, bobs, 3);
    }

    function test_RevertWhen_EvidenceIsOfAnotherInterval() public {
        Evidence[] memory list = new Evidence[](1);
        list[0] = Plans.evidence(3, finalLegs(3), bobs);
        _refuse(refusal(ITransaxErrors.BadEvidence.selector, bobs, 1), BOB, bobs, 2, list);
    }

    /// @dev An offer that traded cannot be shown as one that did not, nor with another's leg.
    function test_RevertWhen_EvidenceIsOfAnotherOffer() public {
        bytes memory data = refusal(ITransaxErrors.BadEvidence.selector, bobs, 1);
        uint32[4] memory others = [idle0, alices, idle, idle2];
        for (uint256 i; i < 4; ++i) {
            if (others[i] == idle) continue; // Its gap ends at Bob's leg: the same leaf.
            Evidence[] memory list = new Evidence[](1);
            list[0] = Plans.evidence(1, finalLegs(1), others[i]);
            _refuse(data, BOB, bobs, 2, list);
        }
    }

    /// @dev Every part of the evidence is proved.
    function test_RevertWhen_EvidenceIsForged() public {
        bytes memory data = refusal(ITransaxErrors.BadEvidence.selector, bobs, 1);
        Evidence[] memory list = evidence(bobs, 2);
        list[0].previous -= 1;
        _refuse(data, BOB, bobs, 2, list);
        list = evidence(bobs, 2);
        list[0].leg = bytes32(uint256(list[0].leg) - (1 << 128));
        _refuse(data, BOB, bobs, 2, list);
        list = evidence(bobs, 2);
        list[0].leg = Plans.leg(type(uint32).max, 0, 0, false);
        _refuse(data, BOB, bobs, 2, list);
        list = evidence(bobs, 2);
        list[0].proof[0] = ~list[0].proof[0];
        _refuse(data, BOB, bobs, 2, list);
        list = evidence(bobs, 2);
        list[0].proof = new bytes32[](0);
        _refuse(data, BOB, bobs, 2, list);
        list = evidence(bobs, 2);
        bytes32[] memory longer = new bytes32[](list[0].proof.length + 1);
        for (uint256 i; i < list[0].proof.length; ++i) {
            longer[i] = list[0].proof[i];
        }
        list[0].proof = longer;
        _refuse(data, BOB, bobs, 2, list);
    }

    /// @dev A node of the tree cannot pass for a leaf, whatever is taken for its leg.
    function test_RevertWhen_ANodeIsTakenForALeaf() public {
        bytes32[] memory leaves = Plans.leaves(1, finalLegs(1));
        Evidence[] memory list = new Evidence[](1);
        list[0] = Evidence(0, leaves[0], new bytes32[](1));
        list[0].proof[0] = leaves[2];
        vm.expectRevert();
        market.settle(BOB, Plans.settlement(bobs, 2, list));
        list[0] = Evidence(uint32(uint256(leaves[0])), leaves[1], list[0].proof);
        vm.expectRevert();
        market.settle(BOB, Plans.settlement(bobs, 2, list));
    }

    /// @dev Offers before, between and after the legs are proved to have traded nothing.
    function test_WhenGapsAreProved() public {
        settle(BOB, idle0);
        settle(BOB, idle);
        settle(BOB, idle2);
        assertEq(credits(BOB), CREDITS - 500 * 200, "nothing but the escrow");
        assertEq(production(BOB, 1), LIMIT, "all back");
        assertEq(market.offers(idle).next, 4, "done");
    }

    function test_WhenTheSellerIsSettled() public {
        uint256[] memory settled = new uint256[](1);
        settled[0] = uint256(alices) << 224 | uint256(350) << 192 | uint256(45_000 + 7500) << 128 | 4;
        vm.expectEmit(address(market));
        emit ITransaxEvents.Settled(ALICE, settled);
        settle(ALICE, alices, 4);
        assertEq(credits(ALICE), CREDITS + 45_000 + 7500, "each payment rounds down");
        assertEq(production(ALICE, 1), LIMIT - 300, "sold");
        assertEq(consumption(ALICE, 1), LIMIT + 300, "against consumption");
        assertEq(production(ALICE, 2), LIMIT, "lapsed");
        assertEq(production(ALICE, 3), LIMIT - 50, "sold");
        assertEq(production(ALICE, 4), LIMIT - 1000, "still locked");
        assertEq(market.offers(alices).settled, 350, "settled");
        assertEq(market.offers(alices).traded, 350, "traded");
        finalizeThrough(4);
        settle(ALICE, alices);
        assertEq(market.offers(alices).settled, 1000, "done");
        assertEq(production(ALICE, 4), LIMIT, "back");
    }

    function test_WhenTheBuyerIsSettledBitByBit() public {
        settle(BOB, bobs, 2);
        assertEq(credits(BOB), CREDITS - 200 * 200 - 45_000, "what is open stays in escrow");
        assertEq(consumption(BOB, 1), LIMIT - 300, "bought");
        assertEq(production(BOB, 1), LIMIT - 24 + 300, "against production");
        settle(BOB, bobs, 3);
        assertEq(credits(BOB), CREDITS - 200 * 200 - 45_000, "lapsed");
        assertEq(consumption(BOB, 2), LIMIT, "lapsed");
        settle(BOB, bobs, 4);
        assertEq(credits(BOB), CREDITS - 52_500, "the rest is back");
        assertEq(market.offers(bobs).settled, 500, "done");
    }

    /// @dev In which steps an offer is settled makes no difference.
    function testFuzz_WhenSettledInSteps(uint24 a, uint24 b) public {
        a = uint24(bound(a, 2, 4));
        b = uint24(bound(b, a, 4));
        settle(BOB, bobs, a);
        if (b > a) settle(BOB, bobs, b);
        if (b < 4) settle(BOB, bobs, 4);
        settle(ALICE, alices, a);
        if (b > a) settle(ALICE, alices, b);
        assertEq(credits(BOB), CREDITS - 52_500, "the buyer");
        assertEq(credits(ALICE), CREDITS + (b == 4 ? 52_500 : 45_000), "the seller");
    }

    function test_WhenAugmentedBetweenSettlements() public {
        settle(BOB, idle0);
        settle(ALICE, alices, 4);
        vm.prank(ALICE);
        market.augmentOffer(alices, 500, 6);
        assertEq(production(ALICE, 4), LIMIT - 1500, "grown");
        submit(Plans.one(4, alices, buy(CAROL, 2000, 300_000, 4, 4), 1150));
        finalizeThrough(6);
        settle(ALICE, alices);
        assertEq(market.offers(alices).settled, 1500, "done");
        assertEq(production(ALICE, 1), LIMIT - 300, "settled intervals keep what they were");
        assertEq(production(ALICE, 4), LIMIT - 1150, "sold");
        assertEq(production(ALICE, 6), LIMIT, "unsold");
    }

    /// @dev Anybody settles for anybody, and gets nothing from it.
    function test_WhenAStrangerSettles() public {
        Settlement[] memory s = settlement(bobs, 4);
        vm.prank(STRANGER);
        market.settle(BOB, s);
        assertEq(credits(STRANGER), 0, "nothing");
    }

    function _refuse(bytes memory data, address account, uint32 offer, uint24 until, Evidence[] memory list) private {
        refuse(data);
        vm.prank(STRANGER);
        market.settle(account, Plans.settlement(offer, until, list));
    }
}

contract DepositTest is Traded {
    Settlement[] private none;

    function test_RevertWhen_TheAccountHasNoMeter() public {
        refuse(refusal(ITransaxErrors.NoMeter.selector, STRANGER));
        market.deposit(STRANGER, 0, none, 1, 1);
    }

    function test_RevertWhen_TheRangeIsInverted() public {
        refuse(refusal(ITransaxErrors.InvertedRange.selector, 2, 1));
        market.deposit(BOB, 1, none, 2, 1);
    }

    function test_RevertWhen_TheRangeIsNotFinal() public {
        refuse(refusal(ITransaxErrors.NotFinal.selector, 4, 4));
        market.deposit(BOB, 1, none, 1, 4);
        refuse(refusal(ITransaxErrors.NotFinal.selector, type(uint24).max, 4));
        market.deposit(BOB, 1, none, 0, type(uint24).max);
    }

    /// @dev Deposits before settlements leave what is locked to a second deposit.
    function test_WhenDepositedBeforeSettling() public {
        uint64[] memory assets = new uint64[](3);
        assets[0] = _pair(LIMIT - 24, LIMIT - 500);
        assets[1] = assets[0];
        assets[2] = assets[0];
        vm.expectEmit(address(market));
        emit ITransaxEvents.Deposited(BOB, meterOf(BOB), 1, 1, assets);
        vm.prank(STRANGER);
        market.deposit(BOB, 1, none, 1, 3);
        assertEq(production(BOB, 2), 0, "moved");
        assertEq(production(BOB, 4), LIMIT, "not asked for");
        assertEq(production(BOB, 0), LIMIT, "not asked for");
        (assets[0], assets[1], assets[2]) = (_pair(300, 200), _pair(0, 500), _pair(50, 450));
        Settlement[] memory s = settlement(bobs, 4);
        vm.expectEmit(address(market));
        emit ITransaxEvents.Deposited(BOB, meterOf(BOB), 1, 1, assets);
        market.deposit(BOB, 1, s, 1, 3);
        assertEq(consumption(BOB, 3), 0, "moved");
        assertEq(credits(BOB), CREDITS - 52_500, "settled as by itself");
    }

    /// @dev Intervals that are settled but not deposited go to the account's assets.
    function testFuzz_WhenPartIsDeposited(uint24 first, uint24 last, uint24 until) public {
        first = uint24(bound(first, 0, 3));
        last = uint24(bound(last, first, 3));
        until = uint24(bound(until, 2, 4));
        uint32[4] memory traded = [uint32(0), 300, 0, 50];
        uint64[] memory assets = new uint64[](last - first + 1);
        for (uint24 t = first; t <= last; ++t) {
            bool isSettled = 1 <= t && t < until;
            assets[t - first] = t == 0
                ? _pair(LIMIT, LIMIT)
                : isSettled ? _pair(LIMIT - 24 + traded[t], LIMIT - traded[t]) : _pair(LIMIT - 24, LIMIT - 500);
        }
        Settlement[] memory s = settlement(bobs, until);
        vm.expectEmit(address(market));
        emit ITransaxEvents.Deposited(BOB, meterOf(BOB), 1, first, assets);
        market.deposit(BOB, 1, s, first, last);
        for (uint24 t; t <= 5; ++t) {
            bool isGone = first <= t && t <= last;
            uint32 left = t == 0 || t > 3 ? LIMIT : t < until ? LIMIT - traded[t] : LIMIT - 500;
            assertEq(consumption(BOB, t), isGone ? 0 : left, "consumption");
        }
    }

    function _pair(uint32 produced, uint32 consumed) private pure returns (uint64) {
        return uint64(produced) << 32 | consumed;
    }
}
