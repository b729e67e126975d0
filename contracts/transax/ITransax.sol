// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransaxErrors} from "./ITransaxErrors.sol";
import {ITransaxEvents} from "./ITransaxEvents.sol";
import {Offer, Side, PriceRule} from "./TransaxTypes.sol";

/// @notice What a deployment fixes for ever.
/// @param dso The distribution system operator: adds groups, registers and moves meters, certifies prosumers. Nothing else.
/// @param token The ERC-20 in which trades are paid. It must move exactly the amounts it is asked to move.
/// @param genesis Start of interval 0, Unix seconds. It may lie ahead: intervals are then traded before the first begins.
/// @param intervalSeconds Length of an interval, Δ, in seconds; at least 4.
/// @param clearIntervals T_clear: whole intervals between the end of an interval's trading and its start; at least 1.
/// @param planHorizon T_h: a plan covers intervals up to t_f + planHorizon; at most 255.
/// @param offerHorizon Offers and assets reach up to t_f + offerHorizon; at least planHorizon.
/// @param priceRule How the contract prices a trade.
/// @param gridPrice What the DSO charges for energy bought from it, token base units per kWh (π^B).
/// @param feedInPrice What the DSO pays for energy sold to it, token base units per kWh (π^S).
struct TransaxConfig {
    address dso;
    address token;
    uint64 genesis;
    uint32 intervalSeconds;
    uint24 clearIntervals;
    uint24 planHorizon;
    uint24 offerHorizon;
    PriceRule priceRule;
    uint40 gridPrice;
    uint40 feedInPrice;
}

/// @notice Opens one interval of the candidate, see `finalize`.
/// @param legsHash keccak256 of the interval's leg words, 32 bytes each.
/// @param rest The chain of the intervals after it, zero after the last.
/// @param nextInterval The next interval the candidate trades in, zero after the last.
/// @param nextValue Energy the candidate trades there, Wh, zero after the last.
struct Link {
    bytes32 legsHash;
    bytes32 rest;
    uint24 nextInterval;
    uint48 nextValue;
}

/// @notice Shows what one finalised interval holds for one offer: a leaf of the interval's tree of legs.
/// @param previous The offer of the leg before this one, zero before the first.
/// @param leg The leg word: either the offer's own, or the first one past the place where it would stand.
/// @param proof Sister hashes from the leaf up to the root.
struct Evidence {
    uint32 previous;
    bytes32 leg;
    bytes32[] proof;
}

/// @notice Asks to settle one offer.
/// @param offer The offer.
/// @param until Settle every interval from where the offer's settlement stands up to this one, exclusive.
/// @param evidence One entry for each of these intervals that was finalised with trades, in order.
struct Settlement {
    uint32 offer;
    uint24 until;
    Evidence[] evidence;
}

