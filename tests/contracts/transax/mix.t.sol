// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {Mix, Signature} from "../../../contracts/transax/ITransaxSigned.sol";
import {Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Signing} from "./Signing.sol";

/// @notice Five prosumers of group 1 mix consumption of the intervals 8 to 23, and credits.
contract MixTest is Signing {
    uint32 private constant SHARE = 700;
    uint96 private constant COIN = 5_000_000;
    uint96 private constant FEE = 1000;

    address[] private inputs;
    address[] private outputs;

    function setUp() public override {
        super.setUp();
        inputs = people("input", 5);
        outputs = people("output", 5);
        for (uint256 i; i < inputs.length; ++i) {
            join(inputs[i], 1);
        }
    }

    // --- refused ---

    function test_RevertWhen_TheDeadlineHasPassed() public {
        Mix memory m = joint();
        vm.warp(m.deadline);
        uint256 id = vm.snapshotState();
        submit(m);
        vm.revertToState(id);
        vm.warp(m.deadline + 1);
        refused(m, refusal(ITransaxErrors.Expired.selector, m.deadline));
    }

    function test_RevertWhen_FewerThanThreeMix() public {
        Mix memory m = joint();
        (m.inputs, m.outputs, m.nonces) = (first(inputs, 2), first(outputs, 2), new uint32[](2));
        refused(m, refusal(ITransaxErrors.CrowdTooSmall.selector, 2));
        (m.inputs, m.outputs, m.nonces) = (first(inputs, 3), first(outputs, 3), new uint32[](3));
        submit(m);
    }

    function test_RevertWhen_TheListsAreUneven() public {
        bytes4 uneven = ITransaxErrors.UnevenMix.selector;
        Mix memory m = joint();
        m.outputs = first(outputs, 4);
        refused(m, abi.encodeWithSelector(uneven, 5, 5, 4, 5));
        m = joint();
        m.nonces = new uint32[](4);
        refused(m, abi.encodeWithSelector(uneven, 5, 4, 5, 5));
        m = joint();
        refused(m, new Signature[](4), abi.encodeWithSelector(uneven, 5, 5, 5, 4));
    }

    function test_RevertWhen_TheFirstIntervalIsNoMultipleOfEight() public {
        Mix memory m = joint();
        m.first = 9;
        refused(m, refusal(ITransaxErrors.MisalignedInterval.selector, 9));
    }

    function test_RevertWhen_ThereIsNothingToMix() public {
        Mix memory m = joint();
        (m.amounts, m.credits) = (new uint256[](0), 0);
        refused(m, abi.encodeWithSelector(ITransaxErrors.NothingToMove.selector));
    }

    function test_RevertWhen_AnInputIsThereTwice() public {
        Mix memory m = joint();
        m.inputs[2] = m.inputs[1];
        refused(m, refusal(ITransaxErrors.InputsNotAscending.selector, m.inputs[1]));
        m = joint();
        (m.inputs[2], m.inputs[3]) = (m.inputs[3], m.inputs[2]);
        refused(m, refusal(ITransaxErrors.InputsNotAscending.selector, m.inputs[3]));
    }

    function test_RevertWhen_AnOutputIsThereTwiceOrNobody() public {
        Mix memory m = joint();
        m.outputs[4] = m.outputs[3];
        refused(m, refusal(ITransaxErrors.OutputsNotAscending.selector, m.outputs[3]));
        m = joint();
        (m.outputs[2], m.outputs[3]) = (m.outputs[3], m.outputs[2]);
        refused(m, refusal(ITransaxErrors.OutputsNotAscending.selector, m.outputs[3]));
        m = joint();
        m.outputs[0] = address(0);
        refused(m, refusal(ITransaxErrors.OutputsNotAscending.selector, address(0)));
    }

    function testFuzz_RevertWhen_AnOutputIsAnInput(uint256 i, uint256 at) public {
        Mix memory m = joint();
        address input = m.inputs[bound(i, 0, 4)];
        // In its place among the others, wherever that is.
        address[] memory others = m.outputs;
        others[bound(at, 0, 4)] = input;
        sort(others);
        refused(m, refusal(ITransaxErrors.OutputIsInput.selector, input));
    }

    function test_RevertWhen_ANonceWasUsedOrIsNotDue() public {
        Mix memory m = joint();
        m.nonces[3] = 1;
        refused(m, abi.encodeWithSelector(ITransaxErrors.WrongNonce.selector, m.inputs[3], 0, 1));
        submit(joint());
        m = joint();
        m.nonces[0] = 0;
        refused(m, abi.encodeWithSelector(ITransaxErrors.WrongNonce.selector, m.inputs[0], 1, 0));
    }

    /// @dev Whoever submits changes one thing: no signature fits any more.
    function testFuzz_RevertWhen_AnythingIsAltered(uint256 which) public {
        Mix memory m = joint();
        Signature[] memory all = signatures(m);
        which = bound(which, 0, 9);
        if (which == 0) m.group = 0;
        if (which == 1) m.side = Side.Sell;
        if (which == 2) m.first = 16;
        if (which == 3) m.amounts[1] ^= 1;
        if (which == 4) m.credits += 1;
        if (which == 5) m.fee -= 1;
        if (which == 6) m.relay = STRANGER;
        if (which == 7) m.deadline += 1;
        if (which == 8) m.amounts = new uint256[](1);
        if (which == 9) m.outputs[4] = address(type(uint160).max);
        refused(m, all, refusal(ITransaxErrors.BadSignature.selector, m.inputs[0]));
    }

    function test_RevertWhen_ItIsOfAnotherMarketChainOrName() public {
        Mix memory m = joint();
        bytes32[3] memory domains = [
            domain("Transax", block.chainid, address(this)),
            domain("Transax", block.chainid + 1, address(market)),
            domain("SolidWorx", block.chainid, address(market))
        ];
        for (uint256 i; i < domains.length; ++i) {
            Signature[] memory all = signatures(m);
            all[4] = sign(keyOf[m.inputs[4]], domains[i], hashOf(m));
            refused(m, all, refusal(ITransaxErrors.BadSignature.selector, m.inputs[4]));
        }
    }

    function test_RevertWhen_ASignerIsMissing() public {
        Mix memory m = joint();
        Signature[] memory all = signatures(m);
        all[2] = Signature(0, 0);
        refused(m, all, refusal(ITransaxErrors.BadSignature.selector, m.inputs[2]));
        all[2] = all[1];
        refused(m, all, refusal(ITransaxErrors.BadSignature.selector, m.inputs[2]));
        all = signatures(m);
        (all[0], all[1]) = (all[1], all[0]);
        refused(m, all, refusal(ITransaxErrors.BadSignature.selector, m.inputs[0]));
    }

    function test_RevertWhen_AnInputHasTooLittle() public {
        Mix memory m = joint();
        address poor = m.inputs[1];
        bytes4 lacks = ITransaxErrors.MixLacksAssets.selector;
        buy(poor, LIMIT - SHARE + 1, 0, 13, 13);
        refused(m, abi.encodeWithSelector(lacks, poor, 13, SHARE - 1, SHARE));
        m = joint();
        m.group = 2;
        refused(m, abi.encodeWithSelector(lacks, m.inputs[0], 8, 0, SHARE));
        m = joint();
        m.first = 40;
        refused(m, abi.encodeWithSelector(lacks, m.inputs[0], 41, 0, SHARE));
    }

    function test_RevertWhen_AnInputHasTooFewCredits() public {
        Mix memory m = joint();
        address poor = m.inputs[4];
        vm.prank(poor);
        market.withdrawCredits(CREDITS - COIN - FEE + 1);
        bytes4 lacks = ITransaxErrors.MixLacksCredits.selector;
        refused(m, abi.encodeWithSelector(lacks, poor, COIN + FEE - 1, COIN + FEE));
        m.fee -= 1;
        submit(m);
    }

    // --- carried out ---

    function test_WhenAllIsWell() public {
        Mix memory m = joint();
        Signature[] memory all = signatures(m);
        vm.expectEmit(address(market));
        emit ITransaxEvents.Mixed(1, Side.Buy, 8, m.amounts, COIN, FEE, RELAY, m.inputs, m.outputs);
        vm.prank(STRANGER);
        signed.mix(m, all);
        for (uint256 i; i < 5; ++i) {
            assertEq(credits(m.inputs[i]), CREDITS - COIN - FEE, "an input's credits");
            assertEq(credits(m.outputs[i]), COIN, "an output's credits");
            assertEq(signed.nonces(m.inputs[i]), 1, "an input's nonce");
            assertEq(signed.nonces(m.outputs[i]), 0, "an output's nonce");
            for (uint24 t = 7; t < 25; ++t) {
                uint32 share = t < 8 || t > 23 ? 0 : SHARE;
                assertEq(consumption(m.inputs[i], t), LIMIT - share, "an input's assets");
                assertEq(held(m.outputs[i], t), share, "an output's assets");
                assertEq(production(m.inputs[i], t), LIMIT, "the other side");
            }
        }
        assertEq(credits(RELAY), 5 * FEE, "the relay, though a stranger submitted");
    }

    function test_RevertWhen_ItIsReplayed() public {
        Mix memory m = joint();
        Signature[] memory all = signatures(m);
        signed.mix(m, all);
        refused(m, all, abi.encodeWithSelector(ITransaxErrors.WrongNonce.selector, m.inputs[0], 1, 0));
    }

    function test_WhenNoRelayIsNamedTheFirstIsPaid() public {
        Mix memory m = joint();
        m.relay = address(0);
        submit(m);
        assertEq(credits(STRANGER), 5 * FEE, "the submitter");
    }

    function test_WhenOnlyCreditsAreMixed() public {
        Mix memory m = joint();
        m.amounts = new uint256[](0);
        submit(m);
        assertEq(credits(m.outputs[2]), COIN, "credits");
        assertEq(held(m.outputs[2], 8), 0, "assets");
    }

    /// @dev Once for each denomination, to the same outputs or to others; a second mix finds something there.
    function test_WhenOutputsHoldSomethingAlready() public {
        submit(joint());
        submit(joint());
        assertEq(held(outputs[0], 8), 2 * SHARE, "assets");
        assertEq(credits(outputs[0]), 2 * COIN, "credits");
    }

    /// @dev T5: whatever the amounts, each interval's sum stays, and the sum of credits.
    function testFuzz_T5_EveryAssetIsConserved(uint256[2] memory words, uint96 coin, bool sells) public {
        Mix memory m = joint();
        for (uint256 i; i < 2; ++i) {
            m.amounts[i] = 0;
            for (uint256 lane; lane < 8; ++lane) {
                m.amounts[i] |= (uint256(uint32(words[i] >> lane * 32)) % (LIMIT + 1)) << lane * 32;
            }
        }
        m.side = sells ? Side.Sell : Side.Buy;
        m.credits = uint96(bound(coin, 0, CREDITS - FEE));
        submit(m);
        uint256 money = credits(RELAY);
        for (uint256 i; i < 5; ++i) {
            money += credits(inputs[i]) + credits(outputs[i]);
        }
        assertEq(money, 5 * uint256(CREDITS), "T5: credits");
        for (uint24 t; t <= LAST; ++t) {
            uint256[2] memory sums;
            for (uint256 i; i < 5; ++i) {
                for (uint256 side; side < 2; ++side) {
                    sums[side] += market.freeAssets(inputs[i], Side(side), t);
                    sums[side] += signed.freeAssetsIn(1, outputs[i], Side(side), t);
                }
                uint256 share = t < 8 || t > 23 ? 0 : uint32(m.amounts[t / 8 - 1] >> t % 8 * 32);
                assertEq(signed.freeAssetsIn(1, outputs[i], m.side, t), share, "an output's share");
            }
            assertEq(sums[0], 5 * LIMIT, "T5: production");
            assertEq(sums[1], 5 * LIMIT, "T5: consumption");
        }
    }

    // --- inside ---

    function joint() private view returns (Mix memory m) {
        uint256[] memory amounts = new uint256[](2);
        (amounts[0], amounts[1]) = (eight(SHARE), eight(SHARE));
        uint32[] memory nonces = new uint32[](5);
        for (uint256 i; i < 5; ++i) {
            nonces[i] = signed.nonces(inputs[i]);
        }
        uint64 deadline = uint64(block.timestamp + 60);
        m = Mix(1, Side.Buy, 8, amounts, COIN, FEE, RELAY, deadline, first(inputs, 5), nonces, first(outputs, 5));
    }

    function submit(Mix memory m) private {
        Signature[] memory all = signatures(m);
        vm.prank(STRANGER);
        signed.mix(m, all);
    }

    function refused(Mix memory m, bytes memory reason) private {
        refused(m, signatures(m), reason);
    }

    /// @dev Refused, and nothing moved.
    function refused(Mix memory m, Signature[] memory all, bytes memory reason) private {
        bytes32 before = state();
        refuse(reason);
        signed.mix(m, all);
        assertEq(state(), before, "nothing moved");
    }

    function state() private view returns (bytes32 all) {
        for (uint256 i; i < 5; ++i) {
            (address a, address b) = (inputs[i], outputs[i]);
            all = keccak256(abi.encode(all, credits(a), credits(b), signed.nonces(a), credits(RELAY)));
            for (uint24 t = 8; t < 24; ++t) {
                all = keccak256(abi.encode(all, consumption(a, t), production(a, t), held(b, t)));
            }
        }
    }

    function held(address account, uint24 interval) private view returns (uint32) {
        return signed.freeAssetsIn(1, account, Side.Buy, interval);
    }

    function first(address[] memory all, uint256 count) private pure returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = all[i];
        }
    }

    function sort(address[] memory list) private pure {
        for (uint256 i = 1; i < list.length; ++i) {
            for (uint256 at = i; at > 0 && list[at - 1] > list[at]; --at) {
                (list[at - 1], list[at]) = (list[at], list[at - 1]);
            }
        }
    }
}
