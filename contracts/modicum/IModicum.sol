// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    Ending,
    Finding,
    JobOffer,
    Match,
    MatchState,
    ModicumConfig,
    OfferState,
    Reason,
    ResourceOffer,
    Service,
    ServiceKind,
    Shares,
    Status
} from "./ModicumTypes.sol";

/// @title MODiCuM: computing jobs between strangers
/// @notice A creator has a job, a provider runs it, a directory holds the job and its result, a solver brings the two
/// together, and a mediator whom both trust decides who is at fault when they disagree. Dissertation, chapter 3, whose
/// names and equation numbers are used.
///
/// Units. Money: base units of the token. Prices: base units per 10^9 instructions and per 2^30 bytes. Memory, storage
/// and bandwidth: bytes. Times: Unix seconds. What a price counts as an instruction is what `meterId` says.
///
/// Money in and out. `depositFunds` moves tokens in, `withdrawFunds` out; all else only writes balances, so that nobody
/// can block a payment by refusing it. Deposits are taken from the balances when a match is made, not when an offer is:
/// an offer says how much it may take.
///
/// Offers. An offer's name is its EIP-712 struct hash. The contract keeps the name and its state; the contents are told in
/// an event and given again by whoever uses them. It is either posted, or signed and brought along with the match.
/// A job offer is matched until it has ended, and closed then, but opens again by itself where the provider was at fault.
/// A resource offer is matched while its match lasts, and opens again by itself whenever that ends without the provider
/// being at fault, until it expires or is cancelled; it stands for one job at a time.
///
/// A match is told in an event and kept as one word under its hash; each later call gives it again. π̂_c, its estimate, is
/// the job's limits at the creator's own prices, rounded up; π_c, its price, is (3.1), counted up to the limits and rounded
/// down. Creator and provider each put up (3.2): π̂_c·θ + π̂_c·n + π_a, with π_a the fees of mediator, directory and
/// solver, which both of them pay. The solver is paid at the match.
///
/// Waits, each with what ends it when nobody comes:
/// - for a result, until the job's deadline: `claimNoResult`, π̂_c from the provider's deposit to the creator;
/// - for a reaction, reactionSeconds from the report: the provider calls `acceptResult` for the creator;
/// - for a verdict, verdictSeconds from the rejection: `claimNoVerdict`, ⌊π̂_c/2⌋ from the creator's deposit to the
///   provider, both get the mediator's fee back.
/// What is waited for is in time up to and including that second, and the timeout may be called from the next one on.
///
/// Faults, by what the mediator finds:
/// - wrong result: all n runs and the provider's agree, or the n differ among themselves: creator; else provider;
/// - result not on the directory: it is there: creator; else provider;
/// - directory unavailable, claimed by the creator, or by the provider's status and rejected: its uptime record covers the
///   job: the claimant; else, as in every dispute, the directory;
/// - usage too high: provider if it is, creator if not, or if the runs differ among themselves.
/// The faulty party's deposit pays the mediator what it spent, up to π_m = π̂_c·n, and gets the rest of that back; pays the
/// job's price to the other; and what is left of π̂_c·θ is burned. A provider that reports `Declined` ends the match at
/// once and makes good the creator's fees. A directory at fault gets no fee, and its stake, as far as it goes, pays the
/// mediator's costs and the provider's work; for that a directory with a stake must trust the mediator, too.
///
/// Promises, each under its number in the tests:
/// - M1 Whatever happens, what was paid out, what is held and what was burned is together what was paid in.
/// - M2 Every state has an end in time that a harmed party can call, and only its own silence delays.
/// - M3 With an honest mediator nobody is charged for another's fault, but for half the estimate where no verdict comes,
///   and non-determinism that n runs did not show.
/// - M4 An honest provider whose deterministic job is disputed gets what it would have got had it been accepted.
/// - M5 Nobody acts for another: each call is refused to all but those it names.
/// - M6 A match that breaks the match rule cannot be recorded.
///
/// What it does not do: run jobs, hold files, judge, keep jobs secret, or stop a mediator and one party who collude; the
/// other can only trust it no longer. Nobody can stop or upgrade it.
///
/// Assumptions. Safety: the token moves what it is asked to move; a mediator whom both trust is honest. Liveness: none
/// but that parties can send transactions within the windows.
interface IModicum {
    event FundsDeposited(address indexed account, uint256 amount);
    event FundsWithdrawn(address indexed account, uint256 amount);
    event ServiceRegistered(
        uint32 indexed id, address indexed owner, ServiceKind kind, uint8 architecture, bytes32 meterId, uint80 fee
    );
    event ServiceUpdated(uint32 indexed id, uint8 architecture, bytes32 meterId, uint80 fee);
    event ServiceRetired(uint32 indexed id, uint40 releaseTime);
    event StakeReleased(uint32 indexed id, uint96 amount);
    event StakeSlashed(uint32 indexed id, uint256 amount);
    /// @param services Bit b stands for service 256·word + b.
    event Trusted(address indexed account, uint32 indexed word, uint256 services);
    event ResourceOffered(bytes32 indexed offer, address indexed provider, ResourceOffer contents);
    event JobOffered(bytes32 indexed offer, address indexed creator, JobOffer contents);
    event OfferCancelled(bytes32 indexed offer, address indexed owner);
    event Matched(
        bytes32 indexed id, address indexed creator, address indexed provider, address solver, Match contents
    );
    /// @param price π_c.
    event ResultPosted(
        bytes32 indexed id, Status status, bytes32 resultHash, uint64 instructions, uint64 bandwidth, uint96 price
    );
    event ResultRejected(bytes32 indexed id, Reason reason, uint40 until);
    /// @param dossier Hash of what the mediator publishes to show why.
    event VerdictPosted(bytes32 indexed id, Finding finding, uint96 spent, bytes32 dossier);
    event MatchClosed(bytes32 indexed id, Ending ending, Shares shares);