/// @title TRANSAX: energy traded ahead, within the limits of the grid
/// @notice Prosumers withdraw assets (the right to produce or consume an amount of energy in an interval), lock them in
/// offers, and anybody proposes plans that match the offers. The contract keeps the best feasible plan, the candidate;
/// interval by interval it makes the candidate's trades final, and money and assets follow when anyone settles them.
///
/// Units. Energy: watt-hours. Prices: base units of the token per kWh. Payments: base units, rounded down once a trade;
/// the seller receives exactly what the buyer pays. Interval i starts at genesis + i·Δ.
///
/// Time. t_f is the next interval to become final: the first one that is neither final nor begun. Interval i may be
/// finalised from genesis + (i − T_clear)·Δ on, and lapses without trades at its own start. Nothing has to be called
/// for an interval to lapse; the candidate sheds it when the next one is finalised, and till then no plan is taken.
///
/// A plan, as bytes (big-endian): u16 number of offers; their ids, u32 each, ascending; u16 number of blocks; the
/// blocks, by ascending interval: u24 interval, u16 number of trades, and for each trade, ascending by (seller, buyer),
/// u16 place of the seller's and u16 place of the buyer's offer in the list, u32 energy.
///
/// A leg is what one offer trades in one interval, a word: u32 offer, u32 energy, u64 payment, and in its lowest bit
/// whether the offer outlives the interval. The legs of a finalised interval stand in a Merkle tree, ascending by offer;
/// each leaf is keccak256(interval, previous offer, leg), each as 32 bytes, so that one leaf shows both that an offer
/// traded and that it did not. A last leg of offer 2^32 − 1 without energy closes the list. Nodes are
/// hashed in pairs by ascending value; an odd last node moves up as it is.
///
/// Groups change for the future only. The DSO may move a meter to another group from an interval on that no offer and no
/// asset reaches yet, so one past t_f + offerHorizon; what exists stays in its group. An account's assets of the
/// intervals before belong to the old group, those from then on to the new one, and no withdrawal and no offer of its own
/// spans both.
///
/// Promises, each under its number in the tests:
/// - T1 No finalised interval exceeds any group's limits.
/// - T2 Withdrawn assets never exceed the meter's limits; what an account trades never exceeds what it has locked. Assets
///   belong to their group of feeders for ever, so whoever holds them, that group's limits bound them.
/// - T3 No offer trades more than its energy, outside its intervals, or beyond its price.
/// - T4 The tokens held cover credits, escrow and unsettled payments, exactly but for tokens sent outside its functions.
/// - T5 Settling conserves assets pairwise: each seller's production for its buyer's consumption. Mixing and transferring
///   conserve them, and credits, one by one.
/// - T6 The candidate's value over open intervals never falls except by finalising or lapsing one.
/// - T7 Whatever others do, anybody can finalise every interval once its time has come.
/// - T8 The cost of a call depends on what its caller submits (and a little on how many groups there are, at most
///   1,000), never on how many offers there are.
///
/// What accounts do by signature alone, mixing first of all, is `ITransaxSigned`, at the same address.
///
/// What it does not do: measure, bill, pay solvers, or change limits. No one can stop or upgrade it. Under
/// the uniform rule it does not keep a solver that also trades from moving a price within what all matched accept.
///
/// Assumptions. Safety: the token moves what it is asked to move; the DSO certifies one address a meter and sets limits
/// the grid can bear. Liveness: none of the DSO, once everyone is registered; block times within Δ/4 of true time.
interface ITransax is ITransaxEvents, ITransaxErrors {
    /// @notice Adds a group of feeders with its limits an interval, Wh; 2^32 − 1 means none. DSO only, at most 1,000.
    function addGroup(uint32 internalLimit, uint32 externalLimit) external returns (uint16 group);

    /// @notice Registers a meter with its group and the most it may produce and consume an interval, Wh. DSO only.
    /// @dev The limits of a group's meters sum to less than 2^32 Wh, which is the power of four large nuclear stations.
    function registerSmartMeter(address meter, uint16 group, uint32 productionLimit, uint32 consumptionLimit) external;

    /// @notice Moves a meter, and whoever is or will be behind it, to `group` from interval `from` on. DSO only.
    /// @dev `from` lies past t_f + offerHorizon. A meter that is to move can be moved again once that has come, from the time
    /// on when `from` is the next interval to become final. Until it is moved again its limits count in both groups: those
    /// of a group's meters sum to less than 2^32 Wh, as when a meter is registered.
    function moveSmartMeter(address meter, uint16 group, uint24 from) external;

    /// @notice Registers the caller as the prosumer behind `meter`.
    /// @param certificate The DSO's EIP-712 signature over Registration(address prosumer,address meter).
    function registerProsumer(address meter, bytes calldata certificate) external;

    /// @notice Withdraws `energy` Wh of production (Sell) or consumption (Buy) assets for each interval first..=last.
    function withdrawAssets(Side side, uint24 first, uint24 last, uint32 energy) external;

    /// @notice Moves `amount` of the token from the caller, who has approved it, into its credits.
    function depositCredits(uint96 amount) external;

    /// @notice Pays `amount` of the caller's credits out in the token.
    function withdrawCredits(uint96 amount) external;

