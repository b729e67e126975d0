// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Lanes, LanesLibrary} from "../../../contracts/libraries/Lanes.sol";
import {TestBase} from "../TestBase.sol";

contract LanesTest is TestBase {
    uint256 private constant MOST = type(uint32).max;

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
