// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Settlement} from "../../../contracts/transax/ITransax.sol";
import {Authorization, Mix, Signature} from "../../../contracts/transax/ITransaxSigned.sol";
import {Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Plans} from "./Plans.sol";
import {Signing} from "./Signing.sol";

/// @title Gas of what is done by signature, kept in snapshots/Transax.json
/// @notice Whole transactions, as in `TransaxGasTest`. Outputs are fresh: every slot of theirs is written for the first
/// time, which is what accounts used once cost. Inputs keep some of everything.
/// forge-config: default.isolate = true
contract SignedGasTest is Signing {
    uint96 private constant COIN = 5_000_000;
    uint256 private constant TRANSACTION_LIMIT = 16_777_216;

    function test_GasOfMixing() public {
        address[] memory all = people("input", 100);
        for (uint256 i; i < all.length; ++i) {
            register(all[i], 1, LIMIT, LIMIT);
            fund(all[i], CREDITS);
            withdraw(all[i], Side.Buy, 0, 95, LIMIT);
        }
        _mix(first(all, 3), "a", 1);
        _note("mix 8 intervals and credits of 3", 400_000);
        _mix(first(all, 15), "b", 1);
        _note("mix 8 intervals and credits of 15", 1_500_000);
        uint256 day = _mix(first(all, 15), "c", 12);
        _note("mix 96 intervals and credits of 15", TRANSACTION_LIMIT);
        vm.snapshotValue("Transax", "mix 96 intervals and credits of 15, a participant and interval", day / 15 / 96);
        // The most that fit: a larger crowd takes several transactions, each a block of intervals.
        _mix(all, "d", 4);
        _note("mix 32 intervals and credits of 100", TRANSACTION_LIMIT);
    }

    function test_GasOfWhatAnonymousAccountsDo() public {
        address[] memory inputs = people("input", 3);
        for (uint256 i; i < 3; ++i) {
            join(inputs[i], 1);
        }
        _mix(inputs, "a", 4);
        address[] memory nobody = people("a", 3);
        uint32 id = _post(nobody[0], 1);
        _note("post an account's first offer by signature", 150_000);
        _post(nobody[0], 2);
        _note("post offer by signature", 110_000);
        // Its assets stay where they are for the seller's part, so that all of it is the buyer's.
        uint32 s = sell(ALICE, 1000, 100_000, 1, 1);
        submit(Plans.one(1, s, id, 300));
        finalizeThrough(1);
        Settlement[] memory settlements = settlement(id, 2);
        bytes memory action = depositing(nobody[0], BOB, 1, 1, 1);
        Authorization memory by = _paying(nobody[0], action);
        vm.prank(STRANGER);
        signed.depositBySig(by, settlements, BOB, 1, 1, 1);
        _note("settle and deposit 1 interval by signature", 120_000);
        by = _paying(nobody[0], transferring(nobody[0], nobody[1], 1, 0, Side.Sell, 0, 0, 0));
        vm.prank(STRANGER);
        signed.transferBySig(by, nobody[1], 1, 0, Side.Sell, 0, 0, 0);
        _note("transfer credits by signature", 80_000);
    }

    /// @dev With a fee for a relay that has had one before.
    function _paying(address account, bytes memory action) private returns (Authorization memory by) {
        fund(RELAY, 1);
        by = plainly(account);
        (by.fee, by.relay) = (1000, RELAY);
        return signedBy(by, action);
    }

    function _post(address account, uint24 interval) private returns (uint32) {
        bytes memory action = posting(account, 1, Side.Buy, 500, 200_000, interval, interval);
        Authorization memory by = _paying(account, action);
        vm.prank(STRANGER);
        return signed.postOfferBySig(by, 1, Side.Buy, 500, 200_000, interval, interval);
    }

    function _mix(address[] memory inputs, string memory to, uint256 words) private returns (uint256 gas) {
        uint256[] memory amounts = new uint256[](words);
        for (uint256 i; i < words; ++i) {
            amounts[i] = eight(700);
        }
        fund(RELAY, 1);
        uint32[] memory nonces = new uint32[](inputs.length);
        for (uint256 i; i < inputs.length; ++i) {
            nonces[i] = signed.nonces(inputs[i]);
        }
        address[] memory outputs = people(to, inputs.length);
        uint64 deadline = uint64(block.timestamp + 60);
        Mix memory m = Mix(1, Side.Buy, 0, amounts, COIN, 100, RELAY, deadline, inputs, nonces, outputs);
        Signature[] memory all = signatures(m);
        vm.prank(STRANGER);
        signed.mix(m, all);
        return vm.lastCallGas().gasTotalUsed;
    }

    function first(address[] memory all, uint256 count) private pure returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = all[i];
        }
        for (uint256 i = 1; i < count; ++i) {
            for (uint256 at = i; at > 0 && list[at - 1] > list[at]; --at) {
                (list[at - 1], list[at]) = (list[at], list[at - 1]);
            }
        }
    }

    function _note(string memory name, uint256 goal) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("Transax", name, used);
        assertAtMost(used, goal, name);
    }
}
