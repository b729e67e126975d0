// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {Config, TypeRule} from "../../../contracts/solidworx/SolidWorxTypes.sol";
import {TestBase} from "../TestBase.sol";
import {Allocations, Item, Posted} from "../solidworx/Allocations.sol";
import {AllocationHandler} from "./AllocationHandler.sol";

/// @notice The invariants S1 and S6 to S9 of README.md, under their numbers.
abstract contract SolidWorxInvariants is TestBase {
    /// @dev The least number that 1 to 20 divide: fractions of offers in whole numbers.
    uint256 private constant WHOLE = 232_792_560;

    AllocationHandler internal handler;
    ISolidWorx internal market;

    function deploy(bool isExtended) internal {
        handler = new AllocationHandler(isExtended);
        market = handler.exchange();
        // No run begins without offers.
        for (uint256 i; i < 6; ++i) {
            handler.offerPacked(uint256(keccak256(abi.encode(i))));
        }
    }

    function targetContracts() public view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        // What moves a market most comes more than once.
        bytes4[14] memory all = [
            handler.offerPacked.selector,
            handler.offerPacked.selector,
            handler.offerSteps.selector,
            handler.offerSteps.selector,
            handler.cancel.selector,
            handler.unpackAny.selector,
            handler.solvePacked.selector,
            handler.solvePacked.selector,
            handler.solveSteps.selector,
            handler.solveSteps.selector,
            handler.wait.selector,
            handler.closeAny.selector,
            handler.closeAny.selector,
            handler.finalizeAny.selector
        ];
        bytes4[] memory selectors = new bytes4[](all.length);
        for (uint256 i; i < all.length; ++i) {
            selectors[i] = all[i];
        }
        list[0] = FuzzSelector(address(handler), selectors);
    }

    /// @dev One campaign checks all of them after each call; a failure's text begins with its number.
    function invariant_S6_S7_S8_S9_HoldAfterEveryCall() public view {
        _checkS6_TheCandidateSatisfiesEveryConstraint();
        _checkS7_TheCandidateIsTheBestThatWasTaken();
        _checkS8_SolutionsAreTheirCreators();
        _checkS9_WhatIsFinalIsWithinItsOffers();
        assertEq(address(market).balance, handler.held() * market.config().deposit, "deposits");
    }

    function _checkS6_TheCandidateSatisfiesEveryConstraint() private view {
        Item[] memory items = handler.candidateItems();
        for (uint256 i; i < items.length; ++i) {
            assertTrue(handler.isLive(items[i].providingOffer), "S6: the provider's offer is posted");
            assertTrue(handler.isLive(items[i].consumingOffer), "S6: the consumer's offer is posted");
        }
        _checkItems(items, "S6");
    }

    function _checkS7_TheCandidateIsTheBestThatWasTaken() private view {
        Item[] memory items = handler.candidateItems();
        (uint128 value, bytes32 chain, uint64 count,) = market.candidate();
        assertEq(chain, Allocations.chain(items, handler.left()), "S7: chain");
        assertEq(count, handler.left(), "S7: assignments");
        for (uint256 i; i < handler.solutionCount(); ++i) {
            (, uint128 other,,) = market.solution(handler.solutions(i));
            assertAtMost(other, value, "S7: no solution is better");
        }
    }

    function _checkS8_SolutionsAreTheirCreators() private view {
        for (uint256 i; i < handler.solutionCount(); ++i) {
            uint64 id = handler.solutions(i);
            Item[] memory items = handler.solutionItems(id);
            (address solver,, bytes32 chain, uint64 count) = market.solution(id);
            assertEq(solver, handler.solverOf(id), "S8: creator");
            assertEq(chain, Allocations.chain(items, items.length), "S8: what its creator added");
            assertEq(count, items.length, "S8: and no more");
        }
    }

    function _checkS9_WhatIsFinalIsWithinItsOffers() private view {
        _checkItems(handler.finalItems(), "S9");
    }

    /// @dev (6.1) to (6.4), (6.13) and (6.14), in exact fractions, from the offers as they were posted.
    function _checkItems(Item[] memory items, string memory number) private view {
        Config memory c = market.config();
        for (uint256 i; i < items.length; ++i) {
            Item memory a = items[i];
            Posted memory p = handler.offerOf(a.providingOffer);
            Posted memory o = handler.offerOf(a.consumingOffer);
            assertTrue(p.providing && !o.providing, string.concat(number, ": sides"));
            uint64 ask = p.alternatives[Allocations.number(p, a.resourceType)].value;
            uint64 bid = o.alternatives[Allocations.number(o, a.resourceType)].value;
            assertTrue(ask <= a.price && a.price <= bid, string.concat(number, ": reservation prices"));
            TypeRule memory rule = market.typeRule(a.resourceType);
            bool isWithin = rule.minPrice <= a.price && a.price <= rule.maxPrice;
            assertTrue(!c.bounded || isWithin, string.concat(number, ": bounds"));
            bool isAllowed = !c.paired || market.isAllowed(a.resourceType, p.owner, o.owner);
            assertTrue(isAllowed, string.concat(number, ": pairs"));
            assertAtMost(_fraction(items, p), WHOLE, string.concat(number, ": provider"));
            assertAtMost(_fraction(items, o), WHOLE, string.concat(number, ": consumer"));
        }
    }

    /// @dev What the items take of an offer, exactly, in parts of `WHOLE`.
    function _fraction(Item[] memory items, Posted memory o) private pure returns (uint256 sum) {
        for (uint256 i; i < items.length; ++i) {
            if (items[i].providingOffer != o.id && items[i].consumingOffer != o.id) continue;
            uint64 listed = o.alternatives[Allocations.number(o, items[i].resourceType)].quantity;
            sum += items[i].quantity * (WHOLE / listed);
        }
    }

    /// @dev S1: whatever happened, the market moves on, and on.
    function afterInvariant() public {
        handler.moveOn();
        _checkS9_WhatIsFinalIsWithinItsOffers();
        handler.moveOn();
        assertEq(handler.finalItems().length, 0, "S1: an empty cycle");
        assertEq(address(market).balance, handler.held() * market.config().deposit, "S1: deposits");
    }

    /// @dev The handler is worth something only if everything happens: it does, within 1,500 calls.
    function test_EverythingHappens() public {
        bytes4[] memory selectors = targetSelectors()[0].selectors;
        for (uint256 i; i < 1500; ++i) {
            uint256 r = uint256(keccak256(abi.encode("handler", i)));
            (bool isDone,) = address(handler).call(abi.encodePacked(selectors[r % selectors.length], r));
            assertTrue(isDone, "handlers never revert");
        }
        bytes32[12] memory names = [
            bytes32("packed"),
            "stepped",
            "canceled",
            "unpacked",
            "solved",
            "refused",
            "added",
            "meddled",
            "closed",
            "paged",
            "finalized",
            "finalized nothing"
        ];
        for (uint256 i; i < names.length; ++i) {
            assertAtMost(3, handler.count(names[i]), string(bytes.concat(names[i])));
        }
        invariant_S6_S7_S8_S9_HoldAfterEveryCall();
        afterInvariant();
    }
}

contract PlainSolidWorxInvariants is SolidWorxInvariants {
    function setUp() public {
        deploy(false);
    }
}

contract ExtendedSolidWorxInvariants is SolidWorxInvariants {
    function setUp() public {
        deploy(true);
    }
}
