// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The byte layouts of `ISolidWorx`
/// @notice Readers take any position; past the end of the call data they read zeros. Callers check lengths.
library Packing {
    /// @notice Owner, side and number of alternatives, before the alternatives of an offer's contents.
    uint256 internal constant HEAD = 23;
    uint256 internal constant ALTERNATIVE = 24;
    uint256 internal constant MAX_ALTERNATIVES = 256;
    uint256 internal constant ASSIGNMENT = 22;
    uint256 internal constant RECORD = 40;

    // Casts: each shift leaves the field's own bits lowest.
    // forge-lint: disable-start(unsafe-typecast)

    /// @notice The head of an offer's contents at byte `at`.
    function head(bytes calldata data, uint256 at)
        internal
        pure
        returns (address owner, uint8 side, uint256 alternatives)
    {
        uint256 word = load(data, at);
        return (address(uint160(word >> 96)), uint8(word >> 88), uint16(word >> 72));
    }

    /// @notice Bytes of the offer's contents that begin at byte `at`.
    function contentsSize(bytes calldata data, uint256 at) internal pure returns (uint256) {
        unchecked {
            // The number of alternatives has 16 bits.
            return HEAD + uint16(load(data, at) >> 72) * ALTERNATIVE;
        }
    }

    /// @notice The alternative at byte `at`.
    function alternative(bytes calldata data, uint256 at)
        internal
        pure
        returns (uint64 resourceType, uint64 quantity, uint64 value)
    {
        uint256 word = load(data, at);
        return (uint64(word >> 192), uint64(word >> 128), uint64(word >> 64));
    }

    /// @notice The id before an offer's contents, at byte `at`.
    function id(bytes calldata data, uint256 at) internal pure returns (uint64) {
        return uint64(load(data, at) >> 192);
    }

    /// @notice The record at byte `at`: its first four numbers as a word, and its price.
    function record(bytes calldata data, uint256 at) internal pure returns (uint256 word, uint64 price) {
        return (load(data, at), uint64(load(data, at + 32) >> 192));
    }

    /// @notice The first four numbers of a record as a word.
    function recordWord(uint64 providingOffer, uint64 consumingOffer, uint64 resourceType, uint64 quantity)
        internal
        pure
        returns (uint256)
    {
        return uint256(providingOffer) << 192 | uint256(consumingOffer) << 128 | uint256(resourceType) << 64 | quantity;
    }

    // forge-lint: disable-end(unsafe-typecast)

    /// @notice The chain with one more record.
    function link(bytes32 chain, uint256 word, uint64 price) internal pure returns (bytes32 next) {
        // Assembly: `abi.encodePacked` would claim fresh memory for every record. This borrows at the free pointer.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, chain)
            mstore(add(free, 0x20), word)
            mstore(add(free, 0x40), shl(192, price))
            next := keccak256(free, 72)
        }
    }

    /// @notice Writes record `i`; `records` has room for it and, since whole words are written, 24 bytes after it.
    function put(bytes memory records, uint256 i, uint256 word, uint64 price) internal pure {
        // Assembly: there is no other way to write numbers into bytes one by one without joining them anew each time.
        assembly ("memory-safe") {
            let at := add(add(records, 0x20), mul(i, 40))
            mstore(at, word)
            mstore(add(at, 0x20), shl(192, price))
        }
    }

    /// @notice The 32 bytes of `data` from `at` on.
    function load(bytes calldata data, uint256 at) internal pure returns (uint256 word) {
        // Assembly: a slice with its bounds checks costs four times as much, and this runs for every number read.
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, at))
        }
    }

    /// @notice keccak256 of `size` bytes from `at` on, which must be within `data`.
    function hash(bytes calldata data, uint256 at, uint256 size) internal pure returns (bytes32 h) {
        // Assembly: a slice is copied to fresh memory each time. This borrows at the free pointer.
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, add(data.offset, at), size)
            h := keccak256(free, size)
        }
    }
}
