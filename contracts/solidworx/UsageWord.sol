// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice What a solution uses of an offer, in one word. Bits, from the lowest:
///   0 amount (64): assigned from the alternatives that list `quantity`
///   64 quantity (64): what the first alternative in use lists; zero where none is
///   128 rest (64): parts used by alternatives that list other quantities
///   192 link (64): where a solution checked in memory counts these
type UsageWord is uint256;

using UsageLibrary for UsageWord global;

/// @title How much of an offer assignments use: (6.1) and (6.2)
/// @notice An offer is `precision` parts. Alternatives of one quantity count together, so that they are exact however
/// coarse the parts; each other quantity in use rounds up to whole parts.
library UsageLibrary {
    uint256 private constant QUANTITY = 64;
    uint256 private constant REST = 128;
    uint256 private constant LINK = 192;
    uint256 private constant FIELD = type(uint64).max;

    function quantity(UsageWord w) internal pure returns (uint256) {
        return UsageWord.unwrap(w) >> QUANTITY & FIELD;
    }

    function link(UsageWord w) internal pure returns (uint256) {
        return UsageWord.unwrap(w) >> LINK;
    }

    /// @notice Sets the link; `to` is below 2^64.
    function withLink(UsageWord w, uint256 to) internal pure returns (UsageWord) {
        return UsageWord.wrap(UsageWord.unwrap(w) << (256 - LINK) >> (256 - LINK) | to << LINK);
    }

    /// @notice Whether an alternative that lists `listed` is counted in `rest`, so that `add` has to be told what is
    /// assigned from such alternatives already.
    function isElsewhere(UsageWord w, uint256 listed) internal pure returns (bool) {
        return w.quantity() != 0 && w.quantity() != listed;
    }

    /// @notice Adds `more` from an alternative that lists `listed`, both 1 to 2^64 − 1.
    /// @param before What is assigned already from alternatives that list the same, if `isElsewhere`; at most `listed`.
    /// @param precision Parts of an offer, 1 to 2^64 − 1.
    /// @return next The word, of no use where `used` exceeds `precision`.
    /// @return used Parts in use, rounded up.
    function add(UsageWord w, uint256 listed, uint256 more, uint256 before, uint256 precision)
        internal
        pure
        returns (UsageWord next, uint256 used)
    {
        unchecked {
            // Sums of numbers below 2^64, times numbers below 2^64: below 2^130. Rounding up never falls when its
            // numerator grows. Where `used` is at most `precision`, every field of `next` fits: `amount` is at most
            // `first`, and `rest` at most `precision`.
            uint256 word = UsageWord.unwrap(w);
            uint256 amount = word & FIELD;
            uint256 first = w.quantity();
            uint256 rest = word >> REST & FIELD;
            if (first == 0) first = listed;
            if (first == listed) amount += more;
            else rest += partsUp(before + more, listed, precision) - partsUp(before, listed, precision);
            used = partsUp(amount, first, precision) + rest;
            next = UsageWord.wrap(amount | first << QUANTITY | rest << REST | word >> LINK << LINK);
        }
    }

    /// @notice ⌈amount·precision / listed⌉; amount below 2^65, the others 1 to 2^64 − 1.
    function partsUp(uint256 amount, uint256 listed, uint256 precision) internal pure returns (uint256) {
        unchecked {
            // The product is below 2^129.
            return (amount * precision + listed - 1) / listed;
        }
    }
}
