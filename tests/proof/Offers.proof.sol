// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OfferWord} from "../../contracts/solidworx/OfferWord.sol";
import {OfferState, State} from "../../contracts/solidworx/SolidWorxTypes.sol";
import {Proof} from "./Proof.sol";

// Casts: the first bytes of a call are its selector, those of an offer's contents its owner.
// forge-lint: disable-start(unsafe-typecast)

/// @title The offers: S3 and S4
contract OffersProof is Proof {
    function check_TheWordIsTheOffers(uint64 id) public view {
        (OfferState state, address owner, bool providing) = market.offer(id);
        assert(state == wordOf(id).state());
        if (wordOf(id).isPacked()) assert(market.contentsHash(id) == wordOf(id).hash());
        else assert(owner == wordOf(id).owner() && providing == wordOf(id).providing());
    }

    // --- S3: An offer is posted only if it exists, is not posted, and the caller owns it ---

    function check_S3_PostOfferNeedsTheOwnerOfAnUnpostedOffer(address caller, uint256 time, uint64 id) public {
        Status memory s = status();
        OfferWord before = wordOf(id);
        if (!act(caller, time, 0, abi.encodeCall(market.postOffer, (id)))) return;
        assert(before.state() == OfferState.Created && before.owner() == caller);
        assert(id != 0 && s.firstOffer <= id && id < s.nextOffer);
        assert(s.state == State.Receive && time < s.end);
        assert(wordOf(id).state() == OfferState.Posted);
    }

    function check_S3_APackedOfferIsNewAndTheCallers(address caller, uint256 time, uint256 paid, bool providing)
        public
    {
        Status memory s = status();
        bytes memory alternatives = SVM.createBytes(24, "alternatives");
        bytes memory data = abi.encodeCall(market.postPackedOffer, (providing, 0, alternatives));
        if (!act(caller, time, paid, data)) return;
        bytes memory contents = abi.encodePacked(caller, providing, uint16(1), alternatives);
        OfferWord made = wordOf(s.nextOffer);
        assert(made.state() == OfferState.Packed && made.hash() == bytes31(keccak256(contents)));
        assert(s.state == State.Receive && time < s.end && status().nextOffer == s.nextOffer + 1);
    }

    // --- S4: An offer is canceled only if it exists, is posted, and the caller owns it ---

    function check_S4_CancelOfferNeedsTheOwnerOfAPostedOffer(address caller, uint256 time, uint64 id) public {
        Status memory s = status();
        OfferWord before = wordOf(id);
        if (!act(caller, time, 0, abi.encodeCall(market.cancelOffer, (id)))) return;
        assert(before.state() == OfferState.Posted && before.owner() == caller);
        assert(id != 0 && s.firstOffer <= id && id < s.nextOffer);
        assert(s.state == State.Receive && time < s.end);
        assert(wordOf(id).state() == OfferState.Created);
    }

    function check_S4_CancelPackedOfferNeedsTheOwnerOfAPostedOffer(address caller, uint256 time, uint64 id) public {
        Status memory s = status();
        OfferWord before = wordOf(id);
        bytes memory contents = SVM.createBytes(47, "contents");
        if (!act(caller, time, 0, abi.encodeCall(market.cancelPackedOffer, (id, contents)))) return;
        assert(before.state() == OfferState.Packed && before.hash() == bytes31(keccak256(contents)));
        assert(address(bytes20(contents)) == caller);
        assert(id != 0 && s.firstOffer <= id && id < s.nextOffer);
        assert(s.state == State.Receive && time < s.end);
        assert(wordOf(id).state() == OfferState.PackedCanceled);
    }

    // --- S3 and S4: no other call touches an offer, but for these three ---

    /// @dev A new offer is the next one; one is written out posted as it was; one is forgotten after its cycle.
    function check_S3_S4_NothingElseTouchesAnOffer(address caller, uint256 time, uint256 paid, uint64 id, uint8 kind)
        public
    {
        Status memory s = status();
        OfferWord before = wordOf(id);
        // Calls of their own, above.
        HEVM.assume(kind < 2 || kind > 5);
        HEVM.assume(act(caller, time, paid, anyCall(kind)));
        OfferWord after_ = wordOf(id);
        if (OfferWord.unwrap(after_) == OfferWord.unwrap(before)) return;
        if (kind == 0) assert(id == s.nextOffer && after_.state() == OfferState.Created && after_.owner() == caller);
        else if (kind == 6) assert(id < s.firstOffer && OfferWord.unwrap(after_) == 0);
        else assert(kind == 8 && before.state() == OfferState.Packed && after_.state() == OfferState.Posted);
    }

    /// @dev The calls above touch only the offer they name.
    function check_S3_S4_TheyTouchNoOtherOffer(
        address caller,
        uint256 time,
        uint256 paid,
        uint64 id,
        uint64 other,
        uint8 kind
    ) public {
        HEVM.assume(other != id);
        uint64 next = status().nextOffer;
        OfferWord before = wordOf(other);
        bytes memory data;
        if (kind == 0) data = abi.encodeCall(market.postOffer, (id));
        else if (kind == 1) data = abi.encodeCall(market.cancelOffer, (id));
        else if (kind == 2) data = abi.encodeCall(market.cancelPackedOffer, (id, anyContents()));
        else data = anyPackedOffer();
        if (kind > 2) HEVM.assume(id == next);
        HEVM.assume(act(caller, time, paid, data));
        assert(OfferWord.unwrap(wordOf(other)) == OfferWord.unwrap(before));
    }
}
