// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IModicum} from "./IModicum.sol";
import {ModicumAccounts} from "./ModicumAccounts.sol";
import {JobOffer, Match, MatchState, OfferState, Phase, ResourceOffer} from "./ModicumTypes.sol";

/// @title Offers by their names
abstract contract ModicumOffers is ModicumAccounts, EIP712 {
    bytes32 private constant RESOURCE_OFFER = keccak256(
        "ResourceOffer(address provider,uint96 deposit,uint64 instructions,uint64 instructionsPerSecond,uint64 memoryBytes,uint64 storageBytes,uint64 bandwidthBytes,uint64 instructionPrice,uint64 bandwidthPrice,uint8 architecture,bytes32 meterId,bytes32 baseLayers,uint40 expiry,uint64 nonce)"
    );
    bytes32 private constant JOB_OFFER = keccak256(
        "JobOffer(address creator,uint96 deposit,uint64 instructionLimit,uint64 memoryLimit,uint64 storageLimit,uint64 bandwidthLimit,uint64 maxInstructionPrice,uint64 maxBandwidthPrice,uint8 architecture,bytes32 meterId,bytes32 baseLayer,bytes32 jobHash,uint32 directory,uint40 deadline,uint64 nonce)"
    );
    /// @dev Words of the two mappings that no match can have for a name: nobody finds such a hash.
    bytes32 private constant OPEN = bytes32(uint256(1));
    bytes32 private constant CLOSED = bytes32(uint256(2));

    /// @dev By name: zero for unknown, OPEN, CLOSED, or the match it was in last. What that means once the match has ended
    /// differs: a job offer is closed then, a resource offer open again, so that the usual ending writes neither.
    mapping(bytes32 name => bytes32) internal _jobOffers;
    mapping(bytes32 name => bytes32) internal _resOffers;
    mapping(bytes32 id => MatchState) internal _matches;

    constructor() EIP712("Entente MODiCuM", "1") {}

    /// @inheritdoc IModicum
    function postResOffer(ResourceOffer calldata offer) external returns (bytes32 name) {
        require(msg.sender == offer.provider, NotOfferer(msg.sender, offer.provider));
        name = hashResOffer(offer);
        require(_resOffers[name] == 0, OfferExists(name));
        _resOffers[name] = OPEN;
        emit ResourceOffered(name, msg.sender, offer);
    }

    /// @inheritdoc IModicum
    function postJobOffer(JobOffer calldata offer) external returns (bytes32 name) {
        require(msg.sender == offer.creator, NotOfferer(msg.sender, offer.creator));
        name = hashJobOffer(offer);
        require(_jobOffers[name] == 0, OfferExists(name));
        _jobOffers[name] = OPEN;
        emit JobOffered(name, msg.sender, offer);
    }

    /// @inheritdoc IModicum
    function cancelResOffer(ResourceOffer calldata offer) external {
        require(msg.sender == offer.provider, NotOfferer(msg.sender, offer.provider));
        bytes32 name = hashResOffer(offer);
        require(_resOffers[name] != CLOSED, OfferUnavailable(name, OfferState.Closed));
        _resOffers[name] = CLOSED;
        emit OfferCancelled(name, msg.sender);
    }

    /// @inheritdoc IModicum
    function cancelJobOffer(JobOffer calldata offer) external {
        require(msg.sender == offer.creator, NotOfferer(msg.sender, offer.creator));
        bytes32 name = hashJobOffer(offer);
        OfferState state = jobOfferState(name);
        require(state == OfferState.Unknown || state == OfferState.Open, OfferUnavailable(name, state));
        _jobOffers[name] = CLOSED;
        emit OfferCancelled(name, msg.sender);
    }

    /// @inheritdoc IModicum
    function jobOfferState(bytes32 name) public view returns (OfferState) {
        bytes32 word = _jobOffers[name];
        if (word == 0) return OfferState.Unknown;
        if (word == OPEN) return OfferState.Open;
        return word != CLOSED && _isLive(word) ? OfferState.Matched : OfferState.Closed;
    }

    /// @inheritdoc IModicum
    function resOfferState(bytes32 name) public view returns (OfferState) {
        bytes32 word = _resOffers[name];
        if (word == 0) return OfferState.Unknown;
        if (word == CLOSED) return OfferState.Closed;
        return word != OPEN && _isLive(word) ? OfferState.Matched : OfferState.Open;
    }

    /// @inheritdoc IModicum
    function matchState(bytes32 id) external view returns (MatchState memory) {
        return _matches[id];
    }

    /// @inheritdoc IModicum
    function hashResOffer(ResourceOffer calldata offer) public pure returns (bytes32) {
        return keccak256(abi.encode(RESOURCE_OFFER, offer));
    }

    /// @inheritdoc IModicum
    function hashJobOffer(JobOffer calldata offer) public pure returns (bytes32) {
        return keccak256(abi.encode(JOB_OFFER, offer));
    }

    /// @inheritdoc IModicum
    function hashMatch(Match calldata m) public pure returns (bytes32) {
        return keccak256(abi.encode(m));
    }

    /// @dev Takes a job offer for the match `id`: a posted one that is open, or a signed one that was never seen.
    function _takeJob(JobOffer calldata job, bytes32 name, bytes calldata signature, bytes32 id) internal {
        OfferState state = jobOfferState(name);
        if (state == OfferState.Unknown) {
            _checkSignature(job.creator, name, signature);
            emit JobOffered(name, job.creator, job);
        } else {
            require(state == OfferState.Open, OfferUnavailable(name, state));
        }
        _jobOffers[name] = id;
    }

    /// @dev Takes a resource offer for the match `id`, likewise.
    function _takeResource(ResourceOffer calldata resource, bytes32 name, bytes calldata signature, bytes32 id)
        internal
    {
        OfferState state = resOfferState(name);
        if (state == OfferState.Unknown) {
            _checkSignature(resource.provider, name, signature);
            emit ResourceOffered(name, resource.provider, resource);
        } else {
            require(state == OfferState.Open, OfferUnavailable(name, state));
        }
        _resOffers[name] = id;
    }

    /// @dev What follows for the offers from the provider's fault: the job may be tried again, the provider not.
    function _swap(Match calldata m) internal {
        _jobOffers[m.jobOffer] = OPEN;
        _resOffers[m.resourceOffer] = CLOSED;
    }

    function _isLive(bytes32 id) private view returns (bool) {
        return _matches[id].phase != Phase.None;
    }

    function _checkSignature(address signer, bytes32 name, bytes calldata signature) private view {
        bool isValid = SignatureChecker.isValidSignatureNowCalldata(signer, _hashTypedDataV4(name), signature);
        require(isValid, BadSignature(name));
    }
}
