// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ending, Finding, Reason, Status} from "./ModicumTypes.sol";

/// @title The fault table: what may be disputed, what may be found, and who is to blame
/// @notice Pure; the rules crate has the same functions.
library Disputes {
    /// @notice Whether a provider may report the status: `ResultNotFound` is for others to say.
    function isReportable(Status status) internal pure returns (bool) {
        return status != Status.ResultNotFound;
    }

    /// @notice Whether a reported status may be rejected for the reason. That a directory was unavailable is either what
    /// the provider reports, and the creator calls wrong, or what the creator claims; a result can be missing only where
    /// there is said to be one.
    function isRejectable(Status status, Reason reason) internal pure returns (bool) {
        if (status == Status.DirectoryUnavailable) return reason == Reason.WrongResult;
        if (reason == Reason.ResultNotFound) return status == Status.Completed;
        return true;
    }

    /// @notice How the match ends by a finding, and whether the finding answers the dispute at all. A directory that was
    /// down is an answer to every dispute, since there is nothing to judge without it.
    function ending(Status status, Reason reason, Finding finding) internal pure returns (bool isAnswer, Ending end) {
        if (finding == Finding.DirectoryDown) return (true, Ending.DirectoryAtFault);
        if (status == Status.DirectoryUnavailable) return (finding == Finding.DirectoryUp, Ending.ProviderAtFault);
        if (reason == Reason.DirectoryUnavailable) return (finding == Finding.DirectoryUp, Ending.CreatorAtFault);
        if (reason == Reason.ResultNotFound) {
            if (finding == Finding.ResultMissing) return (true, Ending.ProviderAtFault);
            return (finding == Finding.ResultFound, Ending.CreatorAtFault);
        }
        if (finding == Finding.ResultsDiffer) return (true, Ending.CreatorAtFault);
        if (reason == Reason.UsageTooHigh) {
            if (finding == Finding.UsageTooHigh) return (true, Ending.ProviderAtFault);
            return (finding == Finding.UsageFair, Ending.CreatorAtFault);
        }
        if (finding == Finding.ResultWrong) return (true, Ending.ProviderAtFault);
        return (finding == Finding.ResultsAgree, Ending.CreatorAtFault);
    }
}
