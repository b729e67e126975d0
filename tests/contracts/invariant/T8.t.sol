// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Evidence, Link, Settlement} from "../../../contracts/transax/ITransax.sol";
import {PriceRule} from "../../../contracts/transax/TransaxTypes.sol";
import {Block, Plans} from "../transax/Plans.sol";
import {Scene} from "../transax/Scene.sol";

/// @notice T8: what a call costs depends on what its caller submits, never on how many offers there are.
contract T8Test is Scene {
    struct Costs {
        uint256 post;
        uint256 submit;
        uint256 refuse;
        uint256 augment;
        uint256 finalize;
        uint256 settle;
        uint256 deposit;
        uint256 cancel;
    }

    function test_T8_CostsDoNotGrowWithTheBook() public {
        // A market of its own for each, made within the test, so that both begin equally warm.
        setTheScene(PriceRule.Midpoint);
        Costs memory few = _measure(10);
        setTheScene(PriceRule.Midpoint);
        Costs memory many = _measure(2000);
        _same(few.post, many.post, "postOffer");
        _same(few.submit, many.submit, "postSolution");
        _same(few.refuse, many.refuse, "postSolution, refused");
        _same(few.augment, many.augment, "augmentOffer");
        _same(few.finalize, many.finalize, "finalize");
        _same(few.settle, many.settle, "settle");
        _same(few.deposit, many.deposit, "deposit");
        _same(few.cancel, many.cancel, "cancelOffer");
    }

    /// @dev To the unit of gas, but for what a larger offer number costs as call data (in isolated runs only): it
    /// turns up at most ten times in a call, with one byte more that is not zero, 12 gas, or 40 − 10 at the floor.
    function _same(uint256 a, uint256 b, string memory what) private pure {
        assertAtMost(a > b ? a - b : b - a, 10 * 30, what);
    }

    function _measure(uint256 book) private returns (Costs memory c) {
        for (uint256 i; i < book; ++i) {
            if (i % 2 == 0) sell(CAROL, 1, uint40(i), 1, 20);
            else buy(CAROL, 1, uint40(i), 1, 20);
        }
        uint32 s = sell(ALICE, 1000, 100_000, 1, 2);
        c.post = _last();
        uint32 b = buy(BOB, 1000, 200_000, 1, 2);
        uint32 far = sell(ALICE, 5, 5, 2, 30);
        submit(Plans.one(1, s, b, 100));
        Block[] memory blocks = Plans.two(Plans.one(1, s, b, 200), Plans.one(2, s, b, 300));
        submit(blocks);
        bytes memory call = abi.encodeCall(market.postSolution, (500, Plans.encode(blocks)));
        vm.prank(SOLVER);
        (bool isAccepted,) = address(market).call(call);
        c.refuse = _last();
        assertTrue(!isAccepted, "not better");
        Block[] memory better = Plans.two(Plans.one(1, s, b, 201), Plans.one(2, s, b, 300));
        call = abi.encodeCall(market.postSolution, (501, Plans.encode(better)));
        vm.prank(SOLVER);
        (isAccepted,) = address(market).call(call);
        c.submit = _last();
        assertTrue(isAccepted, "better");
        better[0].trades[0].energy = 202;
        submit(better);
        vm.prank(ALICE);
        market.augmentOffer(s, 5, 3);
        c.augment = _last();
        vm.prank(ALICE);
        market.cancelOffer(far);
        c.cancel = _last();
        warpToFinalizable(0);
        market.finalize(new Link[](0), new bytes32[](0));
        warpToFinalizable(1);
        (Link[] memory links, bytes32[] memory legs) = opening(1);
        market.finalize(links, legs);
        c.finalize = _last();
        Settlement[] memory sold = Plans.settlement(s, 2, _evidence(legs, s));
        Settlement[] memory bought = Plans.settlement(b, 2, _evidence(legs, b));
        market.settle(ALICE, sold);
        c.settle = _last();
        market.deposit(BOB, 1, bought, 1, 1);
        c.deposit = _last();
    }

    function _evidence(bytes32[] memory legs, uint32 offer) private pure returns (Evidence[] memory list) {
        list = new Evidence[](1);
        list[0] = Plans.evidence(1, legs, offer);
    }

    function _last() private view returns (uint256) {
        return vm.lastCallGas().gasTotalUsed;
    }
}
