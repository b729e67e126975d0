// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Lanes, LanesLibrary} from "../libraries/Lanes.sol";
import {OfferWord, OfferWordLibrary} from "./OfferWord.sol";
import {TransaxClock} from "./TransaxClock.sol";
import {Offer, Side} from "./TransaxTypes.sol";

/// @title All that a market remembers, and how assets, credits and offers move
/// @dev What is called directly (`Transax`) and what is called by signature (`TransaxSigned`) stand on this one ledger:
/// nothing below it may keep anything of its own, since the second runs in the storage of the first.
abstract contract TransaxLedger is TransaxClock, EIP712 {
    /// @dev One slot. `prosumer`: zero until somebody registers behind the meter. `group`: in which it was registered.
    /// `moved`: whether it has ever been moved; `_memberships` then says where it belongs.
    struct SmartMeter {
        address prosumer;
        uint32 productionLimit;
        uint32 consumptionLimit;
        uint16 group;
        bool registered;
        bool moved;
    }

    /// @dev Where a meter belongs, by interval: to `nextGroup` from `from` on, to `group` before. Only the last move is known;
    /// another one is refused until everything before `from` is final.
    struct Membership {
        uint16 group;
        uint16 nextGroup;
        uint24 from;
    }

    /// @dev One slot. `owner`: zero for an account that has never offered anything. `nonce`: that of the next thing it signs.
    /// The rest is its meter's membership, if it is behind one, at hand where it withdraws and offers.
    struct Account {
        uint96 credits;
        uint24 owner;
        uint32 nonce;
        uint16 group;
        uint16 nextGroup;
        uint24 from;
    }

    /// @dev What is behind a registered account, one slot. Limits never change.
    struct Home {
        address meter;
        uint32 productionLimit;
        uint32 consumptionLimit;
    }

    /// @dev The best plan so far, two slots. `chain` is zero where there is none. `extended`: an offer was given more
    /// intervals since, so its leg's own word on whether it outlives the interval may be wrong.
    struct Candidate {
        bytes32 chain;
        uint48 value;
        uint48 headValue;
        uint24 head;
        bool extended;
    }

    uint256 internal constant GROUPS_A_WORD = 4;
    /// @dev Checking a plan goes through all groups once an interval, some fifty gas each.
    uint256 internal constant MAX_GROUPS = 1000;

    mapping(address meter => SmartMeter) internal _meters;
    mapping(address account => Account) internal _accounts;
    mapping(address account => Home) internal _homes;
    /// @dev Of meters that were ever moved.
    mapping(address meter => Membership) internal _memberships;
    /// @dev Four groups a word, 64 bits each: internal limit, external limit above it.
    uint256[MAX_GROUPS / GROUPS_A_WORD] internal _limits;
    /// @dev What a group's meters may withdraw an interval, both sides together, Wh. Trading and mixing keep the number of a
    /// group's assets, so that no sum of them ever exceeds 32 bits. A meter that was moved counts in the old group, too, until it
    /// is moved again: all that it may have withdrawn there is of final intervals then, of which newcomers withdraw nothing.
    mapping(uint16 group => uint256) internal _pledged;
    mapping(address account => mapping(uint256 position => Lanes)) internal _free;
    /// @dev Of any group: what an account may withdraw of an interval is of one group only. Positions are those of group 0.
    mapping(address account => mapping(uint256 position => Lanes)) internal _withdrawn;

    /// @dev By id; an array of fixed size spares the hash of a mapping at each of the many reads of a submission.
    OfferWord[1 << 32] internal _offers;
    Candidate internal _candidate;
    /// @dev Roots of the trees of legs; zero where an interval is not final, lapsed or traded nothing.
    mapping(uint24 interval => bytes32) internal _roots;

    /// @dev Posts an offer of the account with this number, backed by its assets of `group`.
    function _post(
        address account,
        uint24 owner,
        uint16 group,
        Side side,
        uint32 energy,
        uint40 price,
        uint24 start,
        uint24 end
    ) internal returns (uint32 offer) {
        require(energy > 0, ZeroEnergy());
        _checkSpan(start, end);
        _lockAssets(account, group, side, start, end, energy);
        if (side == Side.Buy) _takeCredits(_accounts[account], _escrow(energy, price));
        offer = ++_counters.offers;
        _offers[offer] = OfferWordLibrary.pack(Offer(energy, 0, 0, price, start, end, start, group, owner, side));
        emit OfferPosted(offer, account, group, side, energy, price, start, end);
    }

    /// @dev Takes back the intervals of an offer of the account's past t_f + T_h.
    function _cancel(address account, uint32 offer) internal {
        (OfferWord w, uint24 tf) = _openOffer(account, offer);
        uint24 end = w.end();
        uint24 last = tf + PLAN_HORIZON;
        require(end > last, WithinPlanHorizon(offer, end));
        uint24 start = w.start();
        if (start > last) {
            // No plan can rely on it: it ends before it began, and is done.
            last = start - 1;
            if (w.side() == Side.Buy) _accounts[account].credits += _escrow(w.energy(), w.price());
            w = w.withSettled(w.energy());
        }
        _releaseAssets(account, w.group(), w.side(), uint256(last) + 1, end, w.energy());
        _offers[offer] = w.withEnd(last);
        emit OfferCancelled(offer, last);
    }

    /// @dev A span in which something new may still happen: in order, open, and within the horizon of offers.
    function _checkSpan(uint24 first, uint24 last) internal view returns (uint24 next) {
        require(first <= last, InvertedRange(first, last));
        next = _nextInterval();
        require(first >= next, IntervalFinal(first, next));
        require(last <= next + OFFER_HORIZON, BeyondHorizon(last, next + OFFER_HORIZON));
    }

    /// @dev Takes `energy` of the free assets of each interval first..=last.
    function _lockAssets(address account, uint16 group, Side side, uint256 first, uint256 last, uint32 energy)
        internal
    {
        for (uint256 i = first; i <= last;) {
            uint256 at = _position(group, side, i);
            Lanes free = _free[account][at];
            do {
                uint32 available = free.get(i);
                // Cast: `i` is between two intervals of an offer.
                // forge-lint: disable-next-line(unsafe-typecast)
                if (available < energy) revert InsufficientAssets(uint24(i), available, energy);
                free = free.sub(i, energy);
            } while (++i <= last && i % LanesLibrary.COUNT != 0);
            _free[account][at] = free;
        }
    }

    /// @dev Gives `energy` back to the free assets of each interval first..=last.
    function _releaseAssets(address account, uint16 group, Side side, uint256 first, uint256 last, uint256 energy)
        internal
    {
        for (uint256 i = first; i <= last;) {
            uint256 at = _position(group, side, i);
            Lanes free = _free[account][at];
            do {
                free = free.add(i, energy);
            } while (++i <= last && i % LanesLibrary.COUNT != 0);
            _free[account][at] = free;
        }
    }

    /// @dev The group of an account's meter in each interval of first..=last, which must be one.
    function _groupOver(Account storage account, uint24 first, uint24 last) internal view returns (uint16) {
        uint24 from = account.from;
        if (first >= from) return account.nextGroup;
        require(last < from, CrossesMove(from));
        return account.group;
    }

    /// @dev Where an account's assets of one group, side and interval stand.
    function _position(uint16 group, Side side, uint256 interval) internal pure returns (uint256) {
        return uint256(group) << 32 | interval / LanesLibrary.COUNT << 1 | uint256(side);
    }

    /// @dev An offer of the account's that has an open interval left.
    function _openOffer(address account, uint32 offer) internal view returns (OfferWord w, uint24 tf) {
        w = _offers[offer];
        require(w.exists(), UnknownOffer(offer));
        require(w.owner() == _accounts[account].owner, NotOwner(offer, account));
        tf = _nextInterval();
        require(w.end() >= tf && w.next() <= w.end(), OfferClosed(offer));
    }

    function _takeCredits(Account storage account, uint96 amount) internal {
        uint96 credits = account.credits;
        require(credits >= amount, InsufficientCredits(credits, amount));
        unchecked {
            // Checked in the line above.
            account.credits = credits - amount;
        }
    }

    /// @dev What a buyer's offer holds for `energy` that is not settled, rounded down. Payments round down one by one,
    /// so together they never exceed it.
    function _escrow(uint32 energy, uint40 price) internal pure returns (uint96) {
        unchecked {
            // 32 and 40 bits: the product has 72.
            return uint96(uint256(energy) * price / 1000);
        }
    }
}