    error BadConfig();
    error ZeroAmount();
    error InsufficientFunds(address account, uint256 funds, uint256 needed);
    error BadServiceKind(ServiceKind kind);
    error UnknownService(uint32 service);
    error NotServiceOwner(uint32 service, address caller);
    error ServiceGone(uint32 service);
    error StakeLocked(uint32 service, uint40 releaseTime);
    error NotOfferer(address caller, address offerer);
    error OfferExists(bytes32 offer);
    error OfferUnavailable(bytes32 offer, OfferState state);
    error BadSignature(bytes32 offer);
    error OfferExpired(uint40 expiry);
    error TooFewInstructions(uint64 offered, uint64 needed);
    error TooLittleMemory(uint64 offered, uint64 needed);
    error TooLittleStorage(uint64 offered, uint64 needed);
    error TooLittleBandwidth(uint64 offered, uint64 needed);
    error InstructionsTooDear(uint64 asked, uint64 most);
    error BandwidthTooDear(uint64 asked, uint64 most);
    error OtherArchitecture(uint8 offered, uint8 needed);
    error OtherMeter(bytes32 offered, bytes32 needed);
    error BaseLayerUnsupported(bytes32 layer);
    error TooSlow(uint256 end, uint40 deadline);
    error TooLong(uint40 deadline, uint256 latest);
    error NotMediator(uint32 service);
    error NotDirectory(uint32 service);
    error NotTrusted(address account, uint32 service);
    error DepositTooSmall(address account, uint96 deposit, uint256 needed);
    error UnknownMatch(bytes32 id);
    error WrongPhase(bytes32 id);
    error NotParty(bytes32 id, address caller);
    error TooLate(bytes32 id, uint40 until);
    error TooEarly(bytes32 id, uint40 until);
    error NotReportable(Status status);
    error NotRejectable(Status status, Reason reason);
    error NoAnswer(Reason reason, Finding finding);
    error SpentTooMuch(uint96 spent, uint256 most);

    // --- money ---

    /// @notice Moves `amount` of the token from the caller, who has approved it, into its balance.
    function depositFunds(uint256 amount) external;

    /// @notice Pays `amount` of the caller's balance out in the token.
    function withdrawFunds(uint256 amount) external;

    /// @notice Sends all that was burned to an address nobody has the key of. Anybody may.
    function burn() external;

    // --- mediators, directories, and who trusts them ---

    /// @notice Registers the caller as a mediator or a directory, and takes the stake from its balance.
    /// @param architecture What a mediator runs; of no meaning for a directory.
    /// @param meterId What a mediator counts with; of no meaning for a directory.
    /// @param fee What creator and provider each pay it in a match.
    function registerService(ServiceKind kind, uint8 architecture, bytes32 meterId, uint80 fee)
        external
        returns (uint32 id);

    /// @notice Changes what a service of the caller's is; matches that were made are as they were made.
    function updateService(uint32 id, uint8 architecture, bytes32 meterId, uint80 fee) external;

