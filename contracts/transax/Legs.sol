// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Evidence} from "./ITransax.sol";

/// @title Leg words, and the tree over an interval's legs
/// @dev A leg word: offer (32 bits, highest) | energy (32) | payment (64) | zeros | outlives (lowest bit).
library Legs {
    /// @notice Closes the list of legs: past every offer, without energy.
    bytes32 internal constant CLOSING = bytes32(uint256(type(uint32).max) << 224);

    /// @notice What one trade adds to a leg. Sums stay in their fields: an offer's energy is 32 bits wide, and a payment
    /// is at most energy·price/1000 < 2^62 over all of an offer's trades.
    function share(uint256 wattHours, uint256 amount) internal pure returns (uint256) {
        return wattHours << 192 | amount << 128;
    }

    // Each cast keeps exactly the field's own bits.
    // forge-lint: disable-start(unsafe-typecast)

    function offer(bytes32 leg) internal pure returns (uint32) {
        return uint32(uint256(leg) >> 224);
    }

    function energy(bytes32 leg) internal pure returns (uint32) {
        return uint32(uint256(leg) >> 192);
    }

    function payment(bytes32 leg) internal pure returns (uint64) {
        return uint64(uint256(leg) >> 128);
    }

    // forge-lint: disable-end(unsafe-typecast)

    function outlives(bytes32 leg) internal pure returns (bool) {
        return uint256(leg) & 1 == 1;
    }

    /// @dev Three words: no leaf can be taken for a node, whose preimage has two.
    function leaf(uint24 interval, uint32 previous, bytes32 leg) internal pure returns (bytes32) {
        return keccak256(abi.encode(interval, previous, leg));
    }

    /// @notice Root of the tree over `legs` (ascending by offer) and the closing leg.
    function root(uint24 interval, bytes32[] calldata legs) internal pure returns (bytes32) {
        uint256 width = legs.length + 1;
        bytes32[] memory nodes = new bytes32[](width);
        uint32 previous;
        for (uint256 i; i + 1 < width; ++i) {
            nodes[i] = leaf(interval, previous, legs[i]);
            previous = offer(legs[i]);
        }
        nodes[width - 1] = leaf(interval, previous, CLOSING);
        while (width > 1) {
            uint256 pairs = width / 2;
            for (uint256 i; i < pairs; ++i) {
                nodes[i] = Hashes.commutativeKeccak256(nodes[2 * i], nodes[2 * i + 1]);
            }
            if (width % 2 == 1) nodes[pairs] = nodes[width - 1];
            width -= pairs;
        }
        return nodes[0];
    }

    /// @notice Whether `evidence` is a leaf of the interval's tree that speaks about `id`: its leg, or the gap around it.
    function speaksOf(Evidence calldata evidence, uint32 id, uint24 interval, bytes32 treeRoot)
        internal
        pure
        returns (bool)
    {
        uint32 at = offer(evidence.leg);
        return (evidence.previous < id && id <= at)
            && MerkleProof.verifyCalldata(evidence.proof, treeRoot, leaf(interval, evidence.previous, evidence.leg));
    }
}
