// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Link} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {Plans} from "./Plans.sol";
import {Scene} from "./Scene.sol";

contract FinalizeTest is Scene {
    uint32 private seller;
    uint32 private buyer;

    function setUp() public override {
        super.setUp();
        seller = sell(ALICE, 1000, 100_000, 0, 5);
        buyer = buy(BOB, 1000, 200_000, 0, 5);
    }

    function test_RevertWhen_ItIsTooEarly() public {
        vm.warp(market.finalizableAt(0) - 1);
        _refuse(
            refusal(ITransaxErrors.TooEarly.selector, 0, GENESIS - T_CLEAR * DELTA), new Link[](0), new bytes32[](0)
        );
        finalizeNext();
        _refuse(refusal(ITransaxErrors.TooEarly.selector, 1, GENESIS), new Link[](0), new bytes32[](0));
    }

    function test_GivenNoCandidate() public {
        warpToFinalizable(0);
        bytes32[] memory legs = new bytes32[](1);
        legs[0] = Plans.leg(seller, 1, 1, false);
        _refuse(refusal(ITransaxErrors.LegsMismatch.selector, 0), new Link[](0), legs);
        _refuse(refusal(ITransaxErrors.WrongLink.selector, 0), new Link[](1), new bytes32[](0));
        vm.expectEmit(address(market));
        emit ITransaxEvents.Finalized(0, 0, 0, new bytes32[](0));
        vm.prank(STRANGER);
        market.finalize(new Link[](0), new bytes32[](0));
        assertEq(market.nextInterval(), 1, "moved on");
        assertEq(market.legsRoot(0), bytes32(0), "no trades");
    }

    function test_GivenTheCandidateDoesNotTradeThere() public {
        submit(Plans.one(1, seller, buyer, 10));
        (Link[] memory links, bytes32[] memory legs) = opening(1);
        warpToFinalizable(0);
        _refuse(refusal(ITransaxErrors.LegsMismatch.selector, 0), links, legs);
        _refuse(refusal(ITransaxErrors.WrongLink.selector, 0), links, new bytes32[](0));
        finalizeNext();
        assertEq(candidateValue(), 10, "still there");
    }

    function test_RevertWhen_TheOpeningIsWrong() public {
        submit(Plans.two(Plans.one(0, seller, buyer, 10), Plans.one(1, seller, buyer, 20)));
        (Link[] memory links, bytes32[] memory legs) = opening(0);
        warpToFinalizable(0);
        bytes memory wrongLink = refusal(ITransaxErrors.WrongLink.selector, 0);
        bytes memory mismatch = refusal(ITransaxErrors.LegsMismatch.selector, 0);
        _refuse(wrongLink, new Link[](0), legs);
        _refuse(wrongLink, new Link[](0), new bytes32[](0));
        _refuse(mismatch, links, new bytes32[](0));
        bytes32[] memory forged = new bytes32[](2);
        (forged[0], forged[1]) = (legs[0], bytes32(uint256(legs[1]) + (1 << 128)));
        _refuse(mismatch, links, forged);
        // Forged legs with their own hash do not fit the chain, nor do other parts of the link.
        Link memory good = links[0];
        links[0] = Link(keccak256(abi.encodePacked(forged)), good.rest, good.nextInterval, good.nextValue);
        _refuse(wrongLink, links, forged);
        links[0] = Link(good.legsHash, 0, 0, 0);
        _refuse(wrongLink, links, legs);
        links[0] = Link(good.legsHash, good.rest, good.nextInterval + 1, good.nextValue);
        _refuse(wrongLink, links, legs);
        links[0] = Link(good.legsHash, good.rest, good.nextInterval, good.nextValue + 1);
        _refuse(wrongLink, links, legs);
        (Link[] memory both,) = opening(1);
        _refuse(wrongLink, both, legs);
        (both[0], both[1]) = (both[1], both[0]);
        _refuse(mismatch, both, legs);
        assertEq(finalizeNext(), 0, "the good one passes");
    }

    /// @dev A link opens once.
    function test_RevertWhen_ALinkIsReplayed() public {
        submit(Plans.two(Plans.one(0, seller, buyer, 10), Plans.one(1, seller, buyer, 20)));
        (Link[] memory links, bytes32[] memory legs) = opening(0);
        finalizeNext();
        warpToFinalizable(1);
        _refuse(refusal(ITransaxErrors.WrongLink.selector, 1), links, legs);
    }

    /// @dev Nor does the link of a candidate that was replaced.
    function test_RevertWhen_TheLinkIsOfAReplacedCandidate() public {
        submit(Plans.one(0, seller, buyer, 10));
        (Link[] memory links, bytes32[] memory legs) = opening(0);
        submit(Plans.one(0, seller, buyer, 20));
        warpToFinalizable(0);
        _refuse(refusal(ITransaxErrors.WrongLink.selector, 0), links, legs);
    }

    function test_WhenAllIsWell() public {
        uint32 last = buy(CAROL, 50, 200_000, 0, 0);
        submit(Plans.two(Plans.one(0, seller, last, 10), Plans.one(1, seller, buyer, 20)));
        (Link[] memory links, bytes32[] memory legs) = opening(0);
        (bytes32 root,) = Plans.tree(Plans.leaves(0, legs), 0);
        warpToFinalizable(0);
        vm.expectEmit(address(market));
        emit ITransaxEvents.Finalized(0, 10, root, legs);
        vm.prank(STRANGER);
        market.finalize(links, legs);
        assertEq(market.legsRoot(0), root, "root");
        (bytes32 chain, uint48 value, uint24 head, uint48 headValue) = market.candidate();
        assertEq(chain, links[0].rest, "chain");
        assertEq(value, 20, "value");
        assertEq(head, 1, "first interval");
        assertEq(headValue, 20, "value there");
        assertEq(market.offers(seller).traded, 10, "the seller lives on");
        assertEq(market.offers(last).traded, 0, "the buyer does not");
    }

    function test_WhenTheLastIntervalIsFinalised() public {
        submit(Plans.one(0, seller, buyer, 10));
        finalizeNext();
        (bytes32 chain, uint48 value, uint24 head, uint48 headValue) = market.candidate();
        assertTrue(chain == 0 && value == 0 && head == 0 && headValue == 0, "none left");
    }

    /// @dev The leg says that its offer ends with the interval; an extension since has made that untrue. Were it
    /// believed, the offer could trade its energy again.
    function test_GivenTheOfferWasExtended() public {
        uint32 s = sell(ALICE, 1000, 1, 1, 1);
        uint32 b = buy(BOB, 1000, 1, 1, 1);
        submit(Plans.one(1, s, b, 1000));
        vm.prank(ALICE);
        market.augmentOffer(s, 0, 2);
        vm.prank(BOB);
        market.augmentOffer(b, 0, 2);
        finalizeThrough(1);
        assertEq(market.offers(s).traded, 1000, "the seller's");
        assertEq(market.offers(b).traded, 1000, "the buyer's");
        bytes memory plan = Plans.encode(Plans.one(2, s, b, 1));
        refuse(refusal(ITransaxErrors.ExceedsOffer.selector, s, 2));
        market.postSolution(1, plan);
        finalizeThrough(2);
        settle(ALICE, s);
        settle(BOB, b);
        assertEq(credits(BOB), CREDITS - 200_000 - 1, "paid once");
    }

    /// @dev The same where the extended offer's interval is not the candidate's last.
    function test_GivenTheOfferWasExtendedAndTheCandidateGoesOn() public {
        uint32 s = sell(ALICE, 1000, 1, 0, 0);
        uint32 b = buy(BOB, 1000, 200_000, 0, 1);
        submit(Plans.two(Plans.one(0, s, b, 600), Plans.one(1, seller, b, 1)));
        vm.prank(ALICE);
        market.augmentOffer(s, 0, 2);
        finalizeNext();
        assertEq(market.offers(s).traded, 600, "traded");
    }

    /// @dev The leg says that its offer outlives the interval; it was cut short since.
    function test_GivenTheOfferWasCutShort() public {
        uint32 s = sell(ALICE, 1000, 1, 0, LAST);
        uint32 b = buy(BOB, 1000, 1, 0, LAST);
        submit(Plans.one(T_H, s, b, 600));
        vm.prank(ALICE);
        market.cancelOffer(s);
        finalizeThrough(T_H);
        assertEq(market.offers(s).traded, 0, "ended here");
        assertEq(market.offers(b).traded, 600, "lives on");
    }

    function test_GivenIntervalsHaveLapsed() public {
        submit(Plans.two(Plans.one(0, seller, buyer, 10), Plans.one(3, seller, buyer, 20)));
        (Link[] memory links,) = opening(3);
        (, bytes32[] memory legs) = opening(3);
        Link[] memory second = new Link[](1);
        second[0] = links[1];
        // In the second before interval 3 begins 0 to 2 have lapsed.
        vm.warp(GENESIS + 3 * DELTA - 1);
        _refuse(refusal(ITransaxErrors.CandidateLapsed.selector, 0), new Link[](0), legs);
        _refuse(refusal(ITransaxErrors.WrongLink.selector, 0), second, legs);
        vm.expectEmit(address(market));
        emit ITransaxEvents.Lapsed(0, 10);
        finalizeNext();
        assertEq(market.legsRoot(0), bytes32(0), "lapsed without trades");
        assertEq(market.nextInterval(), 4, "caught up");
        finalizeThrough(5);
        settle(ALICE, seller);
        settle(BOB, buyer);
        assertEq(credits(ALICE), CREDITS + 3000, "only interval 3 counts");
        assertEq(credits(BOB), CREDITS - 3000, "only interval 3 counts");
    }

    /// @dev However many intervals lapse without a candidate, catching up is one call.
    function testFuzz_GivenNobodyCame(uint256 elapsed) public {
        submit(Plans.one(2, seller, buyer, 10));
        vm.warp(GENESIS + bound(elapsed, 3 * DELTA, 1_000_000 * uint256(DELTA)));
        uint24 tf = finalizeNext();
        assertEq(tf, (block.timestamp - GENESIS) / DELTA + 1, "t_f");
        assertEq(candidateValue(), 0, "lapsed");
    }

    function _refuse(bytes memory data, Link[] memory links, bytes32[] memory legs) private {
        refuse(data);
        vm.prank(STRANGER);
        market.finalize(links, legs);
    }
}
