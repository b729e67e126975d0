// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Lanes, LanesLibrary} from "../libraries/Lanes.sol";
import {ITransaxSigned, Mix, Signature} from "./ITransaxSigned.sol";
import {TransaxSettlement} from "./TransaxSettlement.sol";

/// @title Joint transactions: equal amounts from many, to as many, and nobody can say which went where
abstract contract TransaxMixing is TransaxSettlement, ITransaxSigned {
    bytes32 private constant MIX = keccak256(
        "Mix(uint16 group,uint8 side,uint24 first,uint256[] amounts,uint96 credits,uint96 fee,address relay,"
        "uint64 deadline,address[] inputs,uint32[] nonces,address[] outputs)"
    );
    /// @dev Fewer hide nobody: each of two knows the other.
    uint256 private constant LEAST_CROWD = 3;

    /// @inheritdoc ITransaxSigned
    function mix(Mix calldata joint, Signature[] calldata signatures) external {
        uint256 count = joint.inputs.length;
        require(block.timestamp <= joint.deadline, Expired(joint.deadline));
        require(count >= LEAST_CROWD, CrowdTooSmall(count));
        require(
            joint.nonces.length == count && joint.outputs.length == count && signatures.length == count,
            UnevenMix(count, joint.nonces.length, joint.outputs.length, signatures.length)
        );
        require(joint.first % LanesLibrary.COUNT == 0, MisalignedInterval(joint.first));
        require(joint.amounts.length > 0 || joint.credits > 0, NothingToMove());
        _checkDistinct(joint.inputs, joint.outputs);
        bytes32 digest = _hashTypedDataV4(_hash(joint));
        uint256 needed = uint256(joint.credits) + joint.fee;
        for (uint256 i; i < count; ++i) {
            address input = joint.inputs[i];
            _useNonce(input, joint.nonces[i]);
            _checkSignature(input, digest, signatures[i].r, signatures[i].vs);
            _takeShare(joint, input, needed);
        }
        for (uint256 i; i < count; ++i) {
            _giveShare(joint, joint.outputs[i]);
        }
        address relay = _relay(joint.relay);
        if (joint.fee > 0) _accounts[relay].credits += SafeCast.toUint96(joint.fee * count);
        emit Mixed(
            joint.group,
            joint.side,
            joint.first,
            joint.amounts,
            joint.credits,
            joint.fee,
            relay,
            joint.inputs,
            joint.outputs
        );
    }

    /// @dev Uses up the account's next nonce, which must be this one.
    function _useNonce(address account, uint32 nonce) internal {
        uint32 expected = _accounts[account].nonce;
        require(nonce == expected, WrongNonce(account, expected, nonce));
        _accounts[account].nonce = nonce + 1;
    }

    /// @dev The account itself must have signed; contracts cannot.
    function _checkSignature(address account, bytes32 digest, bytes32 r, bytes32 vs) internal pure {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, r, vs);
        require(failure == ECDSA.RecoverError.NoError && signer == account, BadSignature(account));
    }

    /// @dev Who is paid: the one that was named, else the caller.
    function _relay(address named) internal view returns (address) {
        return named == address(0) ? msg.sender : named;
    }

    /// @dev Each list ascends, so that nobody is on it twice and its order says nothing, and none is on both.
    function _checkDistinct(address[] calldata inputs, address[] calldata outputs) private pure {
        unchecked {
            // Counters stay below the lists' length, which is the same.
            uint256 count = inputs.length;
            (address input, address output) = (address(0), address(0));
            for (uint256 i; i < count; ++i) {
                require(inputs[i] > input, InputsNotAscending(inputs[i]));
                require(outputs[i] > output, OutputsNotAscending(outputs[i]));
                (input, output) = (inputs[i], outputs[i]);
            }
            (uint256 a, uint256 b) = (0, 0);
            while (a < count && b < count) {
                (input, output) = (inputs[a], outputs[b]);
                require(input != output, OutputIsInput(input));
                if (input < output) ++a;
                else ++b;
            }
        }
    }

    function _hash(Mix calldata joint) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                MIX,
                joint.group,
                joint.side,
                joint.first,
                keccak256(abi.encodePacked(joint.amounts)),
                joint.credits,
                joint.fee,
                joint.relay,
                joint.deadline,
                keccak256(abi.encodePacked(joint.inputs)),
                keccak256(abi.encodePacked(joint.nonces)),
                keccak256(abi.encodePacked(joint.outputs))
            )
        );
    }

    function _takeShare(Mix calldata joint, address input, uint256 needed) private {
        if (needed > 0) {
            uint96 credits = _accounts[input].credits;
            require(credits >= needed, MixLacksCredits(input, credits, needed));
            unchecked {
                // Checked in the line above, so that `needed` fits as well.
                // forge-lint: disable-next-line(unsafe-typecast)
                _accounts[input].credits = credits - uint96(needed);
            }
        }
        mapping(uint256 => Lanes) storage free = _free[input];
        uint256 at = _position(joint.group, joint.side, joint.first);
        for (uint256 i; i < joint.amounts.length; ++i) {
            Lanes amounts = Lanes.wrap(joint.amounts[i]);
            if (Lanes.unwrap(amounts) != 0) {
                Lanes held = free[at];
                if (!held.covers(amounts)) _refuse(input, joint.first + i * LanesLibrary.COUNT, held, amounts);
                free[at] = held.minus(amounts);
            }
            // The same side's next eight intervals.
            at += 2;
        }
    }

    function _giveShare(Mix calldata joint, address output) private {
        if (joint.credits > 0) _accounts[output].credits += joint.credits;
        mapping(uint256 => Lanes) storage free = _free[output];
        uint256 at = _position(joint.group, joint.side, joint.first);
        for (uint256 i; i < joint.amounts.length; ++i) {
            Lanes amounts = Lanes.wrap(joint.amounts[i]);
            if (Lanes.unwrap(amounts) != 0) free[at] = free[at].plus(amounts);
            at += 2;
        }
    }

    /// @dev Names the first interval from `first` on in which there is too little.
    function _refuse(address input, uint256 first, Lanes held, Lanes amounts) private pure {
        uint256 i;
        while (held.get(i) >= amounts.get(i)) ++i;
        revert MixLacksAssets(input, first + i, held.get(i), amounts.get(i));
    }
}
