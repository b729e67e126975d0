// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Lanes, LanesLibrary} from "../../../contracts/libraries/Lanes.sol";
import {TestBase} from "../TestBase.sol";

contract LanesTest is TestBase {
    uint256 private constant MOST = type(uint32).max;
    /// @dev The highest bit of every lane.
    uint256 private constant HALVES = 0x8000000080000000800000008000000080000000800000008000000080000000;

    function testFuzz_GetTakesTheLaneOfThePosition(uint256 word, uint256 at) public pure {
        uint256 expected = word >> (at % 8) * 32 & MOST;
        assertEq(Lanes.wrap(word).get(at), expected, "lane");
    }

    function testFuzz_AddChangesOneLane(uint256 word, uint256 at, uint256 amount) public pure {
        amount = bound(amount, 0, MOST - Lanes.wrap(word).get(at));
        Lanes lanes = Lanes.wrap(word).add(at, amount);
        _onlyChanged(word, lanes, at);
        assertEq(lanes.get(at), Lanes.wrap(word).get(at) + amount, "sum");
    }

    function testFuzz_SubChangesOneLane(uint256 word, uint256 at, uint256 amount) public pure {
        amount = bound(amount, 0, Lanes.wrap(word).get(at));
        Lanes lanes = Lanes.wrap(word).sub(at, amount);
        _onlyChanged(word, lanes, at);
        assertEq(lanes.get(at), Lanes.wrap(word).get(at) - amount, "difference");
    }

    function testFuzz_ClearEmptiesOneLane(uint256 word, uint256 at) public pure {
        Lanes lanes = Lanes.wrap(word).clear(at);
        _onlyChanged(word, lanes, at);
        assertEq(lanes.get(at), 0, "empty");
    }

    function testFuzz_RevertWhen_ALaneOverflows(uint256 word, uint256 at, uint256 amount) public {
        uint256 room = MOST - Lanes.wrap(word).get(at);
        // Past 2^256 − 2^32 the sum itself would overflow: a panic, and no carry either.
        amount = bound(amount, room + 1, type(uint256).max - MOST);
        vm.expectRevert(abi.encodeWithSelector(LanesLibrary.LaneOverflow.selector, amount));
        this.add(word, at, amount);
    }

    function testFuzz_RevertWhen_ALaneUnderflows(uint256 word, uint256 at, uint256 amount) public {
        amount = bound(amount, uint256(Lanes.wrap(word).get(at)) + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(LanesLibrary.LaneUnderflow.selector, amount));
        this.sub(word, at, amount);
    }

    /// @dev Word by word as lane by lane.
    function testFuzz_PlusAddsEveryLane(uint256 a, uint256 b) public pure {
        // No lane's sum exceeds it.
        for (uint256 i; i < 8; ++i) {
            uint256 room = MOST - (a >> i * 32 & MOST);
            uint256 amount = b >> i * 32 & MOST;
            b -= (amount - bound(amount, 0, room)) << i * 32;
        }
        Lanes sum = Lanes.wrap(a).plus(Lanes.wrap(b));
        for (uint256 i; i < 8; ++i) {
            assertEq(sum.get(i), uint256(Lanes.wrap(a).get(i)) + Lanes.wrap(b).get(i), "sum");
        }
        assertTrue(sum.covers(Lanes.wrap(a)) && sum.covers(Lanes.wrap(b)), "a sum covers its parts");
        assertEq(Lanes.unwrap(sum.minus(Lanes.wrap(b))), a, "and back");
    }

    function testFuzz_RevertWhen_OneOfTheLanesOverflows(uint256 a, uint256 b, uint256 at, uint256 amount) public {
        // Every other lane has room; this one misses `amount`.
        at = bound(at, 0, 7);
        (a, b) = (a & ~(HALVES | MOST << at * 32), b & ~(HALVES | MOST << at * 32));
        uint256 held = bound(a ^ b ^ amount, 1, MOST);
        amount = bound(amount, MOST - held + 1, MOST);
        (a, b) = (a | held << at * 32, b | amount << at * 32);
        vm.expectRevert(abi.encodeWithSelector(LanesLibrary.LanesOverflow.selector));
        this.plus(a, b);
    }

    function testFuzz_CoversComparesEveryLane(uint256 a, uint256 b) public pure {
        bool covers = true;
        for (uint256 i; i < 8; ++i) {
            covers = covers && Lanes.wrap(a).get(i) >= Lanes.wrap(b).get(i);
        }
        assertTrue(Lanes.wrap(a).covers(Lanes.wrap(b)) == covers, "covers");
    }

    /// @dev Random words hardly ever cover each other: here all lanes do but one, or none.
    function testFuzz_CoversSeesTheOneLane(uint256 a, uint256 at, uint256 less) public pure {
        at = bound(at, 0, 7);
        uint256 held = Lanes.wrap(a).get(at);
        uint256 b = a - (held << at * 32) + (bound(less, 0, MOST) << at * 32);
        bool covers = held >= Lanes.wrap(b).get(at);
        assertTrue(Lanes.wrap(a).covers(Lanes.wrap(b)) == covers, "covers");
        if (covers) assertEq(Lanes.wrap(a).minus(Lanes.wrap(b)).get(at), held - Lanes.wrap(b).get(at), "less");
    }

    function plus(uint256 a, uint256 b) external pure returns (Lanes) {
        return Lanes.wrap(a).plus(Lanes.wrap(b));
    }

    function add(uint256 word, uint256 at, uint256 amount) external pure returns (Lanes) {
        return Lanes.wrap(word).add(at, amount);
    }

    function sub(uint256 word, uint256 at, uint256 amount) external pure returns (Lanes) {
        return Lanes.wrap(word).sub(at, amount);
    }

    function _onlyChanged(uint256 word, Lanes lanes, uint256 at) private pure {
        uint256 others = ~(MOST << (at % 8) * 32);
        assertEq(Lanes.unwrap(lanes) & others, word & others, "the other lanes");
    }
}
