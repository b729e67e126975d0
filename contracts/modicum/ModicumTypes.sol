// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice What a deployment fixes for ever.
/// @param token The ERC-20 everything is paid in. It must move exactly the amounts it is asked to move.
/// @param penaltyRate θ of (3.2), at least 1.
/// @param verifications n, how often a mediator runs a disputed job, at least 2.
/// @param reactionSeconds How long a creator may take to accept or reject a result, at least 1.
/// @param verdictSeconds How long a mediator may take to judge, at least 1.
/// @param longestSeconds The most that may lie between a match and its deadline, at least 1.
/// @param solverFee What creator and provider each pay the solver for a match.
/// @param stake What a mediator or directory puts up when it registers; may be zero.
struct ModicumConfig {
    address token;
    uint16 penaltyRate;
    uint8 verifications;
    uint32 reactionSeconds;
    uint32 verdictSeconds;
    uint32 longestSeconds;
    uint80 solverFee;
    uint96 stake;
}

/// @notice Work for hire. Its EIP-712 struct hash is its name.
/// @param deposit The most the provider puts up in a match.
/// @param instructions The longest job it takes, instructions.
/// @param instructionsPerSecond How fast it runs them, at least 1.
/// @param memoryBytes Memory it has for a job.
/// @param storageBytes Storage it has for a job.
/// @param bandwidthBytes The most it transfers for a job.
/// @param instructionPrice Base units of the token per 10^9 instructions.
/// @param bandwidthPrice Base units of the token per 2^30 bytes.
/// @param architecture Number of the architecture: 0 WASM, 1 containers on amd64, 2 on arm64.
/// @param meterId How it counts, see the job runtime.
/// @param baseLayers Root of a Merkle tree (sorted pairs) over the base layers it supports; one layer is its own root.
/// @param expiry It takes no match after this time, Unix seconds.
/// @param nonce Tells offers apart that are equal otherwise.
struct ResourceOffer {
    address provider;
    uint96 deposit;
    uint64 instructions;
    uint64 instructionsPerSecond;
    uint64 memoryBytes;
    uint64 storageBytes;
    uint64 bandwidthBytes;
    uint64 instructionPrice;
    uint64 bandwidthPrice;
    uint8 architecture;
    bytes32 meterId;
    bytes32 baseLayers;
    uint40 expiry;
    uint64 nonce;
}

/// @notice A job to be run. Its EIP-712 struct hash is its name.
/// @param deposit The most the creator puts up in a match.
/// @param instructionLimit The most instructions it may take.
/// @param memoryLimit Memory it may take, bytes.
/// @param storageLimit Storage it may take, bytes.
/// @param bandwidthLimit The most that may be transferred for it, bytes.
/// @param maxInstructionPrice The most it pays, base units of the token per 10^9 instructions.
/// @param maxBandwidthPrice The most it pays, base units of the token per 2^30 bytes.
/// @param architecture As in `ResourceOffer`.
/// @param meterId As in `ResourceOffer`.
/// @param baseLayer The base layer it stands on, zero for none.
/// @param jobHash Canonical hash of the job's tree of files.
/// @param directory Number of the directory that holds the job and is to hold its result.
/// @param deadline A result is in time up to this time, Unix seconds.
/// @param nonce Tells offers apart that are equal otherwise.
struct JobOffer {
    address creator;
    uint96 deposit;
    uint64 instructionLimit;
    uint64 memoryLimit;
    uint64 storageLimit;
    uint64 bandwidthLimit;
    uint64 maxInstructionPrice;
    uint64 maxBandwidthPrice;
    uint8 architecture;
    bytes32 meterId;
    bytes32 baseLayer;
    bytes32 jobHash;
    uint32 directory;
    uint40 deadline;
    uint64 nonce;
}

/// @notice What a match has settled. Its ABI encoding's hash is its name; each later call brings it along.
/// @param estimate π̂_c, what the job costs at most.
/// @param mediatorFee What creator and provider each pay the mediator for being available.
/// @param directoryFee What creator and provider each pay the directory for being available.
struct Match {
    bytes32 jobOffer;
    bytes32 resourceOffer;
    address creator;
    address provider;
    address mediator;
    address directoryOwner;
    uint32 directory;
    uint40 deadline;
    uint96 estimate;
    uint80 mediatorFee;
    uint80 directoryFee;
    uint64 instructionLimit;
    uint64 bandwidthLimit;
    uint64 instructionPrice;
    uint64 bandwidthPrice;
}

enum ServiceKind {
    None,
    Mediator,
    Directory,
    RetiredMediator,
    RetiredDirectory
}

/// @notice A mediator or directory. Slots are grouped; every field of the first is read by a match.
struct Service {
    address owner;
    uint80 fee;
    ServiceKind kind;
    uint8 architecture;
    // What it counts with, for a mediator.
    bytes32 meterId;
    uint96 stake;
    // When its stake may be taken back, once it has retired.
    uint40 releaseTime;
}

enum OfferState {
    Unknown,
    Open,
    Matched,
    Closed
}

enum Phase {
    None,
    Matched,
    Reported,
    Disputed
}

/// @notice Where a match stands, one slot; deleted when it ends.
struct MatchState {
    Phase phase;
    Status status;
    Reason reason;
    // When the result was reported: by then for the reaction; when disputed: for the verdict. Unix seconds.
    uint40 until;
    // π_c by (3.1), once a result is reported.
    uint96 price;
}

/// @notice How a run ended, as its provider says.
enum Status {
    Completed,
    JobNotFound,
    JobDescriptionError,
    MemoryExceeded,
    StorageExceeded,
    InstructionsExceeded,
    BandwidthExceeded,
    ExceptionOccurred,
    DirectoryUnavailable,
    ResultNotFound,
    Declined
}

/// @notice Why a creator rejects a result.
enum Reason {
    WrongResult,
    ResultNotFound,
    DirectoryUnavailable,
    UsageTooHigh
}

/// @notice What a mediator found.
enum Finding {
    // Of a wrong result: all runs agree with the provider's; they differ among themselves; they agree, it differs.
    ResultsAgree,
    ResultsDiffer,
    ResultWrong,
    // Of a result that is said to be missing.
    ResultFound,
    ResultMissing,
    // Of a directory that is said to be unavailable: its uptime record covers the job, or not.
    DirectoryUp,
    DirectoryDown,
    // Of a usage that is said to be too high.
    UsageFair,
    UsageTooHigh
}

/// @notice Every way a match can end.
enum Ending {
    Accepted,
    NoResult,
    Declined,
    NoVerdict,
    CreatorAtFault,
    ProviderAtFault,
    DirectoryAtFault
}

/// @notice What an ending's shares are computed from. Amounts in base units of the token.
/// @param estimate π̂_c.
/// @param price π_c, at most the estimate.
/// @param spent What the mediator spent on running the job, at most n·π̂_c.
/// @param stake What the directory has staked.
struct Terms {
    uint256 penaltyRate;
    uint256 verifications;
    uint256 estimate;
    uint256 mediatorFee;
    uint256 directoryFee;
    uint256 solverFee;
    uint256 price;
    uint256 spent;
    uint256 stake;
}

/// @notice Who gets what when a match ends. The solver was paid at the match.
/// @param slashed What the directory's stake contributes.
struct Shares {
    uint256 creator;
    uint256 provider;
    uint256 mediator;
    uint256 directory;
    uint256 burned;
    uint256 slashed;
}
