// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {Extensions, OfferState} from "../../../contracts/solidworx/SolidWorxTypes.sol";
import {Allocations, Alternative, Item} from "./Allocations.sol";
import {Exchange} from "./Exchange.sol";

contract OffersTest is Exchange {
    uint64 private id;

    function setUp() public {
        setUpMarket(plain());
        vm.prank(ALICE);
        id = market.createOffer(true, 42);
    }

    function test_WhenCreated_ItIsBlankAndItsCreators() public view {
        (OfferState state, address owner, bool providing) = market.offer(id);
        assertTrue(state == OfferState.Created && providing, "created");
        assertEq(owner, ALICE, "owner");
    }

    function test_RevertWhen_Unknown() public {
        vm.startPrank(ALICE);
        _refuseAll(refusal(ISolidWorx.UnknownOffer.selector, 0), 0);
        _refuseAll(refusal(ISolidWorx.UnknownOffer.selector, 2), 2);
    }

    function test_RevertWhen_OfAPastCycle() public {
        close();
        finalizeAll(new Item[](0));
        vm.startPrank(ALICE);
        _refuseAll(refusal(ISolidWorx.OfferOfPastCycle.selector, id, 2), id);
    }

    function test_S3_S4_RevertWhen_NotTheOwner() public {
        bytes memory data = abi.encodeWithSelector(ISolidWorx.NotOwner.selector, id, BOB);
        vm.startPrank(BOB);
        vm.expectRevert(data);
        market.updateOffer(id, 1, 1, 1);
        vm.expectRevert(data);
        market.postOffer(id);
        vm.expectRevert(data);
        market.cancelOffer(id);
        vm.expectRevert(refusal(ISolidWorx.NotPacked.selector, id));
        market.cancelPackedOffer(id, "");
    }

    function test_S3_RevertWhen_PostedAlready() public {
        vm.startPrank(ALICE);
        market.postOffer(id);
        vm.expectRevert(refusal(ISolidWorx.AlreadyPosted.selector, id));
        market.postOffer(id);
        vm.expectRevert(refusal(ISolidWorx.AlreadyPosted.selector, id));
        market.updateOffer(id, 1, 1, 1);
    }

    function test_S4_RevertWhen_NotPosted() public {
        vm.startPrank(ALICE);
        vm.expectRevert(refusal(ISolidWorx.NotPosted.selector, id));
        market.cancelOffer(id);
        market.postOffer(id);
        market.cancelOffer(id);
        vm.expectRevert(refusal(ISolidWorx.NotPosted.selector, id));
        market.cancelOffer(id);
    }

    function test_WhenCanceled_ItMayBeChangedAndPostedAgain() public {
        vm.startPrank(ALICE);
        market.updateOffer(id, 5, 10, 7);
        market.postOffer(id);
        market.cancelOffer(id);
        market.updateOffer(id, 5, 11, 8);
        market.postOffer(id);
        (OfferState state,,) = market.offer(id);
        (uint64 quantity, uint64 value) = market.alternative(id, 5);
        assertTrue(state == OfferState.Posted && quantity == 11 && value == 8, "changed");
    }

    function test_RevertWhen_TheTypeIsNotTheMarkets() public {
        vm.startPrank(ALICE);
        vm.expectRevert(refusal(ISolidWorx.UnknownType.selector, NUM_TYPES, NUM_TYPES));
        market.updateOffer(id, NUM_TYPES, 1, 1);
        market.updateOffer(id, NUM_TYPES - 1, 1, 1);
    }

    function test_RevertWhen_TheQuantityIsOverTheMaximum() public {
        vm.startPrank(ALICE);
        vm.expectRevert(refusal(ISolidWorx.QuantityTooLarge.selector, MAX_QUANTITY + 1, MAX_QUANTITY));
        market.updateOffer(id, 1, MAX_QUANTITY + 1, 1);
        market.updateOffer(id, 1, MAX_QUANTITY, 1);
    }

    function test_WhenUpdatedTwice_TheLastHolds_AndZeroListsNothing() public {
        vm.startPrank(ALICE);
        market.updateOffer(id, 5, 10, 7);
        market.updateOffer(id, 5, 3, 2);
        (uint64 quantity, uint64 value) = market.alternative(id, 5);
        assertTrue(quantity == 3 && value == 2, "the last");
        market.updateOffer(id, 5, 0, 2);
        (quantity, value) = market.alternative(id, 5);
        assertTrue(quantity == 0 && value == 0, "nothing");
    }

    function _refuseAll(bytes memory data, uint64 which) private {
        vm.expectRevert(data);
        market.updateOffer(which, 1, 1, 1);
        vm.expectRevert(data);
        market.postOffer(which);
        vm.expectRevert(data);
        market.cancelOffer(which);
        vm.expectRevert(data);
        market.cancelPackedOffer(which, "");
    }
}

