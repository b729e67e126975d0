// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {State} from "../../contracts/solidworx/SolidWorxTypes.sol";
import {Proof} from "./Proof.sol";

/// @title The solutions: S7
contract SolutionsProof is Proof {
    // --- S7: The candidate's value never falls within a cycle ---

    function check_S7_TheValueFallsOnlyWithTheCycle(address caller, uint256 time, uint256 paid, uint8 kind) public {
        uint64 cycle = status().cycle;
        (uint128 before,,,) = market.candidate();
        HEVM.assume(act(caller, time, paid, anyCall(kind)));
        (uint128 after_,,,) = market.candidate();
        assert(after_ >= before || status().cycle != cycle);
    }

    /// @dev A solution that is not the candidate yet becomes it only where it is worth more.
    function check_S7_AnAssignmentLeadsOnlyIfBetter(address caller, uint256 time) public {
        (uint128 before, bytes32 chain,,) = market.candidate();
        HEVM.assume(act(caller, time, 0, anyCall(10)));
        (uint128 after_, bytes32 chain_,,) = market.candidate();
        assert(after_ > before || chain_ == chain);
        assert(status().state == State.Solve);
    }
}
