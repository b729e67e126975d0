// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Disputes} from "./Disputes.sol";
import {IModicum} from "./IModicum.sol";
import {MatchRule} from "./MatchRule.sol";
import {ModicumAccounts} from "./ModicumAccounts.sol";
import {ModicumOffers} from "./ModicumOffers.sol";
import {
    Ending,
    Finding,
    JobOffer,
    Match,
    MatchState,
    ModicumConfig,
    Phase,
    Reason,
    ResourceOffer,
    Service,
    ServiceKind,
    Shares,
    Status,
    Terms
} from "./ModicumTypes.sol";
import {Payouts} from "./Payouts.sol";

/// @title MODiCuM
/// @notice See `IModicum` for what it promises. The parts, each built on those before: accounts and services, offers, and
/// here the life of a match. The rules that decide are pure libraries: `MatchRule`, `Disputes`, `Payouts`.
contract Modicum is ModicumOffers {
    constructor(ModicumConfig memory c) ModicumAccounts(c) {}

    /// @inheritdoc IModicum
    function postMatch(
        JobOffer calldata job,
        bytes calldata jobSignature,
        ResourceOffer calldata resource,
        bytes calldata resourceSignature,
        uint32 mediator,
        bytes32[] calldata layerProof
    ) external returns (bytes32 id) {
        MatchRule.check(job, resource, layerProof, block.timestamp, LONGEST_SECONDS);
        Match memory m = _draw(job, resource, mediator);
        id = keccak256(abi.encode(m));
        _takeJob(job, m.jobOffer, jobSignature, id);
        _takeResource(resource, m.resourceOffer, resourceSignature, id);
        _takeDeposits(m, job.deposit, resource.deposit);
        _matches[id].phase = Phase.Matched;
        emit Matched(id, m.creator, m.provider, msg.sender, m);
    }

    /// @inheritdoc IModicum
    function postResult(Match calldata m, Status status, bytes32 resultHash, uint64 instructions, uint64 bandwidth)
        external
    {
        bytes32 id = _in(m, Phase.Matched);
        require(msg.sender == m.provider, NotParty(id, msg.sender));
        require(block.timestamp <= m.deadline, TooLate(id, m.deadline));
        require(Disputes.isReportable(status), NotReportable(status));
        // Cast: the price is at most the estimate, which has 96 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint96 price = uint96(
            Payouts.priceDown(
                status,
                instructions,
                m.instructionLimit,
                m.instructionPrice,
                bandwidth,
                m.bandwidthLimit,
                m.bandwidthPrice
            )
        );
        emit ResultPosted(id, status, resultHash, instructions, bandwidth, price);
        if (status == Status.Declined) return _close(m, id, Ending.Declined, 0, 0);
        // Cast: the time and 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint40 until = uint40(block.timestamp + REACTION_SECONDS);
        _matches[id] = MatchState(Phase.Reported, status, Reason.WrongResult, until, price);
    }

    /// @inheritdoc IModicum
    function acceptResult(Match calldata m) external {
        bytes32 id = _in(m, Phase.Reported);
        MatchState memory state = _matches[id];
        if (msg.sender != m.creator) {
            require(msg.sender == m.provider, NotParty(id, msg.sender));
            require(block.timestamp > state.until, TooEarly(id, state.until));
        }
        _close(m, id, Ending.Accepted, state.price, 0);
    }

    /// @inheritdoc IModicum
    function rejectResult(Match calldata m, Reason reason) external {
        bytes32 id = _in(m, Phase.Reported);
        MatchState memory state = _matches[id];
        require(msg.sender == m.creator, NotParty(id, msg.sender));
        require(block.timestamp <= state.until, TooLate(id, state.until));
        require(Disputes.isRejectable(state.status, reason), NotRejectable(state.status, reason));
        state.phase = Phase.Disputed;
        state.reason = reason;
        // Cast: the time and 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        state.until = uint40(block.timestamp + VERDICT_SECONDS);
        _matches[id] = state;
        emit ResultRejected(id, reason, state.until);
    }

    /// @inheritdoc IModicum
    function postMediationResult(Match calldata m, Finding finding, uint96 spent, bytes32 dossier) external {
        bytes32 id = _in(m, Phase.Disputed);
        MatchState memory state = _matches[id];
        require(msg.sender == m.mediator, NotParty(id, msg.sender));
        require(block.timestamp <= state.until, TooLate(id, state.until));
        require(spent <= m.estimate * VERIFICATIONS, SpentTooMuch(spent, m.estimate * VERIFICATIONS));
        (bool isAnswer, Ending ending) = Disputes.ending(state.status, state.reason, finding);
        require(isAnswer, NoAnswer(state.reason, finding));
        emit VerdictPosted(id, finding, spent, dossier);
        _close(m, id, ending, state.price, spent);
    }

    /// @inheritdoc IModicum
    function claimNoResult(Match calldata m) external {
        bytes32 id = _in(m, Phase.Matched);
        require(msg.sender == m.creator || msg.sender == m.provider, NotParty(id, msg.sender));
        require(block.timestamp > m.deadline, TooEarly(id, m.deadline));
        _close(m, id, Ending.NoResult, 0, 0);
    }

    /// @inheritdoc IModicum
    function claimNoVerdict(Match calldata m) external {
        bytes32 id = _in(m, Phase.Disputed);
        uint40 until = _matches[id].until;
        require(msg.sender == m.creator || msg.sender == m.provider, NotParty(id, msg.sender));
        require(block.timestamp > until, TooEarly(id, until));
        _close(m, id, Ending.NoVerdict, 0, 0);
    }

    /// @inheritdoc IModicum
    function sharesOf(Match calldata m, Ending ending, uint96 price, uint96 spent)
        external
        view
        returns (Shares memory)
    {
        uint256 stake = ending == Ending.DirectoryAtFault ? _serviceAt(m.directory).stake : 0;
        return Payouts.payout(ending, _terms(m, price, spent, stake));
    }

    /// @dev What the offers and services come to; checks what only the contract knows: the services, and who trusts them.
    function _draw(JobOffer calldata job, ResourceOffer calldata resource, uint32 mediator)
        private
        view
        returns (Match memory m)
    {
        Service storage arbiter = _serviceAt(mediator);
        Service storage store = _serviceAt(job.directory);
        m.mediator = arbiter.owner;
        m.mediatorFee = arbiter.fee;
        require(arbiter.kind == ServiceKind.Mediator, NotMediator(mediator));
        require(arbiter.architecture == job.architecture, OtherArchitecture(arbiter.architecture, job.architecture));
        m.directoryOwner = store.owner;
        m.directoryFee = store.fee;
        require(store.kind == ServiceKind.Directory, NotDirectory(job.directory));
        require(arbiter.meterId == job.meterId, OtherMeter(arbiter.meterId, job.meterId));
        _requireTrust(resource.provider, job.directory);
        _requireTrust(resource.provider, mediator);
        _requireTrust(job.creator, mediator);
        _requireTrust(m.mediator, job.directory);
        if (STAKE > 0) _requireTrust(m.directoryOwner, mediator);
        m.jobOffer = hashJobOffer(job);
        m.resourceOffer = hashResOffer(resource);
        m.creator = job.creator;
        m.provider = resource.provider;
        m.directory = job.directory;
        m.deadline = job.deadline;
        m.instructionLimit = job.instructionLimit;
        m.bandwidthLimit = job.bandwidthLimit;
        m.instructionPrice = resource.instructionPrice;
        m.bandwidthPrice = resource.bandwidthPrice;
        uint256 estimate = Payouts.estimateUp(
            job.instructionLimit, job.maxInstructionPrice, job.bandwidthLimit, job.maxBandwidthPrice
        );
        // It is more than any deposit may be then.
        require(estimate <= type(uint96).max, DepositTooSmall(job.creator, job.deposit, estimate));
        // Cast: checked in the line above.
        // forge-lint: disable-next-line(unsafe-typecast)
        m.estimate = uint96(estimate);
    }

    /// @dev Takes (3.2) from both, and pays the solver.
    function _takeDeposits(Match memory m, uint96 jobDeposit, uint96 resourceDeposit) private {
        uint256 fees = uint256(m.mediatorFee) + m.directoryFee + SOLVER_FEE;
        uint256 needed = Payouts.deposit(m.estimate, PENALTY_RATE, VERIFICATIONS, fees);
        require(needed <= jobDeposit, DepositTooSmall(m.creator, jobDeposit, needed));
        require(needed <= resourceDeposit, DepositTooSmall(m.provider, resourceDeposit, needed));
        _takeFunds(m.creator, needed);
        _takeFunds(m.provider, needed);
        _giveFunds(msg.sender, 2 * SOLVER_FEE);
    }

    /// @dev The name of a match that is in a phase.
    function _in(Match calldata m, Phase phase) private view returns (bytes32 id) {
        id = hashMatch(m);
        Phase actual = _matches[id].phase;
        require(actual != Phase.None, UnknownMatch(id));
        require(actual == phase, WrongPhase(id));
    }

    /// @dev Ends a match: everybody's share into their balances.
    function _close(Match calldata m, bytes32 id, Ending ending, uint96 price, uint96 spent) private {
        delete _matches[id];
        bool isDirectory = ending == Ending.DirectoryAtFault;
        Shares memory s =
            Payouts.payout(ending, _terms(m, price, spent, isDirectory ? _services[m.directory].stake : 0));
        if (s.slashed > 0) {
            // Cast: at most the stake, which has 96 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            _services[m.directory].stake -= uint96(s.slashed);
            emit StakeSlashed(m.directory, s.slashed);
        }
        if (ending == Ending.ProviderAtFault || ending == Ending.NoResult || ending == Ending.Declined) _swap(m);
        _giveFunds(m.creator, s.creator);
        _giveFunds(m.provider, s.provider);
        _giveFunds(m.mediator, s.mediator);
        _giveFunds(m.directoryOwner, s.directory);
        _giveFunds(BURNED, s.burned);
        emit MatchClosed(id, ending, s);
    }

    function _terms(Match calldata m, uint256 price, uint256 spent, uint256 stake) private view returns (Terms memory) {
        return
            Terms(
                PENALTY_RATE, VERIFICATIONS, m.estimate, m.mediatorFee, m.directoryFee, SOLVER_FEE, price, spent, stake
            );
    }
}
