// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISolidWorx} from "./ISolidWorx.sol";
import {OfferWord} from "./OfferWord.sol";
import {Packing} from "./Packing.sol";
import {SolidWorxOffers} from "./SolidWorxOffers.sol";
import {Config, OfferState, State, TypeRule} from "./SolidWorxTypes.sol";
import {UsageWord} from "./UsageWord.sol";

/// @title What makes an assignment feasible, and solutions made of them one by one
abstract contract SolidWorxSteps is SolidWorxOffers {
    /// @dev One side of an assignment: an offer, and what it lists of the assignment's type. Numbers are below 2^64;
    /// they are held in words, so that reading them costs no masks.
    struct Listing {
        uint256 id;
        address owner;
        uint256 quantity;
        uint256 reservation;
    }

    /// @dev An assignment being checked, its numbers likewise.
    struct Deal {
        Listing provider;
        Listing consumer;
        uint256 resourceType;
        uint256 quantity;
        uint256 price;
    }

    /// @dev The best allocation so far. `chain`: over the records that are not final yet; zero for none. The rest is one
    /// slot. `solutionId`: which solution it is, zero if it came in one call.
    struct Candidate {
        bytes32 chain;
        uint128 value;
        uint64 assignments;
        uint64 solutionId;
    }

    /// @dev A solution made step by step, three slots.
    struct Solution {
        bytes32 chain;
        uint128 value;
        uint64 assignments;
        address solver;
    }

    Candidate internal _candidate;
    mapping(uint64 id => Solution) private _solutions;
    mapping(uint64 solutionId => mapping(uint64 offerId => UsageWord)) private _usage;
    /// @dev What a solution assigns from alternatives that list `quantity`, but for those that `_usage` counts.
    mapping(uint64 solutionId => mapping(uint64 offerId => mapping(uint64 quantity => uint64))) private _amounts;

    /// @inheritdoc ISolidWorx
    function createSolution(uint64 misc) external returns (uint64 id) {
        _during(State.Solve);
        id = _solutionIds.next;
        _solutionIds.next = id + 1;
        _solutions[id].solver = msg.sender;
        emit SolutionCreated(id, msg.sender, misc);
    }

    /// @inheritdoc ISolidWorx
    function addAssignment(
        uint64 id,
        uint64 providingOffer,
        uint64 consumingOffer,
        uint64 resourceType,
        uint64 quantity,
        uint64 value
    ) external {
        Phase memory p = _during(State.Solve);
        Solution storage s = _ownSolution(id);
        require(quantity > 0, ZeroQuantity());
        (OfferWord pw, OfferWord cw) = (_stored(p, providingOffer), _stored(p, consumingOffer));
        require(pw.providing(), WrongSide(providingOffer));
        require(!cw.providing(), WrongSide(consumingOffer));
        Listing memory provider = _listing(providingOffer, pw, resourceType);
        Listing memory consumer = _listing(consumingOffer, cw, resourceType);
        uint256 worth = _worth(_config, Deal(provider, consumer, resourceType, quantity, value));
        _use(id, provider, quantity);
        _use(id, consumer, quantity);
        // Cast: `_sum` has checked it.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint128 total = uint128(_sum(s.value, worth));
        bytes32 chain =
            Packing.link(s.chain, Packing.recordWord(providingOffer, consumingOffer, resourceType, quantity), value);
        uint64 count = s.assignments + 1;
        (s.value, s.chain, s.assignments) = (total, chain, count);
        if (total > _candidate.value) _candidate = Candidate(chain, total, count, id);
        emit AssignmentAdded(id, providingOffer, consumingOffer, resourceType, quantity, value, total);
    }

    /// @inheritdoc ISolidWorx
    function solution(uint64 id) external view returns (address, uint128, bytes32, uint64) {
        Solution memory s = _solutions[id];
        return (s.solver, s.value, s.chain, s.assignments);
    }

    /// @inheritdoc ISolidWorx
    function candidate() external view returns (uint128, bytes32, uint64, uint64) {
        Candidate memory c = _candidate;
        return (c.value, c.chain, c.assignments, c.solutionId);
    }

    // Casts: numbers of a listing or a deal are below 2^64, a value is checked before it is cut.
    // forge-lint: disable-start(unsafe-typecast)

    /// @dev What an assignment adds to the objective; (6.3), (6.4), (6.13) and (6.14) must hold for it. Both
    /// interfaces take this function's word for it.
    function _worth(Config memory c, Deal memory d) internal view returns (uint256 worth) {
        (uint256 price, uint256 ask, uint256 bid) = (d.price, d.provider.reservation, d.consumer.reservation);
        if (price < ask) revert PriceBelowOffer(uint64(d.provider.id), uint64(price), uint64(ask));
        if (price > bid) revert PriceAboveOffer(uint64(d.consumer.id), uint64(price), uint64(bid));
        worth = d.quantity;
        if (c.weighted || c.bounded) {
            TypeRule memory rule = typeRule(uint64(d.resourceType));
            if (c.bounded && (price < rule.minPrice || price > rule.maxPrice)) {
                revert PriceOutOfBounds(rule.resourceType, uint64(price), rule.minPrice, rule.maxPrice);
            }
            if (c.weighted) worth *= rule.weight;
        }
        if (c.paired && !isAllowed(uint64(d.resourceType), d.provider.owner, d.consumer.owner)) {
            revert PairForbidden(uint64(d.resourceType), d.provider.owner, d.consumer.owner);
        }
        // The product of three numbers below 2^64; the price lies between the two.
        if (c.benefit) worth *= bid - ask;
    }

    /// @dev `value` with `worth` added; they are below 2^128 and 2^192. The sum is below 2^128, too.
    function _sum(uint256 value, uint256 worth) internal pure returns (uint256 total) {
        total = value + worth;
        if (total > type(uint128).max) revert ValueOverflow(total);
    }

    /// @dev Takes `quantity` from what the solution has left of an offer.
    function _use(uint64 solutionId, Listing memory listing, uint64 quantity) private {
        uint64 id = uint64(listing.id);
        UsageWord w = _usage[solutionId][id];
        uint64 listed = uint64(listing.quantity);
        bool isElsewhere = w.isElsewhere(listed);
        uint64 before = isElsewhere ? _amounts[solutionId][id][listed] : 0;
        uint64 precision = _config.precision;
        (UsageWord next, uint256 used) = w.add(listed, quantity, before, precision);
        require(used <= precision, ExceedsOffer(id, used, precision));
        _usage[solutionId][id] = next;
        if (isElsewhere) _amounts[solutionId][id][listed] = before + quantity;
    }

    // forge-lint: disable-end(unsafe-typecast)

    function _ownSolution(uint64 id) private view returns (Solution storage s) {
        SolutionIds memory ids = _solutionIds;
        require(id != 0 && id < ids.next, UnknownSolution(id));
        require(id >= ids.first, SolutionOfPastCycle(id, ids.first));
        s = _solutions[id];
        require(s.solver == msg.sender, NotSolver(id, msg.sender));
    }

    /// @dev A posted offer of the cycle with its alternatives in storage.
    function _stored(Phase memory p, uint64 id) private view returns (OfferWord w) {
        w = _offerOfCycle(p, id);
        require(w.state() != OfferState.Packed, IsPacked(id));
        require(w.state() == OfferState.Posted, NotPosted(id));
    }

    function _listing(uint64 id, OfferWord w, uint64 resourceType) private view returns (Listing memory) {
        Alternative memory a = _alternatives[id][resourceType];
        require(a.quantity > 0, UnlistedType(id, resourceType));
        return Listing(id, w.owner(), a.quantity, a.value);
    }
}
