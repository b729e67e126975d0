// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are small.
// forge-lint: disable-start(unsafe-typecast)

import {IModicum} from "../../../contracts/modicum/IModicum.sol";
import {
    JobOffer,
    Match,
    OfferState,
    Reason,
    ResourceOffer,
    ServiceKind,
    Status
} from "../../../contracts/modicum/ModicumTypes.sol";
import {JobMarket} from "./JobMarket.sol";

/// @title M6: a match that breaks the match rule cannot be recorded
contract PostMatchTest is JobMarket {
    JobOffer private job;
    ResourceOffer private resource;

    function setUp() public {
        setUpMarket(0);
        job = jobOffer(1);
        resource = resourceOffer(1);
    }

    function test_WhenAllIsWell() public {
        post(job);
        post(resource);
        matched(job, resource);
        assertGain(creator, -int256(deposit()), "creator");
        assertGain(provider, -int256(deposit()), "provider");
        assertGain(SOLVER, int256(2 * uint256(SOLVER_FEE)), "solver");
    }

    function test_M6_RevertWhen_TheOfferHasExpired() public {
        resource.expiry = START - 1;
        _refused(abi.encodeWithSelector(IModicum.OfferExpired.selector, START - 1));
    }

    function test_M6_RevertWhen_TheProviderHasTooLittle() public {
        resource.instructions = job.instructionLimit - 1;
        _refused(abi.encodeWithSelector(IModicum.TooFewInstructions.selector, 30e9 - 1, 30e9));
        resource = resourceOffer(1);
        resource.memoryBytes = 1;
        _refused(abi.encodeWithSelector(IModicum.TooLittleMemory.selector, 1, 1 << 28));
        resource = resourceOffer(1);
        resource.storageBytes = 1;
        _refused(abi.encodeWithSelector(IModicum.TooLittleStorage.selector, 1, 1 << 29));
        resource = resourceOffer(1);
        resource.bandwidthBytes = 1;
        _refused(abi.encodeWithSelector(IModicum.TooLittleBandwidth.selector, 1, 1 << 28));
    }

    function test_M6_RevertWhen_TheProviderAsksTooMuch() public {
        resource.instructionPrice = 5_001;
        _refused(abi.encodeWithSelector(IModicum.InstructionsTooDear.selector, 5_001, 5_000));
        resource = resourceOffer(1);
        resource.bandwidthPrice = 4_001;
        _refused(abi.encodeWithSelector(IModicum.BandwidthTooDear.selector, 4_001, 4_000));
    }

    function test_M6_RevertWhen_TheProviderIsOfAnotherKind() public {
        resource.architecture = 1;
        _refused(abi.encodeWithSelector(IModicum.OtherArchitecture.selector, 1, 0));
        resource = resourceOffer(1);
        resource.meterId = RESULT;
        _refused(abi.encodeWithSelector(IModicum.OtherMeter.selector, RESULT, METER));
    }

    function test_M6_RevertWhen_TheBaseLayerIsNotAmongTheProviders() public {
        job.baseLayer = RESULT;
        _refused(abi.encodeWithSelector(IModicum.BaseLayerUnsupported.selector, RESULT));
        resource.baseLayers = keccak256(abi.encodePacked(RESULT, DOSSIER));
        if (RESULT > DOSSIER) resource.baseLayers = keccak256(abi.encodePacked(DOSSIER, RESULT));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = DOSSIER;
        post(job);
        post(resource);
        market.postMatch(job, "", resource, "", MEDIATOR_ID, proof);
    }

    function test_M6_RevertWhen_ThereIsNotTheTime() public {
        resource.instructionsPerSecond = 8_333_333;
        // ⌈30e9 / 8,333,333⌉ is 3601.
        _refused(abi.encodeWithSelector(IModicum.TooSlow.selector, START + 3_601, START + 3_600));
        resource.instructionsPerSecond = 0;
        _refused(abi.encodeWithSelector(IModicum.TooSlow.selector, START, START + 3_600));
        resource = resourceOffer(1);
        job.deadline = START + LONGEST + 1;
        _refused(abi.encodeWithSelector(IModicum.TooLong.selector, START + LONGEST + 1, START + LONGEST));
    }

    function test_M6_RevertWhen_TheServicesDoNotFit() public {
        _refusedBy(7, abi.encodeWithSelector(IModicum.UnknownService.selector, 7));
        _refusedBy(DIRECTORY_ID, abi.encodeWithSelector(IModicum.NotMediator.selector, DIRECTORY_ID));
        job.directory = MEDIATOR_ID;
        _refused(abi.encodeWithSelector(IModicum.NotDirectory.selector, MEDIATOR_ID));
        job.directory = 7;
        _refused(abi.encodeWithSelector(IModicum.UnknownService.selector, 7));
        job = jobOffer(1);
        vm.prank(MEDIATOR);
        market.updateService(MEDIATOR_ID, 1, METER, MEDIATOR_FEE);
        _refused(abi.encodeWithSelector(IModicum.OtherArchitecture.selector, 1, 0));
        vm.prank(MEDIATOR);
        market.updateService(MEDIATOR_ID, 0, RESULT, MEDIATOR_FEE);
        _refused(abi.encodeWithSelector(IModicum.OtherMeter.selector, RESULT, METER));
        vm.prank(MEDIATOR);
        market.retireService(MEDIATOR_ID);
        _refused(abi.encodeWithSelector(IModicum.NotMediator.selector, MEDIATOR_ID));
    }

    function test_M6_RevertWhen_SomebodyDoesNotTrust() public {
        _untrust(provider, DIRECTORY_ID);
        _untrust(provider, MEDIATOR_ID);
        _untrust(creator, MEDIATOR_ID);
        _untrust(MEDIATOR, DIRECTORY_ID);
        post(job);
        post(resource);
        matched(job, resource);
    }

    function test_M6_RevertWhen_AStakedDirectoryDoesNotTrustTheMediator() public {
        setUpMarket(5_000);
        job = jobOffer(1);
        resource = resourceOffer(1);
        _untrust(DIRECTORY, MEDIATOR_ID);
        post(job);
        post(resource);
        matched(job, resource);
    }

    function test_M6_RevertWhen_AnOfferIsNeitherPostedNorSigned() public {
        bytes32 name = market.hashJobOffer(job);
        expectRefusal(SOLVER, encodeMatch(job, resource), abi.encodeWithSelector(IModicum.BadSignature.selector, name));
        bytes memory ofJob = sign(CREATOR_KEY, name);
        bytes32 other = market.hashResOffer(resource);
        bytes memory data =
            abi.encodeCall(IModicum.postMatch, (job, ofJob, resource, ofJob, MEDIATOR_ID, new bytes32[](0)));
        expectRefusal(SOLVER, data, abi.encodeWithSelector(IModicum.BadSignature.selector, other));
    }

    function test_M6_RevertWhen_AnOfferIsTaken() public {
        Match memory m = matched(1);
        ResourceOffer memory second = resourceOffer(2);
        post(second);
        expectRefusal(SOLVER, encodeMatch(job, second), _unavailable(m.jobOffer, OfferState.Matched));
        JobOffer memory another = jobOffer(2);
        post(another);
        expectRefusal(SOLVER, encodeMatch(another, resource), _unavailable(m.resourceOffer, OfferState.Matched));
        report(m, Status.Completed);
        vm.prank(creator);
        market.acceptResult(m);
        expectRefusal(SOLVER, encodeMatch(job, second), _unavailable(m.jobOffer, OfferState.Closed));
        matched(another, resource);
    }

    function test_M6_RevertWhen_AnOfferWasCancelled() public {
        post(job);
        post(resource);
        vm.prank(creator);
        market.cancelJobOffer(job);
        bytes32 name = market.hashJobOffer(job);
        expectRefusal(SOLVER, encodeMatch(job, resource), _unavailable(name, OfferState.Closed));
        job.nonce = 2;
        post(job);
        vm.prank(provider);
        market.cancelResOffer(resource);
        name = market.hashResOffer(resource);
        expectRefusal(SOLVER, encodeMatch(job, resource), _unavailable(name, OfferState.Closed));
    }

    function test_M6_RevertWhen_ASignedOfferWasCancelled() public {
        bytes32 name = market.hashJobOffer(job);
        vm.prank(creator);
        market.cancelJobOffer(job);
        bytes memory data = abi.encodeCall(
            IModicum.postMatch, (job, sign(CREATOR_KEY, name), resource, "", MEDIATOR_ID, new bytes32[](0))
        );
        expectRefusal(SOLVER, data, _unavailable(name, OfferState.Closed));
    }

    function test_M6_RevertWhen_TheDepositsDoNotSuffice() public {
        job.deposit -= 1;
        bytes4 small = IModicum.DepositTooSmall.selector;
        _refused(abi.encodeWithSelector(small, creator, deposit() - 1, deposit()));
        job.deposit += 1;
        resource.deposit -= 1;
        _refused(abi.encodeWithSelector(small, provider, deposit() - 1, deposit()));
        resource.deposit += 1;
        vm.prank(creator);
        market.withdrawFunds(ENDOWMENT - deposit() + 1);
        bytes4 poor = IModicum.InsufficientFunds.selector;
        _refused(abi.encodeWithSelector(poor, creator, deposit() - 1, deposit()));
        fund(creator, 1);
        vm.prank(provider);
        market.withdrawFunds(ENDOWMENT - deposit() + 1);
        _refused(abi.encodeWithSelector(poor, provider, deposit() - 1, deposit()));
    }

    function test_RevertWhen_AnEstimateIsBeyondAllDeposits() public {
        (job.instructionLimit, job.maxInstructionPrice) = (type(uint64).max, type(uint64).max);
        (resource.instructions, resource.instructionsPerSecond) = (type(uint64).max, type(uint64).max);
        post(job);
        post(resource);
        expectRefusal(SOLVER, encodeMatch(job, resource), IModicum.DepositTooSmall.selector);
    }

    function test_WhenOffersAreOnlySignedTheirContentsAreTold() public {
        (bytes32 ofJob, bytes32 ofResource) = (market.hashJobOffer(job), market.hashResOffer(resource));
        bytes memory jobSignature = sign(CREATOR_KEY, ofJob);
        bytes memory resourceSignature = sign(PROVIDER_KEY, ofResource);
        vm.expectEmit(address(market));
        emit IModicum.JobOffered(ofJob, creator, job);
        vm.expectEmit(address(market));
        emit IModicum.ResourceOffered(ofResource, provider, resource);
        market.postMatch(job, jobSignature, resource, resourceSignature, MEDIATOR_ID, new bytes32[](0));
        assertTrue(market.jobOfferState(ofJob) == OfferState.Matched, "job");
        assertTrue(market.resOfferState(ofResource) == OfferState.Matched, "resource");
    }

    function _untrust(address account, uint32 id) private {
        vm.prank(account);
        market.trust(0, type(uint256).max - 2 ** id);
        _refused(abi.encodeWithSelector(IModicum.NotTrusted.selector, account, id));
        trustAll(account);
    }

    function _unavailable(bytes32 name, OfferState state) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IModicum.OfferUnavailable.selector, name, state);
    }

    function _refused(bytes memory refusal) private {
        _refusedBy(MEDIATOR_ID, refusal);
    }

    /// @dev Posts the offers where they are new, tries to match them, and takes back what that did.
    function _refusedBy(uint32 mediator, bytes memory refusal) private {
        uint256 before = vm.snapshotState();
        post(job);
        post(resource);
        bytes memory data = abi.encodeCall(IModicum.postMatch, (job, "", resource, "", mediator, new bytes32[](0)));
        expectRefusal(SOLVER, data, refusal);
        vm.revertToState(before);
    }
}