contract PackedOffersTest is Exchange {
    function setUp() public {
        setUpMarket(plain());
    }

    function test_WhenPosted_ItKeepsTheHashOfItsContents() public {
        uint64 id = postPacked(ALICE, false, Allocations.two(Alternative(1, 2, 3), Alternative(4, 5, 6)));
        bytes memory contents = abi.encodePacked(
            ALICE, uint8(0), uint16(2), uint64(1), uint64(2), uint64(3), uint64(4), uint64(5), uint64(6)
        );
        assertEq(market.contentsHash(id), bytes31(keccak256(contents)), "hash");
        (OfferState state,,) = market.offer(id);
        assertTrue(state == OfferState.Packed, "state");
    }

    function test_RevertWhen_TheNumberOfAlternativesIsWrong() public {
        uint16[5] memory sizes = [0, 23, 25, 47, 257 * 24];
        for (uint256 i; i < sizes.length; ++i) {
            vm.expectRevert(refusal(ISolidWorx.BadNumberOfAlternatives.selector, sizes[i]));
            market.postPackedOffer(true, 0, new bytes(sizes[i]));
        }
    }

    function test_When256AlternativesAreListed() public {
        deployMarket();
        market.setup(EVERY_TYPE, 1, EVERY_TYPE, 1000, 1000, plain());
        Alternative[] memory list = new Alternative[](256);
        for (uint64 i; i < 256; ++i) {
            list[i] = Alternative(type(uint64).max - 256 + i, type(uint64).max, type(uint64).max);
        }
        uint64 id = postPacked(ALICE, true, list);
        close();
        unpack(id);
        (uint64 quantity, uint64 value) = market.alternative(id, type(uint64).max - 1);
        assertTrue(quantity == type(uint64).max && value == type(uint64).max, "the last");
    }

    function test_RevertWhen_TypesDoNotAscend() public {
        _refuse(Allocations.two(Alternative(4, 1, 1), Alternative(4, 1, 1)), ISolidWorx.TypesNotAscending.selector, 4);
        _refuse(Allocations.two(Alternative(4, 1, 1), Alternative(3, 1, 1)), ISolidWorx.TypesNotAscending.selector, 3);
    }

    function test_RevertWhen_AnAlternativeIsOutOfRange() public {
        vm.expectRevert(refusal(ISolidWorx.UnknownType.selector, NUM_TYPES, NUM_TYPES));
        market.postPackedOffer(true, 0, Allocations.pack(Allocations.one(NUM_TYPES, 1, 1)));
        vm.expectRevert(refusal(ISolidWorx.ZeroQuantity.selector));
        market.postPackedOffer(true, 0, Allocations.pack(Allocations.one(1, 0, 1)));
        vm.expectRevert(refusal(ISolidWorx.QuantityTooLarge.selector, MAX_QUANTITY + 1, MAX_QUANTITY));
        market.postPackedOffer(true, 0, Allocations.pack(Allocations.one(1, MAX_QUANTITY + 1, 1)));
    }

    function test_S4_WhenCanceled_ItIsSoForGood() public {
        uint64 id = provide(ALICE, 1, 2, 3);
        vm.startPrank(ALICE);
        market.cancelPackedOffer(id, contentsOf(id));
        (OfferState state,,) = market.offer(id);
        assertTrue(state == OfferState.PackedCanceled, "state");
        bytes memory contents = contentsOf(id);
        vm.expectRevert(refusal(ISolidWorx.NotPosted.selector, id));
        market.cancelPackedOffer(id, contents);
        vm.expectRevert(refusal(ISolidWorx.IsPacked.selector, id));
        market.postOffer(id);
    }

    function test_S4_RevertWhen_NotTheOwner() public {
        uint64 id = provide(ALICE, 1, 2, 3);
        bytes memory contents = contentsOf(id);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ISolidWorx.NotOwner.selector, id, BOB));
        market.cancelPackedOffer(id, contents);
    }

    function test_RevertWhen_OfTheOtherInterface() public {
        uint64 id = provide(ALICE, 1, 2, 3);
        bytes memory data = refusal(ISolidWorx.IsPacked.selector, id);
        vm.startPrank(ALICE);
        vm.expectRevert(data);
        market.updateOffer(id, 1, 1, 1);
        vm.expectRevert(data);
        market.cancelOffer(id);
    }

    function testFuzz_RevertWhen_TheContentsAreNotTheOnesPosted(uint256 at, uint8 change) public {
        vm.assume(change != 0);
        uint64 id = provide(ALICE, 1, 2, 3);
        bytes memory contents = contentsOf(id);
        at = bound(at, 0, contents.length - 1);
        contents[at] = bytes1(uint8(contents[at]) ^ change);
        bytes memory data = refusal(ISolidWorx.ContentsMismatch.selector, id);
        vm.prank(ALICE);
        vm.expectRevert(data);
        market.cancelPackedOffer(id, contents);
        close();
        vm.expectRevert(data);
        market.unpackOffer(id, contents);
    }

    function test_WhenUnpacked_ItIsAsOneMadeStepByStep() public {
        uint64 id = postPacked(ALICE, true, Allocations.two(Alternative(1, 2, 3), Alternative(4, 5, 6)));
        close();
        vm.prank(STRANGER);
        market.unpackOffer(id, contentsOf(id));
        (OfferState state, address owner, bool providing) = market.offer(id);
        assertTrue(state == OfferState.Posted && providing && owner == ALICE, "state");
        (uint64 quantity, uint64 value) = market.alternative(id, 4);
        assertTrue(quantity == 5 && value == 6, "alternative");
        bytes memory contents = contentsOf(id);
        vm.expectRevert(refusal(ISolidWorx.NotPacked.selector, id));
        market.unpackOffer(id, contents);
    }

    function _refuse(Alternative[] memory list, bytes4 error, uint256 a) private {
        vm.expectRevert(refusal(error, a));
        market.postPackedOffer(true, 0, Allocations.pack(list));
    }
}

