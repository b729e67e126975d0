// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {Offer, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Scene} from "./Scene.sol";

contract PostOfferTest is Scene {
    function test_RevertWhen_NotAProsumer() public {
        fund(STRANGER, 1000);
        refuse(refusal(ITransaxErrors.UnknownAccount.selector, STRANGER));
        buy(STRANGER, 1, 1, 1, 1);
    }

    function test_RevertWhen_NoEnergy() public {
        refuse(abi.encodeWithSelector(ITransaxErrors.ZeroEnergy.selector));
        sell(ALICE, 0, 1, 1, 1);
    }

    function test_RevertWhen_TheRangeIsInverted() public {
        refuse(refusal(ITransaxErrors.InvertedRange.selector, 3, 2));
        sell(ALICE, 1, 1, 3, 2);
    }

    function test_RevertWhen_TheIntervalIsFinal() public {
        finalizeThrough(1);
        refuse(refusal(ITransaxErrors.IntervalFinal.selector, 1, 2));
        sell(ALICE, 1, 1, 1, 5);
    }

    function test_RevertWhen_PastTheHorizon() public {
        refuse(refusal(ITransaxErrors.BeyondHorizon.selector, OFFER_HORIZON + 1, OFFER_HORIZON));
        sell(ALICE, 1, 1, 1, OFFER_HORIZON + 1);
        refuse(refusal(ITransaxErrors.BeyondHorizon.selector, type(uint24).max, OFFER_HORIZON));
        sell(ALICE, 1, 1, 0, type(uint24).max);
    }

    function test_RevertWhen_AssetsLack() public {
        refuse(refusal(ITransaxErrors.InsufficientAssets.selector, 7, LIMIT, LIMIT + 1));
        sell(ALICE, LIMIT + 1, 1, 7, 9);
        refuse(refusal(ITransaxErrors.InsufficientAssets.selector, LAST + 1, 0, 1));
        sell(ALICE, 1, 1, 7, LAST + 1);
        assertEq(production(ALICE, 7), LIMIT, "nothing locked");
        sell(ALICE, 60_000, 1, 7, 9);
        refuse(refusal(ITransaxErrors.InsufficientAssets.selector, 9, 40_000, 40_001));
        sell(ALICE, 40_001, 1, 9, 12);
    }

    function test_RevertWhen_CreditsLack() public {
        refuse(refusal(ITransaxErrors.InsufficientCredits.selector, CREDITS, CREDITS + 10_000));
        buy(BOB, LIMIT, 10_000_100, 1, 1);
        assertEq(consumption(BOB, 1), LIMIT, "nothing locked");
    }

    function test_WhenTheExtremesAreOffered() public {
        address giant = address(0x6147);
        register(giant, 2, type(uint32).max, 0);
        withdraw(giant, Side.Sell, 0, OFFER_HORIZON, type(uint32).max);
        uint32 id = sell(giant, type(uint32).max, type(uint40).max, 0, OFFER_HORIZON);
        Offer memory o = market.offers(id);
        assertEq(o.energy, type(uint32).max, "energy");
        assertEq(o.price, type(uint40).max, "price");
        assertEq(production(giant, OFFER_HORIZON), 0, "locked");
    }

    function test_WhenThePriceIsZero() public {
        uint32 id = buy(BOB, 5, 0, 1, 1);
        assertEq(market.offers(id).price, 0, "price");
        assertEq(credits(BOB), CREDITS, "no escrow");
    }

    function testFuzz_WhenAllIsWell(bool sells, uint32 energy, uint40 price, uint24 start, uint24 end) public {
        energy = uint32(bound(energy, 1, LIMIT));
        price = uint40(bound(price, 0, 10_000_000));
        start = uint24(bound(start, 0, LAST));
        end = uint24(bound(end, start, LAST));
        uint32 before = sell(CAROL, 1, 1, 0, 0);
        Side side = sells ? Side.Sell : Side.Buy;
        vm.expectEmit(address(market));
        emit ITransaxEvents.OfferPosted(before + 1, BOB, 1, side, energy, price, start, end);
        uint32 id = post(BOB, side, energy, price, start, end);
        assertEq(id, before + 1, "its number");
        assertEq(market.offerCount(), id, "offers");
        Offer memory o = market.offers(id);
        assertEq(keccak256(abi.encode(o)), keccak256(abi.encode(_offer(side, energy, price, start, end))), "the offer");
        for (uint24 i; i <= LAST; ++i) {
            uint32 left = start <= i && i <= end ? LIMIT - energy : LIMIT;
            assertEq(market.freeAssets(BOB, side, i), left, "free");
            assertEq(market.freeAssets(BOB, sells ? Side.Buy : Side.Sell, i), LIMIT, "the other side");
        }
        assertEq(credits(BOB), sells ? CREDITS : CREDITS - uint256(energy) * price / 1000, "credits");
    }

    /// @dev Bob is the second prosumer, in group 1.
    function _offer(Side side, uint32 energy, uint40 price, uint24 start, uint24 end)
        private
        pure
        returns (Offer memory o)
    {
        (o.energy, o.price, o.start, o.end) = (energy, price, start, end);
        (o.next, o.group, o.owner, o.side) = (start, 1, 2, side);
    }
}
