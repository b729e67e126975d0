// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Evidence, Link, Settlement} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {Offer, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Block, Plans, Trade} from "./Plans.sol";
import {Scene} from "./Scene.sol";

/// @notice Ways to get more out of the market than one put in. What a single function refuses is tested with it:
/// forged evidence and double settling with `settle`, replayed links with `finalize`, certificates with registration.
contract AttackTest is Scene {
    /// @dev Selling the same assets twice: locked ones cannot back another offer, before or after a trade.
    function test_RevertWhen_AssetsBackTwoOffers() public {
        uint32 s = sell(ALICE, LIMIT, 1, 1, 1);
        refuse(refusal(ITransaxErrors.InsufficientAssets.selector, 1, 0, 1));
        sell(ALICE, 1, 1, 1, 1);
        uint32 b = buy(BOB, 1000, 1, 1, 1);
        submit(Plans.one(1, s, b, 1000));
        finalizeThrough(1);
        settle(ALICE, s);
        assertEq(production(ALICE, 1), LIMIT - 1000, "what was sold is gone");
        refuse(refusal(ITransaxErrors.IntervalFinal.selector, 1, 2));
        sell(ALICE, 1, 1, 1, 1);
    }

    /// @dev Buying, settling, and buying again with the production won does not pass 32 bits nor the limits together.
    function test_WhenTradedBothWaysToTheLimit() public {
        address big = address(0xB16);
        addGroups(1, NO_LIMIT, NO_LIMIT);
        register(big, 2, type(uint32).max - LIMIT, LIMIT);
        withdraw(big, Side.Sell, 1, 1, type(uint32).max - LIMIT);
        withdraw(big, Side.Buy, 1, 1, LIMIT);
        address other = address(0x074E4);
        register(other, 3, LIMIT, type(uint32).max - LIMIT);
        withdraw(other, Side.Sell, 1, 1, LIMIT);
        withdraw(other, Side.Buy, 1, 1, type(uint32).max - LIMIT);
        uint32 s = sell(big, type(uint32).max - LIMIT, 0, 1, 1);
        uint32 b = buy(other, type(uint32).max - LIMIT, 0, 1, 1);
        uint32 s2 = sell(other, LIMIT, 0, 1, 1);
        uint32 b2 = buy(big, LIMIT, 0, 1, 1);
        Trade[] memory trades = new Trade[](2);
        (trades[0], trades[1]) = (Trade(s, b, type(uint32).max - LIMIT), Trade(s2, b2, LIMIT));
        submit(Plans.one(Plans.blockOf(1, trades)));
        finalizeThrough(1);
        settle(big, s);
        settle(big, b2);
        settle(other, s2);
        settle(other, b);
        assertEq(consumption(big, 1), type(uint32).max - LIMIT, "sold everything");
        assertEq(production(big, 1), LIMIT, "bought everything");
        vm.prank(STRANGER);
        market.deposit(big, 2, new Settlement[](0), 1, 1);
        assertEq(uint256(consumption(big, 1)) + production(big, 1), 0, "moved");
    }

    /// @dev An offer extended after the candidate was posted, and traded again in its new interval by the next plan.
    function test_RevertWhen_AnExtendedOfferIsOversold() public {
        uint32 s = sell(ALICE, 1000, 1000, 1, 1);
        uint32 b = buy(BOB, 1000, 1000, 1, 2);
        uint32 c = buy(CAROL, 1000, 1000, 2, 2);
        submit(Plans.one(1, s, b, 1000));
        vm.prank(ALICE);
        market.augmentOffer(s, 0, 2);
        finalizeThrough(1);
        bytes memory plan = Plans.encode(Plans.one(2, s, c, 1000));
        refuse(refusal(ITransaxErrors.ExceedsOffer.selector, s, 2));
        market.postSolution(1000, plan);
    }

    /// @dev The same with an offer that was cut short, so that its leg says it outlives, and extended again.
    function test_RevertWhen_AnOfferIsCutShortExtendedAndOversold() public {
        uint32 s = sell(ALICE, 1000, 1000, 0, LAST);
        uint32 b = buy(BOB, 1000, 1000, 0, LAST);
        vm.prank(ALICE);
        market.cancelOffer(s);
        submit(Plans.one(T_H, s, b, 1000));
        vm.prank(ALICE);
        market.augmentOffer(s, 0, T_H + 1);
        finalizeThrough(T_H);
        assertEq(market.offers(s).traded, 1000, "counted");
        bytes memory plan = Plans.encode(Plans.one(T_H + 1, s, b, 1));
        refuse(refusal(ITransaxErrors.ExceedsOffer.selector, s, T_H + 1));
        market.postSolution(1, plan);
    }

    /// @dev A plan may not use what was cancelled.
    function test_RevertWhen_ACancelledIntervalIsPlanned() public {
        uint32 s = sell(ALICE, 1000, 1000, 0, LAST);
        uint32 b = buy(BOB, 1000, 1000, 0, LAST);
        vm.prank(ALICE);
        market.cancelOffer(s);
        finalizeNext();
        bytes memory plan = Plans.encode(Plans.one(T_H + 1, s, b, 1));
        refuse(refusal(ITransaxErrors.OutsideOffer.selector, s, T_H + 1));
        market.postSolution(1, plan);
    }

    /// @dev Cancelling cannot pull an offer from under a candidate.
    function test_WhenTheWholeHorizonIsPlannedAndCancelled() public {
        uint32 s = sell(ALICE, 1300, 1000, 0, LAST);
        uint32 b = buy(BOB, 1300, 1000, 0, LAST);
        Block[] memory blocks = new Block[](T_H + 1);
        for (uint24 i; i <= T_H; ++i) {
            blocks[i] = Plans.one(i, s, b, 100)[0];
        }
        submit(blocks);
        vm.prank(ALICE);
        market.cancelOffer(s);
        vm.prank(BOB);
        market.cancelOffer(b);
        finalizeThrough(T_H);
        settle(ALICE, s);
        settle(BOB, b);
        assertEq(credits(ALICE), CREDITS + 1300, "all of it");
        assertEq(credits(BOB), CREDITS - 1300, "all of it");
    }

    /// @dev Escrow goes back once, whatever the order of settling, cancelling and withdrawing.
    function test_RevertWhen_EscrowIsTakenTwice() public {
        uint32 b = buy(BOB, 1000, 500_000, T_H + 1, T_H + 2);
        vm.prank(BOB);
        market.cancelOffer(b);
        assertEq(credits(BOB), CREDITS, "back");
        finalizeThrough(T_H + 2);
        refuse(refusal(ITransaxErrors.AlreadySettled.selector, b, T_H + 1));
        market.settle(BOB, Plans.settlement(b, T_H + 1, new Evidence[](0)));
        refuse(refusal(ITransaxErrors.AlreadySettled.selector, b, T_H + 1));
        market.settle(BOB, Plans.settlement(b, T_H + 2, new Evidence[](0)));
        vm.prank(BOB);
        market.withdrawCredits(CREDITS);
        refuse(refusal(ITransaxErrors.InsufficientCredits.selector, 0, 1));
        vm.prank(BOB);
        market.withdrawCredits(1);
    }

    /// @dev A seller that settles first is paid at once, out of its buyer's escrow, which nobody else can take.
    function test_WhenTheSellerTakesItsMoneyFirst() public {
        uint32 s = sell(ALICE, 1000, 500_000, 1, 1);
        uint32 b = buy(BOB, 1000, 700_000, 1, 5);
        submit(Plans.one(1, s, b, 1000));
        finalizeThrough(1);
        settle(ALICE, s);
        uint96 all = credits(ALICE);
        vm.prank(ALICE);
        market.withdrawCredits(all);
        for (uint256 i; i < 2; ++i) {
            address account = i == 0 ? BOB : CAROL;
            all = credits(account);
            vm.prank(account);
            market.withdrawCredits(all);
        }
        assertEq(token.balanceOf(address(market)), 100_000, "the buyer's change");
        finalizeThrough(5);
        settle(BOB, b);
        vm.prank(BOB);
        market.withdrawCredits(100_000);
        assertEq(token.balanceOf(address(market)), 0, "nothing is left, nothing is missing");
    }

    /// @dev Splitting a trade loses its rounding to the buyer, never to the market.
    /// forge-config: default.fuzz.runs = 16
    function testFuzz_WhenTradesAreTiny(uint40 ask, uint40 bid) public {
        ask = uint40(bound(ask, 0, 3000));
        bid = uint40(bound(bid, ask, 3000));
        uint32 b = buy(BOB, 20, bid, 1, 1);
        Trade[] memory trades = new Trade[](20);
        for (uint256 i; i < 20; ++i) {
            trades[i] = Trade(sell(ALICE, 1, ask, 1, 1), b, 1);
        }
        submit(Plans.one(Plans.blockOf(1, trades)));
        finalizeThrough(1);
        settle(BOB, b);
        for (uint256 i; i < 20; ++i) {
            settle(ALICE, trades[i].seller);
        }
        assertEq(credits(BOB), CREDITS - 20 * ((uint256(ask) + bid) / 2000), "paid");
        assertEq(credits(ALICE), CREDITS + 20 * ((uint256(ask) + bid) / 2000), "received");
    }

    /// @dev What is offered for an account that is not registered yet stays its own: number 0 owns nothing.
    function test_RevertWhen_SettlingForNobody() public {
        uint32 s = sell(ALICE, 10, 1, 1, 1);
        finalizeThrough(1);
        refuse(abi.encodeWithSelector(ITransaxErrors.NotOwner.selector, s, address(0)));
        market.settle(address(0), Plans.settlement(s, 2, new Evidence[](0)));
    }

    /// @dev A seller of 2^32 − 1 Wh to a buyer at the highest price: nothing wraps.
    function test_WhenEverythingIsExtreme() public {
        uint32 most = type(uint32).max;
        uint40 top = type(uint40).max;
        (address giant, address buyer) = (address(0x6147), address(0xB16));
        addGroups(1, NO_LIMIT, NO_LIMIT);
        register(giant, 2, most, 0);
        register(buyer, 3, 0, most);
        withdraw(giant, Side.Sell, 1, 1, most);
        withdraw(buyer, Side.Buy, 1, 1, most);
        uint96 cost = uint96(uint256(most) * top / 1000);
        fund(buyer, cost);
        uint32 s = sell(giant, most, top, 1, 1);
        uint32 b = buy(buyer, most, top, 1, 1);
        submit(Plans.one(1, s, b, most));
        finalizeThrough(1);
        settle(giant, s);
        settle(buyer, b);
        assertEq(credits(giant), cost, "paid in full");
        assertEq(credits(buyer), 0, "paid in full");
        assertEq(consumption(giant, 1), most, "assets");
        assertEq(production(buyer, 1), most, "assets");
    }
}

