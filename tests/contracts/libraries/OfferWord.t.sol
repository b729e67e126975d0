// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {OfferWord, OfferWordLibrary} from "../../../contracts/transax/OfferWord.sol";
import {Offer, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {TestBase} from "../TestBase.sol";

contract OfferWordTest is TestBase {
    function testFuzz_PackKeepsEveryField(uint256 seed) public pure {
        Offer memory o = _offer(seed);
        _same(OfferWordLibrary.pack(o).unpack(), o, "round trip");
    }

    function testFuzz_AccessorsReadTheirField(uint256 seed) public pure {
        Offer memory o = _offer(seed);
        OfferWord w = OfferWordLibrary.pack(o);
        assertTrue(w.side() == o.side, "side");
        assertEq(w.owner(), o.owner, "owner");
        assertEq(w.group(), o.group, "group");
        assertEq(w.next(), o.next, "next");
        assertEq(w.end(), o.end, "end");
        assertEq(w.start(), o.start, "start");
        assertEq(w.price(), o.price, "price");
        assertEq(w.settled(), o.settled, "settled");
        assertEq(w.traded(), o.traded, "traded");
        assertEq(w.energy(), o.energy, "energy");
        assertTrue(w.isBuy() == (o.side == Side.Buy), "is a buyer's");
    }

    function testFuzz_SettersChangeTheirFieldOnly(uint256 seed, uint256 value) public pure {
        Offer memory o = _offer(seed);
        OfferWord w = OfferWordLibrary.pack(o);
        (uint24 interval, uint32 energy) = (uint24(value), uint32(value));
        Offer memory p = _offer(seed);
        p.next = interval;
        _same(w.withNext(interval).unpack(), p, "next");
        p.next = o.next;
        p.end = interval;
        _same(w.withEnd(interval).unpack(), p, "end");
        p.end = o.end;
        p.settled = energy;
        _same(w.withSettled(energy).unpack(), p, "settled");
        p.settled = o.settled;
        p.traded = energy;
        _same(w.withTraded(energy).unpack(), p, "traded");
        p.traded = o.traded;
        p.energy = energy;
        _same(w.withEnergy(energy).unpack(), p, "energy");
    }

    function testFuzz_CoversFromStartToEnd(uint24 start, uint24 end, uint24 interval) public pure {
        Offer memory o;
        (o.start, o.end) = (start, end);
        bool expected = start <= interval && interval <= end;
        assertTrue(OfferWordLibrary.pack(o).covers(interval) == expected, "covers");
    }

    function test_ZeroIsNoOffer() public pure {
        assertTrue(!OfferWord.wrap(0).exists(), "zero");
        assertTrue(OfferWord.wrap(1 << 224).exists(), "with energy");
    }

    function _offer(uint256 r) private pure returns (Offer memory) {
        uint256 q = uint256(keccak256(abi.encode(r)));
        return Offer({
            energy: uint32(r),
            traded: uint32(r >> 32),
            settled: uint32(r >> 64),
            price: uint40(r >> 96),
            start: uint24(r >> 136),
            end: uint24(r >> 160),
            next: uint24(r >> 184),
            group: uint16(r >> 208),
            owner: uint24(q),
            side: q >> 255 == 0 ? Side.Sell : Side.Buy
        });
    }

    function _same(Offer memory a, Offer memory b, string memory what) private pure {
        assertEq(keccak256(abi.encode(a)), keccak256(abi.encode(b)), what);
    }
}
