// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OfferState} from "./SolidWorxTypes.sol";

/// @notice An offer in one storage word. Bits, from the lowest:
///   0 state (8); of a packed offer then: 8 the first 31 bytes of its contents' hash (248);
///   of others: 8 side, 1 providing (8) | 16 owner (160)
/// A zero word is no offer.
type OfferWord is uint256;

using OfferWordLibrary for OfferWord global;

/// @title Access to the fields of an offer's word
library OfferWordLibrary {
    uint256 private constant SIDE = 8;
    uint256 private constant OWNER = 16;

    /// @notice The word of an offer with its alternatives in storage.
    function stored(OfferState s, bool providing_, address owner_) internal pure returns (OfferWord) {
        return OfferWord.wrap(uint256(s) | uint256(providing_ ? 1 : 0) << SIDE | uint256(uint160(owner_)) << OWNER);
    }

    /// @notice The word of a packed offer, of which 31 bytes of its contents' hash are kept.
    function packed(OfferState s, bytes32 contents) internal pure returns (OfferWord) {
        return OfferWord.wrap(uint256(s) | uint256(contents) >> 8 << 8);
    }

    // Each cast below keeps exactly the field's own bits.
    // forge-lint: disable-start(unsafe-typecast)

    function state(OfferWord w) internal pure returns (OfferState) {
        return OfferState(uint8(OfferWord.unwrap(w)));
    }

    function providing(OfferWord w) internal pure returns (bool) {
        return uint8(OfferWord.unwrap(w) >> SIDE) != 0;
    }

    function owner(OfferWord w) internal pure returns (address) {
        return address(uint160(OfferWord.unwrap(w) >> OWNER));
    }

    /// @notice The kept part of a packed offer's hash.
    function hash(OfferWord w) internal pure returns (bytes31) {
        return bytes31(uint248(OfferWord.unwrap(w) >> 8));
    }

    // forge-lint: disable-end(unsafe-typecast)

    /// @notice Whether the alternatives are not in storage: the word keeps a hash.
    function isPacked(OfferWord w) internal pure returns (bool) {
        OfferState s = w.state();
        return s == OfferState.Packed || s == OfferState.PackedCanceled;
    }

    function withState(OfferWord w, OfferState s) internal pure returns (OfferWord) {
        return OfferWord.wrap(OfferWord.unwrap(w) & ~uint256(type(uint8).max) | uint256(s));
    }
}
