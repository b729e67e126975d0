// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransax, Link} from "./ITransax.sol";
import {Legs} from "./Legs.sol";
import {OfferWord} from "./OfferWord.sol";
import {TransaxPlans} from "./TransaxPlans.sol";

/// @title From candidate to final: interval by interval, in order
abstract contract TransaxFinality is TransaxPlans {
    /// @inheritdoc ITransax
    function finalize(Link[] calldata links, bytes32[] calldata legs) external {
        uint24 tf = _nextInterval();
        uint256 time = _finalizableAt(tf);
        require(block.timestamp >= time, TooEarly(tf, time));
        uint256 used = _shedLapsed(tf, links);
        uint48 value;
        bytes32 root;
        if (_candidate.chain != 0 && _candidate.head == tf) {
            require(used < links.length, WrongLink(tf));
            require(links[used].legsHash == keccak256(abi.encodePacked(legs)), LegsMismatch(tf));
            value = _candidate.headValue;
            bool extended = _candidate.extended;
            _open(links[used++]);
            _tradeLegs(tf, legs, extended);
            root = Legs.root(tf, legs);
            _roots[tf] = root;
        } else {
            require(legs.length == 0, LegsMismatch(tf));
        }
        require(used == links.length, WrongLink(tf));
        _counters.next = tf + 1;
        emit Finalized(tf, value, root, legs);
    }

    /// @inheritdoc ITransax
    function legsRoot(uint24 interval) external view returns (bytes32) {
        return _roots[interval];
    }

    /// @dev Opens the candidate's blocks that have lapsed; returns how many links it used.
    function _shedLapsed(uint24 tf, Link[] calldata links) private returns (uint256 used) {
        while (_candidate.chain != 0 && _candidate.head < tf) {
            require(used < links.length, CandidateLapsed(_candidate.head));
            emit Lapsed(_candidate.head, _candidate.headValue);
            _open(links[used++]);
        }
    }

    /// @dev Takes the first block off the candidate.
    function _open(Link calldata link) private {
        Candidate memory c = _candidate;
        bytes32 chain = keccak256(abi.encode(link.legsHash, link.rest, link.nextInterval, link.nextValue));
        require(chain == c.chain, WrongLink(c.head));
        if (link.rest == 0) {
            delete _candidate;
        } else {
            _candidate = Candidate(link.rest, c.value - c.headValue, link.nextValue, link.nextInterval, c.extended);
        }
    }

    /// @dev Takes what is traded from the offers that live on. Those that end here need no write: no plan can use them.
    function _tradeLegs(uint24 interval, bytes32[] calldata legs, bool extended) private {
        uint256 count = legs.length;
        for (uint256 i; i < count; ++i) {
            bytes32 leg = legs[i];
            if (!extended && !Legs.outlives(leg)) continue;
            uint32 id = Legs.offer(leg);
            OfferWord w = _offers[id];
            if (w.end() > interval) _offers[id] = w.withTraded(w.traded() + Legs.energy(leg));
        }
    }
}
