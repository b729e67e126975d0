// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {UsageLibrary, UsageWord} from "../../../contracts/solidworx/UsageWord.sol";
import {TestBase} from "../TestBase.sol";

/// @notice S6 and S9 where they are decided: how much of an offer is used.
contract UsageWordTest is TestBase {
    /// @dev Alternatives of one quantity: exactly what the quantities say, for every precision.
    function testFuzz_OneQuantityIsExact(uint64 listed, uint64 a, uint64 b, uint64 precision) public pure {
        listed = uint64(bound(listed, 1, type(uint64).max));
        precision = uint64(bound(precision, 1, type(uint64).max));
        a = uint64(bound(a, 1, listed));
        b = uint64(bound(b, 1, type(uint64).max));
        (UsageWord w, uint256 used) = UsageWord.wrap(0).add(listed, a, 0, precision);
        assertTrue(used <= precision, "a part fits");
        (, used) = w.add(listed, b, 0, precision);
        assertTrue((used <= precision) == (uint256(a) + b <= listed), "fits exactly if the sum does");
    }

    /// @dev Of several quantities: what is taken for a fit is one in exact fractions, too; and whatever misses in exact
    /// fractions by a part a quantity or more fits.
    function testFuzz_SeveralQuantitiesNeverOversell(uint32[4] memory listed, uint32[4] memory taken, uint64 precision)
        public
        pure
    {
        precision = uint64(bound(precision, 1, type(uint64).max));
        UsageWord w;
        uint256 used;
        for (uint256 i; i < 4; ++i) {
            // Quantities of their own, so that each is counted apart.
            listed[i] = uint32(bound(listed[i], 1, type(uint32).max / 4 - 1)) * 4 + uint32(i % 4);
            taken[i] = uint32(bound(taken[i], 1, listed[i] / 2));
        }
        for (uint256 i; i < 4; ++i) {
            (w, used) = w.add(listed[i], taken[i], 0, precision);
            if (used > precision) break;
        }
        // Σ taken/listed ≤ 1 over a common denominator of at most 128 bits.
        uint256 whole = uint256(listed[0]) * listed[1] * listed[2] * listed[3];
        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            sum += whole / listed[i] * taken[i];
        }
        if (used <= precision) assertTrue(sum <= whole, "never for the offer");
        // Each quantity rounds up by less than a part.
        else assertTrue(sum * precision + 4 * whole > whole * precision, "by less than a part a quantity");
    }

    /// @dev In whatever order, and however often, the same is used.
    function testFuzz_OrderDoesNotMatter(uint64 precision, uint32 x, uint32 y, uint32 z) public pure {
        precision = uint64(bound(precision, 1, type(uint64).max));
        (uint256 a, uint256 b) = (1 << 34, (1 << 34) + 7);
        (UsageWord w, uint256 used) = UsageWord.wrap(0).add(a, uint256(x) + 1, 0, precision);
        (w, used) = w.add(b, uint256(y) + 1, 0, precision);
        (w, used) = w.add(b, uint256(z) + 1, uint256(y) + 1, precision);
        (UsageWord v, uint256 other) = UsageWord.wrap(0).add(b, uint256(y) + uint256(z) + 2, 0, precision);
        (v, other) = v.add(a, uint256(x) + 1, 0, precision);
        assertEq(used, other, "used");
    }

    function test_TheLinkStays() public pure {
        (UsageWord w,) = UsageWord.wrap(0).withLink(5).add(10, 1, 0, 100);
        assertEq(w.link(), 5, "added");
        assertEq(w.withLink(6).link(), 6, "replaced");
        assertEq(w.withLink(6).quantity(), 10, "quantity");
        assertEq(UsageLibrary.partsUp(1, 3, 100), 34, "rounded up");
    }
}