    /// @notice Takes a service of the caller's out of further matches. Its stake is held until the last one can have ended.
    function retireService(uint32 id) external;

    /// @notice Puts a retired service's stake into its owner's balance. Owner only, from the release time on.
    function releaseStake(uint32 id) external;

    /// @notice Says which of the services 256·word to 256·word + 255 the caller trusts. Holds for offers made before, too.
    function trust(uint32 word, uint256 services) external;

    // --- offers ---

    /// @notice Posts an offer of the caller's.
    function postResOffer(ResourceOffer calldata offer) external returns (bytes32 name);

    /// @notice Posts an offer of the caller's.
    function postJobOffer(JobOffer calldata offer) external returns (bytes32 name);

    /// @notice Takes back an offer of the caller's that is not matched, posted or only signed; a resource offer also while
    /// it is matched, so that it does not open again.
    function cancelResOffer(ResourceOffer calldata offer) external;

    /// @notice Takes back an offer of the caller's that is not matched, posted or only signed.
    function cancelJobOffer(JobOffer calldata offer) external;

    // --- the life of a match ---

    /// @notice Records a match. Anybody may, and is paid the solver's fee.
    /// @param jobSignature The creator's EIP-712 or ERC-1271 signature where the offer is not posted, else not looked at.
    /// @param resourceSignature The provider's, likewise.
    /// @param mediator Number of the mediator.
    /// @param layerProof Shows the job's base layer among the provider's.
    function postMatch(
        JobOffer calldata job,
        bytes calldata jobSignature,
        ResourceOffer calldata resource,
        bytes calldata resourceSignature,
        uint32 mediator,
        bytes32[] calldata layerProof
    ) external returns (bytes32 id);

    /// @notice Reports how the run ended. Provider only, once, up to the deadline.
    /// @param resultHash Canonical hash of the result's tree of files.
    /// @param instructions What was run, counted as `meterId` says.
    /// @param bandwidth What was transferred, bytes.
    function postResult(Match calldata m, Status status, bytes32 resultHash, uint64 instructions, uint64 bandwidth)
        external;

    /// @notice Accepts a reported result: the creator at any time, the provider for it once the time to react is over.
    function acceptResult(Match calldata m) external;

    /// @notice Rejects a reported result, so that the mediator judges it. Creator only, within the time to react.
    function rejectResult(Match calldata m, Reason reason) external;

    /// @notice Ends a dispute. Mediator only, within its time.
    /// @param spent What it spent on running the job, at most π̂_c·n.
    /// @param dossier Hash of what it publishes to show why.
    function postMediationResult(Match calldata m, Finding finding, uint96 spent, bytes32 dossier) external;

    /// @notice Ends a match whose deadline is over without a result. Creator or provider.
    function claimNoResult(Match calldata m) external;

    /// @notice Ends a dispute whose time is over without a verdict. Creator or provider.
    function claimNoVerdict(Match calldata m) external;

    // --- views ---

    /// @notice What the deployment fixed.
    function config() external view returns (ModicumConfig memory);

    /// @notice An account's balance; under address 0 what was burned and not sent away yet.
    function funds(address account) external view returns (uint256);

    /// @notice A service, all zero where there is none.
    function service(uint32 id) external view returns (Service memory);

    /// @notice How many services there are; they are numbered from 0.
    function serviceCount() external view returns (uint32);

    /// @notice Whether the account trusts the service.
    function trusts(address account, uint32 service) external view returns (bool);

    /// @notice The state of the job offer of that name; `Matched` while its match lasts.
    function jobOfferState(bytes32 name) external view returns (OfferState);

    /// @notice The state of the resource offer of that name; `Matched` while its match lasts.
    function resOfferState(bytes32 name) external view returns (OfferState);

    /// @notice Where a match stands, all zero where there is none or it has ended.
    function matchState(bytes32 id) external view returns (MatchState memory);

    /// @notice A resource offer's name.
    function hashResOffer(ResourceOffer calldata offer) external pure returns (bytes32);

    /// @notice A job offer's name.
    function hashJobOffer(JobOffer calldata offer) external pure returns (bytes32);

    /// @notice A match's name.
    function hashMatch(Match calldata m) external pure returns (bytes32);

    /// @notice Who would get what if the match ended so, at a price and with the mediator's costs. What was slashed is of
    /// the directory's stake as it is now.
    function sharesOf(Match calldata m, Ending ending, uint96 price, uint96 spent) external view returns (Shares memory);
}
