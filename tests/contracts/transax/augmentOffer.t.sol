// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {Offer, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Plans} from "./Plans.sol";
import {Scene} from "./Scene.sol";

contract AugmentOfferTest is Scene {
    function test_RevertWhen_TheOfferIsUnknown() public {
        refuse(refusal(ITransaxErrors.UnknownOffer.selector, 1));
        _augment(ALICE, 1, 1, 1);
    }

    function test_RevertWhen_ItIsAnothers() public {
        uint32 id = sell(ALICE, 100, 1, 1, 2);
        refuse(abi.encodeWithSelector(ITransaxErrors.NotOwner.selector, id, BOB));
        _augment(BOB, id, 1, 2);
        refuse(abi.encodeWithSelector(ITransaxErrors.NotOwner.selector, id, STRANGER));
        _augment(STRANGER, id, 1, 2);
    }

    function test_RevertWhen_ItIsClosed() public {
        uint32 id = sell(ALICE, 100, 1, 1, 2);
        finalizeThrough(2);
        refuse(refusal(ITransaxErrors.OfferClosed.selector, id));
        _augment(ALICE, id, 1, 5);
        settle(ALICE, id);
        refuse(refusal(ITransaxErrors.OfferClosed.selector, id));
        _augment(ALICE, id, 1, 5);
    }

    function test_RevertWhen_TheEndMovesBack() public {
        uint32 id = sell(ALICE, 100, 1, 1, 2);
        refuse(refusal(ITransaxErrors.InvertedRange.selector, 2, 1));
        _augment(ALICE, id, 1, 1);
    }

    function test_RevertWhen_NothingIsAdded() public {
        uint32 id = sell(ALICE, 100, 1, 1, 2);
        refuse(refusal(ITransaxErrors.NothingToAdd.selector, id));
        _augment(ALICE, id, 0, 2);
    }

    function test_RevertWhen_PastTheHorizon() public {
        uint32 id = sell(ALICE, 100, 1, 1, 2);
        refuse(refusal(ITransaxErrors.BeyondHorizon.selector, OFFER_HORIZON + 1, OFFER_HORIZON));
        _augment(ALICE, id, 0, OFFER_HORIZON + 1);
    }

    function test_RevertWhen_FinalIntervalsAreNotSettled() public {
        uint32 id = sell(ALICE, 100, 1, 1, 5);
        finalizeThrough(1);
        refuse(refusal(ITransaxErrors.SettleFirst.selector, id, 1));
        _augment(ALICE, id, 1, 5);
        settle(ALICE, id);
        _augment(ALICE, id, 1, 5);
    }

    function test_RevertWhen_TheEnergyPasses32Bits() public {
        uint32 id = sell(ALICE, 1, 1, 1, 2);
        refuse(refusal(ITransaxErrors.EnergyOverflow.selector, id));
        _augment(ALICE, id, type(uint32).max, 2);
    }

    function test_RevertWhen_AssetsLack() public {
        uint32 id = sell(ALICE, 100, 1, 1, 2);
        refuse(refusal(ITransaxErrors.InsufficientAssets.selector, 1, LIMIT - 100, LIMIT - 99));
        _augment(ALICE, id, LIMIT - 99, 2);
        refuse(refusal(ITransaxErrors.InsufficientAssets.selector, LAST + 1, 0, 100));
        _augment(ALICE, id, 0, LAST + 1);
    }

    function test_RevertWhen_CreditsLack() public {
        uint32 id = buy(BOB, 50_000, 20_000_000, 1, 2);
        assertEq(credits(BOB), 0, "all in escrow");
        refuse(refusal(ITransaxErrors.InsufficientCredits.selector, 0, 20_000));
        _augment(BOB, id, 1, 2);
        _augment(BOB, id, 0, 3);
        assertEq(market.offers(id).end, 3, "more time costs nothing");
    }

    function testFuzz_WhenAllIsWell(bool sells, uint32 energy, uint32 added, uint24 end, uint24 newEnd) public {
        energy = uint32(bound(energy, 1, LIMIT - 1));
        added = uint32(bound(added, 1, LIMIT - energy));
        end = uint24(bound(end, 4, LAST));
        newEnd = uint24(bound(newEnd, end, LAST));
        uint40 price = 3001;
        Side side = sells ? Side.Sell : Side.Buy;
        uint32 id = post(BOB, side, energy, price, 4, end);
        vm.expectEmit(address(market));
        emit ITransaxEvents.OfferAugmented(id, added, newEnd);
        _augment(BOB, id, added, newEnd);
        Offer memory o = market.offers(id);
        assertEq(o.energy, energy + added, "energy");
        assertEq(o.end, newEnd, "end");
        assertEq(o.next, 4, "next");
        for (uint24 i; i <= LAST; ++i) {
            uint32 left = 4 <= i && i <= newEnd ? LIMIT - energy - added : LIMIT;
            assertEq(market.freeAssets(BOB, side, i), left, "free");
        }
        assertEq(credits(BOB), sells ? CREDITS : CREDITS - uint256(energy + added) * price / 1000, "credits");
    }

    /// @dev After trades and their settlement only what is left of the offer grows.
    function test_GivenPartOfItIsSettled() public {
        uint32 s = sell(ALICE, 1000, 100_000, 1, 1);
        uint32 b = buy(BOB, 1000, 200_001, 1, 3);
        submit(Plans.one(1, s, b, 333));
        finalizeThrough(1);
        settle(BOB, b);
        assertEq(credits(BOB), CREDITS - _escrow(667, 200_001) - 333 * uint256(300_001) / 2000, "escrow for the rest");
        _augment(BOB, b, 500, 4);
        Offer memory o = market.offers(b);
        assertEq(o.energy, 1500, "energy");
        assertEq(o.traded, 333, "traded");
        assertEq(o.settled, 333, "settled");
        assertEq(credits(BOB), CREDITS - _escrow(1167, 200_001) - 333 * uint256(300_001) / 2000, "escrow grows");
        assertEq(consumption(BOB, 1), LIMIT - 333, "interval 1 is settled");
        assertEq(production(BOB, 1), LIMIT + 333, "interval 1 is settled");
        assertEq(consumption(BOB, 2), LIMIT - 1500, "interval 2");
        assertEq(consumption(BOB, 4), LIMIT - 1500, "interval 4");
    }

    function _escrow(uint256 energy, uint256 price) private pure returns (uint256) {
        return energy * price / 1000;
    }

    function _augment(address account, uint32 offer, uint32 energy, uint24 end) private {
        vm.prank(account);
        market.augmentOffer(offer, energy, end);
    }
}
