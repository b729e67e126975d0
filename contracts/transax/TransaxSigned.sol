// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Settlement, TransaxConfig} from "./ITransax.sol";
import {Authorization, ITransaxSigned} from "./ITransaxSigned.sol";
import {TransaxClock} from "./TransaxClock.sol";
import {TransaxMixing} from "./TransaxMixing.sol";
import {Side} from "./TransaxTypes.sol";

/// @title What accounts do by signature alone
/// @notice Runs in the storage of the market that made it, which passes on every call it does not know. Called by itself
/// it is a market in which nobody has anything.
contract TransaxSigned is TransaxMixing {
    bytes32 private constant POST_OFFER = keccak256(
        "PostOffer(address account,uint16 group,uint8 side,uint32 energy,uint40 price,uint24 start,uint24 end,"
        "uint32 nonce,uint64 deadline,uint96 fee,address relay)"
    );
    bytes32 private constant CANCEL_OFFER =
        keccak256("CancelOffer(address account,uint32 offer,uint32 nonce,uint64 deadline,uint96 fee,address relay)");
    bytes32 private constant DEPOSIT = keccak256(
        "Deposit(address account,address meter,uint16 group,uint24 first,uint24 last,"
        "uint32 nonce,uint64 deadline,uint96 fee,address relay)"
    );
    bytes32 private constant TRANSFER = keccak256(
        "Transfer(address account,address to,uint96 credits,uint16 group,uint8 side,uint24 first,uint24 last,"
        "uint32 energy,uint32 nonce,uint64 deadline,uint96 fee,address relay)"
    );

    constructor(TransaxConfig memory c) TransaxClock(c) EIP712("Transax", "1") {}

    /// @inheritdoc ITransaxSigned
    function postOfferBySig(
        Authorization calldata by,
        uint16 group,
        Side side,
        uint32 energy,
        uint40 price,
        uint24 start,
        uint24 end
    ) external returns (uint32 offer) {
        _authorize(by, abi.encode(POST_OFFER, by.account, group, side, energy, price, start, end));
        Account storage account = _accounts[by.account];
        uint24 owner = account.owner;
        if (owner == 0) {
            // Nobody without assets gets past `_post`, and nobody runs through 2^24 numbers for less than 10^11 gas.
            owner = ++_counters.owners;
            account.owner = owner;
        }
        offer = _post(by.account, owner, group, side, energy, price, start, end);
    }

    /// @inheritdoc ITransaxSigned
    function cancelOfferBySig(Authorization calldata by, uint32 offer) external {
        _authorize(by, abi.encode(CANCEL_OFFER, by.account, offer));
        _cancel(by.account, offer);
    }

    /// @inheritdoc ITransaxSigned
    function depositBySig(
        Authorization calldata by,
        Settlement[] calldata settlements,
        address meter,
        uint16 group,
        uint24 first,
        uint24 last
    ) external {
        require(meter != address(0), ZeroAddress());
        _authorize(by, abi.encode(DEPOSIT, by.account, meter, group, first, last));
        _deposit(by.account, meter, group, settlements, first, last);
    }

    /// @inheritdoc ITransaxSigned
    function transferBySig(
        Authorization calldata by,
        address to,
        uint96 credits,
        uint16 group,
        Side side,
        uint24 first,
        uint24 last,
        uint32 energy
    ) external {
        require(to != address(0), ZeroAddress());
        require(credits > 0 || energy > 0, NothingToMove());
        _authorize(by, abi.encode(TRANSFER, by.account, to, credits, group, side, first, last, energy));
        if (credits > 0) {
            _takeCredits(_accounts[by.account], credits);
            _accounts[to].credits += credits;
        }
        if (energy > 0) {
            require(first <= last, InvertedRange(first, last));
            _lockAssets(by.account, group, side, first, last, energy);
            _releaseAssets(to, group, side, first, last, energy);
        }
        emit Transferred(by.account, to, credits, group, side, first, last, energy);
    }

    /// @inheritdoc ITransaxSigned
    function nonces(address account) external view returns (uint32) {
        return _accounts[account].nonce;
    }

    /// @inheritdoc ITransaxSigned
    function freeAssetsIn(uint16 group, address account, Side side, uint24 interval) external view returns (uint32) {
        return _free[account][_position(group, side, interval)].get(interval);
    }

    /// @dev Checks that `by.account` has signed the action, uses its nonce up and pays the relay. `action`: the type and
    /// the words of its fields up to the nonce.
    function _authorize(Authorization calldata by, bytes memory action) private {
        require(block.timestamp <= by.deadline, Expired(by.deadline));
        Account storage account = _accounts[by.account];
        _useNonce(by.account, by.nonce);
        bytes32 digest = keccak256(bytes.concat(action, abi.encode(by.nonce, by.deadline, by.fee, by.relay)));
        _checkSignature(by.account, _hashTypedDataV4(digest), by.r, by.vs);
        address relay = _relay(by.relay);
        if (by.fee > 0) {
            _takeCredits(account, by.fee);
            _accounts[relay].credits += by.fee;
        }
        emit Relayed(by.account, by.nonce, relay, by.fee);
    }
}
