// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or small.
// forge-lint: disable-start(unsafe-typecast)

import {Disputes} from "../../../contracts/modicum/Disputes.sol";
import {IModicum} from "../../../contracts/modicum/IModicum.sol";
import {
    Ending,
    Finding,
    JobOffer,
    Match,
    Reason,
    ResourceOffer,
    Shares,
    Status,
    Terms
} from "../../../contracts/modicum/ModicumTypes.sol";
import {Payouts} from "../../../contracts/modicum/Payouts.sol";
import {JobMarket} from "./JobMarket.sol";

/// @title The promises of `IModicum` under their numbers. M6 is in postMatch.t.sol; M1 and M2 also hold after random
/// sequences of calls, see the invariants.
contract PromisesTest is JobMarket {
    address[6] private parties;

    function setUp() public {
        setUpMarket(0);
        parties = [creator, provider, MEDIATOR, DIRECTORY, SOLVER, STRANGER];
    }

    // --- M1 ---

    function testFuzz_M1_SharesAreWhatWasPutUp(uint256 seed, uint256 ending) public pure {
        Terms memory t = _terms(seed);
        Shares memory s = Payouts.payout(Ending(bound(ending, 0, uint256(type(Ending).max))), t);
        uint256 fees = t.mediatorFee + t.directoryFee + t.solverFee;
        uint256 deposit = Payouts.deposit(t.estimate, t.penaltyRate, t.verifications, fees);
        uint256 held = 2 * (deposit - t.solverFee) + s.slashed;
        uint256 paid = s.creator + s.provider + s.mediator + s.directory + s.burned;
        assertEq(paid, held, "shares");
        assertAtMost(s.slashed, t.stake, "slashed");
    }

    /// @dev π_c never exceeds π̂_c, or a payout could not be made.
    function testFuzz_M1_ThePriceIsWithinTheEstimate(uint64[8] memory x, uint8 status) public pure {
        uint64 price = x[1] < x[2] ? x[1] : x[2];
        uint64 other = x[4] < x[5] ? x[4] : x[5];
        Status s = Status(bound(status, 0, uint256(type(Status).max)));
        uint256 paid = Payouts.priceDown(s, x[6], x[0], price, x[7], x[3], other);
        assertAtMost(paid, Payouts.estimateUp(x[0], x[2], x[3], x[5]), "price");
    }

    function test_M1_EveryPathConservesMoney() public {
        for (uint256 status; status < 11; ++status) {
            if (!Disputes.isReportable(Status(status))) continue;
            for (uint256 reason; reason < 4; ++reason) {
                if (!Disputes.isRejectable(Status(status), Reason(reason))) continue;
                for (uint256 finding; finding < 10; ++finding) {
                    uint256 before = vm.snapshotState();
                    _take(Status(status), Reason(reason), finding);
                    _assertAllIsThere(0);
                    vm.revertToState(before);
                }
            }
        }
    }

    // --- M2 ---

    function test_M2_AMatchEndsThoughTheProviderIsSilent() public {
        Match memory m = matched(1);
        vm.warp(uint256(m.deadline) + 1);
        vm.prank(creator);
        market.claimNoResult(m);
        _assertAllIsThere(0);
    }

    function test_M2_AMatchEndsThoughTheCreatorIsSilent() public {
        Match memory m = reported(1, Status.ExceptionOccurred);
        vm.warp(START + REACTION + 1);
        vm.prank(provider);
        market.acceptResult(m);
        _assertAllIsThere(0);
    }

    function test_M2_ADisputeEndsThoughTheMediatorIsSilent() public {
        address[2] memory harmed = [creator, provider];
        for (uint256 i; i < 2; ++i) {
            Match memory m = disputed(uint64(i), Status.Completed, Reason.WrongResult);
            vm.warp(block.timestamp + VERDICT + 1);
            vm.prank(harmed[i]);
            market.claimNoVerdict(m);
            _assertAllIsThere(0);
        }
    }

    // --- M3 ---

    /// @dev Whatever is reported, disputed and truly found: who is not at fault loses at most what an accepted result
    /// costs, or the fees where there is no price.
    function testFuzz_M3_NobodyPaysForAnothersFault(uint256 seed, uint256 ending) public pure {
        Terms memory t = _terms(seed);
        Ending e = Ending(bound(ending, 0, uint256(type(Ending).max)));
        Shares memory s = Payouts.payout(e, t);
        uint256 base = t.estimate * (t.penaltyRate + t.verifications);
        bool isCreators = e == Ending.CreatorAtFault || e == Ending.Accepted || e == Ending.NoVerdict;
        if (!isCreators) assertAtMost(base, s.creator, "creator");
        bool isProviders = e == Ending.ProviderAtFault || e == Ending.NoResult || e == Ending.Declined;
        if (!isProviders) assertAtMost(base, s.provider, "provider");
        if (e == Ending.NoVerdict) assertEq(s.creator + t.estimate / 2, base + t.mediatorFee, "half the estimate");
    }

    // --- M4 ---

    function testFuzz_M4_AnHonestProviderLosesNothingByADispute(uint256 seed) public pure {
        Terms memory t = _terms(seed);
        uint256 accepted = Payouts.payout(Ending.Accepted, t).provider;
        assertEq(Payouts.payout(Ending.CreatorAtFault, t).provider, accepted, "as if accepted");
    }

    function test_M4_AnHonestProviderLosesNothingByADispute() public {
        judge(disputed(1, Status.Completed, Reason.WrongResult), Finding.ResultsAgree, uint96(ESTIMATE * N));
        assertGain(provider, int256(PRICE) - int256(FEES), "provider");
    }

    // --- M5 ---

    function test_M5_NobodyActsForAnother() public {
        JobOffer memory j = jobOffer(1);
        ResourceOffer memory r = resourceOffer(1);
        bytes4 selector = IModicum.NotOfferer.selector;
        _refusedToAllBut(creator, address(0), abi.encodeCall(IModicum.postJobOffer, (j)), selector);
        _refusedToAllBut(creator, address(0), abi.encodeCall(IModicum.cancelJobOffer, (j)), selector);
        _refusedToAllBut(provider, address(0), abi.encodeCall(IModicum.postResOffer, (r)), selector);
        _refusedToAllBut(provider, address(0), abi.encodeCall(IModicum.cancelResOffer, (r)), selector);
        selector = IModicum.NotServiceOwner.selector;
        bytes memory update = abi.encodeCall(IModicum.updateService, (MEDIATOR_ID, 0, METER, 0));
        _refusedToAllBut(MEDIATOR, address(0), update, selector);
        _refusedToAllBut(MEDIATOR, address(0), abi.encodeCall(IModicum.retireService, (MEDIATOR_ID)), selector);
        _refusedToAllBut(MEDIATOR, address(0), abi.encodeCall(IModicum.releaseStake, (MEDIATOR_ID)), selector);
        selector = IModicum.NotParty.selector;
        Match memory m = matched(1);
        bytes memory result = abi.encodeCall(IModicum.postResult, (m, Status.Completed, RESULT, 0, 0));
        _refusedToAllBut(provider, address(0), result, selector);
        vm.warp(uint256(m.deadline) + 1);
        _refusedToAllBut(creator, provider, abi.encodeCall(IModicum.claimNoResult, (m)), selector);
        vm.warp(START);
        report(m, Status.Completed);
        _refusedToAllBut(creator, provider, abi.encodeCall(IModicum.acceptResult, (m)), selector);
        bytes memory rejection = abi.encodeCall(IModicum.rejectResult, (m, Reason.WrongResult));
        _refusedToAllBut(creator, address(0), rejection, selector);
        vm.prank(creator);
        market.rejectResult(m, Reason.WrongResult);
        bytes memory verdict = abi.encodeCall(IModicum.postMediationResult, (m, Finding.ResultWrong, 0, DOSSIER));
        _refusedToAllBut(MEDIATOR, address(0), verdict, selector);
        vm.warp(START + VERDICT + 1);
        _refusedToAllBut(creator, provider, abi.encodeCall(IModicum.claimNoVerdict, (m)), selector);
    }

    function test_M5_NobodyWithdrawsMoreThanItHas() public {
        bytes memory call = abi.encodeCall(IModicum.withdrawFunds, (ENDOWMENT + 1));
        bytes4 selector = IModicum.InsufficientFunds.selector;
        expectRefusal(STRANGER, call, abi.encodeWithSelector(selector, STRANGER, ENDOWMENT, ENDOWMENT + 1));
    }

    // --- the paths ---

    /// @dev One dispute to its end; finding 9 is that no verdict comes, and what is no answer ends so, too.
    function _take(Status status, Reason reason, uint256 finding) private {
        Match memory m = matched(1);
        report(m, status);
        if (status == Status.Declined) return;
        vm.prank(creator);
        market.rejectResult(m, reason);
        if (finding < 9) {
            (bool isAnswer,) = Disputes.ending(status, reason, Finding(finding));
            bytes memory verdict = abi.encodeCall(IModicum.postMediationResult, (m, Finding(finding), 77, DOSSIER));
            vm.prank(MEDIATOR);
            (bool isDone,) = address(market).call(verdict);
            assertTrue(isDone == isAnswer, "an answer ends it");
            if (isDone) return;
        }
        vm.warp(block.timestamp + VERDICT + 1);
        vm.prank(provider);
        market.claimNoVerdict(m);
    }

    function _assertAllIsThere(uint256 held) private view {
        uint256 all = held + market.funds(address(0));
        for (uint256 i; i < parties.length; ++i) {
            all += market.funds(parties[i]);
        }
        assertEq(all, ENDOWMENT * parties.length, "all that was paid in");
        assertEq(all, token.balanceOf(address(market)), "in tokens");
    }

    function _refusedToAllBut(address one, address other, bytes memory data, bytes4 selector) private {
        for (uint256 i; i < parties.length; ++i) {
            if (parties[i] != one && parties[i] != other) expectRefusal(parties[i], data, selector);
        }
    }

    function _terms(uint256 seed) private pure returns (Terms memory t) {
        t.penaltyRate = bound(_draw(seed, 0), 1, type(uint16).max);
        t.verifications = bound(_draw(seed, 1), 2, type(uint8).max);
        t.estimate = bound(_draw(seed, 2), 0, type(uint96).max) >> bound(_draw(seed, 3), 0, 96);
        t.mediatorFee = bound(_draw(seed, 4), 0, type(uint80).max) >> bound(_draw(seed, 5), 0, 80);
        t.directoryFee = bound(_draw(seed, 6), 0, type(uint80).max) >> bound(_draw(seed, 7), 0, 80);
        t.solverFee = bound(_draw(seed, 8), 0, type(uint80).max) >> bound(_draw(seed, 9), 0, 80);
        t.price = bound(_draw(seed, 10), 0, t.estimate);
        t.spent = bound(_draw(seed, 11), 0, t.estimate * t.verifications);
        t.stake = bound(_draw(seed, 12), 0, type(uint96).max) >> bound(_draw(seed, 13), 0, 96);
    }

    function _draw(uint256 seed, uint256 what) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what)));
    }
}
