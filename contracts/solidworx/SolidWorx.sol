// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISolidWorx} from "./ISolidWorx.sol";
import {Packing} from "./Packing.sol";
import {SolidWorxSolutions} from "./SolidWorxSolutions.sol";
import {State} from "./SolidWorxTypes.sol";

/// @title SolidWorx
/// @notice See `ISolidWorx` for what it promises. The parts, each built on those before: phases, offers, solutions made
/// step by step, whole solutions, and here the end of a cycle.
contract SolidWorx is SolidWorxSolutions {
    /// @inheritdoc ISolidWorx
    function finalize(bytes32 rest, bytes calldata records) external {
        Phase memory p = _after(State.Solve);
        uint256 count = records.length / Packing.RECORD;
        require(count * Packing.RECORD == records.length, RecordsTruncated(records.length));
        bytes32 opened = rest;
        for (uint256 i; i < count; ++i) {
            (uint256 word, uint64 price) = Packing.record(records, i * Packing.RECORD);
            opened = Packing.link(opened, word, price);
            _emitFinalized(p.cycle, word, price);
        }
        bytes32 chain = _candidate.chain;
        require(opened == chain, WrongRecords(opened, chain));
        if (rest != 0) {
            require(count > 0, NoRecords());
            _candidate.chain = rest;
            // Cast: the chain showed that this many are left.
            // forge-lint: disable-next-line(unsafe-typecast)
            _candidate.assignments -= uint64(count);
            return;
        }
        emit Finalized(p.cycle, _candidate.value);
        delete _candidate;
        _beginCycle(p);
    }

    function _emitFinalized(uint64 cycle, uint256 word, uint64 price) private {
        // Casts: each shift leaves one of the record's numbers lowest.
        // forge-lint: disable-start(unsafe-typecast)
        emit AssignmentFinalized(
            cycle, uint64(word >> 192), uint64(word >> 128), uint64(word >> 64), uint64(word), price
        );
        // forge-lint: disable-end(unsafe-typecast)
    }
}
