// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Scene} from "./Scene.sol";

contract AssetsTest is Scene {
    address private constant DAVE = address(0xDA7E);

    function setUp() public override {
        super.setUp();
        register(DAVE, 2, 5000, 7000);
    }

    function test_RevertWhen_NotAProsumer() public {
        refuse(refusal(ITransaxErrors.UnknownAccount.selector, STRANGER));
        withdraw(STRANGER, Side.Sell, 1, 1, 1);
    }

    function test_RevertWhen_NoEnergy() public {
        refuse(abi.encodeWithSelector(ITransaxErrors.ZeroEnergy.selector));
        withdraw(DAVE, Side.Sell, 1, 1, 0);
    }

    function test_RevertWhen_TheRangeIsInverted() public {
        refuse(refusal(ITransaxErrors.InvertedRange.selector, 2, 1));
        withdraw(DAVE, Side.Sell, 2, 1, 1);
    }

    function test_RevertWhen_TheIntervalIsFinal() public {
        vm.warp(GENESIS);
        refuse(refusal(ITransaxErrors.IntervalFinal.selector, 0, 1));
        withdraw(DAVE, Side.Sell, 0, 4, 1);
    }

    function test_RevertWhen_PastTheHorizon() public {
        refuse(refusal(ITransaxErrors.BeyondHorizon.selector, OFFER_HORIZON + 1, OFFER_HORIZON));
        withdraw(DAVE, Side.Sell, 0, OFFER_HORIZON + 1, 1);
    }

    function test_RevertWhen_OverTheMetersLimit() public {
        withdraw(DAVE, Side.Sell, 9, 9, 4000);
        refuse(refusal(ITransaxErrors.OverLimit.selector, 9, 5001, 5000));
        withdraw(DAVE, Side.Sell, 0, 20, 1001);
        refuse(refusal(ITransaxErrors.OverLimit.selector, 0, 7001, 7000));
        withdraw(DAVE, Side.Buy, 0, 20, 7001);
        refuse(refusal(ITransaxErrors.OverLimit.selector, 0, type(uint32).max, 5000));
        withdraw(DAVE, Side.Sell, 0, 0, type(uint32).max);
    }

    function test_WhenAWholeHorizonIsWithdrawn() public {
        vm.expectEmit(address(market));
        emit ITransaxEvents.AssetsWithdrawn(DAVE, Side.Sell, 0, OFFER_HORIZON, 5000);
        withdraw(DAVE, Side.Sell, 0, OFFER_HORIZON, 5000);
        assertEq(production(DAVE, 0), 5000, "first");
        assertEq(production(DAVE, OFFER_HORIZON), 5000, "last");
        assertEq(production(DAVE, OFFER_HORIZON + 1), 0, "past it");
        assertEq(consumption(DAVE, 0), 0, "the other side");
    }

    /// @dev Lent, withdrawn assets count for ever: selling them does not allow to withdraw them again.
    function test_RevertWhen_WithdrawnAgainAfterLocking() public {
        withdraw(DAVE, Side.Sell, 3, 3, 5000);
        sell(DAVE, 5000, 1, 3, 3);
        assertEq(production(DAVE, 3), 0, "locked");
        refuse(refusal(ITransaxErrors.OverLimit.selector, 3, 5001, 5000));
        withdraw(DAVE, Side.Sell, 3, 3, 1);
    }

    function testFuzz_WhenWithdrawnTwice(uint24 a, uint24 b, uint24 c, uint24 d, uint32 x, uint32 y) public {
        (a, b) = _span(a, b);
        (c, d) = _span(c, d);
        x = uint32(bound(x, 1, 3500));
        y = uint32(bound(y, 1, 3500));
        withdraw(DAVE, Side.Buy, a, b, x);
        withdraw(DAVE, Side.Buy, c, d, y);
        for (uint24 i; i <= OFFER_HORIZON; ++i) {
            uint256 amount = (a <= i && i <= b ? x : 0) + (c <= i && i <= d ? y : 0);
            assertEq(consumption(DAVE, i), amount, "free");
            assertEq(market.withdrawnAssets(DAVE, Side.Buy, i), amount, "withdrawn");
            assertEq(production(DAVE, i), 0, "the other side");
        }
    }

    function _span(uint24 x, uint24 y) private pure returns (uint24, uint24) {
        x = uint24(bound(x, 0, OFFER_HORIZON));
        return (x, uint24(bound(y, x, OFFER_HORIZON)));
    }
}
