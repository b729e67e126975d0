// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Side} from "./TransaxTypes.sol";

/// @title What a market tells everybody; its state is the fold of these
interface ITransaxEvents {
    event GroupAdded(uint16 indexed group, uint32 internalLimit, uint32 externalLimit);
    event SmartMeterRegistered(
        address indexed meter, uint16 indexed group, uint32 productionLimit, uint32 consumptionLimit
    );
    /// @notice Whoever is behind the meter belongs to `group` from interval `from` on, and to `oldGroup` before.
    event SmartMeterMoved(address indexed meter, uint16 oldGroup, uint16 indexed group, uint24 from);
    event ProsumerRegistered(address indexed prosumer, address indexed meter, uint24 owner);
    event AssetsWithdrawn(address indexed account, Side side, uint24 first, uint24 last, uint32 energy);
    event CreditsDeposited(address indexed account, uint96 amount);
    event CreditsWithdrawn(address indexed account, uint96 amount);
    event OfferPosted(
        uint32 indexed offer,
        address indexed account,
        uint16 group,
        Side side,
        uint32 energy,
        uint40 price,
        uint24 start,
        uint24 end
    );
    event OfferAugmented(uint32 indexed offer, uint32 energyAdded, uint24 end);
    event OfferCancelled(uint32 indexed offer, uint24 end);
    /// @param firstInterval The first interval the plan trades in.
    event SolutionPosted(address indexed solver, uint48 value, uint24 firstInterval, bytes plan);
    /// @param root Root of the tree of legs; zero where nothing is traded.
    event Finalized(uint24 indexed interval, uint48 value, bytes32 root, bytes32[] legs);
    /// @notice The candidate's trades of an interval that began before it was finalised are void.
    event Lapsed(uint24 indexed interval, uint48 value);
    /// @param settled For each offer a word: u32 offer, u32 energy and u64 payment as in a leg, and lowest u24 the
    /// first interval that is not settled yet.
    event Settled(address indexed account, uint256[] settled);
    /// @param group The group of feeders whose assets they were.
    /// @param assets For each interval from `first` on: production, Wh, from bit 32 on, and consumption, Wh, below.
    event Deposited(address indexed account, address indexed meter, uint16 group, uint24 first, uint64[] assets);
    /// @notice Each of `inputs` gave the same assets of one side and credits, and each of `outputs` has them now.
    /// @param first The first interval, a multiple of eight.
    /// @param amounts Wh for eight intervals a word, the earliest in its lowest 32 bits.
    /// @param fee Credits that each input paid to `relay` on top.
    event Mixed(
        uint16 indexed group,
        Side side,
        uint24 first,
        uint256[] amounts,
        uint96 credits,
        uint96 fee,
        address relay,
        address[] inputs,
        address[] outputs
    );
    /// @notice An account acted by its signature: its next nonce is `nonce` + 1, and it paid `fee` credits to `relay`.
    event Relayed(address indexed account, uint32 nonce, address indexed relay, uint96 fee);
    event Transferred(
        address indexed account,
        address indexed to,
        uint96 credits,
        uint16 group,
        Side side,
        uint24 first,
        uint24 last,
        uint32 energy
    );
}
