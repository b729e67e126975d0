// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {Offer, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Plans} from "./Plans.sol";
import {Scene} from "./Scene.sol";

contract CancelOfferTest is Scene {
    function test_RevertWhen_TheOfferIsUnknown() public {
        refuse(refusal(ITransaxErrors.UnknownOffer.selector, 7));
        _cancel(ALICE, 7);
    }

    function test_RevertWhen_ItIsAnothers() public {
        uint32 id = sell(ALICE, 100, 1, 1, LAST);
        refuse(abi.encodeWithSelector(ITransaxErrors.NotOwner.selector, id, BOB));
        _cancel(BOB, id);
    }

    function test_RevertWhen_ItIsClosed() public {
        uint32 id = sell(ALICE, 100, 1, 1, 2);
        finalizeThrough(2);
        refuse(refusal(ITransaxErrors.OfferClosed.selector, id));
        _cancel(ALICE, id);
    }

    function test_RevertWhen_ItEndsWithinTheHorizonOfPlans() public {
        uint32 id = sell(ALICE, 100, 1, 1, T_H);
        refuse(refusal(ITransaxErrors.WithinPlanHorizon.selector, id, T_H));
        _cancel(ALICE, id);
    }

    function test_RevertWhen_CancelledTwice() public {
        uint32 id = sell(ALICE, 100, 1, T_H + 1, LAST);
        _cancel(ALICE, id);
        refuse(refusal(ITransaxErrors.OfferClosed.selector, id));
        _cancel(ALICE, id);
        uint32 part = sell(ALICE, 100, 1, 1, LAST);
        _cancel(ALICE, part);
        refuse(refusal(ITransaxErrors.WithinPlanHorizon.selector, part, T_H));
        _cancel(ALICE, part);
    }

    function testFuzz_GivenItBeginsPastTheHorizon(bool sells, uint32 energy, uint24 start, uint24 end) public {
        energy = uint32(bound(energy, 1, LIMIT));
        start = uint24(bound(start, T_H + 1, LAST));
        end = uint24(bound(end, start, LAST));
        Side side = sells ? Side.Sell : Side.Buy;
        uint32 id = post(BOB, side, energy, 2999, start, end);
        vm.expectEmit(address(market));
        emit ITransaxEvents.OfferCancelled(id, start - 1);
        _cancel(BOB, id);
        for (uint24 i; i <= LAST; ++i) {
            assertEq(market.freeAssets(BOB, side, i), LIMIT, "free again");
        }
        assertEq(credits(BOB), CREDITS, "escrow back");
        Offer memory o = market.offers(id);
        assertEq(o.end, start - 1, "ends before it began");
        assertTrue(o.next > o.end, "done");
        assertEq(o.settled, o.energy, "nothing held");
    }

    function testFuzz_GivenItBeginsWithin(bool sells, uint32 energy, uint24 start, uint24 end) public {
        energy = uint32(bound(energy, 1, LIMIT));
        start = uint24(bound(start, 0, T_H));
        end = uint24(bound(end, T_H + 1, LAST));
        Side side = sells ? Side.Sell : Side.Buy;
        uint32 id = post(BOB, side, energy, 2999, start, end);
        uint96 held = credits(BOB);
        vm.expectEmit(address(market));
        emit ITransaxEvents.OfferCancelled(id, T_H);
        _cancel(BOB, id);
        for (uint24 i; i <= LAST; ++i) {
            bool isLocked = start <= i && i <= T_H;
            assertEq(market.freeAssets(BOB, side, i), isLocked ? LIMIT - energy : LIMIT, "free");
        }
        assertEq(credits(BOB), held, "escrow stays");
        assertEq(market.offers(id).end, T_H, "end");
    }

    /// @dev A cancelled offer closes like any other and nothing of it is lost.
    function test_WhenCancelledThenSettled() public {
        uint32 s = sell(ALICE, 1000, 100_000, 0, LAST);
        uint32 b = buy(BOB, 1000, 100_000, 0, LAST);
        submit(Plans.one(T_H, s, b, 600));
        _cancel(ALICE, s);
        _cancel(BOB, b);
        finalizeThrough(T_H);
        settle(ALICE, s);
        settle(BOB, b);
        assertEq(credits(BOB), CREDITS - 60_000, "paid for what was traded");
        assertEq(credits(ALICE), CREDITS + 60_000, "received");
        for (uint24 i; i <= LAST; ++i) {
            uint32 moved = i == T_H ? 600 : 0;
            assertEq(production(ALICE, i), LIMIT - moved, "the seller's production");
            assertEq(consumption(ALICE, i), LIMIT + moved, "the seller's consumption");
            assertEq(production(BOB, i), LIMIT + moved, "the buyer's production");
            assertEq(consumption(BOB, i), LIMIT - moved, "the buyer's consumption");
        }
    }

    function _cancel(address account, uint32 offer) private {
        vm.prank(account);
        market.cancelOffer(offer);
    }
}
