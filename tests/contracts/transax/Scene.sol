// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Evidence, ITransax, Link, Settlement} from "../../../contracts/transax/ITransax.sol";
import {Offer, PriceRule, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Market} from "./Market.sol";
import {Block, Plans} from "./Plans.sol";

/// @title A small market at work: three prosumers, and the memory that solvers and settlers need
/// @notice Alice is in group 0, Bob and Carol are in group 1; group 2 has no limits and, as yet, no members. It is two
/// intervals before the first begins, so t_f is 0. All hold assets of both kinds for the intervals 0 to 40.
abstract contract Scene is Market {
    address internal constant ALICE = address(0xA11CE);
    address internal constant BOB = address(0xB0B);
    address internal constant CAROL = address(0xCA201);
    uint32 internal constant INTERNAL_LIMIT = 50_000;
    uint32 internal constant EXTERNAL_LIMIT = 40_000;
    uint32 internal constant LIMIT = 100_000;
    uint96 internal constant CREDITS = 1_000_000_000;
    uint24 internal constant LAST = 40;

    // The candidate's blocks and legs, as they were when it was posted, and how many have been opened.
    bytes private _blocks;
    bytes private _legs;
    uint256 private _opened;
    mapping(uint24 interval => bytes legs) private _finalLegs;

    function setUp() public virtual {
        setTheScene(PriceRule.Midpoint);
    }

    function setTheScene(PriceRule rule) internal {
        deployMarket(rule);
        addGroups(2, INTERNAL_LIMIT, EXTERNAL_LIMIT);
        addGroups(1, NO_LIMIT, NO_LIMIT);
        join(ALICE, 0);
        join(BOB, 1);
        join(CAROL, 1);
    }

    function join(address account, uint16 group) internal {
        register(account, group, LIMIT, LIMIT);
        fund(account, CREDITS);
        withdraw(account, Side.Sell, 0, LAST, LIMIT);
        withdraw(account, Side.Buy, 0, LAST, LIMIT);
    }

    function sell(address account, uint32 energy, uint40 price, uint24 start, uint24 end) internal returns (uint32) {
        return post(account, Side.Sell, energy, price, start, end);
    }

    function buy(address account, uint32 energy, uint40 price, uint24 start, uint24 end) internal returns (uint32) {
        return post(account, Side.Buy, energy, price, start, end);
    }

    /// @dev Expects the next call to fail with exactly this error.
    function refuse(bytes memory data) internal {
        vm.expectRevert(data);
    }

    // --- a solver and a finaliser who remember ---

    /// @dev Posts a plan that must be accepted.
    function submit(Block[] memory blocks) internal {
        bytes32[][] memory legs = new bytes32[][](blocks.length);
        for (uint256 i; i < blocks.length; ++i) {
            legs[i] = Plans.legs(market, blocks[i]);
        }
        uint48 value = Plans.value(blocks);
        vm.prank(SOLVER);
        assertEq(market.postSolution(value, Plans.encode(blocks)), value, "the plan's value");
        (_blocks, _legs, _opened) = (abi.encode(blocks), abi.encode(legs), 0);
    }

    /// @dev The candidate's blocks that are not opened yet.
    function openBlocks() internal view returns (Block[] memory rest) {
        if (_blocks.length == 0) return rest;
        Block[] memory blocks = abi.decode(_blocks, (Block[]));
        rest = new Block[](blocks.length - _opened);
        for (uint256 i; i < rest.length; ++i) {
            rest[i] = blocks[_opened + i];
        }
    }

    /// @dev What `finalize` needs for t_f.
    function opening(uint24 tf) internal view returns (Link[] memory links, bytes32[] memory legs) {
        legs = new bytes32[](0);
        if (_blocks.length == 0) return (links, legs);
        Block[] memory blocks = abi.decode(_blocks, (Block[]));
        bytes32[][] memory lists = abi.decode(_legs, (bytes32[][]));
        Link[] memory all = Plans.links(blocks, lists);
        uint256 to = _opened;
        while (to < blocks.length && blocks[to].interval <= tf) ++to;
        links = new Link[](to - _opened);
        for (uint256 i; i < links.length; ++i) {
            links[i] = all[_opened + i];
        }
        if (to > _opened && blocks[to - 1].interval == tf) legs = lists[to - 1];
    }

    /// @dev Finalises t_f as a stranger, at its time or now if that is later.
    function finalizeNext() internal returns (uint24 tf) {
        tf = market.nextInterval();
        if (block.timestamp < market.finalizableAt(tf)) warpToFinalizable(tf);
        (Link[] memory links, bytes32[] memory legs) = opening(tf);
        vm.prank(STRANGER);
        market.finalize(links, legs);
        _opened += links.length;
        if (legs.length > 0) _finalLegs[tf] = abi.encode(legs);
    }

    /// @dev Finalises everything up to `last`.
    function finalizeThrough(uint24 last) internal {
        while (market.nextInterval() <= last) finalizeNext();
    }

    /// @dev The legs of a finalised interval.
    function finalLegs(uint24 interval) internal view returns (bytes32[] memory) {
        return _finalLegs[interval].length == 0 ? new bytes32[](0) : abi.decode(_finalLegs[interval], (bytes32[]));
    }

    /// @dev What shows the offer's trades from where its settlement stands to before `until`.
    function evidence(uint32 offer, uint24 until) internal view returns (Evidence[] memory list) {
        uint24 from = market.offers(offer).next;
        uint256 n;
        for (uint24 t = from; t < until; ++t) {
            if (_finalLegs[t].length > 0) ++n;
        }
        list = new Evidence[](n);
        n = 0;
        for (uint24 t = from; t < until; ++t) {
            if (_finalLegs[t].length > 0) list[n++] = Plans.evidence(t, finalLegs(t), offer);
        }
    }

    function settlement(uint32 offer, uint24 until) internal view returns (Settlement[] memory) {
        return Plans.settlement(offer, until, evidence(offer, until));
    }

    /// @dev As far as the offer can be settled now.
    function settleable(uint32 offer) internal view returns (uint24) {
        uint24 tf = market.nextInterval();
        Offer memory o = market.offers(offer);
        return tf < o.end + 1 ? tf : o.end + 1;
    }

    /// @dev Settles the offer as far as possible, by a stranger's hand.
    function settle(address account, uint32 offer) internal {
        settle(account, offer, settleable(offer));
    }

    function settle(address account, uint32 offer, uint24 until) internal {
        Settlement[] memory s = settlement(offer, until);
        vm.prank(STRANGER);
        market.settle(account, s);
    }

    /// @dev The candidate's value.
    function candidateValue() internal view returns (uint48 value) {
        (, value,,) = market.candidate();
    }

    function refusal(bytes4 selector, uint256 a) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }

    function refusal(bytes4 selector, uint256 a, uint256 b) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }

    function refusal(bytes4 selector, uint256 a, uint256 b, uint256 c) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b, c);
    }

    function refusal(bytes4 selector, address a) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }

    function refusal(bytes4 selector, address a, address b) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }
}
