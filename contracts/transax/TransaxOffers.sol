// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransax} from "./ITransax.sol";
import {OfferWord, OfferWordLibrary} from "./OfferWord.sol";
import {TransaxAccounts} from "./TransaxAccounts.sol";
import {Offer, Side} from "./TransaxTypes.sol";

/// @title Offers: what backs them, how they grow and how they end
abstract contract TransaxOffers is TransaxAccounts {
    /// @dev The best plan so far, two slots. `chain` is zero where there is none. `extended`: an offer was given more
    /// intervals since, so its leg's own word on whether it outlives the interval may be wrong.
    struct Candidate {
        bytes32 chain;
        uint48 value;
        uint48 headValue;
        uint24 head;
        bool extended;
    }

    /// @dev By id; an array of fixed size spares the hash of a mapping at each of the many reads of a submission.
    OfferWord[1 << 32] internal _offers;
    Candidate internal _candidate;

    /// @inheritdoc ITransax
    function postOffer(Side side, uint32 energy, uint40 price, uint24 start, uint24 end)
        external
        returns (uint32 offer)
    {
        Account storage account = _accounts[msg.sender];
        uint24 owner = account.owner;
        require(owner != 0, UnknownAccount(msg.sender));
        require(energy > 0, ZeroEnergy());
        _checkSpan(start, end);
        _lockAssets(msg.sender, side, start, end, energy);
        if (side == Side.Buy) _takeCredits(account, _escrow(energy, price));
        offer = ++_counters.offers;
        _offers[offer] =
            OfferWordLibrary.pack(Offer(energy, 0, 0, price, start, end, start, account.group, owner, side));
        emit OfferPosted(offer, msg.sender, side, energy, price, start, end);
    }

    /// @inheritdoc ITransax
    function augmentOffer(uint32 offer, uint32 energyAdded, uint24 end) external {
        (OfferWord w, uint24 tf) = _openOffer(offer);
        uint24 oldEnd = w.end();
        require(end >= oldEnd, InvertedRange(oldEnd, end));
        require(energyAdded > 0 || end > oldEnd, NothingToAdd(offer));
        require(end <= tf + OFFER_HORIZON, BeyondHorizon(end, tf + OFFER_HORIZON));
        uint24 open = w.next();
        // What an interval still has locked is the offer's energy: settle the final ones before that changes.
        require(open >= tf, SettleFirst(offer, open));
        uint256 energy = uint256(w.energy()) + energyAdded;
        require(energy <= type(uint32).max, EnergyOverflow(offer));
        Side side = w.side();
        // Cast: checked above.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint32 total = uint32(energy);
        if (energyAdded > 0) _lockAssets(msg.sender, side, open, oldEnd, energyAdded);
        if (end > oldEnd) {
            _lockAssets(msg.sender, side, uint256(oldEnd) + 1, end, total);
            _candidate.extended = true;
        }
        if (side == Side.Buy) {
            uint40 price = w.price();
            uint32 settled = w.settled();
            _takeCredits(_accounts[msg.sender], _escrow(total - settled, price) - _escrow(w.energy() - settled, price));
        }
        _offers[offer] = w.withEnergy(total).withEnd(end);
        emit OfferAugmented(offer, energyAdded, end);
    }

    /// @inheritdoc ITransax
    function cancelOffer(uint32 offer) external {
        (OfferWord w, uint24 tf) = _openOffer(offer);
        uint24 end = w.end();
        uint24 last = tf + PLAN_HORIZON;
        require(end > last, WithinPlanHorizon(offer, end));
        uint24 start = w.start();
        if (start > last) {
            // No plan can rely on it: it ends before it began, and is done.
            last = start - 1;
            if (w.side() == Side.Buy) _accounts[msg.sender].credits += _escrow(w.energy(), w.price());
            w = w.withSettled(w.energy());
        }
        _releaseAssets(msg.sender, w.side(), uint256(last) + 1, end, w.energy());
        _offers[offer] = w.withEnd(last);
        emit OfferCancelled(offer, last);
    }

    /// @inheritdoc ITransax
    function offers(uint32 offer) external view returns (Offer memory) {
        return _offers[offer].unpack();
    }

    /// @inheritdoc ITransax
    function offerCount() external view returns (uint32) {
        return _counters.offers;
    }

    /// @dev An offer of the caller's that has an open interval left.
    function _openOffer(uint32 offer) private view returns (OfferWord w, uint24 tf) {
        w = _offers[offer];
        require(w.exists(), UnknownOffer(offer));
        require(w.owner() == _accounts[msg.sender].owner, NotOwner(offer, msg.sender));
        tf = nextInterval();
        require(w.end() >= tf && w.next() <= w.end(), OfferClosed(offer));
    }

    function _takeCredits(Account storage account, uint96 amount) private {
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
