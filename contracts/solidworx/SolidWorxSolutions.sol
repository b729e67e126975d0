// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Words} from "../libraries/Words.sol";
import {ISolidWorx} from "./ISolidWorx.sol";
import {OfferWord} from "./OfferWord.sol";
import {Packing} from "./Packing.sol";
import {SolidWorxSteps} from "./SolidWorxSteps.sol";
import {Config, OfferState, State} from "./SolidWorxTypes.sol";
import {UsageWord} from "./UsageWord.sol";

/// @title Whole solutions: every constraint checked in memory, in one pass over what the solver gives
abstract contract SolidWorxSolutions is SolidWorxSteps {
    using Words for uint256[];

    /// @dev A solution being checked. `heads` and `usage` run along its list of offers, `count` long.
    struct Draft {
        Config config;
        uint256 count;
        // u64 id, u8 side, u16 number of alternatives, and in the lowest 64 bits the byte at which its contents begin.
        uint256[] heads;
        // Usage words.
        uint256[] usage;
        // Amounts that the usage words do not count themselves: u64 next place, u64 quantity, u64 amount. Place 0 is
        // the end of every list.
        uint256[] amounts;
        uint256 amountCount;
        // The assignment at hand; one place for all of them, since memory is never given back.
        Deal deal;
        uint256 value;
        bytes32 chain;
        bytes records;
    }

    /// @inheritdoc ISolidWorx
    function postSolution(uint128 value, bytes calldata offers, bytes calldata assignments) external returns (uint128) {
        Phase memory p = _during(State.Solve);
        uint128 best = _candidate.value;
        require(value > best, NotBetter(value, best));
        Draft memory d = _readOffers(p, offers);
        uint256 count = assignments.length / Packing.ASSIGNMENT;
        require(count * Packing.ASSIGNMENT == assignments.length, AssignmentsTruncated(assignments.length));
        // Room for the whole word that the last record is written with; cut to the records below.
        d.records = new bytes(count * Packing.RECORD + 32);
        d.amounts = new uint256[](2 * count + 1);
        for (uint256 i; i < count; ++i) {
            _assign(d, offers, i, Packing.load(assignments, i * Packing.ASSIGNMENT));
        }
        // Casts: `_sum` has bounded the value, call data the number of assignments.
        // forge-lint: disable-next-line(unsafe-typecast)
        require(d.value == value, WrongObjective(value, uint128(d.value)));
        // forge-lint: disable-next-line(unsafe-typecast)
        _candidate = Candidate(d.chain, value, uint64(count), 0);
        bytes memory records = d.records;
        // Assembly: shortens the list by the room above; there is no other way to give memory back.
        assembly ("memory-safe") {
            mstore(records, mul(count, 40))
        }
        emit SolutionPosted(p.cycle, msg.sender, value, records);
        return value;
    }

    // Casts: each shift or mask leaves the field's own bits lowest.
    // forge-lint: disable-start(unsafe-typecast)

    /// @dev Reads the list of offers; each must be posted in this cycle and be what it is said to be.
    function _readOffers(Phase memory p, bytes calldata offers) private view returns (Draft memory d) {
        unchecked {
            // Positions are bounded by the call data; an offer's head has 16 bits for the number of alternatives.
            d.config = _config;
            uint256 most = offers.length / (8 + Packing.HEAD);
            d.heads = new uint256[](most);
            d.usage = new uint256[](most);
            uint256 count;
            uint64 last;
            for (uint256 at; at < offers.length;) {
                uint64 id = Packing.id(offers, at);
                at += 8;
                uint256 size = Packing.contentsSize(offers, at);
                if (at + size > offers.length) revert OffersTruncated(offers.length);
                if (id <= last) revert OffersNotAscending(id);
                last = id;
                uint256 head = _openOffer(_offerOfCycle(p, id), id, offers, at, size);
                // Each offer takes at least the bytes that the lists were measured by.
                d.heads.put(count++, head);
                at += size;
            }
            d.count = count;
        }
    }

    /// @dev Makes sure that an offer is posted and that its `size` bytes of contents from `at` on are right; returns its
    /// head.
    function _openOffer(OfferWord w, uint64 id, bytes calldata offers, uint256 at, uint256 size)
        private
        view
        returns (uint256)
    {
        (address owner, uint8 side, uint256 alternatives) = Packing.head(offers, at);
        OfferState state = w.state();
        if (state == OfferState.Packed) {
            if (bytes31(Packing.hash(offers, at, size)) != w.hash()) revert ContentsMismatch(id);
        } else if (state == OfferState.Posted) {
            if (owner != w.owner() || side != (w.providing() ? 1 : 0)) revert ContentsMismatch(id);
            _compareAlternatives(id, offers, at, alternatives);
        } else {
            revert NotPosted(id);
        }
        return uint256(id) << 192 | uint256(side) << 128 | alternatives << 64 | at;
    }

    /// @dev The alternatives given for an offer made step by step must be in storage.
    function _compareAlternatives(uint64 id, bytes calldata offers, uint256 at, uint256 count) private view {
        for (uint256 i; i < count; ++i) {
            (uint64 resourceType, uint64 quantity, uint64 value) =
                Packing.alternative(offers, at + Packing.HEAD + i * Packing.ALTERNATIVE);
            Alternative memory a = _alternatives[id][resourceType];
            if (quantity == 0 || quantity != a.quantity || value != a.value) revert ContentsMismatch(id);
        }
    }

    /// @dev Checks assignment `number` and books it. `a`: its bytes, from the highest of the word on.
    function _assign(Draft memory d, bytes calldata offers, uint256 number, uint256 a) private view {
        unchecked {
            // Nothing is added here but the value, in `_sum`, which checks it.
            Deal memory deal = d.deal;
            uint256 quantity = uint64(a >> 144);
            uint64 price = uint64(a >> 80);
            if (quantity == 0) revert ZeroQuantity();
            uint256 providingHead = _head(d, number, a >> 240);
            uint256 consumingHead = _head(d, number, uint16(a >> 224));
            if (uint8(providingHead >> 128) == 0) revert WrongSide(uint64(providingHead >> 192));
            if (uint8(consumingHead >> 128) != 0) revert WrongSide(uint64(consumingHead >> 192));
            uint256 resourceType = _read(deal.provider, offers, providingHead, uint8(a >> 216));
            if (_read(deal.consumer, offers, consumingHead, uint8(a >> 208)) != resourceType) {
                revert UnlistedType(uint64(consumingHead >> 192), uint64(resourceType));
            }
            (deal.resourceType, deal.quantity, deal.price) = (resourceType, quantity, price);
            uint256 worth = _worth(d.config, deal);
            _use(d, a >> 240, deal.provider, quantity);
            _use(d, uint16(a >> 224), deal.consumer, quantity);
            d.value = _sum(d.value, worth);
            uint256 word = providingHead >> 192 << 192 | consumingHead >> 192 << 128 | resourceType << 64 | quantity;
            d.chain = Packing.link(d.chain, word, price);
            Packing.put(d.records, number, word, price);
        }
    }

    function _head(Draft memory d, uint256 number, uint256 place) private pure returns (uint256) {
        if (place >= d.count) revert OfferNotListed(number, place);
        // `count` is at most the list's length.
        return d.heads.at(place);
    }

    /// @dev Reads an alternative of a listed offer into `listing`, and returns its type.
    function _read(Listing memory listing, bytes calldata offers, uint256 head, uint256 number)
        private
        pure
        returns (uint256)
    {
        unchecked {
            // Positions within call data.
            if (number >= uint16(head >> 64)) revert AlternativeNotListed(uint64(head >> 192), number);
            uint256 at = uint64(head);
            uint256 word = Packing.load(offers, at + Packing.HEAD + number * Packing.ALTERNATIVE);
            listing.id = head >> 192;
            listing.owner = address(uint160(Packing.load(offers, at) >> 96));
            listing.quantity = uint64(word >> 128);
            listing.reservation = uint64(word >> 64);
            return word >> 192;
        }
    }

    /// @dev Takes `quantity` from what the solution has left of the offer at `place`, which `_head` has checked.
    function _use(Draft memory d, uint256 place, Listing memory listing, uint256 quantity) private pure {
        unchecked {
            // Places in `amounts`: each assignment adds at most one for either side. Amounts: see `UsageLibrary.add`;
            // where `used` is within the precision, the amount is at most the alternative's quantity.
            UsageWord w = UsageWord.wrap(d.usage.at(place));
            uint256 listed = listing.quantity;
            uint256 at;
            uint256 before;
            if (w.isElsewhere(listed)) {
                at = w.link();
                while (at != 0 && uint64(d.amounts[at] >> 64) != listed) {
                    at = d.amounts[at] >> 128;
                }
                if (at == 0) {
                    at = ++d.amountCount;
                    d.amounts[at] = w.link() << 128 | listed << 64;
                    w = w.withLink(at);
                }
                before = uint64(d.amounts[at]);
            }
            uint256 precision = d.config.precision;
            (UsageWord next, uint256 used) = w.add(listed, quantity, before, precision);
            if (used > precision) revert ExceedsOffer(uint64(listing.id), used, uint64(precision));
            d.usage.put(place, UsageWord.unwrap(next));
            if (at != 0) d.amounts[at] += quantity;
        }
    }

    // forge-lint: disable-end(unsafe-typecast)
}
