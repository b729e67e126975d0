// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Offer, Side} from "./TransaxTypes.sol";

/// @notice An offer in one storage word. Bits, from the lowest:
///   0 side (8) | 8 owner (24) | 32 group (16) | 48 next (24) | 72 end (24) | 96 start (24) | 120 price (40)
///   160 settled (32) | 192 traded (32) | 224 energy (32)
/// A zero word is no offer: every offer has energy.
type OfferWord is uint256;

using OfferWordLibrary for OfferWord global;

/// @title Access to the fields of a packed offer
library OfferWordLibrary {
    uint256 private constant NEXT = 48;
    uint256 private constant END = 72;
    uint256 private constant SETTLED = 160;
    uint256 private constant TRADED = 192;
    uint256 private constant ENERGY = 224;

    function pack(Offer memory o) internal pure returns (OfferWord) {
        return OfferWord.wrap(
            uint256(uint8(o.side)) | uint256(o.owner) << 8 | uint256(o.group) << 32 | uint256(o.next) << NEXT
                | uint256(o.end) << END | uint256(o.start) << 96 | uint256(o.price) << 120 | uint256(o.settled)
                << SETTLED | uint256(o.traded) << TRADED | uint256(o.energy) << ENERGY
        );
    }

    function unpack(OfferWord w) internal pure returns (Offer memory) {
        return Offer({
            energy: w.energy(),
            traded: w.traded(),
            settled: w.settled(),
            price: w.price(),
            start: w.start(),
            end: w.end(),
            next: w.next(),
            group: w.group(),
            owner: w.owner(),
            side: w.side()
        });
    }

    // Each cast below keeps exactly the field's own bits.
    // forge-lint: disable-start(unsafe-typecast)

    function side(OfferWord w) internal pure returns (Side) {
        return Side(uint8(OfferWord.unwrap(w)));
    }

    /// @notice Whether it is a buyer's; as `side`, without the check that the field holds one of the two.
    function isBuy(OfferWord w) internal pure returns (bool) {
        return uint8(OfferWord.unwrap(w)) != 0;
    }

    function owner(OfferWord w) internal pure returns (uint24) {
        return uint24(OfferWord.unwrap(w) >> 8);
    }

    function group(OfferWord w) internal pure returns (uint16) {
        return uint16(OfferWord.unwrap(w) >> 32);
    }

    function next(OfferWord w) internal pure returns (uint24) {
        return uint24(OfferWord.unwrap(w) >> NEXT);
    }

    function end(OfferWord w) internal pure returns (uint24) {
        return uint24(OfferWord.unwrap(w) >> END);
    }

    function start(OfferWord w) internal pure returns (uint24) {
        return uint24(OfferWord.unwrap(w) >> 96);
    }

    function price(OfferWord w) internal pure returns (uint40) {
        return uint40(OfferWord.unwrap(w) >> 120);
    }

    function settled(OfferWord w) internal pure returns (uint32) {
        return uint32(OfferWord.unwrap(w) >> SETTLED);
    }

    function traded(OfferWord w) internal pure returns (uint32) {
        return uint32(OfferWord.unwrap(w) >> TRADED);
    }

    function energy(OfferWord w) internal pure returns (uint32) {
        return uint32(OfferWord.unwrap(w) >> ENERGY);
    }

    // forge-lint: disable-end(unsafe-typecast)

    function exists(OfferWord w) internal pure returns (bool) {
        return OfferWord.unwrap(w) != 0;
    }

    function covers(OfferWord w, uint256 interval) internal pure returns (bool) {
        return w.start() <= interval && interval <= w.end();
    }

    function withNext(OfferWord w, uint24 value) internal pure returns (OfferWord) {
        return set(w, NEXT, type(uint24).max, value);
    }

    function withEnd(OfferWord w, uint24 value) internal pure returns (OfferWord) {
        return set(w, END, type(uint24).max, value);
    }

    function withSettled(OfferWord w, uint32 value) internal pure returns (OfferWord) {
        return set(w, SETTLED, type(uint32).max, value);
    }

    function withTraded(OfferWord w, uint32 value) internal pure returns (OfferWord) {
        return set(w, TRADED, type(uint32).max, value);
    }

    function withEnergy(OfferWord w, uint32 value) internal pure returns (OfferWord) {
        return set(w, ENERGY, type(uint32).max, value);
    }

    function set(OfferWord w, uint256 at, uint256 mask, uint256 value) private pure returns (OfferWord) {
        return OfferWord.wrap(OfferWord.unwrap(w) & ~(mask << at) | value << at);
    }
}
