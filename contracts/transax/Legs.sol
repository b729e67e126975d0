// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Words} from "../libraries/Words.sol";
import {Evidence} from "./ITransax.sol";

/// @title Leg words, and the tree over an interval's legs
/// @dev A leg word: offer (32 bits, highest) | energy (32) | payment (64) | zeros | outlives (lowest bit).
library Legs {
    using Words for uint256[];

    /// @notice Closes the list of legs: past every offer, without energy.
    bytes32 internal constant CLOSING = bytes32(uint256(type(uint32).max) << 224);

    /// @notice What one trade adds to a leg. Sums stay in their fields: an offer's energy is 32 bits wide, and a payment
    /// is at most energy·price/1000 < 2^63 over all of an offer's trades.
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
    function leaf(uint256 interval, uint256 previous, bytes32 leg) internal pure returns (bytes32 h) {
        // Assembly: abi.encode would claim fresh memory for every leaf. This borrows the words at the free pointer.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, interval)
            mstore(add(free, 0x20), previous)
            mstore(add(free, 0x40), leg)
            h := keccak256(free, 0x60)
        }
    }

    /// @notice Root of the tree over `legs` (ascending by offer) and the closing leg.
    function root(uint24 interval, bytes32[] calldata legs) internal pure returns (bytes32) {
        unchecked {
            // Places: below the number of legs, and of nodes from there on.
            uint256 count = legs.length;
            uint256[] memory nodes = new uint256[](count + 1);
            uint256 previous;
            for (uint256 i; i < count; ++i) {
                bytes32 leg = legs[i];
                nodes.put(i, uint256(leaf(interval, previous, leg)));
                previous = uint256(leg) >> 224;
            }
            nodes.put(count, uint256(leaf(interval, previous, CLOSING)));
            for (uint256 width = count + 1; width > 1; width = (width + 1) / 2) {
                uint256 pairs = width / 2;
                for (uint256 i; i < pairs; ++i) {
                    bytes32 left = bytes32(nodes.at(2 * i));
                    nodes.put(i, uint256(Hashes.commutativeKeccak256(left, bytes32(nodes.at(2 * i + 1)))));
                }
                if (width % 2 == 1) nodes.put(pairs, nodes.at(width - 1));
            }
            return bytes32(nodes.at(0));
        }
    }

    /// @notice The leg of `evidence` if it is a leaf of the interval's tree that speaks about offer `id`, either its own
    /// leg or the first one past the gap where it would stand; else zero.
    function proved(Evidence calldata evidence, uint32 id, uint24 interval, bytes32 treeRoot)
        internal
        pure
        returns (bytes32 leg)
    {
        leg = evidence.leg;
        uint32 previous = evidence.previous;
        if (previous >= id || id > offer(leg)) return 0;
        bytes32[] calldata proof = evidence.proof;
        bytes32 node = leaf(interval, previous, leg);
        // Assembly: a checked loop over call data costs twice as much, and this one runs for every level of every proof.
        // It uses the scratch space only.
        assembly ("memory-safe") {
            let end := add(proof.offset, shl(5, proof.length))
            for { let at := proof.offset } lt(at, end) { at := add(at, 0x20) } {
                let sister := calldataload(at)
                let first := shl(5, gt(node, sister))
                mstore(first, node)
                mstore(xor(first, 0x20), sister)
                node := keccak256(0, 0x40)
            }
        }
        if (node != treeRoot) return 0;
    }
}
