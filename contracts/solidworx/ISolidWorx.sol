// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Config, Extensions, OfferState, Pair, State, TypeRule} from "./SolidWorxTypes.sol";

/// @title SolidWorx: allocates anything that can be divided
/// @notice Providers and consumers post offers in the offering phase of a cycle; in the solving phase anybody proposes
/// allocations of what is offered, and the contract keeps the best feasible one, the candidate; it becomes final when
/// the phase is over, and the next cycle begins. Dissertation, chapter 6, whose names and equation numbers are used.
///
/// Units. Quantities and unit prices are integers in the units that the set-up declares. Times: Unix seconds.
///
/// Time. `setup` begins cycle 1 with an offering phase of lengthReceive seconds. Offers are created, changed, posted and
/// taken back before its end; from its end on anybody may `close` it, which begins a solving phase of lengthSolve
/// seconds. Solutions are taken before its end; from its end on anybody may `finalize`, which begins the next cycle. A
/// phase lasts its length from the call that began it, so that a late call shortens nobody's time.
///
/// An offer lists alternatives: resource types, and for each a quantity o_Q and a unit reservation price o_V. It may be
/// used as any mixture of its alternatives: with A_d the quantity assigned from all its alternatives of quantity d, and
/// P the precision, the sum over the distinct d of ⌈A_d·P/d⌉ must not exceed P. That is (6.1) and (6.2), exactly where
/// all alternatives in use have one quantity, whatever the precision; else each distinct quantity rounds up by less
/// than 1/P of the offer, against the offer and never for it. An offer belongs to the cycle in which it was created.
///
/// Two interfaces make the same offers and propose for the same candidate. Step by step, as in the paper, every call
/// costs the same whatever it is part of: `createOffer`, `updateOffer`, `postOffer`, `cancelOffer`; `createSolution`,
/// `addAssignment`. Packed, an offer or a whole solution is one call: `postPackedOffer`, `cancelPackedOffer`;
/// `postSolution`. A packed offer is stored as a hash of its contents, which its event tells and solvers give again.
/// `postSolution` takes offers of both kinds; before `addAssignment` can use a packed offer, anybody writes its contents
/// to storage with `unpackOffer`.
///
/// Bytes, all numbers big-endian and unsigned:
/// - alternatives: 24 bytes each, ascending by type, 1 to 256 of them: u64 type, u64 quantity, u64 reservation price.
/// - contents of an offer: 20 bytes owner, u8 side (1 providing, 0 consuming), u16 number of alternatives, alternatives.
///   Of a packed offer exactly as posted; of one made step by step those alternatives that are of use to the solver.
/// - offers of a solution: for each, ascending by id: u64 id, contents.
/// - assignments of a solution: 22 bytes each: u16 place of the providing offer in the list of offers, u16 place of the
///   consuming offer, u8 number of the alternative in the providing offer's contents, u8 in the consuming offer's,
///   u64 quantity, u64 unit price. Places and numbers count from 0.
/// - records, as events and `finalize` have assignments: 40 bytes each: u64 providing offer, u64 consuming offer,
///   u64 type, u64 quantity, u64 unit price.
/// The candidate is kept as a chain over its records: 0 before the first, then keccak256(32 bytes chain, 40 bytes
/// record). Both interfaces build it, an allocation in the same order has the same chain in both.
///
/// Value of an allocation: Σ a_Q (6.5), times β_t where weighted (6.10), times o_V of the consumer less o_V of the
/// provider where `benefit` counts (6.12). A candidate is replaced only by an allocation of a higher value.
///
/// Promises, each under its number in the tests:
/// - S1 No deadlock: from every reachable state some call can move the market on once its time has come.
/// - S2 After `close`, no offer is posted or canceled before `finalize` has finished.
/// - S3 An offer is posted only if it exists, is not posted, and the caller owns it.
/// - S4 An offer is canceled only if it exists, is posted, and the caller owns it.
/// - S5 After `finalize` has finished, `createSolution` succeeds only after the next `close`.
/// - S6 An accepted allocation satisfies every constraint in force.
/// - S7 The candidate's value never falls within a cycle.
/// - S8 Nobody but its creator adds to a solution.
/// - S9 A finalised assignment never exceeds what its offers had in this very cycle.
///
/// What it does not do: pay, move resources, keep an identity's offers apart from another's, or stop a prosumer from
/// offering what it does not have. No one can stop or upgrade it.
///
/// Assumptions. Safety: none on anybody. Liveness: somebody calls `close` and `finalize`, and has the logs of the
/// cycle; the clock moves.
interface ISolidWorx {
    event TypeDeclared(uint64 indexed resourceType, uint64 weight, uint64 minPrice, uint64 maxPrice);
    event PairDeclared(uint64 indexed resourceType, address indexed provider, address indexed consumer);
    event SetUp(Config config);
    /// @notice An offering phase has begun, which ends at `end`.
    event CycleBegun(uint64 indexed cycle, uint64 end);
    event OfferCreated(uint64 indexed id, address indexed owner, bool providing, uint64 misc);
    event OfferUpdated(uint64 indexed id, uint64 indexed resourceType, uint64 quantity, uint64 value);
    event OfferPosted(uint64 indexed id);
    /// @notice An offer was created, filled and posted in one call.
    event PackedOfferPosted(uint64 indexed id, address indexed owner, bool providing, uint64 misc, bytes alternatives);
    event OfferCanceled(uint64 indexed id);
    event DepositReturned(uint64 indexed id, address indexed owner, uint96 amount);
    /// @notice The solving phase has begun, which ends at `end`.
    event Closed(uint64 indexed cycle, uint64 end);
    event OfferUnpacked(uint64 indexed id);
    event SolutionCreated(uint64 indexed id, address indexed solver, uint64 misc);
    /// @param value The solution's value with this assignment.
    event AssignmentAdded(
        uint64 indexed id,
        uint64 indexed providingOffer,
        uint64 indexed consumingOffer,
        uint64 resourceType,
        uint64 quantity,
        uint64 price,
        uint128 value
    );
    /// @notice A whole solution was accepted and is the candidate.
    /// @param records The allocation as records.
    event SolutionPosted(uint64 indexed cycle, address indexed solver, uint128 value, bytes records);
    event AssignmentFinalized(
        uint64 indexed cycle,
        uint64 indexed providingOffer,
        uint64 indexed consumingOffer,
        uint64 resourceType,
        uint64 quantity,
        uint64 price
    );
    /// @notice The cycle is over: all its assignments are final.
    event Finalized(uint64 indexed cycle, uint128 value);

