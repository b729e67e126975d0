// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ITransax, Settlement, TransaxConfig} from "./ITransax.sol";
import {TransaxClock} from "./TransaxClock.sol";
import {TransaxFinality} from "./TransaxFinality.sol";
import {TransaxSigned} from "./TransaxSigned.sol";

/// @title TRANSAX
/// @notice See `ITransax` for what it promises. The parts, each built on those before: clock, ledger, settlement, accounts,
/// offers, plans, finality. What accounts do by signature alone, `ITransaxSigned`, is a contract of its own for its size:
/// this one makes it, once and for ever, and lends it its storage for every call it does not know itself.
contract Transax is TransaxFinality {
    address private immutable SIGNED;

    constructor(TransaxConfig memory c) TransaxClock(c) EIP712("Transax", "1") {
        SIGNED = address(new TransaxSigned(c));
    }

    /// @inheritdoc ITransax
    function settle(address account, Settlement[] calldata settlements) external {
        _settleAll(account, settlements, Tally(0, 0, new uint64[](0)));
    }

    /// @inheritdoc ITransax
    function deposit(address account, uint16 group, Settlement[] calldata settlements, uint24 first, uint24 last)
        external
    {
        address meter = _homes[account].meter;
        require(meter != address(0), NoMeter(account));
        _deposit(account, meter, group, settlements, first, last);
    }

    /// @dev `ITransaxSigned`.
    fallback() external {
        address signed = SIGNED;
        // Assembly: the call and its answer pass through as they are, by the free memory.
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, 0, calldatasize())
            let isDone := delegatecall(gas(), signed, free, calldatasize(), 0, 0)
            returndatacopy(free, 0, returndatasize())
            if isDone { return(free, returndatasize()) }
            revert(free, returndatasize())
        }
    }
}
