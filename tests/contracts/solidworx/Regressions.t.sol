// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {Allocations, Alternative, Item} from "./Allocations.sol";
import {Exchange} from "./Exchange.sol";

/// @title The faults of the original contracts, each of which must stay impossible
contract RegressionsTest is Exchange {
    function setUp() public {
        setUpMarket(plain());
    }

    /// @dev Offers kept the quantities of the offer that had their number in the cycle before.
    function test_OffersInheritNothing() public {
        uint64 old = postSteps(ALICE, true, Allocations.one(7, 1000, 0));
        close();
        finalizeAll(new Item[](0));
        vm.prank(ALICE);
        uint64 id = market.createOffer(true, 0);
        assertTrue(id != old, "a number of its own");
        (uint64 quantity,) = market.alternative(id, 7);
        assertEq(quantity, 0, "blank");
        vm.prank(ALICE);
        market.postOffer(id);
        uint64 bobs = postSteps(BOB, false, Allocations.one(7, 1000, 9));
        close();
        uint64 solution = create(SOLVER);
        vm.expectRevert(refusal(ISolidWorx.UnlistedType.selector, id, 7));
        add(SOLVER, solution, Item(id, bobs, 7, 1, 5));
        vm.expectRevert(refusal(ISolidWorx.OfferOfPastCycle.selector, old, 2));
        add(SOLVER, solution, Item(old, bobs, 7, 1, 5));
    }

    /// @dev The index of the best solution survived its cycle, so that every later call burnt all its gas.
    function test_TheBestSolutionDoesNotSurvive() public {
        for (uint256 i; i < 3; ++i) {
            uint64 p = postSteps(ALICE, true, Allocations.one(7, 1000, 0));
            uint64 c = postSteps(BOB, false, Allocations.one(7, 1000, 9));
            close();
            // Worth less each time: what was best before does not count.
            Item memory a = Item(p, c, 7, uint64(100 - i), 5);
            // A solution of its own a cycle; the first stays empty and is not the candidate.
            create(STRANGER);
            uint64 id = create(SOLVER);
            add(SOLVER, id, a);
            (uint128 value,,, uint64 leader) = market.candidate();
            assertTrue(value == 100 - i && leader == id, "candidate");
            finalizeAll(Allocations.one(a));
        }
        close();
        warpToEnd();
        market.finalize(0, "");
        assertEq(cycle(), 5, "cycles go on");
    }

    /// @dev Anybody could close and finalise at any time.
    function test_TimeIsGuarded() public {
        vm.expectRevert(refusal(ISolidWorx.TooEarly.selector, block.timestamp, phaseEnd()));
        market.close();
        close();
        vm.expectRevert(refusal(ISolidWorx.TooEarly.selector, block.timestamp, phaseEnd()));
        market.finalize(0, "");
    }

    /// @dev With few parts to an offer, rounding down let 1,000 units sell 1,485 times: 3 units at a time, each of them
    /// worth 0.3 of 100 parts, counted 0.2 (or nothing at all).
    function test_RoundingNeverOversells() public {
        deployMarket();
        market.setup(NUM_TYPES, 100, MAX_QUANTITY, LENGTH_RECEIVE, LENGTH_SOLVE, plain());
        uint64 p = postSteps(ALICE, true, Allocations.two(Alternative(7, 1000, 0), Alternative(8, 999, 0)));
        uint64 c = postSteps(BOB, false, Allocations.two(Alternative(7, 10_000, 9), Alternative(8, 10_000, 9)));
        close();
        uint64 id = create(SOLVER);
        uint256 sold;
        for (uint64 i; i < 500; ++i) {
            Item memory a = Item(p, c, 7 + i % 2, 3, 5);
            vm.prank(SOLVER);
            (bool isAdded,) = address(market)
                .call(abi.encodeCall(market.addAssignment, (id, p, c, a.resourceType, a.quantity, a.price)));
            if (isAdded) sold += a.quantity;
        }
        assertAtMost(sold, 1000, "sold");
        assertAtMost(970, sold, "and nearly all of it, as fine as 100 parts of two kinds allow");
    }

    /// @dev What was allocated was never written in the "verified" version: an offer sold three times.
    function test_AnOfferSellsOnce() public {
        uint64 p = postSteps(ALICE, true, Allocations.one(7, 1000, 0));
        uint64 c = postSteps(BOB, false, Allocations.one(7, 10_000, 9));
        close();
        uint64 id = create(SOLVER);
        add(SOLVER, id, Item(p, c, 7, 1000, 5));
        vm.expectRevert(refusal(ISolidWorx.ExceedsOffer.selector, p, 1_001_000, PRECISION));
        add(SOLVER, id, Item(p, c, 7, 1, 5));
    }
}
