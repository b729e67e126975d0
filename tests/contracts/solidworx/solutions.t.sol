// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {Allocations, Alternative, Item, Posted} from "./Allocations.sol";
import {Exchange} from "./Exchange.sol";

/// @notice What only one of the two interfaces has to refuse.
abstract contract Offered is Exchange {
    uint64 internal alices;
    uint64 internal bobs;
    uint64 internal carols;

    function setUp() public virtual {
        setUpMarket(plain());
        alices = provide(ALICE, 7, 1000, 100);
        bobs = consume(BOB, 7, 600, 200);
        carols = postSteps(CAROL, false, Allocations.one(7, 600, 200));
    }

    function items(uint64 quantity) internal view returns (Item[] memory) {
        return Allocations.one(Item(alices, bobs, 7, quantity, 150));
    }
}

contract PostSolutionTest is Offered {
    function setUp() public override {
        super.setUp();
        close();
    }

    function test_S7_RevertWhen_NotBetter() public {
        submit(items(100));
        _refuse(refusal(ISolidWorx.NotBetter.selector, 100, 100), 100, "rubbish that nobody reads", "");
        _refuse(refusal(ISolidWorx.NotBetter.selector, 0, 100), 0, "", "");
        submit(items(101));
        (uint128 value, bytes32 chain, uint64 count, uint64 id) = market.candidate();
        assertTrue(value == 101 && count == 1 && id == 0, "candidate");
        assertEq(chain, Allocations.chain(items(101), 1), "chain");
    }

    function test_RevertWhen_TheValueIsNotTheClaimedOne() public {
        _refuse(refusal(ISolidWorx.WrongObjective.selector, 101, 100), 101, _offers(), _assignments(100));
        _refuse(refusal(ISolidWorx.WrongObjective.selector, 99, 100), 99, _offers(), _assignments(100));
        _refuse(refusal(ISolidWorx.WrongObjective.selector, 1, 0), 1, "", "");
    }

    function testFuzz_RevertWhen_TheOffersEndTooEarly(uint256 size) public {
        bytes memory offers = _offers();
        // One offer alone is whole, too; then the second is not listed.
        size = bound(size, 1, offers.length - 1);
        bool isWhole = size == 55;
        bytes4 error = isWhole ? ISolidWorx.OfferNotListed.selector : ISolidWorx.OffersTruncated.selector;
        bytes memory data = isWhole ? refusal(error, 0, 1) : refusal(error, size);
        _refuse(data, 100, _cut(offers, size), _assignments(100));
    }

    function testFuzz_RevertWhen_TheAssignmentsEndTooEarly(uint256 size) public {
        bytes memory assignments = bytes.concat(_assignments(60), _assignments(40));
        size = bound(size, 1, assignments.length - 1);
        if (size == 22) return;
        bytes memory cut = _cut(assignments, size);
        _refuse(refusal(ISolidWorx.AssignmentsTruncated.selector, size), 100, _offers(), cut);
    }

    function test_RevertWhen_TheOffersDoNotAscend() public {
        bytes memory one = abi.encodePacked(alices, contentsOf(alices));
        bytes memory other = abi.encodePacked(bobs, contentsOf(bobs));
        bytes4 error = ISolidWorx.OffersNotAscending.selector;
        _refuse(refusal(error, alices), 1, bytes.concat(one, one), "");
        _refuse(refusal(error, alices), 1, bytes.concat(other, one), "");
        _refuse(refusal(error, 0), 1, abi.encodePacked(uint64(0), contentsOf(alices)), "");
    }

    function test_RevertWhen_AnOfferIsUnknown() public {
        bytes memory offers = abi.encodePacked(uint64(4), contentsOf(alices));
        _refuse(refusal(ISolidWorx.UnknownOffer.selector, 4), 1, offers, "");
    }

    function testFuzz_RevertWhen_AnOfferIsNotWhatItIsSaidToBe(uint256 at, uint8 change) public {
        vm.assume(change != 0);
        bytes memory offers = _offers();
        at = bound(at, 8, 54);
        // The number of alternatives says how many bytes there are: too many end too early, or none are contents.
        if (at == 29 || at == 30) at = 31;
        offers[at] = bytes1(uint8(offers[at]) ^ change);
        _refuse(refusal(ISolidWorx.ContentsMismatch.selector, alices), 100, offers, _assignments(100));
    }

    function testFuzz_RevertWhen_AnOfferOfStorageIsNotWhatItIsSaidToBe(uint256 at, uint8 change) public {
        vm.assume(change != 0);
        bytes memory offers = abi.encodePacked(carols, contentsOf(carols));
        at = bound(at, 8, 54);
        if (at == 29 || at == 30) at = 31;
        offers[at] = bytes1(uint8(offers[at]) ^ change);
        _refuse(refusal(ISolidWorx.ContentsMismatch.selector, carols), 100, offers, "");
    }

    function test_RevertWhen_APlaceIsNotListed() public {
        bytes memory there = abi.encodePacked(uint16(2), uint16(1), uint8(0), uint8(0), uint64(5), uint64(150));
        _refuse(refusal(ISolidWorx.OfferNotListed.selector, 0, 2), 5, _offers(), there);
        there = abi.encodePacked(uint16(0), uint16(0xffff), uint8(0), uint8(0), uint64(5), uint64(150));
        there = bytes.concat(_assignments(1), there);
        _refuse(refusal(ISolidWorx.OfferNotListed.selector, 1, 0xffff), 6, _offers(), there);
    }

    function test_RevertWhen_AnAlternativeIsNotListed() public {
        bytes memory there = abi.encodePacked(uint16(0), uint16(1), uint8(1), uint8(0), uint64(5), uint64(150));
        _refuse(refusal(ISolidWorx.AlternativeNotListed.selector, alices, 1), 5, _offers(), there);
        there = abi.encodePacked(uint16(0), uint16(1), uint8(0), uint8(255), uint64(5), uint64(150));
        _refuse(refusal(ISolidWorx.AlternativeNotListed.selector, bobs, 255), 5, _offers(), there);
    }

    /// @dev Whatever the bytes: refused with an error of the market's, never a panic.
    function testFuzz_WhenTheSolutionIsNoise(uint128 value, bytes memory noise, bytes memory more, uint256 kind)
        public
    {
        value = uint128(bound(value, 1, type(uint128).max));
        bytes memory offers = kind % 3 == 0 ? noise : _offers();
        if (kind % 3 == 1) offers = bytes.concat(offers, noise);
        (bool isAccepted, bytes memory answer) =
            address(market).call(abi.encodeCall(market.postSolution, (value, offers, more)));
        assertTrue(!isAccepted && answer.length >= 4, "refused");
        assertTrue(bytes4(answer) != 0x4e487b71, "without a panic");
    }

    function test_S6_RevertWhen_ConsumersTypeIsAnother() public {
        finalizeAll(new Item[](0));
        uint64 p = provide(ALICE, 7, 10, 1);
        uint64 c = consume(BOB, 8, 10, 9);
        close();
        bytes memory offers = abi.encodePacked(p, contentsOf(p), c, contentsOf(c));
        _refuse(refusal(ISolidWorx.UnlistedType.selector, c, 7), 5, offers, _assignments(5));
    }

    function test_WhenOffersOfBothKindsAreUsed() public {
        Item[] memory list = Allocations.with(items(600), Item(alices, carols, 7, 400, 150));
        submit(list);
        unpack(alices);
        list[1].quantity = 399;
        list = Allocations.with(list, Item(alices, carols, 7, 1, 150));
        vm.expectRevert(refusal(ISolidWorx.NotBetter.selector, 1000, 1000));
        market.postSolution(1000, "", "");
    }

    /// @dev Unpacking an offer does not stop a solution that is on its way.
    function test_WhenAnOfferWasUnpackedMeanwhile() public {
        bytes memory data = encodePost(items(100));
        unpack(alices);
        (bool isDone,) = address(market).call(data);
        assertTrue(isDone, "accepted");
    }

    function _refuse(bytes memory data, uint128 value, bytes memory offers, bytes memory assignments) private {
        vm.prank(SOLVER);
        vm.expectRevert(data);
        market.postSolution(value, offers, assignments);
    }

    function _offers() private view returns (bytes memory) {
        return Allocations.offers(offersOf(items(1)));
    }

    function _assignments(uint64 quantity) private pure returns (bytes memory) {
        return abi.encodePacked(uint16(0), uint16(1), uint8(0), uint8(0), quantity, uint64(150));
    }

    function _cut(bytes memory whole, uint256 size) private pure returns (bytes memory part) {
        part = new bytes(size);
        for (uint256 i; i < size; ++i) {
            part[i] = whole[i];
        }
    }
}

