// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {TransaxConfig} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {PriceRule} from "../../../contracts/transax/TransaxTypes.sol";
import {Scene} from "./Scene.sol";

contract ClockTest is Scene {
    function test_RevertWhen_TheConfigurationIsBad() public {
        TransaxConfig memory c = configuration(PriceRule.Midpoint);
        c.dso = address(0);
        _refuse(c);
        c = configuration(PriceRule.Midpoint);
        c.token = STRANGER;
        _refuse(c);
        c = configuration(PriceRule.Midpoint);
        c.intervalSeconds = 3;
        _refuse(c);
        c = configuration(PriceRule.Midpoint);
        c.clearIntervals = 0;
        _refuse(c);
        c = configuration(PriceRule.Midpoint);
        c.genesis = 2 * DELTA - 1;
        _refuse(c);
        c = configuration(PriceRule.Midpoint);
        c.planHorizon = c.offerHorizon + 1;
        _refuse(c);
        c = configuration(PriceRule.Midpoint);
        (c.planHorizon, c.offerHorizon) = (256, 256);
        _refuse(c);
        c = configuration(PriceRule.Midpoint);
        c.offerHorizon = 1 << 20;
        _refuse(c);
    }

    function test_WhenTheConfigurationIsAtItsBounds() public {
        TransaxConfig memory c = configuration(PriceRule.Midpoint);
        (c.intervalSeconds, c.genesis) = (4, 8);
        (c.planHorizon, c.offerHorizon) = (255, (1 << 20) - 1);
        assertEq(deployMarket(c).config().genesis, 8, "deployed");
    }

    function test_GivenTheGenesisLiesAhead() public {
        assertEq(market.nextInterval(), 0, "two intervals before");
        vm.warp(GENESIS - 1);
        assertEq(market.nextInterval(), 0, "a second before");
        vm.warp(GENESIS);
        assertEq(market.nextInterval(), 1, "at genesis interval 0 begins");
    }

    function testFuzz_GivenNobodyFinalises(uint256 elapsed) public {
        elapsed = bound(elapsed, 0, uint256(DELTA) * 1_000_000);
        vm.warp(GENESIS + elapsed);
        assertEq(market.nextInterval(), elapsed / DELTA + 1, "first not begun");
    }

    function test_GivenIntervalsWereFinalisedAhead() public {
        assertEq(finalizeNext(), 0, "finalised");
        assertEq(market.nextInterval(), 1, "ahead of time");
        vm.warp(GENESIS + 5 * DELTA);
        assertEq(market.nextInterval(), 6, "caught up with by time");
    }

    function testFuzz_FinalizableAt(uint24 interval) public view {
        uint256 time = GENESIS + uint256(interval) * DELTA - T_CLEAR * DELTA;
        assertEq(market.finalizableAt(interval), time, "T_clear before its start");
    }

    function _refuse(TransaxConfig memory c) private {
        refuse(abi.encodeWithSelector(ITransaxErrors.BadConfig.selector));
        this.deploy(c);
    }

    function deploy(TransaxConfig memory c) external {
        deployMarket(c);
    }
}
