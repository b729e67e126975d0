// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are small.
// forge-lint: disable-start(unsafe-typecast)

import {Finding, JobOffer, Match, Reason, ResourceOffer, Status} from "../../../contracts/modicum/ModicumTypes.sol";
import {JobMarket} from "./JobMarket.sol";

/// @title Gas of whole transactions, kept in snapshots/Modicum.json
/// @notice Isolated: each call is a transaction of its own, with cold storage, 21,000 gas, call data (and its floor,
/// EIP-7623) and refunds. Everybody has had a match before, so that balances are there and rise from what they were.
/// forge-config: default.isolate = true
contract ModicumGasTest is JobMarket {
    string[] private missed;

    event Missed(string goal);

    /// @dev Every figure is in the snapshots, goals met or not; this fails once all are taken.
    modifier meetsGoals() {
        _;
        for (uint256 i; i < missed.length; ++i) {
            emit Missed(missed[i]);
        }
        assertEq(missed.length, 0, "goals missed");
    }

    function setUp() public {
        setUpMarket(0);
        Match memory m = disputed(1, Status.Completed, Reason.WrongResult);
        judge(m, Finding.ResultWrong, 1);
    }

    function test_GasOnChain() public meetsGoals {
        (JobOffer memory j, ResourceOffer memory r) = (jobOffer(2), resourceOffer(2));
        post(r);
        uint256 total = _note("post resource offer", 549_999);
        post(j);
        total += _note("post job offer", 549_999);
        Match memory m = matched(j, r);
        total += _note("post match", 145_827);
        report(m, Status.Completed);
        total += _note("post result", 246_710);
        vm.prank(creator);
        market.acceptResult(m);
        total += _note("accept result", 153_012);
        _meet("happy path on chain", total, 550_000);
    }

    function test_GasOfSignedOffers() public meetsGoals {
        (JobOffer memory j, ResourceOffer memory r) = (jobOffer(3), resourceOffer(3));
        Match memory m = matchOf(j, r);
        bytes memory ofJob = sign(CREATOR_KEY, m.jobOffer);
        bytes memory ofResource = sign(PROVIDER_KEY, m.resourceOffer);
        vm.prank(SOLVER);
        market.postMatch(j, ofJob, r, ofResource, MEDIATOR_ID, new bytes32[](0));
        uint256 total = _note("post match of signed offers", 320_000);
        report(m, Status.Completed);
        total += _last();
        vm.prank(creator);
        market.acceptResult(m);
        total += _note("job creator's share, signed offers", 60_000);
        _meet("happy path signed offers", total, 320_000);
    }

    /// @dev The second job of a standing resource offer needs none of the provider's signatures.
    function test_GasOfAStandingOffer() public meetsGoals {
        ResourceOffer memory r = resourceOffer(4);
        post(r);
        Match memory m = _accepted(4, r);
        JobOffer memory j = jobOffer(5);
        m = matchOf(j, r);
        bytes memory ofJob = sign(CREATOR_KEY, m.jobOffer);
        vm.prank(SOLVER);
        market.postMatch(j, ofJob, r, "", MEDIATOR_ID, new bytes32[](0));
        _note("post match of a standing offer", 320_000);
    }

    function test_GasOfMediation() public meetsGoals {
        (JobOffer memory j, ResourceOffer memory r) = (jobOffer(6), resourceOffer(6));
        post(r);
        uint256 total = _last();
        post(j);
        total += _last();
        Match memory m = matched(j, r);
        total += _last();
        report(m, Status.Completed);
        total += _last();
        vm.prank(creator);
        market.rejectResult(m, Reason.WrongResult);
        total += _note("reject result", 67_182);
        judge(m, Finding.ResultWrong, 5_000);
        total += _note("post mediation result", 281_719);
        _meet("mediated", total, 750_000);
    }

    function test_GasOfTheRest() public meetsGoals {
        Match memory m = matched(7);
        vm.warp(m.deadline + 1);
        vm.prank(creator);
        market.claimNoResult(m);
        _note("claim no result", 100_000);
        m = disputed(8, Status.Completed, Reason.WrongResult);
        vm.warp(block.timestamp + VERDICT + 1);
        vm.prank(provider);
        market.claimNoVerdict(m);
        _note("claim no verdict", 100_000);
        post(jobOffer(9));
        vm.prank(creator);
        market.cancelJobOffer(jobOffer(9));
        _note("cancel job offer", 60_000);
        token.mint(creator, 5);
        vm.prank(creator);
        token.approve(address(market), 5);
        vm.prank(creator);
        market.depositFunds(5);
        _note("deposit funds", 80_000);
        vm.prank(creator);
        market.withdrawFunds(5);
        _note("withdraw funds", 80_000);
        vm.prank(STRANGER);
        market.trust(0, 3);
        _note("trust two services", 60_000);
    }

    function _accepted(uint64 nonce, ResourceOffer memory r) private returns (Match memory m) {
        JobOffer memory j = jobOffer(nonce);
        post(j);
        m = matched(j, r);
        report(m, Status.Completed);
        vm.prank(creator);
        market.acceptResult(m);
    }

    function _last() private view returns (uint256) {
        return vm.lastCallGas().gasTotalUsed;
    }

    function _note(string memory name, uint256 goal) private returns (uint256 gas) {
        gas = _last();
        _meet(name, gas, goal);
    }

    function _meet(string memory name, uint256 gas, uint256 goal) private {
        vm.snapshotValue("Modicum", name, gas);
        if (gas > goal) missed.push(name);
    }
}
