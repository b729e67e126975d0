// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Lanes, LanesLibrary} from "../libraries/Lanes.sol";
import {Evidence, ITransax, Settlement, TransaxConfig} from "./ITransax.sol";
import {Legs} from "./Legs.sol";
import {OfferWord} from "./OfferWord.sol";
import {TransaxClock} from "./TransaxClock.sol";
import {TransaxFinality} from "./TransaxFinality.sol";
import {Side} from "./TransaxTypes.sol";

/// @title TRANSAX
/// @notice See `ITransax` for what it promises. The parts, each built on those before: clock, accounts, offers, plans,
/// finality, and here settlement.
contract Transax is TransaxFinality {
    /// @dev Assets that settling sets free in the intervals about to be deposited: two numbers an interval,
    /// production from bit 32 on.
    struct Tally {
        uint24 first;
        uint64[] assets;
    }

    constructor(TransaxConfig memory c) TransaxClock(c) EIP712("Transax", "1") {}

    /// @inheritdoc ITransax
    function settle(address account, Settlement[] calldata settlements) external {
        _settleAll(account, settlements, Tally(0, new uint64[](0)));
    }

    /// @inheritdoc ITransax
    function deposit(address account, Settlement[] calldata settlements, uint24 first, uint24 last) external {
        address meter = _meterOf[account];
        require(meter != address(0), NoMeter(account));
        require(first <= last, InvertedRange(first, last));
        uint24 tf = nextInterval();
        require(last < tf, NotFinal(last, tf));
        Tally memory tally = Tally(first, new uint64[](uint256(last) - first + 1));
        _settleAll(account, settlements, tally);
        _sweep(account, Side.Sell, tally, 32);
        _sweep(account, Side.Buy, tally, 0);
        emit Deposited(account, meter, first, tally.assets);
    }

    function _settleAll(address account, Settlement[] calldata settlements, Tally memory tally) private {
        Account storage owner = _accounts[account];
        uint24 tf = nextInterval();
        uint256 credits;
        for (uint256 i; i < settlements.length; ++i) {
            Settlement calldata s = settlements[i];
            OfferWord w = _offers[s.offer];
            require(w.exists(), UnknownOffer(s.offer));
            require(w.owner() == owner.owner, NotOwner(s.offer, account));
            require(s.until > w.next() && w.next() <= w.end(), AlreadySettled(s.offer, w.next()));
            require(s.until <= tf && s.until <= uint256(w.end()) + 1, NotFinal(s.until - 1, tf));
            credits += _settleOffer(account, w, s, tally);
        }
        // Cast: credits come out of tokens that entered through 96-bit deposits, each counted once.
        // forge-lint: disable-next-line(unsafe-typecast)
        if (credits > 0) owner.credits += uint96(credits);
    }

    /// @dev Settles one offer's intervals from `next` to before `until`; returns the credits its owner gets.
    function _settleOffer(address account, OfferWord w, Settlement calldata s, Tally memory tally)
        private
        returns (uint256 credits)
    {
        uint32 settled = w.settled();
        uint32 energy;
        uint64 payment;
        uint256 used;
        for (uint24 t = w.next(); t < s.until; ++t) {
            bytes32 root = _roots[t];
            uint32 traded = 0;
            if (root != 0) {
                require(used < s.evidence.length, BadEvidence(s.offer, t));
                Evidence calldata e = s.evidence[used++];
                require(Legs.speaksOf(e, s.offer, t, root), BadEvidence(s.offer, t));
                if (Legs.offer(e.leg) == s.offer) {
                    traded = Legs.energy(e.leg);
                    payment += Legs.payment(e.leg);
                }
            }
            energy += traded;
            _give(account, w, t, traded, tally);
        }
        require(used == s.evidence.length, UnusedEvidence(s.offer));
        bool isDone = s.until > w.end();
        uint32 after_ = isDone ? w.energy() : settled + energy;
        if (w.side() == Side.Sell) {
            credits = payment;
        } else {
            // What the settled energy held, less what it cost; and once the offer is done, all that it still holds.
            credits = _escrow(w.energy() - settled, w.price()) - _escrow(w.energy() - after_, w.price()) - payment;
        }
        _offers[s.offer] = w.withNext(s.until).withSettled(after_);
        emit Settled(s.offer, s.until, energy, payment);
    }

    /// @dev Returns what the offer locked in one interval: what it traded as the other side's asset, the rest as its own.
    function _give(address account, OfferWord w, uint24 interval, uint32 traded, Tally memory tally) private {
        uint32 own = w.energy() - traded;
        bool sells = w.side() == Side.Sell;
        if (interval >= tally.first && interval - tally.first < tally.assets.length) {
            tally.assets[interval - tally.first] += sells ? _pair(own, traded) : _pair(traded, own);
        } else {
            _releaseAssets(account, w.side(), interval, interval, own);
            if (traded > 0) _releaseAssets(account, sells ? Side.Buy : Side.Sell, interval, interval, traded);
        }
    }

    /// @dev Moves the account's free assets of one side into the tally, word by word. Sums fit their halves, since the
    /// assets of an account in an interval never exceed its meter's limits together.
    function _sweep(address account, Side side, Tally memory tally, uint256 shift) private {
        uint256 end = tally.first + tally.assets.length;
        for (uint256 t = tally.first; t < end;) {
            uint256 at = _position(side, t);
            Lanes free = _free[account][at];
            bool isEmpty = Lanes.unwrap(free) == 0;
            do {
                // Cast: 32 bits, moved to a half of 64.
                // forge-lint: disable-next-line(unsafe-typecast)
                tally.assets[t - tally.first] += uint64(uint256(free.get(t)) << shift);
                free = free.clear(t);
            } while (++t < end && t % LanesLibrary.COUNT != 0);
            if (!isEmpty) _free[account][at] = free;
        }
    }

    function _pair(uint32 production, uint32 consumption) private pure returns (uint64) {
        return uint64(production) << 32 | consumption;
    }
}
