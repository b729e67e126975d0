// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Lanes, LanesLibrary} from "../libraries/Lanes.sol";
import {Evidence, Settlement} from "./ITransax.sol";
import {Legs} from "./Legs.sol";
import {OfferWord} from "./OfferWord.sol";
import {TransaxLedger} from "./TransaxLedger.sol";
import {Side} from "./TransaxTypes.sol";

/// @title From final to done: money and assets move when somebody shows what an interval holds for an offer
abstract contract TransaxSettlement is TransaxLedger {
    /// @dev Assets that settling sets free in the intervals and the group about to be deposited: two numbers an interval,
    /// production from bit 32 on.
    struct Tally {
        uint16 group;
        uint24 first;
        uint64[] assets;
    }

    /// @dev Settles offers of the account, then moves all its assets of `group` in the final intervals first..=last to
    /// `meter`.
    function _deposit(
        address account,
        address meter,
        uint16 group,
        Settlement[] calldata settlements,
        uint24 first,
        uint24 last
    ) internal {
        require(first <= last, InvertedRange(first, last));
        uint24 tf = _nextInterval();
        require(last < tf, NotFinal(last, tf));
        Tally memory tally = Tally(group, first, new uint64[](uint256(last) - first + 1));
        _settleAll(account, settlements, tally);
        _sweep(account, Side.Sell, tally, 32);
        _sweep(account, Side.Buy, tally, 0);
        emit Deposited(account, meter, group, first, tally.assets);
    }

    function _settleAll(address account, Settlement[] calldata settlements, Tally memory tally) internal {
        Account storage owner = _accounts[account];
        uint24 number = owner.owner;
        uint24 tf = _nextInterval();
        uint256 credits;
        uint256[] memory settled = new uint256[](settlements.length);
        for (uint256 i; i < settled.length; ++i) {
            Settlement calldata s = settlements[i];
            uint32 id = s.offer;
            uint24 until = s.until;
            OfferWord w = _offers[id];
            if (!w.exists()) revert UnknownOffer(id);
            if (w.owner() != number) revert NotOwner(id, account);
            if (until <= w.next() || w.next() > w.end()) revert AlreadySettled(id, w.next());
            if (until > tf) revert NotFinal(until - 1, tf);
            if (until > uint256(w.end()) + 1) revert OutsideOffer(id, until - 1);
            (uint256 gain, uint256 share) = _settleOffer(account, w, s, tally);
            credits += gain;
            settled[i] = uint256(id) << 224 | share | until;
        }
        if (settled.length > 0) emit Settled(account, settled);
        // Cast: a settlement gives less than 2^72, what an escrow holds at most, and no call holds 2^24 of them.
        // forge-lint: disable-next-line(unsafe-typecast)
        if (credits > 0) owner.credits += uint96(credits);
    }

    /// @dev Settles one offer's intervals from `next` to before `until`; returns the credits its owner gets, and
    /// energy and payment as in a leg word.
    function _settleOffer(address account, OfferWord w, Settlement calldata s, Tally memory tally)
        private
        returns (uint256 credits, uint256 share)
    {
        uint32 id = s.offer;
        uint24 until = s.until;
        Evidence[] calldata evidence = s.evidence;
        uint32 energy;
        uint64 payment;
        uint256 used;
        unchecked {
            // An offer's legs never trade more than its energy, T3, nor cost more than the escrow for what they trade,
            // since each payment was rounded down.
            for (uint24 t = w.next(); t < until; ++t) {
                bytes32 root = _roots[t];
                uint32 traded = 0;
                if (root != 0) {
                    if (used == evidence.length) revert BadEvidence(id, t);
                    bytes32 leg = Legs.proved(evidence[used++], id, t, root);
                    if (leg == 0) revert BadEvidence(id, t);
                    if (Legs.offer(leg) == id) {
                        traded = Legs.energy(leg);
                        payment += Legs.payment(leg);
                    }
                }
                energy += traded;
                _give(account, w, t, traded, tally);
            }
            if (used != evidence.length) revert UnusedEvidence(id);
            uint32 settled = until > w.end() ? w.energy() : w.settled() + energy;
            credits = payment;
            if (w.isBuy()) {
                // What the settled energy held, less what it cost; once the offer is done, all that it still holds.
                credits =
                    _escrow(w.energy() - w.settled(), w.price()) - _escrow(w.energy() - settled, w.price()) - payment;
            }
            w = w.withNext(until).withSettled(settled);
        }
        _offers[id] = w;
        share = Legs.share(energy, payment);
    }

    /// @dev Returns what the offer locked in one interval: what it traded as the other side's asset, the rest as its own.
    function _give(address account, OfferWord w, uint24 interval, uint32 traded, Tally memory tally) private {
        unchecked {
            // T3: an offer never trades more than its energy. Sums fit their halves, since the assets of a group in an
            // interval never exceed the limits of its meters together.
            uint32 own = w.energy() - traded;
            bool sells = !w.isBuy();
            // Before the tally's first interval the difference wraps and is out of range, too.
            uint256 place = uint256(interval) - tally.first;
            if (place < tally.assets.length && w.group() == tally.group) {
                tally.assets[place] += sells ? _pair(own, traded) : _pair(traded, own);
            } else {
                _releaseAssets(account, w.group(), sells ? Side.Sell : Side.Buy, interval, interval, own);
                if (traded > 0) {
                    _releaseAssets(account, w.group(), sells ? Side.Buy : Side.Sell, interval, interval, traded);
                }
            }
        }
    }

    /// @dev Moves the account's free assets of one side into the tally, word by word.
    function _sweep(address account, Side side, Tally memory tally, uint256 shift) private {
        unchecked {
            // Counters run from one interval to another; sums fit as in `_give`.
            uint256 end = tally.first + tally.assets.length;
            for (uint256 t = tally.first; t < end;) {
                uint256 at = _position(tally.group, side, t);
                uint256 wordEnd = (t / LanesLibrary.COUNT + 1) * LanesLibrary.COUNT;
                if (wordEnd > end) wordEnd = end;
                Lanes free = _free[account][at];
                if (Lanes.unwrap(free) == 0) {
                    t = wordEnd;
                    continue;
                }
                for (; t < wordEnd; ++t) {
                    // Cast: 32 bits, moved to a half of 64.
                    // forge-lint: disable-next-line(unsafe-typecast)
                    tally.assets[t - tally.first] += uint64(uint256(free.get(t)) << shift);
                    free = free.clear(t);
                }
                _free[account][at] = free;
            }
        }
    }

    function _pair(uint32 production, uint32 consumption) private pure returns (uint64) {
        return uint64(production) << 32 | consumption;
    }
}
