// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A seller's offer is backed by production assets, a buyer's by consumption assets.
enum Side {
    Sell,
    Buy
}

/// @notice Midpoint: halfway between the pair's reservation prices. Uniform: one price an interval, halfway between the
/// dearest matched seller and the cheapest matched buyer; a plan for which they cross is not feasible.
enum PriceRule {
    Midpoint,
    Uniform
}

/// @notice An offer, one storage slot.
struct Offer {
    // Energy in all; traded in final intervals (kept only while the offer has intervals left); settled. Wh.
    uint32 energy;
    uint32 traded;
    uint32 settled;
    // Reservation price, token base units per kWh.
    uint40 price;
    // First and last interval, and the first one that is not settled: end + 1 when the offer is done.
    uint24 start;
    uint24 end;
    uint24 next;
    uint16 group;
    // Number of the account that posted it.
    uint24 owner;
    Side side;
}
