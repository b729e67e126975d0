// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {State} from "../../../contracts/solidworx/SolidWorxTypes.sol";
import {Allocations, Item} from "./Allocations.sol";
import {Exchange} from "./Exchange.sol";

contract FinalizeTest is Exchange {
    Item[] private five;

    function setUp() public {
        setUpMarket(plain());
        uint64 p = provide(ALICE, 7, 1000, 100);
        uint64 c = consume(BOB, 7, 600, 200);
        close();
        for (uint64 i; i < 5; ++i) {
            five.push(Item(p, c, 7, 10 + i, 150 + i));
        }
        submit(five);
    }

    function test_RevertWhen_ItIsTooEarly() public {
        vm.warp(phaseEnd() - 1);
        vm.expectRevert(refusal(ISolidWorx.TooEarly.selector, phaseEnd() - 1, phaseEnd()));
        market.finalize(0, Allocations.records(five));
    }

    function test_RevertWhen_TheRecordsAreWrong() public {
        warpToEnd();
        bytes32 chain = Allocations.chain(five, 5);
        bytes memory records = Allocations.records(five);
        vm.expectRevert(refusal(ISolidWorx.RecordsTruncated.selector, 39));
        market.finalize(0, new bytes(39));
        vm.expectRevert(refusal(ISolidWorx.WrongRecords.selector, 0, uint256(chain)));
        market.finalize(0, "");
        vm.expectRevert(refusal(ISolidWorx.NoRecords.selector));
        market.finalize(chain, "");
        records[199] = bytes1(uint8(records[199]) ^ 1);
        vm.expectRevert();
        market.finalize(0, records);
        records[199] = bytes1(uint8(records[199]) ^ 1);
        vm.expectRevert();
        market.finalize(bytes32(uint256(1)), records);
    }

    /// @dev Only some of the records, from the front: that is not what the candidate ends with.
    function test_RevertWhen_TheRecordsAreTheFirst() public {
        warpToEnd();
        Item[] memory first = Allocations.slice(five, 0, 4);
        bytes32 chain = Allocations.chain(first, 4);
        bytes memory data =
            refusal(ISolidWorx.WrongRecords.selector, uint256(chain), uint256(Allocations.chain(five, 5)));
        vm.expectRevert(data);
        market.finalize(0, Allocations.records(first));
    }

    function testFuzz_S9_WhenInPages_EachRecordIsFinalOnce(uint256 seed) public {
        warpToEnd();
        uint256 left = 5;
        while (left > 0) {
            uint256 count = bound(uint256(keccak256(abi.encode(seed, left))), 1, left);
            for (uint256 i = left - count; i < left; ++i) {
                Item memory a = five[i];
                vm.expectEmit(address(market));
                emit ISolidWorx.AssignmentFinalized(
                    1, a.providingOffer, a.consumingOffer, a.resourceType, a.quantity, a.price
                );
            }
            if (count == left) {
                vm.expectEmit(address(market));
                emit ISolidWorx.Finalized(1, 60);
            }
            left -= count;
            bytes memory page = Allocations.records(five, left, left + count);
            vm.prank(STRANGER);
            market.finalize(Allocations.chain(five, left), page);
            (uint128 value,, uint64 open,) = market.candidate();
            assertEq(open, left, "left");
            assertEq(value, left > 0 ? 60 : 0, "value until the cycle is over");
        }
        _checkCycle(2);
    }

    function test_WhenThereIsNoCandidate_TheEmptyAllocationIsFinal() public {
        finalizeAll(five);
        close();
        warpToEnd();
        vm.expectRevert(refusal(ISolidWorx.WrongRecords.selector, 7, 0));
        market.finalize(bytes32(uint256(7)), "");
        vm.expectEmit(address(market));
        emit ISolidWorx.Finalized(2, 0);
        market.finalize(0, "");
        _checkCycle(3);
    }

    function test_WhenHalfFinal_NobodyAddsAnything() public {
        warpToEnd();
        market.finalize(Allocations.chain(five, 4), Allocations.records(five, 4, 5));
        bytes memory data = refusal(ISolidWorx.PhaseOver.selector, block.timestamp, phaseEnd());
        vm.expectRevert(data);
        market.postSolution(1000, "", "");
        vm.expectRevert(data);
        market.createSolution(0);
        vm.expectRevert(refusal(ISolidWorx.WrongState.selector, uint256(State.Solve)));
        market.createOffer(true, 0);
    }

    function _checkCycle(uint64 number) private view {
        (State state, uint64 cycle_, uint64 end, uint64 first, uint64 next, uint64 fs, uint64 ns) = market.status();
        assertTrue(state == State.Receive && cycle_ == number, "cycle");
        assertEq(end, block.timestamp + LENGTH_RECEIVE, "a whole phase");
        assertTrue(first == next && fs == ns, "nothing of the cycle before");
        (uint128 value, bytes32 chain, uint64 count, uint64 id) = market.candidate();
        assertTrue(value == 0 && chain == 0 && count == 0 && id == 0, "no candidate");
    }
}