contract StepSolutionTest is Offered {
    uint64 private id;

    function setUp() public override {
        super.setUp();
        close();
        unpack(alices);
        id = create(SOLVER);
    }

    function test_WhenCreated_ItIsEmpty() public view {
        (address solver, uint128 value, bytes32 chain, uint64 count) = market.solution(id);
        assertEq(solver, SOLVER, "solver");
        assertTrue(value == 0 && chain == 0 && count == 0, "empty");
    }

    function test_S8_RevertWhen_AnotherAdds() public {
        vm.expectRevert(abi.encodeWithSelector(ISolidWorx.NotSolver.selector, id, STRANGER));
        vm.prank(STRANGER);
        market.addAssignment(id, alices, carols, 7, 1, 150);
    }

    function test_RevertWhen_ThereIsNoSuchSolution() public {
        _refuse(refusal(ISolidWorx.UnknownSolution.selector, 0), 0, alices, carols, 7);
        _refuse(refusal(ISolidWorx.UnknownSolution.selector, 2), 2, alices, carols, 7);
    }

    function test_RevertWhen_TheSolutionIsOfAPastCycle() public {
        finalizeAll(new Item[](0));
        close();
        _refuse(refusal(ISolidWorx.SolutionOfPastCycle.selector, id, 2), id, alices, carols, 7);
    }

    function test_RevertWhen_AnOfferIsPackedStill() public {
        _refuse(refusal(ISolidWorx.IsPacked.selector, bobs), id, alices, bobs, 7);
        unpack(bobs);
        add(SOLVER, id, Item(alices, bobs, 7, 1, 150));
    }

    function test_RevertWhen_ATypeIsUnlisted() public {
        _refuse(refusal(ISolidWorx.UnlistedType.selector, alices, 8), id, alices, carols, 8);
    }

    function test_RevertWhen_AnOfferIsUnknown() public {
        _refuse(refusal(ISolidWorx.UnknownOffer.selector, 4), id, alices, 4, 7);
        _refuse(refusal(ISolidWorx.UnknownOffer.selector, 0), id, 0, carols, 7);
    }

    function test_S7_WhenTwoSolversCompete_TheBestOneLeads() public {
        uint64 other = create(STRANGER);
        add(SOLVER, id, Item(alices, carols, 7, 100, 150));
        add(STRANGER, other, Item(alices, carols, 7, 100, 150));
        (uint128 value,,, uint64 leader) = market.candidate();
        assertTrue(value == 100 && leader == id, "as good is not better");
        add(STRANGER, other, Item(alices, carols, 7, 1, 150));
        (value,,, leader) = market.candidate();
        assertTrue(value == 101 && leader == other, "better");
        add(SOLVER, id, Item(alices, carols, 7, 2, 150));
        bytes32 chain;
        uint64 count;
        (value, chain, count, leader) = market.candidate();
        assertTrue(value == 102 && leader == id && count == 2, "better again");
        (,, bytes32 own,) = market.solution(id);
        assertEq(chain, own, "its chain");
    }

    function test_S7_WhenOneOfEachKindCompetes() public {
        add(SOLVER, id, Item(alices, carols, 7, 100, 150));
        submit(items(200));
        (uint128 value,,, uint64 leader) = market.candidate();
        assertTrue(value == 200 && leader == 0, "packed");
        add(SOLVER, id, Item(alices, carols, 7, 101, 150));
        (value,,, leader) = market.candidate();
        assertTrue(value == 201 && leader == id, "step by step");
    }

    /// @dev Amounts of different alternatives are kept apart a solution and an offer.
    function test_S6_WhenManyQuantitiesMix_StorageCountsAsMemoryDoes() public {
        finalizeAll(new Item[](0));
        Alternative[] memory list = new Alternative[](4);
        for (uint64 i; i < 4; ++i) {
            list[i] = Alternative(i, 10 + i, 0);
        }
        uint64 mixed = postSteps(ALICE, true, list);
        for (uint64 i; i < 4; ++i) {
            list[i] = Alternative(i, 1000, 9);
        }
        uint64 wide = postSteps(BOB, false, list);
        close();
        id = create(SOLVER);
        Item[] memory all = new Item[](8);
        for (uint64 i; i < 8; ++i) {
            all[i] = Item(mixed, wide, i % 4, 1, 1);
            add(SOLVER, id, all[i]);
        }
        // 2 of each: 200,000 + 181,819 + 166,667 + 153,847 parts are left 297,667 for 3 more of the first.
        add(SOLVER, id, Item(mixed, wide, 0, 2, 1));
        uint256 used = 400_000 + 181_819 + 166_667 + 153_847;
        _refuse(refusal(ISolidWorx.ExceedsOffer.selector, mixed, used + 100_000, PRECISION), id, mixed, wide, 0);
    }

    function _refuse(bytes memory data, uint64 which, uint64 p, uint64 c, uint64 resourceType) private {
        // The offers of many quantities have prices of their own.
        uint64 price = resourceType == 0 ? 1 : 150;
        vm.prank(SOLVER);
        vm.expectRevert(data);
        market.addAssignment(which, p, c, resourceType, 1, price);
    }
}