    error NotDeployer(address caller);
    error WrongState(State state);
    error TooEarly(uint256 time, uint64 from);
    error PhaseOver(uint256 time, uint64 end);
    error ZeroParameter();
    error LengthOutOfRange(uint64 length);
    error InvertedBounds(uint64 resourceType, uint64 minPrice, uint64 maxPrice);
    error WrongDeposit(uint256 paid, uint96 deposit);
    error UnknownOffer(uint64 id);
    error OfferOfPastCycle(uint64 id, uint64 firstOfCycle);
    error OfferOfThisCycle(uint64 id, uint64 firstOfCycle);
    error NotOwner(uint64 id, address caller);
    error AlreadyPosted(uint64 id);
    error NotPosted(uint64 id);
    error IsPacked(uint64 id);
    error NotPacked(uint64 id);
    error UnknownType(uint64 resourceType, uint64 numTypes);
    error ZeroQuantity();
    error QuantityTooLarge(uint64 quantity, uint64 maxQuantity);
    error BadNumberOfAlternatives(uint256 size);
    error TypesNotAscending(uint64 resourceType);
    error ContentsMismatch(uint64 id);
    error NoDeposit(uint64 id);
    error DepositNotAccepted(address owner);
    error UnknownSolution(uint64 id);
    error SolutionOfPastCycle(uint64 id, uint64 firstOfCycle);
    error NotSolver(uint64 id, address caller);
    error WrongSide(uint64 id);
    error UnlistedType(uint64 id, uint64 resourceType);
    error PriceBelowOffer(uint64 id, uint64 price, uint64 reservation);
    error PriceAboveOffer(uint64 id, uint64 price, uint64 reservation);
    error PriceOutOfBounds(uint64 resourceType, uint64 price, uint64 minPrice, uint64 maxPrice);
    error PairForbidden(uint64 resourceType, address provider, address consumer);
    /// @notice Assignments would use `used` of the offer's `precision` parts.
    error ExceedsOffer(uint64 id, uint256 used, uint64 precision);
    error ValueOverflow(uint256 value);
    error NotBetter(uint128 value, uint128 candidate);
    error WrongObjective(uint128 claimed, uint128 actual);
    error OffersTruncated(uint256 size);
    error OffersNotAscending(uint64 id);
    error AssignmentsTruncated(uint256 size);
    error OfferNotListed(uint256 assignment, uint256 place);
    error AlternativeNotListed(uint64 id, uint256 number);
    error RecordsTruncated(uint256 size);
    error WrongRecords(bytes32 opened, bytes32 chain);
    error NoRecords();

    // --- Init ---

    /// @notice Declares rules of types, as many calls as the table needs. Deployer only, before `setup`; the last rule
    /// of a type holds.
    function declareTypes(TypeRule[] calldata types) external;

    /// @notice Declares allowed pairs, likewise.
    function declarePairs(Pair[] calldata pairs) external;

    /// @notice Sets the market up for good and begins its first offering phase. Deployer only, once.
    /// @param numTypes Types are 0 to numTypes − 1; at least 1.
    /// @param precision P, the parts of an offer that its alternatives of different quantity are mixed by; at least 1.
    /// @param maxQuantity The most that an offer may list of a type; at least 1.
    /// @param lengthReceive Length of the offering phase, seconds, 1 to 2^32 − 1.
    /// @param lengthSolve Length of the solving phase, seconds, 1 to 2^32 − 1.
    function setup(
        uint64 numTypes,
        uint64 precision,
        uint64 maxQuantity,
        uint64 lengthReceive,
        uint64 lengthSolve,
        Extensions calldata extensions
    ) external;

