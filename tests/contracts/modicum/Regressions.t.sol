// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are small.
// forge-lint: disable-start(unsafe-typecast)

import {IModicum} from "../../../contracts/modicum/IModicum.sol";
import {Finding, JobOffer, Match, Reason, ResourceOffer, Status} from "../../../contracts/modicum/ModicumTypes.sol";
import {Vm} from "../TestBase.sol";
import {JobMarket} from "./JobMarket.sol";

/// @title The faults of the authors' contract, each of which must stay impossible
/// @notice That the mediator ran the job once, that results were hashed as archives with times in them, and that CPU time
/// was reported as instructions, are faults of programs; the job runtime's tests have them.
contract RegressionsTest is JobMarket {
    function setUp() public {
        setUpMarket(0);
    }

    /// @dev Payouts were commented out.
    function test_PayoutsAreMade() public {
        Match memory m = reported(1, Status.Completed);
        uint256 before = market.funds(provider);
        vm.prank(creator);
        market.acceptResult(m);
        assertEq(market.funds(provider), before + deposit() + PRICE - FEES, "deposit and price");
        uint256 all = market.funds(provider);
        vm.prank(provider);
        market.withdrawFunds(all);
        assertEq(token.balanceOf(provider), all, "in tokens");
    }

    /// @dev The requirements of `postMatch` were commented out; postMatch.t.sol has all of them.
    function test_AMatchIsChecked() public {
        (JobOffer memory j, ResourceOffer memory r) = (jobOffer(1), resourceOffer(1));
        r.memoryBytes = 0;
        post(j);
        post(r);
        expectRefusal(SOLVER, encodeMatch(j, r), IModicum.TooLittleMemory.selector);
    }

    /// @dev The creator was blamed whatever the mediator found.
    function test_TheFindingDecidesWhoIsBlamed() public {
        judge(disputed(1, Status.Completed, Reason.WrongResult), Finding.ResultWrong, 0);
        assertTrue(market.funds(provider) < market.funds(creator), "the provider pays");
        uint256 before = market.funds(provider);
        judge(disputed(2, Status.Completed, Reason.WrongResult), Finding.ResultsAgree, 0);
        assertEq(market.funds(provider), before + PRICE - FEES, "the provider is paid");
    }

    /// @dev The provider could accept its own result in the same second.
    function test_TheProviderWaitsForTheCreator() public {
        Match memory m = reported(1, Status.Completed);
        expectRefusal(provider, abi.encodeCall(IModicum.acceptResult, (m)), IModicum.TooEarly.selector);
    }

    /// @dev The job's deposit was paid out twice; what was zeroed was a copy in memory.
    function test_NothingIsPaidTwice() public {
        Match memory m = reported(1, Status.Completed);
        vm.prank(creator);
        market.acceptResult(m);
        bytes4 gone = IModicum.UnknownMatch.selector;
        vm.warp(m.deadline + REACTION + VERDICT + 1);
        expectRefusal(creator, abi.encodeCall(IModicum.acceptResult, (m)), gone);
        expectRefusal(provider, abi.encodeCall(IModicum.acceptResult, (m)), gone);
        expectRefusal(creator, abi.encodeCall(IModicum.claimNoResult, (m)), gone);
        expectRefusal(provider, abi.encodeCall(IModicum.claimNoVerdict, (m)), gone);
        bytes memory verdict = abi.encodeCall(IModicum.postMediationResult, (m, Finding.ResultWrong, 0, DOSSIER));
        expectRefusal(MEDIATOR, verdict, gone);
        (JobOffer memory j, ResourceOffer memory r) = (jobOffer(1), resourceOffer(1));
        j.deadline = START + 1 hours;
        r.expiry = START + 30 days;
        vm.warp(START);
        expectRefusal(SOLVER, encodeMatch(j, r), IModicum.OfferUnavailable.selector);
    }

    /// @dev Results could be posted again and again.
    function test_AResultIsPostedOnce() public {
        Match memory m = reported(1, Status.Completed);
        bytes memory again = abi.encodeCall(IModicum.postResult, (m, Status.Completed, DOSSIER, 1, 1));
        expectRefusal(provider, again, IModicum.WrongPhase.selector);
    }

    /// @dev The event of a cancelled offer told zero.
    function test_ACancelledOfferIsNamed() public {
        JobOffer memory j = jobOffer(1);
        bytes32 name = post(j);
        vm.expectEmit(address(market));
        emit IModicum.OfferCancelled(name, creator);
        vm.prank(creator);
        market.cancelJobOffer(j);
    }

    /// @dev Nothing tied a match to what its offers said: here every field of it is bound by its name.
    function testFuzz_AChangedMatchIsUnknown(uint256 field, uint256 change) public {
        Match memory m = reported(1, Status.Completed);
        bytes memory data = abi.encodeCall(IModicum.acceptResult, (m));
        uint256 at = 4 + 32 * bound(field, 0, 14) + 31;
        data[at] = bytes1(uint8(data[at]) ^ uint8(bound(change, 1, 255)));
        expectRefusal(creator, data, IModicum.UnknownMatch.selector);
    }
}
