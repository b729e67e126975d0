// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransax} from "./ITransax.sol";
import {Words} from "../libraries/Words.sol";
import {Legs} from "./Legs.sol";
import {OfferWord} from "./OfferWord.sol";
import {TransaxOffers} from "./TransaxOffers.sol";
import {PriceRule} from "./TransaxTypes.sol";

/// @title The competition of plans: every constraint of a plan, checked in memory in one pass over it
abstract contract TransaxPlans is TransaxOffers {
    using Words for uint256[];

    /// @dev The most legs an interval may have, so that finalising it stays under 8,000,000 gas whatever they are.
    uint256 internal constant MAX_LEGS = 1000;
    uint256 private constant NO_LIMIT = type(uint32).max;
    uint256 private constant TRADE_SIZE = 8;

    /// @dev A plan being checked. `words`, `shares` and `legs` run along the plan's list of offers, `sums` goes by group.
    struct Draft {
        // The offer's word, with the energy it has left in place of its energy.
        uint256[] words;
        // The offer's leg in the block at hand: a leg word without its lowest bit.
        uint256[] shares;
        // Room for the legs of a block, made once, since memory is never given back.
        uint256[] legs;
        // Wh in the block at hand: bought, and from bit 128 on sold.
        uint256[] sums;
        // The block at hand: its interval, the first byte of its trades and the one after the last.
        uint24 interval;
        uint256 from;
        uint256 to;
    }

    /// @inheritdoc ITransax
    function postSolution(uint48 value, bytes calldata plan) external returns (uint48) {
        uint24 tf = _nextInterval();
        uint256 freeze = _finalizableAt(tf);
        require(block.timestamp < freeze, IntervalFrozen(tf));
        Candidate storage best = _candidate;
        require(value > best.value, NotBetter(value, best.value));
        (bytes32 chain, uint24 head, uint48 headValue) = _verify(value, plan, tf);
        if (block.timestamp >= freeze - INTERVAL_SECONDS / 4) {
            uint48 planned = head == tf ? headValue : 0;
            uint48 before = best.head == tf ? best.headValue : 0;
            require(planned >= before, WeakensNextInterval(tf, planned, before));
        }
        _candidate = Candidate(chain, value, headValue, head, false);
        emit SolutionPosted(msg.sender, value, head, plan);
        return value;
    }

    /// @inheritdoc ITransax
    function candidate() external view returns (bytes32, uint48, uint24, uint48) {
        Candidate memory c = _candidate;
        return (c.chain, c.value, c.head, c.headValue);
    }

    /// @dev Checks the whole plan; returns its chain of blocks, its first interval and the energy traded there.
    function _verify(uint48 claimed, bytes calldata plan, uint24 tf)
        private
        view
        returns (bytes32 chain, uint24 head, uint48 headValue)
    {
        (Draft memory d, uint256 at) = _readOffers(plan);
        uint256 blocks = _read(plan, at, 2);
        at += 2;
        // Each block: hash of its legs, interval from bit 48 on, value. Bounded by the plan, as a block takes 13 bytes.
        require(at + blocks * 13 <= plan.length, PlanTruncated(plan.length));
        bytes32[] memory hashes = new bytes32[](blocks);
        uint256[] memory heads = new uint256[](blocks);
        uint256 total;
        for (uint256 i; i < blocks; ++i) {
            at = _openBlock(d, plan, at, tf, i == 0);
            uint256 value = _readTrades(d, plan);
            hashes[i] = _closeBlock(d);
            heads[i] = uint256(d.interval) << 48 | value;
            total += value;
        }
        require(at == plan.length, TrailingBytes(plan.length - at));
        require(total == claimed, WrongObjective(claimed, total));
        // A plan of value zero never gets here, so there is a first block. Casts keep each part's own bits; a block's
        // value is at most the total, which equals `claimed`.
        // forge-lint: disable-start(unsafe-typecast)
        for (uint256 i = blocks; i > 0; --i) {
            chain = keccak256(abi.encode(hashes[i - 1], chain, head, headValue));
            head = uint24(heads[i - 1] >> 48);
            headValue = uint48(heads[i - 1]);
        }
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev Loads the listed offers, one cold read each.
    function _readOffers(bytes calldata plan) private view returns (Draft memory d, uint256 at) {
        uint256 count = _read(plan, 0, 2);
        at = 2 + count * 4;
        require(at + 2 <= plan.length, PlanTruncated(plan.length));
        d.words = new uint256[](count);
        d.shares = new uint256[](count);
        d.legs = new uint256[](count);
        d.sums = new uint256[](_counters.groups);
        uint256 last;
        unchecked {
            // Places are bounded by the plan; what is traded was part of the offer's energy, which only grows.
            for (uint256 i; i < count; ++i) {
                uint256 id = _read(plan, 2 + i * 4, 4);
                // Casts: four bytes were read.
                // forge-lint: disable-next-line(unsafe-typecast)
                if (id <= last) revert OffersNotAscending(uint32(id));
                OfferWord w = _offers[id];
                // forge-lint: disable-next-line(unsafe-typecast)
                if (!w.exists()) revert UnknownOffer(uint32(id));
                d.words.put(i, OfferWord.unwrap(w) - (uint256(w.traded()) << 224));
                d.shares.put(i, id << 224);
                last = id;
            }
        }
    }

    /// @dev Reads a block's head and makes sure that all its trades are there. Returns the place after the block.
    function _openBlock(Draft memory d, bytes calldata plan, uint256 at, uint24 tf, bool isFirst)
        private
        view
        returns (uint256)
    {
        require(at + 5 <= plan.length, PlanTruncated(plan.length));
        // Cast: three bytes are read.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint24 interval = uint24(_read(plan, at, 3));
        uint256 trades = _read(plan, at + 3, 2);
        require(isFirst || interval > d.interval, IntervalsNotAscending(interval));
        require(interval >= tf, IntervalFinal(interval, tf));
        require(interval <= tf + PLAN_HORIZON, BeyondHorizon(interval, tf + PLAN_HORIZON));
        require(trades > 0, EmptyBlock(interval));
        d.interval = interval;
        d.from = at + 5;
        d.to = d.from + trades * TRADE_SIZE;
        require(d.to <= plan.length, PlanTruncated(plan.length));
        return d.to;
    }

    /// @dev Checks the block's trades one by one and adds them to their offers' legs.
    function _readTrades(Draft memory d, bytes calldata plan) private view returns (uint256 value) {
        unchecked {
            // Places are below 2^16, prices below 2^40, energies below 2^32 and checked before they are subtracted.
            bool isUniform = PRICE_RULE == PriceRule.Uniform;
            uint256 lowestKey;
            uint256 highest;
            uint256 lowest = type(uint40).max;
            for (uint256 at = d.from; at < d.to; at += TRADE_SIZE) {
                uint256 trade = _read(plan, at, TRADE_SIZE);
                if (trade >> 32 < lowestKey) revert TradesNotAscending(d.interval, _number(d, at));
                lowestKey = (trade >> 32) + 1;
                (uint256 sell, uint256 buy) = _take(d, at, trade);
                uint256 energy = trade & type(uint32).max;
                value += energy;
                if (isUniform) {
                    if (sell > highest) highest = sell;
                    if (buy < lowest) lowest = buy;
                    _book(d, trade, energy, 0);
                } else {
                    _book(d, trade, energy, energy * (sell + buy) / 2000);
                }
            }
            if (isUniform) _payUniform(d, plan, highest, lowest);
        }
    }

    /// @dev Pays for the block's trades at the one price that every matched offer accepts.
    function _payUniform(Draft memory d, bytes calldata plan, uint256 highest, uint256 lowest) private pure {
        // Casts: prices were read from fields of 40 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        require(highest <= lowest, NoUniformPrice(d.interval, uint40(highest), uint40(lowest)));
        for (uint256 at = d.from; at < d.to; at += TRADE_SIZE) {
            uint256 trade = _read(plan, at, TRADE_SIZE);
            _book(d, trade, 0, (trade & type(uint32).max) * (highest + lowest) / 2000);
        }
    }

    /// @dev Checks a trade against both offers and takes its energy from what they have left. `trade`: seller's place
    /// (16 bits), buyer's place (16), energy (32). Returns both prices. Here and wherever a check runs for every trade or
    /// offer it is an `if`: `require` would compute the error's values even where there is none.
    function _take(Draft memory d, uint256 at, uint256 trade) private pure returns (uint256 ask, uint256 bid) {
        unchecked {
            // Energy is checked before it is subtracted.
            uint256 s = trade >> 48;
            uint256 b = trade >> 32 & 0xffff;
            uint256 energy = trade & type(uint32).max;
            uint256[] memory words = d.words;
            if (s >= words.length || b >= words.length) revert OfferNotListed(d.interval, _number(d, at));
            if (energy == 0) revert ZeroTrade(d.interval, _number(d, at));
            OfferWord sell = OfferWord.wrap(words.at(s));
            OfferWord buy = OfferWord.wrap(words.at(b));
            if (sell.isBuy() || !buy.isBuy()) revert WrongSide(d.interval, _number(d, at));
            ask = sell.price();
            bid = buy.price();
            if (ask > bid) revert PriceConflict(_id(d, s), _id(d, b));
            if (!sell.covers(d.interval)) revert OutsideOffer(_id(d, s), d.interval);
            if (!buy.covers(d.interval)) revert OutsideOffer(_id(d, b), d.interval);
            if (sell.energy() < energy) revert ExceedsOffer(_id(d, s), d.interval);
            if (buy.energy() < energy) revert ExceedsOffer(_id(d, b), d.interval);
            words.put(s, OfferWord.unwrap(sell) - (energy << 224));
            words.put(b, OfferWord.unwrap(buy) - (energy << 224));
        }
    }

    /// @dev Adds to the legs of both offers of a trade whose places `_take` has checked.
    function _book(Draft memory d, uint256 trade, uint256 energy, uint256 payment) private pure {
        unchecked {
            // Legs.share says why fields do not run over.
            uint256 share = Legs.share(energy, payment);
            uint256[] memory shares = d.shares;
            shares.put(trade >> 48, shares.at(trade >> 48) + share);
            shares.put(trade >> 32 & 0xffff, shares.at(trade >> 32 & 0xffff) + share);
        }
    }

    /// @dev Sums the block's legs by group, checks the limits, hashes the legs, and clears both for the next block.
    function _closeBlock(Draft memory d) private view returns (bytes32) {
        unchecked {
            // Counters stay below the number of offers; a group's sum below 2^16 legs of 2^32 Wh.
            uint256[] memory words = d.words;
            uint256[] memory shares = d.shares;
            uint256[] memory legs = d.legs;
            uint256 n;
            for (uint256 i; i < words.length; ++i) {
                uint256 share = shares.at(i);
                uint256 energy = share << 32 >> 224;
                if (energy == 0) continue;
                OfferWord w = OfferWord.wrap(words.at(i));
                legs.put(n++, w.end() > d.interval ? share | 1 : share);
                shares.put(i, share >> 224 << 224);
                d.sums.put(w.group(), d.sums.at(w.group()) + (w.isBuy() ? energy : energy << 128));
            }
            if (n > MAX_LEGS) revert TooManyLegs(d.interval, n);
            _checkLimits(d);
            return legs.hash(n);
        }
    }

    /// @dev (2.6) and (2.7) for every group that trades in the block.
    function _checkLimits(Draft memory d) private view {
        unchecked {
            // Differences are taken the right way round.
            uint256[] memory sums = d.sums;
            for (uint256 group; group < sums.length; ++group) {
                uint256 sum = sums.at(group);
                if (sum == 0) continue;
                sums.put(group, 0);
                uint256 bought = sum & type(uint128).max;
                uint256 sold = sum >> 128;
                uint256 most = sold > bought ? sold : bought;
                uint256 net = sold > bought ? sold - bought : bought - sold;
                // Casts: groups are counted in 16 bits.
                // forge-lint: disable-start(unsafe-typecast)
                (uint256 internalLimit, uint256 externalLimit) = groupLimits(uint16(group));
                if (most > internalLimit && internalLimit != NO_LIMIT) {
                    revert InternalLimitExceeded(uint16(group), d.interval, most);
                }
                if (net > externalLimit && externalLimit != NO_LIMIT) {
                    revert ExternalLimitExceeded(uint16(group), d.interval, net);
                }
                // forge-lint: disable-end(unsafe-typecast)
            }
        }
    }

    /// @dev Number of the trade at byte `at` within its block.
    function _number(Draft memory d, uint256 at) private pure returns (uint256) {
        return (at - d.from) / TRADE_SIZE;
    }

    /// @dev Id of the offer at place `i` of the plan's list.
    function _id(Draft memory d, uint256 i) private pure returns (uint32) {
        return Legs.offer(bytes32(d.shares[i]));
    }

    /// @dev The big-endian number in `size` ≤ 32 bytes of `plan` from `at` on. Past the end of the call data it reads
    /// zeros; callers have checked the plan's length.
    function _read(bytes calldata plan, uint256 at, uint256 size) private pure returns (uint256 amount) {
        // Assembly: a slice with its bounds checks costs four times as much, and this runs for every trade.
        assembly ("memory-safe") {
            amount := shr(sub(256, mul(size, 8)), calldataload(add(plan.offset, at)))
        }
    }
}