/// @notice An owner that takes no money.
contract Unpayable {
    function post(ISolidWorx market) external payable returns (uint64) {
        return market.createOffer{value: msg.value}(true, 0);
    }
}

contract DepositsTest is Exchange {
    uint96 private constant DEPOSIT = 0.01 ether;

    function setUp() public {
        Extensions memory e = plain();
        e.deposit = DEPOSIT;
        setUpMarket(e);
        vm.deal(ALICE, 1 ether);
    }

    function test_RevertWhen_AnotherAmountIsPaid() public {
        vm.startPrank(ALICE);
        vm.expectRevert(refusal(ISolidWorx.WrongDeposit.selector, 0, DEPOSIT));
        market.createOffer(true, 0);
        vm.expectRevert(refusal(ISolidWorx.WrongDeposit.selector, DEPOSIT + 1, DEPOSIT));
        market.postPackedOffer{value: DEPOSIT + 1}(true, 0, new bytes(24));
    }

    function test_WhenTheCycleIsOver_DepositsReturnOnce() public {
        uint64 packed = provide(ALICE, 1, 2, 3);
        uint64 steps = postSteps(ALICE, true, Allocations.one(1, 2, 3));
        uint64 unpacked = provide(ALICE, 1, 2, 3);
        uint64 canceled = provide(ALICE, 1, 2, 3);
        bytes memory contents = contentsOf(canceled);
        vm.prank(ALICE);
        market.cancelPackedOffer(canceled, contents);
        uint256 before = ALICE.balance;
        assertEq(address(market).balance, 4 * uint256(DEPOSIT), "held");
        vm.expectRevert(refusal(ISolidWorx.OfferOfThisCycle.selector, packed, 1));
        market.returnDeposit(packed, contents);
        close();
        unpack(unpacked);
        finalizeAll(new Item[](0));
        vm.expectRevert(refusal(ISolidWorx.ContentsMismatch.selector, packed));
        market.returnDeposit(packed, "");
        vm.startPrank(STRANGER);
        market.returnDeposit(packed, contents);
        market.returnDeposit(steps, "");
        market.returnDeposit(unpacked, "");
        market.returnDeposit(canceled, contents);
        assertEq(ALICE.balance, before + 4 * uint256(DEPOSIT), "returned");
        for (uint64 id = 1; id <= 4; ++id) {
            vm.expectRevert(refusal(ISolidWorx.NoDeposit.selector, id));
            market.returnDeposit(id, contents);
        }
        vm.expectRevert(refusal(ISolidWorx.UnknownOffer.selector, 5));
        market.returnDeposit(5, "");
    }

    function test_RevertWhen_TheOwnerTakesNoMoney_WhichStopsNobodyElse() public {
        Unpayable owner = new Unpayable();
        uint64 stuck = owner.post{value: DEPOSIT}(market);
        uint64 id = provide(ALICE, 1, 2, 3);
        close();
        finalizeAll(new Item[](0));
        vm.expectRevert(abi.encodeWithSelector(ISolidWorx.DepositNotAccepted.selector, owner));
        market.returnDeposit(stuck, "");
        market.returnDeposit(id, contentsOf(id));
        assertEq(address(market).balance, DEPOSIT, "one is left");
    }

    function test_RevertWhen_ThereIsNone() public {
        setUpMarket(plain());
        uint64 id = provide(ALICE, 1, 2, 3);
        close();
        finalizeAll(new Item[](0));
        vm.expectRevert(refusal(ISolidWorx.NoDeposit.selector, id));
        market.returnDeposit(id, "");
    }
}
