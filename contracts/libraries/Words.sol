// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Lists of words in memory, without bounds checks
/// @notice For loops that have checked every place before: a checked access costs three times as much, and checking a
/// plan makes a dozen of them a trade. Each use is in a function that says where its places were checked.
library Words {
    /// @notice Word `i`, which must be below the list's length.
    function at(uint256[] memory list, uint256 i) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(list, 0x20), shl(5, i)))
        }
    }

    /// @notice Sets word `i`, which must be below the list's length.
    function put(uint256[] memory list, uint256 i, uint256 word) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 0x20), shl(5, i)), word)
        }
    }

    /// @notice keccak256 of the first `n` words; `n` is at most the list's length.
    function hash(uint256[] memory list, uint256 n) internal pure returns (bytes32 h) {
        assembly ("memory-safe") {
            h := keccak256(add(list, 0x20), shl(5, n))
        }
    }
}
