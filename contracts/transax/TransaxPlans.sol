// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransax} from "./ITransax.sol";
import {Legs} from "./Legs.sol";
import {OfferWord} from "./OfferWord.sol";
import {TransaxOffers} from "./TransaxOffers.sol";
import {PriceRule, Side} from "./TransaxTypes.sol";

/// @title The competition of plans: every constraint of a plan, checked in memory in one pass over it
abstract contract TransaxPlans is TransaxOffers {
    /// @dev The most legs an interval may have, so that finalising it stays under 8,000,000 gas whatever they are.
    uint256 internal constant MAX_LEGS = 1000;
    uint256 private constant NO_LIMIT = type(uint32).max;
    uint256 private constant TRADE_SIZE = 8;
    /// @dev Marks limits that have been read, and sums of a group that trades in the block at hand.
    uint256 private constant SEEN = 1 << 255;

    /// @dev A plan being checked. Lists of offers run parallel, those of groups go by group.
    struct Draft {
        uint256[] ids;
        OfferWord[] words;
        uint256[] remaining;
        // What each offer trades in the block at hand, as the middle of its leg word.
        uint256[] shares;
        uint256[] limits;
        // Wh in the block at hand: bought, and from bit 128 on sold.
        uint256[] sums;
        uint256[] touched;
        uint256 touchedCount;
        // Of the block at hand: first byte of its trades, and the one after the last.
        uint256 from;
        uint256 to;
        uint24 interval;
    }

    /// @inheritdoc ITransax
    function postSolution(uint48 value, bytes calldata plan) external returns (uint48) {
        uint24 tf = nextInterval();
        uint256 freeze = finalizableAt(tf);
        require(block.timestamp < freeze, IntervalFrozen(tf));
        Candidate storage best = _candidate;
        require(value > best.value, NotBetter(value, best.value));
        (bytes32 chain, uint24 head, uint48 headValue) = _verify(value, plan, tf);
        if (block.timestamp >= freeze - INTERVAL_SECONDS / 4) {
            uint48 planned = head == tf ? headValue : 0;
            uint48 before = best.head == tf && best.chain != 0 ? best.headValue : 0;
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
            uint256 value = PRICE_RULE == PriceRule.Midpoint ? _readTrades(d, plan) : _readTradesUniform(d, plan);
            _checkLimits(d);
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
        d.ids = new uint256[](count);
        d.words = new OfferWord[](count);
        d.remaining = new uint256[](count);
        d.shares = new uint256[](count);
        uint256 groups = _counters.groups;
        d.limits = new uint256[](groups);
        d.sums = new uint256[](groups);
        d.touched = new uint256[](groups);
        uint256 last;
        for (uint256 i; i < count; ++i) {
            uint256 id = _read(plan, 2 + i * 4, 4);
            // Casts: four bytes were read.
            // forge-lint: disable-next-line(unsafe-typecast)
            require(id > last, OffersNotAscending(uint32(id)));
            OfferWord w = _offers[id];
            // forge-lint: disable-next-line(unsafe-typecast)
            require(w.exists(), UnknownOffer(uint32(id)));
            d.ids[i] = id;
            d.words[i] = w;
            unchecked {
                // What is traded was part of the offer's energy, and energy only grows.
                d.remaining[i] = w.energy() - w.traded();
            }
            last = id;
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

    /// @dev The block's trades, each at the middle of its pair's reservation prices.
    function _readTrades(Draft memory d, bytes calldata plan) private view returns (uint256 value) {
        uint256 last;
        for (uint256 at = d.from; at < d.to; at += TRADE_SIZE) {
            uint256 word = _read(plan, at, TRADE_SIZE);
            (uint256 prices, uint256 energy) = _take(d, at, word, last);
            _book(d, word, energy, prices);
            last = word >> 32;
            value += energy;
        }
    }

    /// @dev The block's trades, all at one price that every matched offer accepts.
    function _readTradesUniform(Draft memory d, bytes calldata plan) private view returns (uint256 value) {
        uint256 last;
        uint40 highest;
        uint40 lowest = type(uint40).max;
        for (uint256 at = d.from; at < d.to; at += TRADE_SIZE) {
            uint256 word = _read(plan, at, TRADE_SIZE);
            (, uint256 energy) = _take(d, at, word, last);
            uint40 sell = d.words[word >> 48].price();
            uint40 buy = d.words[word >> 32 & 0xffff].price();
            if (sell > highest) highest = sell;
            if (buy < lowest) lowest = buy;
            last = word >> 32;
            value += energy;
        }
        require(highest <= lowest, NoUniformPrice(d.interval, highest, lowest));
        uint256 prices = uint256(highest) + lowest;
        for (uint256 at = d.from; at < d.to; at += TRADE_SIZE) {
            uint256 word = _read(plan, at, TRADE_SIZE);
            _book(d, word, word & type(uint32).max, prices);
        }
    }

    /// @dev Checks one trade against both offers and takes its energy from what they have left. `word`: seller's place
    /// (16 bits), buyer's place (16), energy (32). Returns the sum of both prices.
    function _take(Draft memory d, uint256 at, uint256 word, uint256 last)
        private
        pure
        returns (uint256 prices, uint256 energy)
    {
        unchecked {
            // Nothing here can overflow: places are below 2^16, prices below 2^40, and energy is checked before it is
            // subtracted.
            uint24 interval = d.interval;
            uint256 trade = (at - d.from) / TRADE_SIZE;
            uint256 s = word >> 48;
            uint256 b = word >> 32 & 0xffff;
            energy = word & type(uint32).max;
            require(trade == 0 || word >> 32 > last, TradesNotAscending(interval, trade));
            require(s < d.ids.length && b < d.ids.length, OfferNotListed(interval, trade));
            require(energy > 0, ZeroTrade(interval, trade));
            OfferWord sell = d.words[s];
            OfferWord buy = d.words[b];
            require(sell.side() == Side.Sell && buy.side() == Side.Buy, WrongSide(interval, trade));
            // Casts: ids were read from four bytes.
            // forge-lint: disable-start(unsafe-typecast)
            require(sell.price() <= buy.price(), PriceConflict(uint32(d.ids[s]), uint32(d.ids[b])));
            require(sell.covers(interval), OutsideOffer(uint32(d.ids[s]), interval));
            require(buy.covers(interval), OutsideOffer(uint32(d.ids[b]), interval));
            require(d.remaining[s] >= energy, ExceedsOffer(uint32(d.ids[s]), interval));
            require(d.remaining[b] >= energy, ExceedsOffer(uint32(d.ids[b]), interval));
            // forge-lint: disable-end(unsafe-typecast)
            d.remaining[s] -= energy;
            d.remaining[b] -= energy;
            prices = uint256(sell.price()) + buy.price();
        }
    }

    /// @dev Adds a trade to its offers' legs and its groups' sums. `prices`: twice the price, base units per kWh.
    function _book(Draft memory d, uint256 word, uint256 energy, uint256 prices) private view {
        unchecked {
            // Sums of energy in a block stay below 2^16 trades of 2^32 Wh.
            uint256 s = word >> 48;
            uint256 b = word >> 32 & 0xffff;
            uint256 share = Legs.share(energy, energy * prices / 2000);
            d.shares[s] += share;
            d.shares[b] += share;
            _touch(d, d.words[s].group(), energy << 128);
            _touch(d, d.words[b].group(), energy);
        }
    }

    function _touch(Draft memory d, uint16 group, uint256 sums) private view {
        unchecked {
            // `touched` has a place for every group and each enters once a block.
            uint256 sum = d.sums[group];
            if (sum == 0) {
                d.touched[d.touchedCount++] = group;
                if (d.limits[group] == 0) {
                    (uint32 internalLimit, uint32 externalLimit) = groupLimits(group);
                    d.limits[group] = SEEN | uint256(externalLimit) << 32 | internalLimit;
                }
            }
            d.sums[group] = sum + sums;
        }
    }

    /// @dev (2.6) and (2.7) for every group that trades in the block.
    function _checkLimits(Draft memory d) private pure {
        unchecked {
            // Differences are taken the right way round.
            for (uint256 i; i < d.touchedCount; ++i) {
                uint256 group = d.touched[i];
                uint256 bought = d.sums[group] & type(uint128).max;
                uint256 sold = d.sums[group] >> 128;
                uint256 internalLimit = d.limits[group] & type(uint32).max;
                uint256 externalLimit = d.limits[group] >> 32 & type(uint32).max;
                uint256 most = sold > bought ? sold : bought;
                uint256 net = sold > bought ? sold - bought : bought - sold;
                // Casts: groups are counted in 16 bits.
                // forge-lint: disable-start(unsafe-typecast)
                require(
                    most <= internalLimit || internalLimit == NO_LIMIT,
                    InternalLimitExceeded(uint16(group), d.interval, most)
                );
                require(
                    net <= externalLimit || externalLimit == NO_LIMIT,
                    ExternalLimitExceeded(uint16(group), d.interval, net)
                );
                // forge-lint: disable-end(unsafe-typecast)
                d.sums[group] = 0;
            }
            d.touchedCount = 0;
        }
    }

    /// @dev Hashes the block's legs, ascending by offer, and clears them for the next block.
    function _closeBlock(Draft memory d) private pure returns (bytes32) {
        unchecked {
            // Counters stay below the number of offers.
            uint256 count = d.ids.length;
            uint256[] memory legs = new uint256[](count);
            uint256 n;
            for (uint256 i; i < count; ++i) {
                uint256 share = d.shares[i];
                if (share == 0) continue;
                uint256 outlives = d.words[i].end() > d.interval ? 1 : 0;
                legs[n++] = d.ids[i] << 224 | share | outlives;
                d.shares[i] = 0;
            }
            require(n <= MAX_LEGS, TooManyLegs(d.interval, n));
            return _hash(legs, n);
        }
    }

    /// @dev keccak256 of the first `n` words of `list`.
    function _hash(uint256[] memory list, uint256 n) private pure returns (bytes32 h) {
        // Assembly, since Solidity only hashes whole arrays; `n` never exceeds the list's length.
        assembly ("memory-safe") {
            h := keccak256(add(list, 0x20), mul(n, 0x20))
        }
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
