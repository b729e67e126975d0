// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or small.
// forge-lint: disable-start(unsafe-typecast)

import {Disputes} from "../../../contracts/modicum/Disputes.sol";
import {IModicum} from "../../../contracts/modicum/IModicum.sol";
import {
    Finding,
    JobOffer,
    Match,
    MatchState,
    OfferState,
    Phase,
    Reason,
    ResourceOffer,
    Status
} from "../../../contracts/modicum/ModicumTypes.sol";
import {JobMarket} from "../modicum/JobMarket.sol";

/// @title Random calls on a market for jobs
/// @notice It predicts each verdict from the phase, the time and the caller; a call that goes against its prediction fails
/// the test. Offers are of few kinds, so that some are matched again.
contract MatchHandler is JobMarket {
    uint256 private constant MOST_LIVE = 6;
    uint96 internal immutable STAKE;

    address[6] public parties;
    mapping(bytes32 what => uint256) public count;
    Match[] private live;
    JobOffer[] private jobs;
    ResourceOffer[] private resources;
    uint256 private seed = 1;

    error Unpredicted(string what, bool isDone);

    constructor(uint96 stake) {
        STAKE = stake;
        setUpMarket(stake);
        parties = [creator, provider, MEDIATOR, DIRECTORY, SOLVER, STRANGER];
    }

    // --- what the fuzzer calls ---

    function offer(uint256 entropy) external {
        seed ^= entropy;
        jobs.push(_randomJob());
        resources.push(_randomResource());
        if (_random(2) == 0) post(jobs[jobs.length - 1]);
        if (_random(2) == 0) post(resources[resources.length - 1]);
    }

    /// @dev Any job with any resource: whatever is open and fits is matched.
    function pair(uint256 entropy) external {
        seed ^= entropy;
        if (jobs.length == 0 || live.length >= MOST_LIVE) return;
        JobOffer memory j = jobs[_random(jobs.length)];
        ResourceOffer memory r = resources[_random(resources.length)];
        Match memory m = matchOf(j, r);
        bool isOpen = market.jobOfferState(m.jobOffer) < OfferState.Matched
            && market.resOfferState(m.resourceOffer) < OfferState.Matched;
        bool isInTime = block.timestamp + 30 <= j.deadline && block.timestamp <= r.expiry;
        bool isFit = r.memoryBytes >= j.memoryLimit && r.instructionPrice <= j.maxInstructionPrice;
        uint256 needed = uint256(m.estimate) * (THETA + N) + FEES;
        bool isCovered = needed <= j.deposit && needed <= r.deposit && needed <= market.funds(creator)
            && needed <= market.funds(provider);
        bytes memory data = abi.encodeCall(
            IModicum.postMatch,
            (j, sign(CREATOR_KEY, m.jobOffer), r, sign(PROVIDER_KEY, m.resourceOffer), MEDIATOR_ID, new bytes32[](0))
        );
        if (_call("match", SOLVER, data, isOpen && isInTime && isFit && isCovered)) live.push(m);
    }

    function reportResult(uint256 entropy) external {
        (Match memory m, MatchState memory s, uint256 at) = _pickLive(entropy);
        if (s.phase == Phase.None) return;
        Status status = Status(_random(11));
        address who = _pickCaller(m.provider);
        bool isRight = who == m.provider && s.phase == Phase.Matched && block.timestamp <= m.deadline
            && Disputes.isReportable(status);
        uint64 used = uint64(_random(60e9));
        bytes memory data = abi.encodeCall(IModicum.postResult, (m, status, RESULT, used, uint64(_random(1 << 29))));
        if (_call("result", who, data, isRight) && status == Status.Declined) _end(at);
    }

    function accept(uint256 entropy) external {
        (Match memory m, MatchState memory s, uint256 at) = _pickLive(entropy);
        if (s.phase == Phase.None) return;
        address who = _pickCaller(_random(2) == 0 ? m.creator : m.provider);
        bool isRight = s.phase == Phase.Reported && (who == m.creator || who == m.provider && block.timestamp > s.until);
        if (_call("accept", who, abi.encodeCall(IModicum.acceptResult, (m)), isRight)) _end(at);
    }

    function reject(uint256 entropy) external {
        (Match memory m, MatchState memory s,) = _pickLive(entropy);
        if (s.phase == Phase.None) return;
        Reason reason = Reason(_random(4));
        address who = _pickCaller(m.creator);
        bool isRight = s.phase == Phase.Reported && who == m.creator && block.timestamp <= s.until
            && Disputes.isRejectable(s.status, reason);
        _call("reject", who, abi.encodeCall(IModicum.rejectResult, (m, reason)), isRight);
    }

    function verdict(uint256 entropy) external {
        (Match memory m, MatchState memory s, uint256 at) = _pickLive(entropy);
        if (s.phase == Phase.None) return;
        Finding finding = Finding(_random(9));
        address who = _pickCaller(m.mediator);
        uint96 spent = uint96(_random(uint256(m.estimate) * N + 1));
        (bool isAnswer,) = Disputes.ending(s.status, s.reason, finding);
        bool isRight = s.phase == Phase.Disputed && who == m.mediator && block.timestamp <= s.until && isAnswer;
        bytes memory data = abi.encodeCall(IModicum.postMediationResult, (m, finding, spent, DOSSIER));
        if (_call("verdict", who, data, isRight)) _end(at);
    }

    function timeout(uint256 entropy) external {
        (Match memory m, MatchState memory s, uint256 at) = _pickLive(entropy);
        if (s.phase == Phase.None) return;
        address who = _pickCaller(_random(2) == 0 ? m.creator : m.provider);
        bool isParty = who == m.creator || who == m.provider;
        bool isOver = s.phase == Phase.Matched && block.timestamp > m.deadline;
        if (_call("no result", who, abi.encodeCall(IModicum.claimNoResult, (m)), isParty && isOver)) {
            _end(at);
            return;
        }
        isOver = s.phase == Phase.Disputed && block.timestamp > s.until;
        if (_call("no verdict", who, abi.encodeCall(IModicum.claimNoVerdict, (m)), isParty && isOver)) _end(at);
    }

    function cancel(uint256 entropy) external {
        seed ^= entropy;
        if (jobs.length == 0) return;
        JobOffer memory j = jobs[_random(jobs.length)];
        bool isFree = market.jobOfferState(market.hashJobOffer(j)) < OfferState.Matched;
        _call("cancel job", creator, abi.encodeCall(IModicum.cancelJobOffer, (j)), isFree);
        ResourceOffer memory r = resources[_random(resources.length)];
        isFree = market.resOfferState(market.hashResOffer(r)) != OfferState.Closed;
        _call("cancel resource", provider, abi.encodeCall(IModicum.cancelResOffer, (r)), isFree);
    }

    function pass(uint32 by) external {
        vm.warp(block.timestamp + bound(by, 1, VERDICT));
    }

    function burn() external {
        _call("burn", STRANGER, abi.encodeCall(IModicum.burn, ()), market.funds(address(0)) > 0);
    }

    // --- what the checks ask ---

    /// @dev What the contract must hold for matches that have not ended.
    function held() external view returns (uint256 sum) {
        for (uint256 i; i < live.length; ++i) {
            Match memory m = live[i];
            sum += 2 * (uint256(m.estimate) * (THETA + N) + m.mediatorFee + m.directoryFee);
        }
    }

    function liveCount() external view returns (uint256) {
        return live.length;
    }

    function burned() external view returns (uint256) {
        return token.balanceOf(address(0xdEaD));
    }

    function isLive(uint256 i) external view returns (bool) {
        return market.matchState(market.hashMatch(live[i])).phase != Phase.None;
    }

    function theMarket() external view returns (IModicum, address) {
        return (market, address(token));
    }

    /// @dev One harmed party ends each match that is left, by nothing but waiting and its own calls.
    function endAll() external {
        for (uint256 i; i < live.length; ++i) {
            Match memory m = live[i];
            MatchState memory s = market.matchState(market.hashMatch(m));
            uint256 until = s.phase == Phase.Matched ? m.deadline : s.until;
            if (block.timestamp <= until) vm.warp(until + 1);
            bool isCreator = s.phase == Phase.Matched || s.phase == Phase.Disputed && _random(2) == 0;
            vm.prank(isCreator ? m.creator : m.provider);
            if (s.phase == Phase.Matched) market.claimNoResult(m);
            else if (s.phase == Phase.Reported) market.acceptResult(m);
            else market.claimNoVerdict(m);
        }
        delete live;
    }

    // --- chance ---

    function _randomJob() private returns (JobOffer memory j) {
        j = jobOffer(uint64(jobs.length));
        j.deposit = uint96(deposit() * (1 + _random(3)));
        j.deadline = uint40(block.timestamp + 20 + _random(2 hours));
        j.maxInstructionPrice = uint64(2_500 + _random(3_000));
        j.memoryLimit = uint64(_random(1 << 30));
    }

    function _randomResource() private returns (ResourceOffer memory r) {
        r = resourceOffer(uint64(resources.length));
        r.deposit = uint96(deposit() * (1 + _random(3)));
        r.instructionPrice = uint64(2_000 + _random(2_000));
        r.memoryBytes = uint64((1 << 29) + _random(1 << 30));
    }

    function _pickLive(uint256 entropy) private returns (Match memory m, MatchState memory s, uint256 at) {
        seed ^= entropy;
        if (live.length == 0) return (m, s, 0);
        at = _random(live.length);
        m = live[at];
        s = market.matchState(market.hashMatch(m));
    }

    /// @dev Usually the one who may.
    function _pickCaller(address usual) private returns (address) {
        return _random(5) == 0 ? parties[_random(parties.length)] : usual;
    }

    function _end(uint256 at) private {
        live[at] = live[live.length - 1];
        live.pop();
    }

    function _call(bytes32 what, address who, bytes memory data, bool isRight) private returns (bool isDone) {
        vm.prank(who);
        (isDone,) = address(market).call(data);
        if (isDone != isRight) revert Unpredicted(string(abi.encodePacked(what)), isDone);
        if (isDone) ++count[what];
    }

    function _random(uint256 below) private returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return seed % below;
    }
}
