// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Init: deployed, not set up. Receive: the offering phase of a cycle. Solve: its solving phase.
enum State {
    Init,
    Receive,
    Solve
}

/// @notice None: no such offer. Created: made step by step, not posted or taken back. Posted: its alternatives are in
/// storage. Packed: posted in one call, only the hash of its contents is in storage. PackedCanceled: such an offer, taken
/// back for good.
enum OfferState {
    None,
    Created,
    Posted,
    Packed,
    PackedCanceled
}

/// @notice What holds for a resource type, beyond the base formulation. Declared for type 2^64 − 1 it holds for every
/// type that has no rule of its own; without that, weight 1 and no bounds.
/// @param weight β_t of (6.10), used by a weighted market.
/// @param minPrice Lowest unit price of an assignment (6.13), used by a bounded market.
/// @param maxPrice Highest unit price of an assignment (6.13), used by a bounded market.
struct TypeRule {
    uint64 resourceType;
    uint64 weight;
    uint64 minPrice;
    uint64 maxPrice;
}

/// @notice A pair that may exchange a type (6.14), or with type 2^64 − 1 every type; used by a paired market.
struct Pair {
    uint64 resourceType;
    address provider;
    address consumer;
}

/// @notice The extensions of the base formulation, section 6.3.3, each in force or not for good.
/// @param weighted Whether a unit of type t counts β_t times, (6.10).
/// @param benefit Whether a unit counts the consumer's reservation price less the provider's, (6.12); with `weighted`
/// the product of both.
/// @param bounded Whether unit prices have bounds a type, (6.13).
/// @param paired Whether only declared pairs may exchange a type, (6.14).
/// @param quantityDecimals Quantities are in units of 10^−quantityDecimals: real values in fixed point.
/// @param priceDecimals Unit prices, likewise.
/// @param deposit Wei that creating an offer takes, and that returns once the offer's cycle is over; zero for none.
/// @param types Rules of types; more of them by `declareTypes` before.
/// @param pairs Allowed pairs; more of them by `declarePairs` before.
struct Extensions {
    bool weighted;
    bool benefit;
    bool bounded;
    bool paired;
    uint8 quantityDecimals;
    uint8 priceDecimals;
    uint96 deposit;
    TypeRule[] types;
    Pair[] pairs;
}

/// @notice What `setup` fixed, but for the tables of types and pairs; see there and `Extensions`.
struct Config {
    uint64 numTypes;
    uint64 precision;
    uint64 maxQuantity;
    uint64 lengthReceive;
    uint64 lengthSolve;
    bool weighted;
    bool benefit;
    bool bounded;
    bool paired;
    uint8 quantityDecimals;
    uint8 priceDecimals;
    uint96 deposit;
}
