// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {TransaxConfig} from "./ITransax.sol";
import {ITransaxErrors} from "./ITransaxErrors.sol";
import {ITransaxEvents} from "./ITransaxEvents.sol";
import {PriceRule} from "./TransaxTypes.sol";

/// @title What the deployment fixes, and the time that follows from it
abstract contract TransaxClock is ITransaxEvents, ITransaxErrors {
    address internal immutable DSO;
    IERC20 internal immutable TOKEN;
    uint256 internal immutable GENESIS;
    uint256 internal immutable INTERVAL_SECONDS;
    uint256 internal immutable CLEAR_INTERVALS;
    uint24 internal immutable PLAN_HORIZON;
    uint24 internal immutable OFFER_HORIZON;
    PriceRule internal immutable PRICE_RULE;
    uint40 internal immutable GRID_PRICE;
    uint40 internal immutable FEED_IN_PRICE;

    /// @dev Counters, one slot. `next`: every interval before it is final or has lapsed.
    struct Counters {
        uint24 next;
        uint32 offers;
        uint24 owners;
        uint16 groups;
    }

    Counters internal _counters;

    constructor(TransaxConfig memory c) {
        bool timely = c.intervalSeconds >= 4 && c.clearIntervals >= 1
            && c.genesis >= uint256(c.intervalSeconds) * (uint256(c.clearIntervals) + 1);
        // A candidate that lapsed whole is shed by one call, at about 6,000 gas an interval.
        bool reaching = c.planHorizon <= 255 && c.planHorizon <= c.offerHorizon && c.offerHorizon < 1 << 20;
        require(c.dso != address(0) && c.token.code.length > 0 && timely && reaching, BadConfig());
        DSO = c.dso;
        TOKEN = IERC20(c.token);
        GENESIS = c.genesis;
        INTERVAL_SECONDS = c.intervalSeconds;
        CLEAR_INTERVALS = c.clearIntervals;
        PLAN_HORIZON = c.planHorizon;
        OFFER_HORIZON = c.offerHorizon;
        PRICE_RULE = c.priceRule;
        GRID_PRICE = c.gridPrice;
        FEED_IN_PRICE = c.feedInPrice;
    }

    /// @dev t_f, the next interval to become final.
    function _nextInterval() internal view returns (uint24) {
        uint256 begun = block.timestamp < GENESIS ? 0 : (block.timestamp - GENESIS) / INTERVAL_SECONDS + 1;
        uint24 next = _counters.next;
        // 2^24 intervals of 4 seconds are two years, of the usual 900 seconds 478. A market that outlives its counter
        // stands still: nothing can be offered any more, and what was traded can still be settled.
        if (begun > type(uint24).max) begun = type(uint24).max;
        // forge-lint: disable-next-line(unsafe-typecast)
        return begun > next ? uint24(begun) : next;
    }

    /// @dev The earliest time, Unix seconds, at which `interval` may be finalised.
    function _finalizableAt(uint24 interval) internal view returns (uint256) {
        // Cannot underflow: the genesis lies more than CLEAR_INTERVALS after time zero.
        return GENESIS + interval * INTERVAL_SECONDS - CLEAR_INTERVALS * INTERVAL_SECONDS;
    }
}
