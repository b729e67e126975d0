// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransax} from "./ITransax.sol";
import {OfferWord} from "./OfferWord.sol";
import {TransaxAccounts} from "./TransaxAccounts.sol";
import {Offer, Side} from "./TransaxTypes.sol";

/// @title Offers: what backs them, how they grow and how they end
abstract contract TransaxOffers is TransaxAccounts {
    /// @inheritdoc ITransax
    function postOffer(Side side, uint32 energy, uint40 price, uint24 start, uint24 end)
        external
        returns (uint32 offer)
    {
        Account storage account = _accounts[msg.sender];
        uint24 owner = account.owner;
        require(owner != 0, UnknownAccount(msg.sender));
        offer = _post(msg.sender, owner, _groupOver(account, start, end), side, energy, price, start, end);
    }

    /// @inheritdoc ITransax
    function augmentOffer(uint32 offer, uint32 energyAdded, uint24 end) external {
        (OfferWord w, uint24 tf) = _openOffer(msg.sender, offer);
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
        if (energyAdded > 0) _lockAssets(msg.sender, w.group(), side, open, oldEnd, energyAdded);
        if (end > oldEnd) {
            _lockAssets(msg.sender, w.group(), side, uint256(oldEnd) + 1, end, total);
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
        _cancel(msg.sender, offer);
    }

    /// @inheritdoc ITransax
    function offers(uint32 offer) external view returns (Offer memory) {
        return _offers[offer].unpack();
    }

    /// @inheritdoc ITransax
    function offerCount() external view returns (uint32) {
        return _counters.offers;
    }
}