/// @notice Faults of the original contracts, each once more.
contract RegressionTest is Scene {
    /// @dev The import limit was never checked, a variable being subtracted from itself.
    function test_RevertWhen_TheImportLimitIsExceeded() public {
        address free = address(0xF4EE);
        join(free, 2);
        uint32 s = sell(free, LIMIT, 1, 1, 1);
        uint32 b = buy(BOB, LIMIT, 1, 1, 1);
        bytes memory plan = Plans.encode(Plans.one(1, s, b, EXTERNAL_LIMIT + 1));
        refuse(refusal(ITransaxErrors.ExternalLimitExceeded.selector, 1, 1, EXTERNAL_LIMIT + 1));
        market.postSolution(EXTERNAL_LIMIT + 1, plan);
        submit(Plans.one(1, s, b, EXTERNAL_LIMIT));
    }

    /// @dev Unsigned subtraction refused valid trades in some orders: here the sellers' group imports first.
    function test_WhenOffersStandInAnyOrder() public {
        for (uint256 order; order < 2; ++order) {
            setUp();
            uint32[4] memory ids;
            for (uint256 i; i < 4; ++i) {
                uint256 k = order == 0 ? i : 3 - i;
                if (k == 0) ids[k] = sell(ALICE, 30_000, 1, 1, 1);
                if (k == 1) ids[k] = buy(BOB, 30_000, 1, 1, 1);
                if (k == 2) ids[k] = sell(CAROL, 30_000, 1, 1, 1);
                if (k == 3) ids[k] = buy(ALICE, 30_000, 1, 1, 1);
            }
            Trade[] memory trades = new Trade[](2);
            (trades[0], trades[1]) = (Trade(ids[0], ids[1], 30_000), Trade(ids[2], ids[3], 30_000));
            submit(Plans.one(Plans.blockOf(1, trades)));
        }
    }

    /// @dev Anybody could add trades to anybody's solution: a plan is one call, and nothing adds to it.
    function test_WhenAnotherSolverComes() public {
        uint32 s = sell(ALICE, 100, 1, 1, 2);
        uint32 b = buy(BOB, 100, 1, 1, 2);
        submit(Plans.one(1, s, b, 50));
        (bytes32 chain,,,) = market.candidate();
        bytes memory plan = Plans.encode(Plans.one(2, s, b, 50));
        refuse(refusal(ITransaxErrors.NotBetter.selector, 50, 50));
        vm.prank(STRANGER);
        market.postSolution(50, plan);
        (bytes32 after_,,,) = market.candidate();
        assertEq(after_, chain, "untouched");
    }

    /// @dev Anybody could set up again: there is no such call, and what is the DSO's stays the DSO's.
    function test_RevertWhen_AStrangerSetsUp() public {
        refuse(refusal(ITransaxErrors.NotDso.selector, STRANGER));
        vm.prank(STRANGER);
        market.addGroup(0, 0);
        (bool isDone,) = address(market).call(abi.encodeWithSignature("setup()"));
        assertTrue(!isDone, "no set-up");
    }

    /// @dev Anybody could finalise at any time.
    function test_RevertWhen_FinalisedEarly() public {
        refuse(refusal(ITransaxErrors.TooEarly.selector, 0, market.finalizableAt(0)));
        vm.prank(dso);
        market.finalize(new Link[](0), new bytes32[](0));
    }

    /// @dev A stale solution, revived by a zero trade, oversold after finalising.
    function test_RevertWhen_AStalePlanIsRevived() public {
        uint32 s = sell(ALICE, 100, 1, 1, 3);
        uint32 b = buy(BOB, 100, 1, 1, 3);
        bytes memory stale = Plans.encode(Plans.two(Plans.one(1, s, b, 50), Plans.one(2, s, b, 50)));
        submit(Plans.two(Plans.one(1, s, b, 50), Plans.one(2, s, b, 50)));
        finalizeThrough(1);
        refuse(refusal(ITransaxErrors.IntervalFinal.selector, 1, 2));
        market.postSolution(100, stale);
        bytes memory zero = Plans.encode(Plans.two(Plans.one(2, s, b, 51), Plans.one(3, s, b, 0)));
        refuse(refusal(ITransaxErrors.ExceedsOffer.selector, s, 2));
        market.postSolution(51, zero);
        zero = Plans.encode(Plans.two(Plans.one(2, s, b, 50), Plans.one(3, s, b, 0)));
        refuse(refusal(ITransaxErrors.ZeroTrade.selector, 3, 0));
        market.postSolution(51, zero);
        finalizeThrough(3);
        Offer memory o = market.offers(s);
        assertEq(o.traded, 100, "each interval once");
        settle(ALICE, s);
        settle(BOB, b);
        assertEq(consumption(ALICE, 2), LIMIT + 50, "each interval once");
    }

    /// @dev There was no reservation price.
    function test_RevertWhen_ThePriceIsNotAccepted() public {
        uint32 s = sell(ALICE, 100, 1001, 1, 1);
        uint32 b = buy(BOB, 100, 1000, 1, 1);
        bytes memory plan = Plans.encode(Plans.one(1, s, b, 1));
        refuse(refusal(ITransaxErrors.PriceConflict.selector, s, b));
        market.postSolution(1, plan);
    }
}
