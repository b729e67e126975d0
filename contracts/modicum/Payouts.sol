// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms, Ending, Shares, Status} from "./ModicumTypes.sol";

/// @title Money: what a job costs, what must be put up for it, and who gets what in every ending
/// @notice Pure; the rules crate has the same functions. Amounts have at most 96 bits and n and θ at most 16, so that no
/// sum or product here exceeds 2^130.
library Payouts {
    uint256 internal constant INSTRUCTIONS_PER_PRICE = 1e9;
    uint256 internal constant BYTES_PER_PRICE = 1 << 30;

    /// @notice π̂_c: limits at the creator's own prices, both terms rounded up.
    function estimateUp(
        uint64 instructionLimit,
        uint64 maxInstructionPrice,
        uint64 bandwidthLimit,
        uint64 maxBandwidthPrice
    ) internal pure returns (uint256) {
        uint256 instructions =
            uint256(instructionLimit) * maxInstructionPrice + INSTRUCTIONS_PER_PRICE - 1;
        uint256 bandwidth = uint256(bandwidthLimit) * maxBandwidthPrice + BYTES_PER_PRICE - 1;
        return instructions / INSTRUCTIONS_PER_PRICE + bandwidth / BYTES_PER_PRICE;
    }

    /// @notice π_c by (3.1): what was used, up to the limits, at the provider's prices, both terms rounded down. Nothing
    /// where the provider says that there was nothing to run.
    function priceDown(
        Status status,
        uint64 instructions,
        uint64 instructionLimit,
        uint64 instructionPrice,
        uint64 bandwidth,
        uint64 bandwidthLimit,
        uint64 bandwidthPrice
    ) internal pure returns (uint256) {
        if (status == Status.JobNotFound || status == Status.DirectoryUnavailable || status == Status.Declined) {
            return 0;
        }
        uint256 billed = instructions < instructionLimit ? instructions : instructionLimit;
        uint256 moved = bandwidth < bandwidthLimit ? bandwidth : bandwidthLimit;
        return billed * instructionPrice / INSTRUCTIONS_PER_PRICE + moved * bandwidthPrice / BYTES_PER_PRICE;
    }

    /// @notice (3.2): what each of creator and provider puts up.
    /// @param fees π_a: what each of them pays whoever was available, and the solver.
    function deposit(uint256 estimate, uint256 penaltyRate, uint256 verifications, uint256 fees)
        internal
        pure
        returns (uint256)
    {
        return estimate * (penaltyRate + verifications) + fees;
    }

    /// @notice Who gets what. The shares are together both deposits, less what the solver got, plus what was slashed.
    function payout(Ending ending, Terms memory a) internal pure returns (Shares memory s) {
        // What is left of either deposit once everybody who was available has been paid for it.
        uint256 base = a.estimate * (a.penaltyRate + a.verifications);
        s.creator = base;
        s.provider = base;
        s.mediator = 2 * a.mediatorFee;
        s.directory = 2 * a.directoryFee;
        if (ending == Ending.Accepted) {
            s.creator -= a.price;
            s.provider += a.price;
        } else if (ending == Ending.NoResult) {
            s.creator += a.estimate;
            s.provider -= a.estimate;
        } else if (ending == Ending.Declined) {
            uint256 fees = a.mediatorFee + a.directoryFee + a.solverFee;
            uint256 made = fees < base ? fees : base;
            s.creator += made;
            s.provider -= made;
        } else if (ending == Ending.NoVerdict) {
            uint256 half = a.estimate / 2;
            s.creator = base - half + a.mediatorFee;
            s.provider = base + half + a.mediatorFee;
            s.mediator = 0;
        } else if (ending == Ending.CreatorAtFault) {
            s.creator = a.estimate * a.verifications - a.spent;
            s.provider += a.price;
            s.mediator += a.spent;
            s.burned = a.estimate * a.penaltyRate - a.price;
        } else if (ending == Ending.ProviderAtFault) {
            s.provider = a.estimate * a.verifications - a.spent;
            s.creator += a.price;
            s.mediator += a.spent;
            s.burned = a.estimate * a.penaltyRate - a.price;
        } else {
            // The directory is paid nothing; its stake, as far as it goes, pays the mediator's costs and the work.
            uint256 costs = a.spent < a.stake ? a.spent : a.stake;
            uint256 work = a.price < a.stake - costs ? a.price : a.stake - costs;
            s.creator += a.directoryFee;
            s.provider += a.directoryFee + work;
            s.mediator += costs;
            s.directory = 0;
            s.slashed = costs + work;
        }
    }
}
