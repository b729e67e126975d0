// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Eight 32-bit amounts in a storage word, lane 0 lowest, so that eight intervals cost one write.
type Lanes is uint256;

using LanesLibrary for Lanes global;

/// @title Arithmetic on packed 32-bit amounts
library LanesLibrary {
    error LaneOverflow(uint256 amount);
    error LaneUnderflow(uint256 amount);
    error LanesOverflow();

    /// @notice Lanes in a word.
    uint256 internal constant COUNT = 8;
    /// @dev The highest bit of every lane.
    uint256 private constant HIGHEST = 0x8000000080000000800000008000000080000000800000008000000080000000;

    /// @notice The amount in the lane of position `i`; positions past the word wrap around.
    function get(Lanes lanes, uint256 i) internal pure returns (uint32) {
        // Cast: the shift leaves lane i in the lowest 32 bits, which is what is wanted.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(Lanes.unwrap(lanes) >> shift(i));
    }

    /// @notice Adds `amount` to a lane; reverts if it would not fit, so no lane carries into the next.
    function add(Lanes lanes, uint256 i, uint256 amount) internal pure returns (Lanes) {
        if (uint256(lanes.get(i)) + amount > type(uint32).max) revert LaneOverflow(amount);
        unchecked {
            // The lane's sum fits its 32 bits, checked above.
            return Lanes.wrap(Lanes.unwrap(lanes) + (amount << shift(i)));
        }
    }

    /// @notice Takes `amount` from a lane; reverts if it holds less.
    function sub(Lanes lanes, uint256 i, uint256 amount) internal pure returns (Lanes) {
        if (lanes.get(i) < amount) revert LaneUnderflow(amount);
        unchecked {
            // The lane holds at least `amount`, checked above.
            return Lanes.wrap(Lanes.unwrap(lanes) - (amount << shift(i)));
        }
    }

    /// @notice Whether no lane holds less than the same lane of `other`.
    function covers(Lanes lanes, Lanes other) internal pure returns (bool) {
        (uint256 a, uint256 b) = (Lanes.unwrap(lanes), Lanes.unwrap(other));
        // The highest bit of a lane is set where it borrows: where b has it and a does not, or they agree on it and the
        // difference of the rest borrowed.
        return ((~a & b) | (~(a ^ b) & Lanes.unwrap(lanes.minus(other)))) & HIGHEST == 0;
    }

    /// @notice All lanes less those of `other`, each modulo 2^32; callers have seen that `covers` holds.
    function minus(Lanes lanes, Lanes other) internal pure returns (Lanes) {
        (uint256 a, uint256 b) = (Lanes.unwrap(lanes), Lanes.unwrap(other));
        unchecked {
            // With its highest bit set on one side and cleared on the other no lane borrows from the next.
            return Lanes.wrap(((a | HIGHEST) - (b & ~HIGHEST)) ^ (~(a ^ b) & HIGHEST));
        }
    }

    /// @notice All lanes with those of `other` added; reverts if one would not fit.
    function plus(Lanes lanes, Lanes other) internal pure returns (Lanes) {
        (uint256 a, uint256 b) = (Lanes.unwrap(lanes), Lanes.unwrap(other));
        unchecked {
            // With their highest bits cleared no lane carries into the next.
            uint256 sum = ((a & ~HIGHEST) + (b & ~HIGHEST)) ^ ((a ^ b) & HIGHEST);
            if (((a & b) | ((a | b) & ~sum)) & HIGHEST != 0) revert LanesOverflow();
            return Lanes.wrap(sum);
        }
    }

    /// @notice Empties a lane.
    function clear(Lanes lanes, uint256 i) internal pure returns (Lanes) {
        return Lanes.wrap(Lanes.unwrap(lanes) & ~(uint256(type(uint32).max) << shift(i)));
    }

    function shift(uint256 i) private pure returns (uint256) {
        unchecked {
            // Below 256.
            return (i % COUNT) * 32;
        }
    }
}
