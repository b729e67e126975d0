// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are small.
// forge-lint: disable-start(unsafe-typecast)

import {IModicum} from "../../../contracts/modicum/IModicum.sol";
import {
    Finding,
    JobOffer,
    Match,
    ModicumConfig,
    OfferState,
    Reason,
    ResourceOffer,
    ServiceKind,
    Status
} from "../../../contracts/modicum/ModicumTypes.sol";
import {JobMarket} from "./JobMarket.sol";

/// @title Set-up, services, trust, cancelling and what is burned
contract ServicesTest is JobMarket {
    uint96 private constant STAKE = 1_000_000;

    function setUp() public {
        setUpMarket(STAKE);
    }

    function test_RevertWhen_ThereIsNothingForTheHarmedParty() public {
        ModicumConfig memory c = configuration(0);
        c.penaltyRate = 0;
        _assertBad(c);
        c = configuration(0);
        c.verifications = 1;
        _assertBad(c);
        c = configuration(0);
        c.reactionSeconds = 0;
        _assertBad(c);
    }

    function test_WhatTheDeploymentFixedIsTold() public view {
        bytes32 told = keccak256(abi.encode(market.config()));
        assertEq(told, keccak256(abi.encode(configuration(STAKE))), "configuration");
    }

    function test_AServiceStakesAndGetsItBackOnceItsLastMatchCanHaveEnded() public {
        assertGain(MEDIATOR, -int256(uint256(STAKE)), "staked");
        vm.prank(MEDIATOR);
        market.retireService(MEDIATOR_ID);
        uint256 release = START + LONGEST + REACTION + VERDICT + 1;
        bytes memory call = abi.encodeCall(IModicum.releaseStake, (MEDIATOR_ID));
        bytes4 locked = IModicum.StakeLocked.selector;
        vm.warp(release - 1);
        expectRefusal(MEDIATOR, call, abi.encodeWithSelector(locked, MEDIATOR_ID, release));
        vm.warp(release);
        vm.prank(MEDIATOR);
        market.releaseStake(MEDIATOR_ID);
        assertGain(MEDIATOR, 0, "released");
        expectRefusal(MEDIATOR, call, IModicum.ZeroAmount.selector);
        call = abi.encodeCall(IModicum.updateService, (MEDIATOR_ID, 0, METER, 0));
        expectRefusal(MEDIATOR, call, IModicum.ServiceGone.selector);
    }

    function test_RevertWhen_AServiceIsOfNoKind() public {
        bytes memory call = abi.encodeCall(IModicum.registerService, (ServiceKind.RetiredMediator, 0, METER, 0));
        expectRefusal(STRANGER, call, IModicum.BadServiceKind.selector);
        expectRefusal(STRANGER, abi.encodeCall(IModicum.retireService, (9)), IModicum.UnknownService.selector);
    }

    function test_TrustIsKeptByWords() public {
        vm.startPrank(STRANGER);
        market.trust(1, 1 << 3);
        vm.stopPrank();
        assertTrue(market.trusts(STRANGER, 259), "trusted");
        assertTrue(!market.trusts(STRANGER, 3) && !market.trusts(STRANGER, 258), "not trusted");
    }

    function test_AFeeThatRisesAfterAMatchIsNotTaken() public {
        Match memory m = reported(1, Status.Completed);
        vm.prank(MEDIATOR);
        market.updateService(MEDIATOR_ID, 0, METER, MEDIATOR_FEE + 1);
        vm.prank(creator);
        market.acceptResult(m);
        assertGain(MEDIATOR, 2 * int256(uint256(MEDIATOR_FEE)) - int256(uint256(STAKE)), "mediator");
    }

    function test_AResourceOfferCancelledInAMatchDoesNotOpenAgain() public {
        (JobOffer memory j, ResourceOffer memory r) = (jobOffer(1), resourceOffer(1));
        post(j);
        bytes32 name = post(r);
        Match memory m = matched(j, r);
        vm.prank(provider);
        market.cancelResOffer(r);
        report(m, Status.Completed);
        vm.prank(creator);
        market.acceptResult(m);
        assertTrue(market.resOfferState(name) == OfferState.Closed, "closed");
        bytes memory again = abi.encodeCall(IModicum.cancelResOffer, (r));
        expectRefusal(provider, again, IModicum.OfferUnavailable.selector);
    }

    function test_RevertWhen_AMatchedJobIsCancelled() public {
        matched(1);
        bytes memory call = abi.encodeCall(IModicum.cancelJobOffer, (jobOffer(1)));
        expectRefusal(creator, call, IModicum.OfferUnavailable.selector);
    }

    function test_AJobWhoseProviderFailedIsMatchedAgainWithoutBeingPosted() public {
        (JobOffer memory j, ResourceOffer memory r) = (jobOffer(1), resourceOffer(2));
        Match memory m = matched(1);
        report(m, Status.Declined);
        post(r);
        m = matched(j, r);
        report(m, Status.Completed);
        vm.prank(creator);
        market.acceptResult(m);
    }

    function test_RevertWhen_AnOfferIsPostedAgain() public {
        post(jobOffer(1));
        post(resourceOffer(1));
        expectRefusal(creator, abi.encodeCall(IModicum.postJobOffer, (jobOffer(1))), IModicum.OfferExists.selector);
        expectRefusal(
            provider, abi.encodeCall(IModicum.postResOffer, (resourceOffer(1))), IModicum.OfferExists.selector
        );
    }

    function test_WhatIsBurnedLeavesForGood() public {
        expectRefusal(STRANGER, abi.encodeCall(IModicum.burn, ()), IModicum.ZeroAmount.selector);
        judge(disputed(1, Status.Completed, Reason.WrongResult), Finding.ResultWrong, 0);
        market.burn();
        assertEq(token.balanceOf(address(0xdEaD)), ESTIMATE * THETA - PRICE, "burned");
        assertEq(market.funds(address(0)), 0, "none left");
    }

    function test_RevertWhen_NothingIsMoved() public {
        expectRefusal(STRANGER, abi.encodeCall(IModicum.depositFunds, (0)), IModicum.ZeroAmount.selector);
        expectRefusal(STRANGER, abi.encodeCall(IModicum.withdrawFunds, (0)), IModicum.ZeroAmount.selector);
    }

    function _assertBad(ModicumConfig memory c) private {
        vm.expectRevert();
        vm.deployCode("Modicum.sol:Modicum", abi.encode(c));
    }
}
