// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {State} from "../../contracts/solidworx/SolidWorxTypes.sol";
import {Proof} from "./Proof.sol";

// Casts: the first four bytes of a call are its selector.
// forge-lint: disable-start(unsafe-typecast)

/// @title The phases: S1, S2 and S5
contract PhasesProof is Proof {
    // --- S1: No deadlock: from every reachable state some call can move the market on once its time has come ---

    /// @dev Clocks and cycles that count further than any chain will.
    function check_S1_AnybodyClosesOnceItIsTime(address caller, uint256 time) public {
        Status memory s = status();
        HEVM.assume(s.state == State.Receive && s.end <= time && time < 1 << 63);
        assert(act(caller, time, 0, abi.encodeCall(market.close, ())));
        assert(status().state == State.Solve);
    }

    function check_S1_AnybodyFinalizesNothing(address caller, uint256 time) public {
        Status memory s = status();
        HEVM.assume(s.state == State.Solve && s.end <= time && time < 1 << 63 && s.cycle < 1 << 55);
        (, bytes32 chain,,) = market.candidate();
        HEVM.assume(chain == 0);
        assert(act(caller, time, 0, abi.encodeCall(market.finalize, (0, ""))));
        assert(status().state == State.Receive && status().cycle == s.cycle + 1);
    }

    /// @dev A candidate that ends with some record, whatever comes before it: that record can be finalised, and if none
    /// came before the next cycle begins.
    function check_S1_AnybodyFinalizesTheLastRecord(address caller, uint256 time) public {
        Status memory s = status();
        HEVM.assume(s.state == State.Solve && s.end <= time && time < 1 << 63 && s.cycle < 1 << 55);
        (, bytes32 chain, uint64 count,) = market.candidate();
        bytes32 rest = SVM.createBytes32("rest");
        bytes memory record = SVM.createBytes(40, "record");
        HEVM.assume(chain == keccak256(abi.encodePacked(rest, record)) && count > 0);
        assert(act(caller, time, 0, abi.encodeCall(market.finalize, (rest, record))));
        (, bytes32 left, uint64 fewer,) = market.candidate();
        if (rest == 0) assert(status().state == State.Receive && status().cycle == s.cycle + 1);
        else assert(left == rest && fewer == count - 1);
    }

    // --- S2: After `close`, no offer is posted or canceled before `finalize` has finished ---

    function check_S2_NoOfferChangesInSolve(address caller, uint256 time, uint256 paid, uint8 kind) public {
        State state = status().state;
        // The calls that make, change, post and cancel offers.
        HEVM.assume(kind < 6);
        if (act(caller, time, paid, anyCall(kind))) assert(state == State.Receive);
    }

    /// @dev With the one above: from `close` on only `finalize` leads back to where offers may change, once time is up.
    function check_S2_OnlyFinalizeLeavesSolve(address caller, uint256 time, uint256 paid, uint8 kind) public {
        Status memory before = status();
        HEVM.assume(before.state == State.Solve);
        bytes memory data = anyCall(kind);
        HEVM.assume(act(caller, time, paid, data));
        Status memory after_ = status();
        if (after_.state == State.Solve) {
            assert(after_.cycle == before.cycle && after_.end == before.end);
        } else {
            assert(bytes4(data) == market.finalize.selector && time >= before.end);
            assert(after_.state == State.Receive && after_.firstOffer == before.nextOffer);
        }
    }

    // --- S5: After `finalize` has finished, `createSolution` succeeds only after the next `close` ---

    function check_S5_NoSolutionOutsideSolve(address caller, uint256 time, uint64 misc) public {
        Status memory before = status();
        if (act(caller, time, 0, abi.encodeCall(market.createSolution, (misc)))) {
            assert(before.state == State.Solve && time < before.end);
        }
    }

    function check_S5_OnlyCloseLeadsToSolve(address caller, uint256 time, uint256 paid, uint8 kind) public {
        Status memory before = status();
        HEVM.assume(before.state != State.Solve);
        bytes memory data = anyCall(kind);
        HEVM.assume(act(caller, time, paid, data));
        if (status().state != State.Solve) return;
        assert(bytes4(data) == market.close.selector && before.state == State.Receive && time >= before.end);
    }
}
