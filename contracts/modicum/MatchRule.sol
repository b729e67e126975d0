// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IModicum} from "./IModicum.sol";
import {JobOffer, ResourceOffer} from "./ModicumTypes.sol";

/// @title The part of the match rule that both offers decide between them
/// @notice Reverts with what is wrong; the rules crate has the same checks in the same order.
library MatchRule {
    /// @param time Now, Unix seconds.
    /// @param longest The most that may lie between now and the deadline, seconds.
    /// @param layerProof Shows the job's base layer among the provider's; empty where the job has none.
    function check(
        JobOffer calldata job,
        ResourceOffer calldata resource,
        bytes32[] calldata layerProof,
        uint256 time,
        uint256 longest
    ) internal pure {
        require(time <= resource.expiry, IModicum.OfferExpired(resource.expiry));
        require(
            resource.instructions >= job.instructionLimit,
            IModicum.TooFewInstructions(resource.instructions, job.instructionLimit)
        );
        require(
            resource.memoryBytes >= job.memoryLimit, IModicum.TooLittleMemory(resource.memoryBytes, job.memoryLimit)
        );
        require(
            resource.storageBytes >= job.storageLimit,
            IModicum.TooLittleStorage(resource.storageBytes, job.storageLimit)
        );
        require(
            resource.bandwidthBytes >= job.bandwidthLimit,
            IModicum.TooLittleBandwidth(resource.bandwidthBytes, job.bandwidthLimit)
        );
        require(
            resource.instructionPrice <= job.maxInstructionPrice,
            IModicum.InstructionsTooDear(resource.instructionPrice, job.maxInstructionPrice)
        );
        require(
            resource.bandwidthPrice <= job.maxBandwidthPrice,
            IModicum.BandwidthTooDear(resource.bandwidthPrice, job.maxBandwidthPrice)
        );
        require(
            resource.architecture == job.architecture,
            IModicum.OtherArchitecture(resource.architecture, job.architecture)
        );
        require(resource.meterId == job.meterId, IModicum.OtherMeter(resource.meterId, job.meterId));
        require(
            job.baseLayer == 0 || MerkleProof.verifyCalldata(layerProof, resource.baseLayers, job.baseLayer),
            IModicum.BaseLayerUnsupported(job.baseLayer)
        );
        require(resource.instructionsPerSecond > 0, IModicum.TooSlow(time, job.deadline));
        uint256 end = time + (uint256(job.instructionLimit) + resource.instructionsPerSecond - 1)
            / resource.instructionsPerSecond;
        require(end <= job.deadline, IModicum.TooSlow(end, job.deadline));
        require(job.deadline <= time + longest, IModicum.TooLong(job.deadline, time + longest));
    }
}
