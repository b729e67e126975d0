// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Settlement} from "./ITransax.sol";
import {Side} from "./TransaxTypes.sol";

/// @notice What every signed action carries, all but the signature itself part of what is signed.
/// @param account Who acts, and signs with its key.
/// @param nonce How many things `account` has signed that were carried out; each number counts once.
/// @param deadline The last second at which this may be carried out, Unix time.
/// @param fee Credits of `account` that go to `relay`.
/// @param relay Who is paid, whoever submits; zero for whoever does.
/// @param r The signature's r.
/// @param vs Its s, and in its highest bit the parity of y (ERC-2098).
struct Authorization {
    address account;
    uint32 nonce;
    uint64 deadline;
    uint96 fee;
    address relay;
    bytes32 r;
    bytes32 vs;
}

/// @notice A signature as in ERC-2098.
struct Signature {
    bytes32 r;
    bytes32 vs;
}

/// @notice A joint transaction: every input gives the same, and every output receives it. Nobody can tell which output
/// is whose input, as long as whoever wrote the list did not know (CoinShuffle).
/// @param group The group of feeders whose assets are mixed.
/// @param side Production or consumption assets.
/// @param first The first interval, a multiple of eight.
/// @param amounts Wh for eight intervals a word, the earliest in its lowest 32 bits; empty where only credits are mixed.
/// @param credits The credits that each input gives and each output receives.
/// @param fee Credits that each input pays `relay` on top.
/// @param relay Who is paid; zero for whoever submits.
/// @param deadline The last second at which this may be carried out, Unix time.
/// @param inputs Who gives, ascending; at least three.
/// @param nonces The next nonce of each input.
/// @param outputs Who receives, ascending, as many, and none of the inputs.
struct Mix {
    uint16 group;
    Side side;
    uint24 first;
    uint256[] amounts;
    uint96 credits;
    uint96 fee;
    address relay;
    uint64 deadline;
    address[] inputs;
    uint32[] nonces;
    address[] outputs;
}

/// @title TRANSAX by signature: mixing, and accounts that need no ether and no name
/// @notice An anonymous account is an address that received assets and credits in a mix. It is registered nowhere and has no
/// ether: it signs what it wants (EIP-712, domain "Transax" version "1" at the market's address), and anybody submits it.
///
/// Assets belong to a group of feeders for ever. An account may hold assets of several groups; what it is sent cannot
/// hinder it, and nobody needs its consent to send it something.
///
/// Types: those of the calls' names without "BySig", with their arguments in order after `address account`, then
/// `uint32 nonce,uint64 deadline,uint96 fee,address relay`; such as CancelOffer(address account,uint32 offer,uint32
/// nonce,uint64 deadline,uint96 fee,address relay). `mix` is signed as the struct Mix, by every input. Settlements are
/// not signed: anybody may settle anything.
///
/// Promises, besides those of `ITransax`, which hold here as well:
/// - A signature moves what it says, once, before its deadline, in one market on one chain, and nothing else.
/// - Whoever submits cannot change anything. A relay that is named is paid even if another one submits, so copying a
///   submission gains nothing; where none is named, the first to submit is paid.
/// - A relay that keeps an action back can only delay it: any other, or the account itself, submits the same signature, or
///   another one with the same nonce, of which only the first counts.
///
/// What it does not do: check that a mix hides anybody. It counts inputs, not honest people; who signs must know how the
/// list of outputs came to be.
interface ITransaxSigned {
    /// @notice Carries out a joint transaction, whole or not at all.
    /// @param signatures Of the inputs, in their order.
    function mix(Mix calldata joint, Signature[] calldata signatures) external;

    /// @notice As `postOffer`, backed by the account's assets of `group`.
    function postOfferBySig(
        Authorization calldata by,
        uint16 group,
        Side side,
        uint32 energy,
        uint40 price,
        uint24 start,
        uint24 end
    ) external returns (uint32 offer);

    /// @notice As `cancelOffer`.
    function cancelOfferBySig(Authorization calldata by, uint32 offer) external;

    /// @notice As `deposit`, of the account's assets of `group`, to a one-time account of its meter.
    /// @dev Deposit(address account,address meter,uint16 group,uint24 first,uint24 last,...).
    function depositBySig(
        Authorization calldata by,
        Settlement[] calldata settlements,
        address meter,
        uint16 group,
        uint24 first,
        uint24 last
    ) external;

    /// @notice Moves `credits`, and `energy` Wh of the side's assets of `group` in each interval first..=last, to `to`.
    /// Where `energy` is zero no assets move.
    function transferBySig(
        Authorization calldata by,
        address to,
        uint96 credits,
        uint16 group,
        Side side,
        uint24 first,
        uint24 last,
        uint32 energy
    ) external;

    /// @notice The nonce of the next thing that `account` signs.
    function nonces(address account) external view returns (uint32);

    /// @notice Assets of `account` in any group that no offer relies on, Wh.
    function freeAssetsIn(uint16 group, address account, Side side, uint24 interval) external view returns (uint32);
}
