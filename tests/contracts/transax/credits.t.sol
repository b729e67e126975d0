// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransax, TransaxConfig} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {PriceRule} from "../../../contracts/transax/TransaxTypes.sol";
import {Scene} from "./Scene.sol";

/// @notice A token that calls the market again while it moves, as `holder` would.
contract CallingToken {
    ITransax private market;
    mapping(address account => uint256) public balanceOf;
    uint256 public calls;
    bool public refused;

    function set(ITransax market_) external {
        market = market_;
    }

    function mint(address account, uint256 amount) external {
        balanceOf[account] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _move(from, to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        (bool isDone,) = address(market).call(abi.encodeCall(market.withdrawCredits, (1)));
        if (!isDone) refused = true;
        ++calls;
        return _move(msg.sender, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

contract CreditsTest is Scene {
    function test_RevertWhen_TheAmountIsZero() public {
        refuse(abi.encodeWithSelector(ITransaxErrors.ZeroAmount.selector));
        market.depositCredits(0);
        refuse(abi.encodeWithSelector(ITransaxErrors.ZeroAmount.selector));
        market.withdrawCredits(0);
    }

    function test_RevertWhen_NotApproved() public {
        token.mint(STRANGER, 10);
        vm.expectRevert();
        vm.prank(STRANGER);
        market.depositCredits(10);
        assertEq(credits(STRANGER), 0, "credits");
    }

    function test_RevertWhen_MoreThanTheCredits() public {
        refuse(refusal(ITransaxErrors.InsufficientCredits.selector, CREDITS, CREDITS + 1));
        vm.prank(ALICE);
        market.withdrawCredits(CREDITS + 1);
    }

    function testFuzz_WhenMovedInAndOut(uint96 amount, uint96 back) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        back = uint96(bound(back, 1, amount));
        uint256 held = token.balanceOf(address(market));
        token.mint(STRANGER, amount);
        vm.prank(STRANGER);
        token.approve(address(market), amount);
        vm.expectEmit(address(market));
        emit ITransaxEvents.CreditsDeposited(STRANGER, amount);
        vm.prank(STRANGER);
        market.depositCredits(amount);
        assertEq(credits(STRANGER), amount, "credits");
        vm.expectEmit(address(market));
        emit ITransaxEvents.CreditsWithdrawn(STRANGER, back);
        vm.prank(STRANGER);
        market.withdrawCredits(back);
        assertEq(credits(STRANGER), amount - back, "credits left");
        assertEq(token.balanceOf(STRANGER), back, "paid out");
        assertEq(token.balanceOf(address(market)), held + amount - back, "held");
    }

    /// @dev Assumed away by the interface, and harmless: effects come before the transfer.
    function test_GivenATokenThatCallsBack() public {
        CallingToken caller = new CallingToken();
        TransaxConfig memory c = configuration(PriceRule.Midpoint);
        c.token = address(caller);
        market = deployMarket(c);
        caller.set(market);
        caller.mint(STRANGER, 10);
        vm.prank(STRANGER);
        market.depositCredits(10);
        vm.prank(STRANGER);
        market.withdrawCredits(10);
        assertEq(caller.calls(), 1, "called back");
        assertTrue(caller.refused(), "and got nothing");
        assertEq(caller.balanceOf(STRANGER), 10, "paid once");
    }
}
