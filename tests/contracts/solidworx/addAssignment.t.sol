// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {Extensions, Pair, TypeRule} from "../../../contracts/solidworx/SolidWorxTypes.sol";
import {Allocations, Alternative, Item} from "./Allocations.sol";
import {Exchange} from "./Exchange.sol";

/// @notice What both interfaces must refuse for the same reason, and take with the same result: each test of this
/// contract runs once on either.
abstract contract AssignmentTest is Exchange {
    uint64 internal alices;
    uint64 internal bobs;

    /// @dev Proposes `items`, the last of which decides; the test expects a refusal before.
    function propose(Item[] memory items, bytes memory refused) internal virtual;

    function setUp() public virtual {
        open(plain());
    }

    function open(Extensions memory e) internal {
        setUpMarket(e);
        alices = provide(ALICE, 7, 1000, 100);
        bobs = consume(BOB, 7, 600, 200);
    }

    function item(uint64 quantity, uint64 price) internal view returns (Item[] memory) {
        return Allocations.one(Item(alices, bobs, 7, quantity, price));
    }

    function refuse(Item[] memory items, bytes memory data) internal {
        close();
        propose(items, data);
    }

    function accept(Item[] memory items) internal {
        close();
        propose(items, "");
        (uint128 value, bytes32 chain, uint64 count,) = market.candidate();
        assertEq(value, worth(items), "value");
        assertEq(chain, Allocations.chain(items, items.length), "chain");
        assertEq(count, items.length, "assignments");
    }

    function test_S6_RevertWhen_TheQuantityIsZero() public {
        refuse(item(0, 150), refusal(ISolidWorx.ZeroQuantity.selector));
    }

    function test_S6_RevertWhen_ThePriceIsBelowTheProviders() public {
        refuse(item(1, 99), refusal(ISolidWorx.PriceBelowOffer.selector, alices, 99, 100));
    }

    function test_S6_RevertWhen_ThePriceIsAboveTheConsumers() public {
        refuse(item(1, 201), refusal(ISolidWorx.PriceAboveOffer.selector, bobs, 201, 200));
    }

    function test_WhenThePriceIsAtEitherLimit() public {
        accept(Allocations.two(item(1, 100)[0], item(1, 200)[0]));
    }

    function test_S6_RevertWhen_AnOfferIsUsedForMoreThanItIs() public {
        refuse(item(601, 150), refusal(ISolidWorx.ExceedsOffer.selector, bobs, 1_001_667, PRECISION));
    }

    function test_S6_RevertWhen_TheProviderIsUsedForMoreThanItIs() public {
        uint64 carols = consume(CAROL, 7, 600, 200);
        Item[] memory items = item(600, 150);
        items = Allocations.with(items, Item(alices, carols, 7, 401, 150));
        refuse(items, refusal(ISolidWorx.ExceedsOffer.selector, alices, 1_001_000, PRECISION));
    }

    function test_WhenOffersAreUsedUpInParts() public {
        uint64 carols = consume(CAROL, 7, 600, 200);
        Item[] memory items = Allocations.two(item(597, 150)[0], item(3, 150)[0]);
        accept(Allocations.with(items, Item(alices, carols, 7, 400, 150)));
    }

    function test_S6_RevertWhen_AnOfferIsOnTheWrongSide() public {
        uint64 carols = provide(CAROL, 7, 10, 100);
        refuse(Allocations.one(Item(alices, carols, 7, 1, 150)), refusal(ISolidWorx.WrongSide.selector, carols));
    }

    function test_S6_RevertWhen_TheProviderIsAConsumer() public {
        uint64 carols = consume(CAROL, 7, 10, 100);
        refuse(Allocations.one(Item(carols, bobs, 7, 1, 150)), refusal(ISolidWorx.WrongSide.selector, carols));
    }

    function test_S6_RevertWhen_ThePriceIsOutsideTheTypesBounds() public {
        Extensions memory e = plain();
        e.bounded = true;
        e.types = new TypeRule[](2);
        e.types[0] = TypeRule(7, 0, 120, 180);
        e.types[1] = TypeRule(EVERY_TYPE, 0, 0, 1);
        open(e);
        uint256 snapshot = vm.snapshotState();
        refuse(item(1, 119), refusal(ISolidWorx.PriceOutOfBounds.selector, 7, 119, 120, 180));
        vm.revertToState(snapshot);
        refuse(item(1, 181), refusal(ISolidWorx.PriceOutOfBounds.selector, 7, 181, 120, 180));
        vm.revertToState(snapshot);
        accept(Allocations.two(item(1, 120)[0], item(1, 180)[0]));
    }

    function test_S6_RevertWhen_ThePairMayNotExchangeTheType() public {
        Extensions memory e = plain();
        e.paired = true;
        e.pairs = new Pair[](2);
        e.pairs[0] = Pair(7, ALICE, BOB);
        e.pairs[1] = Pair(8, ALICE, CAROL);
        open(e);
        uint64 carols = consume(CAROL, 7, 600, 200);
        bytes memory data = abi.encodeWithSelector(ISolidWorx.PairForbidden.selector, 7, ALICE, CAROL);
        uint256 snapshot = vm.snapshotState();
        refuse(Allocations.one(Item(alices, carols, 7, 1, 150)), data);
        vm.revertToState(snapshot);
        accept(item(1, 150));
    }

    function test_WhenWeighted_AUnitCountsItsTypesWeight() public {
        Extensions memory e = plain();
        e.weighted = true;
        e.types = new TypeRule[](1);
        e.types[0] = TypeRule(7, 3, 0, 0);
        open(e);
        accept(item(5, 150));
        (uint128 value,,,) = market.candidate();
        assertEq(value, 15, "3 times 5");
    }

    function test_WhenBenefitCounts_AUnitCountsTheDifferenceOfPrices() public {
        Extensions memory e = plain();
        e.benefit = true;
        open(e);
        accept(item(5, 150));
        (uint128 value,,,) = market.candidate();
        assertEq(value, 500, "5 times 200 less 100");
    }

    function test_RevertWhen_TheValueDoesNotFit() public {
        Extensions memory e = plain();
        (e.weighted, e.benefit) = (true, true);
        e.types = new TypeRule[](1);
        e.types[0] = TypeRule(7, type(uint64).max, 0, 0);
        deployMarket();
        market.setup(NUM_TYPES, PRECISION, EVERY_TYPE, LENGTH_RECEIVE, LENGTH_SOLVE, e);
        alices = provide(ALICE, 7, type(uint64).max, 0);
        bobs = consume(BOB, 7, type(uint64).max, type(uint64).max);
        uint256 snapshot = vm.snapshotState();
        // 2^64 − 1 times itself is just below 2^128, so is one more unit of that; two are not.
        accept(item(1, 5));
        vm.revertToState(snapshot);
        uint256 square = uint256(type(uint64).max) * type(uint64).max;
        refuse(item(2, 5), refusal(ISolidWorx.ValueOverflow.selector, 2 * square));
    }

    // --- alternatives that mix ---

    /// @dev Half of one alternative and half of the other is a whole; a third more is too much.
    function test_S6_AlternativesMix() public {
        uint64 mixed = postPacked(CAROL, true, Allocations.two(Alternative(7, 10, 0), Alternative(8, 30, 0)));
        uint64 seven = consume(BOB, 7, 100, 9);
        uint64 eight = consume(BOB, 8, 100, 9);
        Item[] memory items = Allocations.two(Item(mixed, seven, 7, 5, 1), Item(mixed, eight, 8, 15, 1));
        uint256 snapshot = vm.snapshotState();
        accept(items);
        vm.revertToState(snapshot);
        items = Allocations.with(items, Item(mixed, eight, 8, 1, 1));
        refuse(items, refusal(ISolidWorx.ExceedsOffer.selector, mixed, 500_000 + 533_334, PRECISION));
    }

    /// @dev Three of one quantity and any precision: exact, though a third is no whole number of parts.
    function test_S6_AlternativesOfOneQuantityAreExact() public {
        deployMarket();
        market.setup(NUM_TYPES, 1, MAX_QUANTITY, LENGTH_RECEIVE, LENGTH_SOLVE, plain());
        uint64 mixed = postPacked(CAROL, true, Allocations.two(Alternative(7, 3, 0), Alternative(8, 3, 0)));
        uint64 seven = consume(BOB, 7, 100, 9);
        uint64 eight = consume(BOB, 8, 100, 9);
        Item[] memory items = Allocations.two(Item(mixed, seven, 7, 1, 1), Item(mixed, eight, 8, 2, 1));
        uint256 snapshot = vm.snapshotState();
        accept(items);
        vm.revertToState(snapshot);
        items = Allocations.with(items, Item(mixed, eight, 8, 1, 1));
        refuse(items, refusal(ISolidWorx.ExceedsOffer.selector, mixed, 2, 1));
    }

    /// @dev Of a third and a sixth and a half, with 100 parts: 34 + 17 + 50 parts are one too many.
    function test_S6_DifferentQuantitiesRoundAgainstTheOffer() public {
        deployMarket();
        market.setup(NUM_TYPES, 100, MAX_QUANTITY, LENGTH_RECEIVE, LENGTH_SOLVE, plain());
        Alternative[] memory list = new Alternative[](3);
        (list[0], list[1], list[2]) = (Alternative(1, 3, 0), Alternative(2, 6, 0), Alternative(3, 2, 0));
        uint64 mixed = postPacked(CAROL, true, list);
        list = new Alternative[](3);
        (list[0], list[1], list[2]) = (Alternative(1, 9, 9), Alternative(2, 9, 9), Alternative(3, 9, 9));
        uint64 wide = postPacked(BOB, false, list);
        Item[] memory items = Allocations.two(Item(mixed, wide, 1, 1, 1), Item(mixed, wide, 2, 1, 1));
        uint256 snapshot = vm.snapshotState();
        accept(items);
        vm.revertToState(snapshot);
        items = Allocations.with(items, Item(mixed, wide, 3, 1, 1));
        refuse(items, refusal(ISolidWorx.ExceedsOffer.selector, mixed, 101, 100));
    }
}