    // --- Receive: step by step ---

    /// @notice Creates a blank offer of the caller's, and takes the deposit where there is one.
    /// @param misc Anything of use to the caller; it is only told in the event.
    function createOffer(bool providing, uint64 misc) external payable returns (uint64 id);

    /// @notice Sets what an offer of the caller's, not posted, lists of a type. Quantity 0 lists it no more.
    function updateOffer(uint64 id, uint64 resourceType, uint64 quantity, uint64 value) external;

    /// @notice Posts an offer of the caller's.
    function postOffer(uint64 id) external;

    /// @notice Takes back an offer of the caller's, posted with `postOffer`; it may be changed and posted again.
    function cancelOffer(uint64 id) external;

    // --- Receive: packed ---

    /// @notice Creates, fills and posts an offer in one call, and takes the deposit where there is one.
    function postPackedOffer(bool providing, uint64 misc, bytes calldata alternatives)
        external
        payable
        returns (uint64 id);

    /// @notice Takes back a packed offer of the caller's, for good.
    function cancelPackedOffer(uint64 id, bytes calldata contents) external;

    // --- any state ---

    /// @notice Returns the deposit of an offer whose cycle is over to its owner. Anybody may call it.
    /// @param contents Of a packed offer, its contents; else empty.
    function returnDeposit(uint64 id, bytes calldata contents) external;

    // --- end of Receive ---

    /// @notice Ends the offering phase once its time is over. Anybody may.
    function close() external;

    // --- Solve: step by step ---

    /// @notice Writes a packed offer's contents to storage, for `addAssignment`. Anybody may.
    function unpackOffer(uint64 id, bytes calldata contents) external;

    /// @notice Creates an empty solution of the caller's.
    /// @param misc Anything of use to the caller; it is only told in the event.
    function createSolution(uint64 misc) external returns (uint64 id);

    /// @notice Adds an assignment to a solution of the caller's, which becomes the candidate where it is now worth more.
    /// @param value Unit price a_V.
    function addAssignment(
        uint64 id,
        uint64 providingOffer,
        uint64 consumingOffer,
        uint64 resourceType,
        uint64 quantity,
        uint64 value
    ) external;

    // --- Solve: packed ---

    /// @notice Proposes a whole solution. Anybody may.
    /// @param value What the allocation is worth; checked against the candidate before anything else is read.
    /// @return The same, once proved; so calling without sending verifies a solution for free.
    function postSolution(uint128 value, bytes calldata offers, bytes calldata assignments) external returns (uint128);

    // --- end of Solve ---

    /// @notice Makes the candidate's last assignments final, once the solving phase is over, and if no others are left
    /// begins the next cycle. Anybody may, with as many at a time as fit into a transaction.
    /// @param rest The chain of the records before these; zero if these are all that are left.
    /// @param records The last records that are not final yet; none where there is no candidate.
    function finalize(bytes32 rest, bytes calldata records) external;

    // --- views ---

    /// @notice Where the market stands: its state, cycle (from 1), the end of the phase, the first offer and the first
    /// solution of the cycle, and what number the next ones get.
    function status()
        external
        view
        returns (
            State state,
            uint64 cycle,
            uint64 phaseEnd,
            uint64 firstOffer,
            uint64 nextOffer,
            uint64 firstSolution,
            uint64 nextSolution
        );

    /// @notice What `setup` fixed.
    function config() external view returns (Config memory);

    /// @notice The rule in force for a type.
    function typeRule(uint64 resourceType) external view returns (TypeRule memory);

    /// @notice Whether the pair may exchange the type, as far as (6.14) goes.
    function isAllowed(uint64 resourceType, address provider, address consumer) external view returns (bool);

    /// @notice An offer's state and, unless it is packed, its owner and side.
    function offer(uint64 id) external view returns (OfferState state, address owner, bool providing);

    /// @notice The first 31 bytes of keccak256 of a packed offer's contents; zero for others.
    function contentsHash(uint64 id) external view returns (bytes31);

    /// @notice What storage has of an offer for a type; zero where it is not listed, or the offer is packed.
    function alternative(uint64 id, uint64 resourceType) external view returns (uint64 quantity, uint64 value);

    /// @notice A solution made step by step: its creator, value, chain and number of assignments.
    function solution(uint64 id)
        external
        view
        returns (address solver, uint128 value, bytes32 chain, uint64 assignments);

    /// @notice The candidate: its value, the chain and number of the records that are not final yet, and which solution
    /// it is if it was made step by step, else zero.
    function candidate() external view returns (uint128 value, bytes32 chain, uint64 assignments, uint64 solutionId);
}
