// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Evidence, ITransax, Link, Settlement} from "../../../contracts/transax/ITransax.sol";
import {Offer, PriceRule} from "../../../contracts/transax/TransaxTypes.sol";

/// @notice `energy` Wh from one offer to another.
struct Trade {
    uint32 seller;
    uint32 buyer;
    uint32 energy;
}

/// @notice What a plan does in one interval.
struct Block {
    uint24 interval;
    Trade[] trades;
}

/// @title The slow, readable reference: plans, legs, chains, trees and evidence, from the words of `ITransax`
library Plans {
    uint32 internal constant CLOSING = type(uint32).max;

    /// @notice A block of the trades sorted by (seller, buyer).
    function blockOf(uint24 interval, Trade[] memory trades) internal pure returns (Block memory) {
        for (uint256 i = 1; i < trades.length; ++i) {
            for (uint256 j = i; j > 0 && _order(trades[j]) < _order(trades[j - 1]); --j) {
                (trades[j - 1], trades[j]) = (trades[j], trades[j - 1]);
            }
        }
        return Block(interval, trades);
    }

    function one(Block memory b) internal pure returns (Block[] memory list) {
        list = new Block[](1);
        list[0] = b;
    }

    function one(uint24 interval, uint32 seller, uint32 buyer, uint32 energy) internal pure returns (Block[] memory) {
        Trade[] memory trades = new Trade[](1);
        trades[0] = Trade(seller, buyer, energy);
        return one(Block(interval, trades));
    }

    function two(Block[] memory a, Block[] memory b) internal pure returns (Block[] memory list) {
        list = new Block[](2);
        (list[0], list[1]) = (a[0], b[0]);
    }

    /// @notice The plan's bytes; it lists exactly the offers that trade.
    function encode(Block[] memory blocks) internal pure returns (bytes memory) {
        uint32[] memory ids = new uint32[](0);
        for (uint256 i; i < blocks.length; ++i) {
            ids = merge(ids, offersOf(blocks[i]));
        }
        return encode(ids, blocks);
    }

    function encode(uint32[] memory ids, Block[] memory blocks) internal pure returns (bytes memory plan) {
        plan = abi.encodePacked(uint16(ids.length), _pack(ids, 0, ids.length), uint16(blocks.length));
        for (uint256 i; i < blocks.length; ++i) {
            Block memory b = blocks[i];
            bytes memory head = abi.encodePacked(b.interval, uint16(b.trades.length));
            plan = bytes.concat(plan, head, _pack(ids, b.trades, 0, b.trades.length));
        }
    }

    /// @notice Energy that the blocks trade, Wh.
    function value(Block[] memory blocks) internal pure returns (uint48 sum) {
        for (uint256 i; i < blocks.length; ++i) {
            sum += value(blocks[i]);
        }
    }

    function value(Block memory b) internal pure returns (uint48 sum) {
        for (uint256 i; i < b.trades.length; ++i) {
            sum += b.trades[i].energy;
        }
    }

    /// @notice The interval's legs, ascending by offer, as the market would see them now.
    function legs(ITransax market, Block memory b) internal view returns (bytes32[] memory list) {
        uint32[] memory ids = offersOf(b);
        uint256 shared = market.config().priceRule == PriceRule.Uniform ? _uniform(market, b) : 0;
        uint256[] memory energy = new uint256[](ids.length);
        uint256[] memory payment = new uint256[](ids.length);
        for (uint256 i; i < b.trades.length; ++i) {
            Trade memory t = b.trades[i];
            uint256 prices = shared;
            if (prices == 0) prices = uint256(market.offers(t.seller).price) + market.offers(t.buyer).price;
            uint256 amount = t.energy * prices / 2000;
            (uint256 s, uint256 p) = (place(ids, t.seller), place(ids, t.buyer));
            (energy[s], payment[s]) = (energy[s] + t.energy, payment[s] + amount);
            (energy[p], payment[p]) = (energy[p] + t.energy, payment[p] + amount);
        }
        list = new bytes32[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            list[i] = leg(ids[i], energy[i], payment[i], market.offers(ids[i]).end > b.interval);
        }
    }

    function leg(uint32 id, uint256 energy, uint256 payment, bool outlives) internal pure returns (bytes32) {
        return
            bytes32(
                abi.encodePacked(id, uint32(energy), uint64(payment), bytes15(0), outlives ? bytes1(0x01) : bytes1(0))
            );
    }

    /// @notice What opens each of the blocks, whose legs are given.
    function links(Block[] memory blocks, bytes32[][] memory legLists) internal pure returns (Link[] memory list) {
        list = new Link[](blocks.length);
        bytes32 rest;
        for (uint256 i = blocks.length; i > 0; --i) {
            bool isLast = i == blocks.length;
            list[i - 1] = Link(
                keccak256(abi.encodePacked(legLists[i - 1])),
                rest,
                isLast ? 0 : blocks[i].interval,
                isLast ? 0 : value(blocks[i])
            );
            rest = chain(list[i - 1]);
        }
    }

    function chain(Link memory link) internal pure returns (bytes32) {
        return keccak256(abi.encode(link.legsHash, link.rest, link.nextInterval, link.nextValue));
    }

    /// @notice The leaves of an interval's tree, the closing one included.
    function leaves(uint24 interval, bytes32[] memory legList) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](legList.length + 1);
        uint256 previous;
        for (uint256 i; i < list.length; ++i) {
            bytes32 word = i < legList.length ? legList[i] : leg(CLOSING, 0, 0, false);
            list[i] = keccak256(abi.encode(uint256(interval), previous, word));
            previous = uint256(word) >> 224;
        }
    }

    /// @notice Root over the leaves; `proof` leads there from leaf `at`.
    function tree(bytes32[] memory level, uint256 at) internal pure returns (bytes32 root, bytes32[] memory proof) {
        if (level.length == 1) return (level[0], proof);
        bytes32[] memory up = new bytes32[]((level.length + 1) / 2);
        for (uint256 i; i < level.length; i += 2) {
            up[i / 2] = i + 1 < level.length ? node(level[i], level[i + 1]) : level[i];
        }
        uint256 sister = at ^ 1;
        (root, proof) = tree(up, at / 2);
        if (sister < level.length) {
            bytes32[] memory longer = new bytes32[](proof.length + 1);
            longer[0] = level[sister];
            for (uint256 i; i < proof.length; ++i) {
                longer[i + 1] = proof[i];
            }
            proof = longer;
        }
    }

    function node(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    /// @notice What the interval's legs say of an offer: its own leg, or the gap where it would stand.
    function evidence(uint24 interval, bytes32[] memory legList, uint32 id) internal pure returns (Evidence memory e) {
        uint256 at;
        while (at < legList.length && uint256(legList[at]) >> 224 < id) ++at;
        e.previous = at == 0 ? 0 : uint32(uint256(legList[at - 1]) >> 224);
        e.leg = at < legList.length ? legList[at] : leg(CLOSING, 0, 0, false);
        (, e.proof) = tree(leaves(interval, legList), at);
    }

    function settlement(uint32 id, uint24 until, Evidence[] memory list) internal pure returns (Settlement[] memory s) {
        s = new Settlement[](1);
        s[0] = Settlement(id, until, list);
    }

    /// @notice The block's offers, ascending, each once.
    function offersOf(Block memory b) internal pure returns (uint32[] memory ids) {
        return _offersOf(b.trades, 0, b.trades.length);
    }

    /// @notice Both ascending lists as one, each number once.
    function merge(uint32[] memory a, uint32[] memory b) internal pure returns (uint32[] memory list) {
        uint32[] memory wide = new uint32[](a.length + b.length);
        (uint256 i, uint256 j, uint256 n) = (0, 0, 0);
        while (i < a.length || j < b.length) {
            uint32 id = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
            if (i < a.length && a[i] == id) ++i;
            if (j < b.length && b[j] == id) ++j;
            wide[n++] = id;
        }
        list = new uint32[](n);
        for (i = 0; i < n; ++i) {
            list[i] = wide[i];
        }
    }

    /// @notice Place of `id` in the ascending list; 2^16 − 1 where it is not in it.
    function place(uint32[] memory ids, uint32 id) internal pure returns (uint16) {
        (uint256 low, uint256 high) = (0, ids.length);
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (ids[middle] < id) low = middle + 1;
            else high = middle;
        }
        return low < ids.length && ids[low] == id ? uint16(low) : type(uint16).max;
    }

    // Halves first: appending one by one would copy everything each time, and memory is never freed.

    function _pack(uint32[] memory ids, uint256 from, uint256 to) private pure returns (bytes memory) {
        if (from == to) return "";
        if (to - from == 1) return abi.encodePacked(ids[from]);
        uint256 middle = (from + to) / 2;
        return bytes.concat(_pack(ids, from, middle), _pack(ids, middle, to));
    }

    function _pack(uint32[] memory ids, Trade[] memory trades, uint256 from, uint256 to)
        private
        pure
        returns (bytes memory)
    {
        if (from == to) return "";
        if (to - from == 1) {
            return
                abi.encodePacked(place(ids, trades[from].seller), place(ids, trades[from].buyer), trades[from].energy);
        }
        uint256 middle = (from + to) / 2;
        return bytes.concat(_pack(ids, trades, from, middle), _pack(ids, trades, middle, to));
    }

    function _offersOf(Trade[] memory trades, uint256 from, uint256 to) private pure returns (uint32[] memory ids) {
        if (from == to) return new uint32[](0);
        if (to - from == 1) {
            ids = new uint32[](2);
            (uint32 s, uint32 p) = (trades[from].seller, trades[from].buyer);
            (ids[0], ids[1]) = s < p ? (s, p) : (p, s);
            return ids;
        }
        uint256 middle = (from + to) / 2;
        return merge(_offersOf(trades, from, middle), _offersOf(trades, middle, to));
    }

    function _uniform(ITransax market, Block memory b) private view returns (uint256) {
        (uint256 highest, uint256 lowest) = (0, type(uint256).max);
        for (uint256 i; i < b.trades.length; ++i) {
            Offer memory sell = market.offers(b.trades[i].seller);
            Offer memory buy = market.offers(b.trades[i].buyer);
            if (sell.price > highest) highest = sell.price;
            if (buy.price < lowest) lowest = buy.price;
        }
        return highest + lowest;
    }

    function _order(Trade memory t) private pure returns (uint256) {
        return uint256(t.seller) << 32 | t.buyer;
    }
}
