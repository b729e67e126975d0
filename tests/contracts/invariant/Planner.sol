// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Offer, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Block, Trade} from "../transax/Plans.sol";
import {Signing} from "../transax/Signing.sol";

/// @title Chance, and feasible plans by it
abstract contract Planner is Signing {
    /// @dev Offers considered by a plan: the last ones posted.
    uint256 private constant PLANNED = 16;

    uint256 internal seed;

    /// @dev A feasible plan: pairs in random intervals trade what offers and groups have left, or part of it.
    function _plan(uint24 from, uint256 density) internal returns (Block[] memory blocks) {
        uint256 n = market.offerCount();
        uint32 first = n > PLANNED ? uint32(n - PLANNED + 1) : 1;
        Offer[] memory list = new Offer[](n + 1 - first);
        for (uint32 i; i < list.length; ++i) {
            list[i] = market.offers(first + i);
            list[i].energy -= list[i].traded;
        }
        blocks = new Block[](T_H + 1);
        uint256 used;
        uint24 last = market.nextInterval() + T_H;
        for (uint24 t = from; t <= last; ++t) {
            if (_random(5) >= density) continue;
            Trade[] memory trades = _trades(list, first, t);
            if (trades.length > 0) blocks[used++] = Block(t, trades);
        }
        assembly ("memory-safe") {
            mstore(blocks, used)
        }
    }

    function _trades(Offer[] memory list, uint32 first, uint24 t) private returns (Trade[] memory trades) {
        trades = new Trade[](64);
        uint256 used;
        uint256 price = 100_000 + _random(3) * 50_000;
        uint256[2][3] memory sums;
        for (uint32 s; s < list.length; ++s) {
            if (list[s].side != Side.Sell || !_covers(list[s], t) || list[s].price > price) continue;
            for (uint32 b; b < list.length && used < trades.length; ++b) {
                if (list[b].side != Side.Buy || !_covers(list[b], t) || list[b].price < price) continue;
                uint32 energy = _room(sums, list[s], list[b]);
                if (energy > 0 && _random(3) == 0) energy = uint32(1 + _random(energy));
                if (energy == 0) continue;
                trades[used++] = Trade(first + s, first + b, energy);
                list[s].energy -= energy;
                list[b].energy -= energy;
                sums[list[s].group][0] += energy;
                sums[list[b].group][1] += energy;
            }
        }
        assembly ("memory-safe") {
            mstore(trades, used)
        }
    }

    function _covers(Offer memory o, uint24 t) private pure returns (bool) {
        return o.start <= t && t <= o.end && o.energy > 0;
    }

    /// @dev The most both offers and both groups allow; `sums` holds sold and bought energy by group.
    function _room(uint256[2][3] memory sums, Offer memory s, Offer memory b) private pure returns (uint32) {
        uint256 most = s.energy < b.energy ? s.energy : b.energy;
        for (uint256 side; side < 2; ++side) {
            uint16 group = side == 0 ? s.group : b.group;
            if (group == 2) continue;
            uint256 left = 12_000 - sums[group][side];
            if (s.group != b.group) {
                uint256 net = 9000 + sums[group][1 - side] - sums[group][side];
                if (net < left) left = net;
            }
            if (left < most) most = left;
        }
        return uint32(most);
    }

    function _random(uint256 below) internal returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return seed % below;
    }
}