contract PackedAssignmentTest is AssignmentTest {
    function propose(Item[] memory items, bytes memory refused) internal override {
        bytes memory data = encodePost(items);
        if (worth(items) == 0) {
            // A claim that is taken, so that the assignments are read.
            data = abi.encodeCall(
                market.postSolution,
                (1, Allocations.offers(offersOf(items)), Allocations.assignments(offersOf(items), items))
            );
        }
        vm.prank(SOLVER);
        if (refused.length > 0) vm.expectRevert(refused);
        (bool isDone,) = address(market).call(data);
        assertTrue(isDone, "an expected refusal counts as done");
    }

    /// @dev A value that does not fit cannot be claimed.
    function encodePost(Item[] memory items) internal view override returns (bytes memory) {
        uint256 value = worth(items);
        return abi.encodeCall(
            market.postSolution,
            (
                uint128(value > type(uint128).max ? type(uint128).max : value),
                Allocations.offers(offersOf(items)),
                Allocations.assignments(offersOf(items), items)
            )
        );
    }
}

contract StepAssignmentTest is AssignmentTest {
    function propose(Item[] memory items, bytes memory refused) internal override {
        for (uint256 i; i < items.length; ++i) {
            _unpackOnce(items[i].providingOffer);
            _unpackOnce(items[i].consumingOffer);
        }
        uint64 id = create(SOLVER);
        for (uint256 i; i < items.length; ++i) {
            if (i + 1 == items.length && refused.length > 0) vm.expectRevert(refused);
            Item memory a = items[i];
            vm.prank(SOLVER);
            market.addAssignment(id, a.providingOffer, a.consumingOffer, a.resourceType, a.quantity, a.price);
        }
    }

    function _unpackOnce(uint64 id) private {
        if (market.contentsHash(id) != 0) unpack(id);
    }
}
