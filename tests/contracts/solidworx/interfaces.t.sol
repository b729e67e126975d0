// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Extensions, Pair, TypeRule} from "../../../contracts/solidworx/SolidWorxTypes.sol";
import {Allocations, Alternative, Item, Posted} from "./Allocations.sol";
import {Exchange} from "./Exchange.sol";

/// @notice One interface against the other: the same offers and assignments, the same verdict for the same reason.
contract InterfacesTest is Exchange {
    uint64 private constant TYPES = 3;

    uint256 private seed;

    /// forge-config: default.fuzz.runs = 1000
    function testFuzz_BothInterfacesGiveTheSameVerdict(uint256 r) public {
        seed = r;
        _open();
        uint64[] memory ids = new uint64[](6);
        for (uint256 i; i < ids.length; ++i) {
            address owner = [ALICE, BOB, CAROL][_random(3)];
            bool providing = i % 2 == 0;
            // Offers of either kind; what is asked for is mostly less than what is bid.
            Alternative[] memory list = _alternatives(providing ? 0 : 3);
            ids[i] = _random(2) == 0 ? postPacked(owner, providing, list) : postSteps(owner, providing, list);
        }
        close();
        Item[] memory items = new Item[](1 + _random(5));
        for (uint256 i; i < items.length; ++i) {
            // Once in a while on the wrong side.
            uint64 p = ids[_random(16) == 0 ? 1 : 2 * _random(3)];
            uint64 c = ids[_random(16) == 0 ? 0 : 2 * _random(3) + 1];
            items[i] = Item(p, c, uint64(_random(TYPES)), uint64(_random(8)), uint64(_random(3) + 2));
        }
        _compare(items);
    }

    function _compare(Item[] memory items) private {
        uint256 snapshot = vm.snapshotState();
        (bool isPackedTaken, bytes memory packed) = _proposePacked(items);
        (uint128 value, bytes32 chain, uint64 count,) = market.candidate();
        vm.revertToState(snapshot);
        (bool isTaken, bytes memory stepped) = _proposeSteps(items);
        // What is worth nothing is not better than nothing; step by step it is added, and not the candidate either.
        if (isTaken && worth(items) == 0) {
            assertTrue(!isPackedTaken, "worth nothing");
            return;
        }
        assertTrue(isPackedTaken == isTaken, "the same verdict");
        if (!isTaken) {
            assertEq(keccak256(packed), keccak256(stepped), "the same reason");
            return;
        }
        (uint128 steppedValue, bytes32 steppedChain, uint64 steppedCount,) = market.candidate();
        assertEq(value, worth(items), "its value");
        assertEq(value, steppedValue, "the same value");
        // Assignments at the end that are worth nothing do not make the solution a better candidate.
        if (count == steppedCount) assertEq(chain, steppedChain, "the same chain");
        else assertEq(Allocations.chain(items, steppedCount), steppedChain, "the chain of those worth something");
    }

    function _proposePacked(Item[] memory items) private returns (bool, bytes memory) {
        Posted[] memory list = offersOf(items);
        uint256 value = worth(items);
        return address(market)
            .call(
                abi.encodeCall(
                    market.postSolution,
                    (value == 0 ? 1 : uint128(value), Allocations.offers(list), Allocations.assignments(list, items))
                )
            );
    }

    function _proposeSteps(Item[] memory items) private returns (bool isTaken, bytes memory answer) {
        Posted[] memory list = offersOf(items);
        for (uint256 i; i < list.length; ++i) {
            if (market.contentsHash(list[i].id) != 0) unpack(list[i].id);
        }
        uint64 id = create(SOLVER);
        for (uint256 i; i < items.length; ++i) {
            Item memory a = items[i];
            bytes memory data = abi.encodeCall(
                market.addAssignment, (id, a.providingOffer, a.consumingOffer, a.resourceType, a.quantity, a.price)
            );
            vm.prank(SOLVER);
            (isTaken, answer) = address(market).call(data);
            if (!isTaken) return (false, answer);
        }
    }

    /// @dev A market of any extensions and a coarse precision.
    function _open() private {
        Extensions memory e = plain();
        e.weighted = _random(2) == 0;
        e.benefit = _random(2) == 0;
        e.bounded = _random(4) == 0;
        e.paired = _random(4) == 0;
        e.types = new TypeRule[](2);
        e.types[0] = TypeRule(1, 3, 2, 3);
        e.types[1] = TypeRule(EVERY_TYPE, 2, 1, 4);
        e.pairs = new Pair[](2);
        e.pairs[0] = Pair(EVERY_TYPE, ALICE, BOB);
        e.pairs[1] = Pair(1, CAROL, BOB);
        deployMarket();
        market.setup(TYPES, uint64(1 + _random(100)), 10, LENGTH_RECEIVE, LENGTH_SOLVE, e);
    }

    /// @dev Every type, so that each assignment can be said in both interfaces.
    function _alternatives(uint64 lowest) private returns (Alternative[] memory list) {
        list = new Alternative[](TYPES);
        for (uint64 i; i < TYPES; ++i) {
            list[i] = Alternative(i, uint64(4 + _random(7)), lowest + uint64(_random(4)));
        }
    }

    function _random(uint256 below) private returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return seed % below;
    }

    /// @dev The fuzzing is worth something only if both verdicts come, and many reasons.
    function test_EverythingComes() public {
        uint256[2] memory verdicts;
        for (uint256 i; i < 200; ++i) {
            testFuzz_BothInterfacesGiveTheSameVerdict(i);
            (uint128 value,,,) = market.candidate();
            ++verdicts[value > 0 ? 0 : 1];
        }
        assertAtMost(20, verdicts[0], "taken");
        assertAtMost(20, verdicts[1], "refused");
    }
}
