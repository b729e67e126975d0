// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISolidWorx} from "./ISolidWorx.sol";
import {OfferWord, OfferWordLibrary} from "./OfferWord.sol";
import {Packing} from "./Packing.sol";
import {SolidWorxPhases} from "./SolidWorxPhases.sol";
import {Config, OfferState, State} from "./SolidWorxTypes.sol";

/// @title Offers: made step by step or in one call, taken back, written out, and their deposits
abstract contract SolidWorxOffers is SolidWorxPhases {
    /// @dev What an offer lists of a type, one slot; nothing where the quantity is zero.
    struct Alternative {
        uint64 quantity;
        uint64 value;
    }

    mapping(uint64 id => OfferWord) internal _offers;
    mapping(uint64 id => mapping(uint64 resourceType => Alternative)) internal _alternatives;

    /// @inheritdoc ISolidWorx
    function createOffer(bool providing, uint64 misc) external payable returns (uint64 id) {
        id = _newOffer(_during(State.Receive));
        _offers[id] = OfferWordLibrary.stored(OfferState.Created, providing, msg.sender);
        emit OfferCreated(id, msg.sender, providing, misc);
    }

    /// @inheritdoc ISolidWorx
    function updateOffer(uint64 id, uint64 resourceType, uint64 quantity, uint64 value) external {
        OfferWord w = _ownOffer(id);
        require(w.state() == OfferState.Created, AlreadyPosted(id));
        _checkType(resourceType, _config.numTypes);
        uint64 maxQuantity = _config.maxQuantity;
        require(quantity <= maxQuantity, QuantityTooLarge(quantity, maxQuantity));
        _alternatives[id][resourceType] = Alternative(quantity, quantity == 0 ? 0 : value);
        emit OfferUpdated(id, resourceType, quantity, value);
    }

    /// @inheritdoc ISolidWorx
    function postOffer(uint64 id) external {
        OfferWord w = _ownOffer(id);
        require(w.state() == OfferState.Created, AlreadyPosted(id));
        _offers[id] = w.withState(OfferState.Posted);
        emit OfferPosted(id);
    }

    /// @inheritdoc ISolidWorx
    function cancelOffer(uint64 id) external {
        OfferWord w = _ownOffer(id);
        require(w.state() == OfferState.Posted, NotPosted(id));
        _offers[id] = w.withState(OfferState.Created);
        emit OfferCanceled(id);
    }

    /// @inheritdoc ISolidWorx
    function postPackedOffer(bool providing, uint64 misc, bytes calldata alternatives)
        external
        payable
        returns (uint64 id)
    {
        id = _newOffer(_during(State.Receive));
        uint256 count = _checkAlternatives(alternatives);
        // Cast: at most 256.
        // forge-lint: disable-next-line(unsafe-typecast)
        bytes memory contents = abi.encodePacked(msg.sender, providing, uint16(count), alternatives);
        _offers[id] = OfferWordLibrary.packed(OfferState.Packed, keccak256(contents));
        emit PackedOfferPosted(id, msg.sender, providing, misc, alternatives);
    }

    /// @inheritdoc ISolidWorx
    function cancelPackedOffer(uint64 id, bytes calldata contents) external {
        OfferWord w = _offerOfCycle(_during(State.Receive), id);
        require(w.isPacked(), NotPacked(id));
        require(w.state() == OfferState.Packed, NotPosted(id));
        address owner = _openOwner(id, w, contents);
        require(owner == msg.sender, NotOwner(id, msg.sender));
        _offers[id] = w.withState(OfferState.PackedCanceled);
        emit OfferCanceled(id);
    }

    /// @inheritdoc ISolidWorx
    function unpackOffer(uint64 id, bytes calldata contents) external {
        OfferWord w = _offerOfCycle(_during(State.Solve), id);
        require(w.isPacked(), NotPacked(id));
        require(w.state() == OfferState.Packed, NotPosted(id));
        _openOwner(id, w, contents);
        (address owner, uint8 side, uint256 count) = Packing.head(contents, 0);
        for (uint256 i; i < count; ++i) {
            (uint64 resourceType, uint64 quantity, uint64 value) =
                Packing.alternative(contents, Packing.HEAD + i * Packing.ALTERNATIVE);
            _alternatives[id][resourceType] = Alternative(quantity, value);
        }
        _offers[id] = OfferWordLibrary.stored(OfferState.Posted, side == 1, owner);
        emit OfferUnpacked(id);
    }

    /// @inheritdoc ISolidWorx
    function returnDeposit(uint64 id, bytes calldata contents) external {
        uint64 firstOffer = _phase.firstOffer;
        _checkKnown(id, _phase.nextOffer);
        require(id < firstOffer, OfferOfThisCycle(id, firstOffer));
        OfferWord w = _offers[id];
        uint96 deposit = _config.deposit;
        require(deposit > 0 && w.state() != OfferState.None, NoDeposit(id));
        address owner = w.isPacked() ? _openOwner(id, w, contents) : w.owner();
        _offers[id] = OfferWord.wrap(0);
        emit DepositReturned(id, owner, deposit);
        (bool isAccepted,) = owner.call{value: deposit}("");
        require(isAccepted, DepositNotAccepted(owner));
    }

    /// @inheritdoc ISolidWorx
    function offer(uint64 id) external view returns (OfferState state, address owner, bool providing) {
        OfferWord w = _offers[id];
        state = w.state();
        if (!w.isPacked()) (owner, providing) = (w.owner(), w.providing());
    }

    /// @inheritdoc ISolidWorx
    function contentsHash(uint64 id) external view returns (bytes31 hash) {
        OfferWord w = _offers[id];
        if (w.isPacked()) hash = w.hash();
    }

    /// @inheritdoc ISolidWorx
    function alternative(uint64 id, uint64 resourceType) external view returns (uint64 quantity, uint64 value) {
        Alternative memory a = _alternatives[id][resourceType];
        return (a.quantity, a.value);
    }

    /// @dev The word of an offer of the cycle.
    function _offerOfCycle(Phase memory p, uint64 id) internal view returns (OfferWord) {
        _checkKnown(id, p.nextOffer);
        if (id < p.firstOffer) revert OfferOfPastCycle(id, p.firstOffer);
        return _offers[id];
    }

    function _checkKnown(uint64 id, uint64 nextOffer) private pure {
        if (id == 0 || id >= nextOffer) revert UnknownOffer(id);
    }

    function _checkType(uint64 resourceType, uint64 numTypes) private pure {
        if (resourceType >= numTypes) revert UnknownType(resourceType, numTypes);
    }

    /// @dev Takes the deposit and a number for an offer that is being created.
    function _newOffer(Phase memory p) private returns (uint64 id) {
        uint96 deposit = _config.deposit;
        require(msg.value == deposit, WrongDeposit(msg.value, deposit));
        id = p.nextOffer;
        _phase.nextOffer = id + 1;
    }

    /// @dev An offer of the cycle and the caller's, made step by step.
    function _ownOffer(uint64 id) private view returns (OfferWord w) {
        w = _offerOfCycle(_during(State.Receive), id);
        require(!w.isPacked(), IsPacked(id));
        require(w.owner() == msg.sender, NotOwner(id, msg.sender));
    }

    /// @dev Whose offer it is by its contents, which must be the ones that were posted.
    function _openOwner(uint64 id, OfferWord w, bytes calldata contents) private pure returns (address owner) {
        require(bytes31(keccak256(contents)) == w.hash(), ContentsMismatch(id));
        (owner,,) = Packing.head(contents, 0);
    }

    /// @dev How many alternatives there are; each must be within what the market takes.
    function _checkAlternatives(bytes calldata alternatives) private view returns (uint256 count) {
        Config storage c = _config;
        (uint64 numTypes, uint64 maxQuantity) = (c.numTypes, c.maxQuantity);
        uint256 size = alternatives.length;
        count = size / Packing.ALTERNATIVE;
        bool isWhole = count * Packing.ALTERNATIVE == size;
        require(isWhole && count > 0 && count <= Packing.MAX_ALTERNATIVES, BadNumberOfAlternatives(size));
        uint256 lowest;
        for (uint256 at; at < size; at += Packing.ALTERNATIVE) {
            (uint64 resourceType, uint64 quantity,) = Packing.alternative(alternatives, at);
            if (resourceType < lowest) revert TypesNotAscending(resourceType);
            lowest = uint256(resourceType) + 1;
            _checkType(resourceType, numTypes);
            if (quantity == 0) revert ZeroQuantity();
            if (quantity > maxQuantity) revert QuantityTooLarge(quantity, maxQuantity);
        }
    }
}
