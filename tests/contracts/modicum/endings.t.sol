// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are small.
// forge-lint: disable-start(unsafe-typecast)

import {IModicum} from "../../../contracts/modicum/IModicum.sol";
import {
    Ending,
    Finding,
    Match,
    OfferState,
    Phase,
    Reason,
    Shares,
    Status
} from "../../../contracts/modicum/ModicumTypes.sol";
import {JobMarket} from "./JobMarket.sol";

/// @title What every ending of a match comes to, for everybody
contract EndingsTest is JobMarket {
    int256 private constant AVAILABLE = int256(FEES);
    int256 private constant OF_MEDIATOR = 2 * int256(uint256(MEDIATOR_FEE));
    int256 private constant OF_DIRECTORY = 2 * int256(uint256(DIRECTORY_FEE));
    int256 private constant PAID = int256(PRICE);
    uint96 private constant SPENT = 200_000;

    function setUp() public {
        setUpMarket(0);
    }

    function test_WhenTheCreatorAcceptsTheProviderIsPaid() public {
        Match memory m = reported(1, Status.Completed);
        vm.prank(creator);
        market.acceptResult(m);
        assertGains(-PAID - AVAILABLE, PAID - AVAILABLE, OF_MEDIATOR, OF_DIRECTORY, 0);
        _assertOffers(m, OfferState.Closed, OfferState.Open);
        assertTrue(market.matchState(market.hashMatch(m)).phase == Phase.None, "over");
    }

    function test_WhenTheCreatorIsSilentTheProviderAcceptsForIt() public {
        Match memory m = reported(1, Status.Completed);
        bytes memory call = abi.encodeCall(IModicum.acceptResult, (m));
        vm.warp(START + REACTION);
        bytes4 early = IModicum.TooEarly.selector;
        expectRefusal(provider, call, abi.encodeWithSelector(early, market.hashMatch(m), START + REACTION));
        vm.warp(START + REACTION + 1);
        vm.prank(provider);
        market.acceptResult(m);
        assertGains(-PAID - AVAILABLE, PAID - AVAILABLE, OF_MEDIATOR, OF_DIRECTORY, 0);
    }

    function test_WhenNoResultComesTheProviderPaysTheEstimate() public {
        Match memory m = matched(1);
        vm.warp(m.deadline);
        bytes memory call = abi.encodeCall(IModicum.claimNoResult, (m));
        expectRefusal(
            creator, call, abi.encodeWithSelector(IModicum.TooEarly.selector, market.hashMatch(m), m.deadline)
        );
        vm.warp(m.deadline + 1);
        vm.prank(creator);
        market.claimNoResult(m);
        int256 estimate = int256(ESTIMATE);
        assertGains(estimate - AVAILABLE, -estimate - AVAILABLE, OF_MEDIATOR, OF_DIRECTORY, 0);
        _assertOffers(m, OfferState.Open, OfferState.Closed);
    }

    function test_WhenTheProviderDeclinesItMakesGoodTheFees() public {
        Match memory m = matched(1);
        report(m, Status.Declined);
        assertGains(0, -2 * AVAILABLE, OF_MEDIATOR, OF_DIRECTORY, 0);
        _assertOffers(m, OfferState.Open, OfferState.Closed);
    }

    function test_WhenNoVerdictComesTheProviderGetsHalf() public {
        Match memory m = disputed(1, Status.Completed, Reason.WrongResult);
        bytes memory call = abi.encodeCall(IModicum.claimNoVerdict, (m));
        vm.warp(START + VERDICT);
        bytes4 early = IModicum.TooEarly.selector;
        expectRefusal(creator, call, abi.encodeWithSelector(early, market.hashMatch(m), START + VERDICT));
        vm.warp(START + VERDICT + 1);
        vm.prank(creator);
        market.claimNoVerdict(m);
        int256 half = int256(ESTIMATE) / 2;
        int256 fees = AVAILABLE - int256(uint256(MEDIATOR_FEE));
        assertGains(-half - fees, half - fees, 0, OF_DIRECTORY, 0);
        _assertOffers(m, OfferState.Closed, OfferState.Open);
    }

    function test_WhenResultsAgreeTheCreatorIsAtFault() public {
        Match memory m = disputed(1, Status.Completed, Reason.WrongResult);
        judge(m, Finding.ResultsAgree, SPENT);
        _assertCreatorPays(SPENT);
        _assertOffers(m, OfferState.Closed, OfferState.Open);
    }

    function test_WhenTheRunsDifferTheCreatorIsAtFault() public {
        judge(disputed(1, Status.Completed, Reason.WrongResult), Finding.ResultsDiffer, SPENT);
        _assertCreatorPays(SPENT);
    }

    function test_WhenTheResultIsWrongTheProviderIsAtFault() public {
        Match memory m = disputed(1, Status.Completed, Reason.WrongResult);
        judge(m, Finding.ResultWrong, SPENT);
        _assertProviderPays(SPENT);
        _assertOffers(m, OfferState.Open, OfferState.Closed);
    }

    function test_WhenTheResultIsFoundOrMissing() public {
        uint256 before = vm.snapshotState();
        judge(disputed(1, Status.Completed, Reason.ResultNotFound), Finding.ResultFound, 0);
        _assertCreatorPays(0);
        vm.revertToState(before);
        judge(disputed(1, Status.Completed, Reason.ResultNotFound), Finding.ResultMissing, 0);
        _assertProviderPays(0);
    }

    function test_WhenTheUsageIsFairOrTooHigh() public {
        uint256 before = vm.snapshotState();
        judge(disputed(1, Status.Completed, Reason.UsageTooHigh), Finding.UsageFair, SPENT);
        _assertCreatorPays(SPENT);
        vm.revertToState(before);
        judge(disputed(1, Status.Completed, Reason.UsageTooHigh), Finding.UsageTooHigh, SPENT);
        _assertProviderPays(SPENT);
    }

    function test_WhenTheDirectoryWasUpItsAccuserIsAtFault() public {
        uint256 before = vm.snapshotState();
        judge(disputed(1, Status.Completed, Reason.DirectoryUnavailable), Finding.DirectoryUp, 0);
        _assertCreatorPays(0);
        vm.revertToState(before);
        judge(disputed(1, Status.DirectoryUnavailable, Reason.WrongResult), Finding.DirectoryUp, 0);
        // There is no price: nothing was run.
        assertGain(creator, -AVAILABLE, "creator");
        assertEq(market.funds(address(0)), ESTIMATE * THETA, "burned");
    }

    function test_WhenTheDirectoryWasDownNobodyPaysIt() public {
        Match memory m = disputed(1, Status.Completed, Reason.DirectoryUnavailable);
        judge(m, Finding.DirectoryDown, SPENT);
        int256 fees = AVAILABLE - int256(uint256(DIRECTORY_FEE));
        assertGains(-fees, -fees, OF_MEDIATOR, 0, 0);
        _assertOffers(m, OfferState.Closed, OfferState.Open);
    }

    function test_WhenADirectoryHasAStakeItPays() public {
        uint96 stake = uint96(uint256(SPENT) + PRICE - 1);
        setUpMarket(stake);
        Match memory m = disputed(1, Status.Completed, Reason.DirectoryUnavailable);
        judge(m, Finding.DirectoryDown, SPENT);
        int256 fees = AVAILABLE - int256(uint256(DIRECTORY_FEE));
        assertGain(creator, -fees, "creator");
        assertGain(provider, PAID - 1 - fees, "provider");
        assertGain(MEDIATOR, OF_MEDIATOR + int256(uint256(SPENT)) - int256(uint256(stake)), "mediator");
        assertEq(market.service(DIRECTORY_ID).stake, 0, "stake");
    }

    function test_TheTermsAreToldBefore() public {
        Match memory m = disputed(1, Status.Completed, Reason.WrongResult);
        Shares memory s = market.sharesOf(m, Ending.CreatorAtFault, uint96(PRICE), SPENT);
        judge(m, Finding.ResultsAgree, SPENT);
        assertEq(market.funds(creator), ENDOWMENT - deposit() + s.creator, "creator");
        assertEq(market.funds(provider), ENDOWMENT - deposit() + s.provider, "provider");
        assertEq(market.funds(MEDIATOR), ENDOWMENT + s.mediator, "mediator");
        assertEq(market.funds(address(0)), s.burned, "burned");
    }

    function test_ThePriceStopsAtTheLimits() public {
        Match memory m = matched(1);
        vm.prank(provider);
        market.postResult(m, Status.Completed, RESULT, type(uint64).max, type(uint64).max);
        uint256 most = 30 * 3_000 + 750;
        assertEq(market.matchState(market.hashMatch(m)).price, most, "the limits at the provider's prices");
    }

    function test_RevertWhen_TheStatusIsNotTheProvidersToReport() public {
        Match memory m = matched(1);
        bytes memory call = abi.encodeCall(IModicum.postResult, (m, Status.ResultNotFound, RESULT, 1, 1));
        expectRefusal(provider, call, abi.encodeWithSelector(IModicum.NotReportable.selector, Status.ResultNotFound));
    }

    function test_RevertWhen_AResultComesLate() public {
        Match memory m = matched(1);
        vm.warp(m.deadline + 1);
        bytes memory call = abi.encodeCall(IModicum.postResult, (m, Status.Completed, RESULT, 1, 1));
        expectRefusal(
            provider, call, abi.encodeWithSelector(IModicum.TooLate.selector, market.hashMatch(m), m.deadline)
        );
    }

    function test_RevertWhen_ARejectionComesLateOrMakesNoSense() public {
        Match memory m = reported(1, Status.MemoryExceeded);
        bytes memory call = abi.encodeCall(IModicum.rejectResult, (m, Reason.ResultNotFound));
        bytes4 senseless = IModicum.NotRejectable.selector;
        expectRefusal(creator, call, abi.encodeWithSelector(senseless, Status.MemoryExceeded, Reason.ResultNotFound));
        vm.warp(START + REACTION + 1);
        call = abi.encodeCall(IModicum.rejectResult, (m, Reason.WrongResult));
        bytes4 late = IModicum.TooLate.selector;
        expectRefusal(creator, call, abi.encodeWithSelector(late, market.hashMatch(m), START + REACTION));
    }

    function test_RevertWhen_AVerdictComesLateOrIsNone() public {
        Match memory m = disputed(1, Status.Completed, Reason.WrongResult);
        bytes memory call = abi.encodeCall(IModicum.postMediationResult, (m, Finding.UsageFair, 1, DOSSIER));
        bytes4 other = IModicum.NoAnswer.selector;
        expectRefusal(MEDIATOR, call, abi.encodeWithSelector(other, Reason.WrongResult, Finding.UsageFair));
        uint96 most = uint96(ESTIMATE * N);
        call = abi.encodeCall(IModicum.postMediationResult, (m, Finding.ResultWrong, most + 1, DOSSIER));
        expectRefusal(MEDIATOR, call, abi.encodeWithSelector(IModicum.SpentTooMuch.selector, most + 1, most));
        vm.warp(START + VERDICT + 1);
        call = abi.encodeCall(IModicum.postMediationResult, (m, Finding.ResultWrong, most, DOSSIER));
        bytes4 late = IModicum.TooLate.selector;
        expectRefusal(MEDIATOR, call, abi.encodeWithSelector(late, market.hashMatch(m), START + VERDICT));
    }

    function _assertCreatorPays(uint96 spent) private view {
        int256 lost = int256(ESTIMATE * THETA + spent) + AVAILABLE;
        int256 gained = OF_MEDIATOR + int256(uint256(spent));
        assertGains(-lost, PAID - AVAILABLE, gained, OF_DIRECTORY, ESTIMATE * THETA - PRICE);
    }

    function _assertProviderPays(uint96 spent) private view {
        int256 lost = int256(ESTIMATE * THETA + spent) + AVAILABLE;
        int256 gained = OF_MEDIATOR + int256(uint256(spent));
        assertGains(PAID - AVAILABLE, -lost, gained, OF_DIRECTORY, ESTIMATE * THETA - PRICE);
    }

    function _assertOffers(Match memory m, OfferState ofJob, OfferState ofResource) private view {
        assertTrue(market.jobOfferState(m.jobOffer) == ofJob, "the job offer's state");
        assertTrue(market.resOfferState(m.resourceOffer) == ofResource, "the resource offer's state");
    }
}
