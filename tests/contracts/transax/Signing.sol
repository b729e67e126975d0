// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Authorization, ITransaxSigned, Mix, Signature} from "../../../contracts/transax/ITransaxSigned.sol";
import {Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Scene} from "./Scene.sol";

/// @title People with keys, and how they sign
/// @notice Types are spelled out here once more, so that a change of one in the contract is seen.
abstract contract Signing is Scene {
    address internal constant RELAY = address(0x4E1A4);
    /// @dev Half the order of the curve is the greatest s; this is the order.
    uint256 internal constant CURVE = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    ITransaxSigned internal signed;
    mapping(address account => uint256) internal keyOf;

    function setUp() public virtual override {
        super.setUp();
        signed = ITransaxSigned(address(market));
    }

    /// @dev `count` accounts with keys, ascending by address.
    function people(string memory name, uint256 count) internal returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode(name, i)));
            address account = vm.addr(key);
            keyOf[account] = key;
            uint256 at = i;
            for (; at > 0 && list[at - 1] > account; --at) {
                list[at] = list[at - 1];
            }
            list[at] = account;
        }
    }

    // --- what is signed ---

    function domain() internal view returns (bytes32) {
        return domain("Transax", block.chainid, address(market));
    }

    function domain(string memory name, uint256 chain, address contract_) internal pure returns (bytes32) {
        bytes32 kind = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(kind, keccak256(bytes(name)), keccak256("1"), chain, contract_));
    }

    function sign(uint256 key, bytes32 domain_, bytes32 message) internal pure returns (Signature memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain_, message)));
        return Signature(r, bytes32(uint256(s) | uint256(v - 27) << 255));
    }

    function hashOf(Mix memory joint) internal pure returns (bytes32) {
        bytes32 kind = keccak256(
            "Mix(uint16 group,uint8 side,uint24 first,uint256[] amounts,uint96 credits,uint96 fee,address relay,uint64 deadline,address[] inputs,uint32[] nonces,address[] outputs)"
        );
        bytes memory before =
            abi.encode(kind, joint.group, joint.side, joint.first, keccak256(abi.encodePacked(joint.amounts)));
        bytes memory middle = abi.encode(joint.credits, joint.fee, joint.relay, joint.deadline);
        bytes memory lists = abi.encode(
            keccak256(abi.encodePacked(joint.inputs)),
            keccak256(abi.encodePacked(joint.nonces)),
            keccak256(abi.encodePacked(joint.outputs))
        );
        return keccak256(abi.encodePacked(before, middle, lists));
    }

    /// @dev Every input signs.
    function signatures(Mix memory joint) internal view returns (Signature[] memory list) {
        list = new Signature[](joint.inputs.length);
        for (uint256 i; i < list.length; ++i) {
            list[i] = sign(keyOf[joint.inputs[i]], domain(), hashOf(joint));
        }
    }

    /// @dev `by` with the signature over `action`, the type and the fields up to the nonce.
    function signedBy(Authorization memory by, bytes memory action) internal view returns (Authorization memory) {
        return signedBy(by, action, keyOf[by.account], domain());
    }

    function signedBy(Authorization memory by, bytes memory action, uint256 key, bytes32 domain_)
        internal
        pure
        returns (Authorization memory)
    {
        bytes32 message = keccak256(bytes.concat(action, abi.encode(by.nonce, by.deadline, by.fee, by.relay)));
        Signature memory s = sign(key, domain_, message);
        (by.r, by.vs) = (s.r, s.vs);
        return by;
    }

    /// @dev With the next nonce, an hour, and no fee.
    function plainly(address account) internal view returns (Authorization memory) {
        return Authorization(account, signed.nonces(account), uint64(block.timestamp + 1 hours), 0, address(0), 0, 0);
    }

    function posting(address account, uint16 group, Side side, uint32 energy, uint40 price, uint24 start, uint24 end)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 kind = keccak256(
            "PostOffer(address account,uint16 group,uint8 side,uint32 energy,uint40 price,uint24 start,uint24 end,uint32 nonce,uint64 deadline,uint96 fee,address relay)"
        );
        return abi.encode(kind, account, group, side, energy, price, start, end);
    }

    function cancelling(address account, uint32 offer) internal pure returns (bytes memory) {
        bytes32 kind = keccak256(
            "CancelOffer(address account,uint32 offer,uint32 nonce,uint64 deadline,uint96 fee,address relay)"
        );
        return abi.encode(kind, account, offer);
    }

    function depositing(address account, address meter, uint16 group, uint24 first, uint24 last)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 kind = keccak256(
            "Deposit(address account,address meter,uint16 group,uint24 first,uint24 last,uint32 nonce,uint64 deadline,uint96 fee,address relay)"
        );
        return abi.encode(kind, account, meter, group, first, last);
    }

    function transferring(
        address account,
        address to,
        uint96 amount,
        uint16 group,
        Side side,
        uint24 first,
        uint24 last,
        uint32 energy
    ) internal pure returns (bytes memory) {
        bytes32 kind = keccak256(
            "Transfer(address account,address to,uint96 credits,uint16 group,uint8 side,uint24 first,uint24 last,uint32 energy,uint32 nonce,uint64 deadline,uint96 fee,address relay)"
        );
        return abi.encode(kind, account, to, amount, group, side, first, last, energy);
    }

    /// @dev The same amount in each of eight intervals.
    function eight(uint32 energy) internal pure returns (uint256 word) {
        for (uint256 i; i < 8; ++i) {
            word |= uint256(energy) << i * 32;
        }
    }
}