    /// @notice Offers to trade up to `energy` Wh in all, within start..=end, at `price` or better.
    /// @dev Locks `energy` of the side's assets in every interval, and for a buyer ⌊energy·price/1000⌋ of credits.
    function postOffer(Side side, uint32 energy, uint40 price, uint24 start, uint24 end) external returns (uint32 offer);

    /// @notice Adds energy to an offer, or intervals at its end, or both. Final intervals must be settled before.
    function augmentOffer(uint32 offer, uint32 energyAdded, uint24 end) external;

    /// @notice Takes back the intervals past t_f + T_h; plans may already rely on those before.
    function cancelOffer(uint32 offer) external;

    /// @notice Proposes a plan. Anybody may, without being registered.
    /// @param value Energy the plan trades, Wh; checked against the candidate before anything else is read.
    /// @return The same, once proved; so calling without sending verifies a plan for free.
    function postSolution(uint48 value, bytes calldata plan) external returns (uint48);

    /// @notice Makes the candidate's trades of t_f final and moves on. Anybody may, once its time has come.
    /// @param links Opens the candidate from its first interval on: those that lapsed, then t_f where it trades there.
    /// @param legs The leg words of t_f, empty where the candidate does not trade there.
    function finalize(Link[] calldata links, bytes32[] calldata legs) external;

    /// @notice Settles offers of `account`: money moves, and what they locked or won returns to the account's assets.
    function settle(address account, Settlement[] calldata settlements) external;

    /// @notice Settles offers of `account`, then moves all its assets of `group` in the final intervals first..=last to its
    /// meter.
    function deposit(address account, uint16 group, Settlement[] calldata settlements, uint24 first, uint24 last)
        external;

    /// @notice t_f, the next interval to become final.
    function nextInterval() external view returns (uint24);

    /// @notice The earliest time, Unix seconds, at which `interval` may be finalised.
    function finalizableAt(uint24 interval) external view returns (uint256);

    /// @notice An offer; all zero where there is none.
    function offers(uint32 offer) external view returns (Offer memory);

    /// @notice The best plan so far: its chain of intervals (zero for none), value, first interval and value there.
    function candidate() external view returns (bytes32 chain, uint48 value, uint24 head, uint48 headValue);

    /// @notice An account: credits, its number as owner of offers (zero before it has one), and of a registered prosumer
    /// its group in t_f and its meter.
    function accounts(address account) external view returns (uint96 credits, uint24 owner, uint16 group, address meter);

    /// @notice Assets of a registered `account` that no offer relies on, Wh: of the group that its meter's last move, or its
    /// registration, puts it in for that interval. `ITransaxSigned.freeAssetsIn` tells those of any group.
    function freeAssets(address account, Side side, uint24 interval) external view returns (uint32);

    /// @notice Assets `account` has withdrawn, Wh.
    function withdrawnAssets(address account, Side side, uint24 interval) external view returns (uint32);

    /// @notice Root of a finalised interval's tree of legs, zero where nothing was traded.
    function legsRoot(uint24 interval) external view returns (bytes32);

    /// @notice A meter: its group in t_f, limits and prosumer, and its last move: to `nextGroup` from interval `from` on, which
    /// may have come. Where it never moved, `nextGroup` is its group and `from` zero.
    function smartMeters(address meter)
        external
        view
        returns (
            bool registered,
            uint16 group,
            uint32 productionLimit,
            uint32 consumptionLimit,
            address prosumer,
            uint16 nextGroup,
            uint24 from
        );

    /// @notice A group's limits, Wh an interval; 2^32 − 1 means none, and a group that does not exist has zero.
    function groupLimits(uint16 group) external view returns (uint32 internalLimit, uint32 externalLimit);

    /// @notice How many groups there are; their ids count from 0.
    function groupCount() external view returns (uint16);

    /// @notice How many offers have been posted; their ids count from 1.
    function offerCount() external view returns (uint32);

    /// @notice What the deployment fixed.
    function config() external view returns (TransaxConfig memory);
}
