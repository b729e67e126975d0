// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Evidence, Link, Settlement} from "../../../contracts/transax/ITransax.sol";
import {PriceRule, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Market} from "./Market.sol";
import {Block, Plans, Trade} from "./Plans.sol";

/// @title Gas of whole transactions, kept in snapshots/Transax.json
/// @notice Isolated: each call is a transaction of its own, with cold storage, 21,000 gas, call data (and its floor,
/// EIP-7623) and refunds.
///
/// The scenario is that of the paper: 102 prosumers on 11 feeders, one group each, producers 101, 102, 701, 801 and
/// 1001, and 97 buyers who each buy from one of them. The market is not fresh: an interval has been finalised, every
/// account holds credits and assets and has posted before, and there is a candidate, worse by one trade, which
/// the measured submission replaces. So every slot but an offer's own and a finalised interval's root is already
/// written to.
/// forge-config: default.isolate = true
contract TransaxGasTest is Market {
    uint256 private constant PROSUMERS = 102;
    uint256 private constant GROUPS = 11;
    uint32 private constant PRODUCTION = 1_000_000;
    uint32 private constant CONSUMPTION = 100_000;
    uint256 private constant TRANSACTION_LIMIT = 16_777_216;

    address[] private prosumers;
    address[] private sellers;
    string[] private missed;

    event Missed(string goal);

    function setUp() public {
        deployMarket(PriceRule.Midpoint);
        addGroups(GROUPS, 500_000, 400_000);
        uint16[5] memory producers = [101, 102, 701, 801, 1001];
        uint256 buyers;
        for (uint256 feeder = 1; feeder <= GROUPS; ++feeder) {
            for (uint256 i = 1; i <= 10 && prosumers.length < PROSUMERS; ++i) {
                uint256 name = feeder * 100 + i;
                address account = address(uint160(uint256(keccak256(abi.encode("prosumer", name)))));
                prosumers.push(account);
                for (uint256 j; j < 5; ++j) {
                    if (name == producers[j]) sellers.push(account);
                }
                _join(account, uint16(feeder - 1));
                ++buyers;
            }
        }
        assertEq(prosumers.length, PROSUMERS, "prosumers");
        // History: interval 0 is traded and finalised, and everybody has settled it.
        Block[] memory plan = _postPlan(0, 0);
        (Link[] memory links, bytes32[][] memory legs) = _open(plan);
        warpToFinalizable(0);
        market.finalize(links, legs[0]);
        for (uint256 i; i < PROSUMERS; ++i) {
            market.settle(prosumers[i], _settlements(_offerOf(i, 0), plan[0], legs[0]));
        }
    }

    // --- setting the scene ---

    function _join(address account, uint16 group) private {
        register(account, group, PRODUCTION, CONSUMPTION);
        fund(account, 1_000_000_000);
        withdraw(account, Side.Sell, 0, 31, PRODUCTION);
        withdraw(account, Side.Buy, 0, 31, CONSUMPTION);
    }

    function _isSeller(uint256 i) private view returns (bool) {
        for (uint256 j; j < 5; ++j) {
            if (sellers[j] == prosumers[i]) return true;
        }
        return false;
    }

    /// @dev In each round prosumer i posts the i-th offer.
    function _offerOf(uint256 i, uint256 round) private pure returns (uint32) {
        return uint32(round * PROSUMERS + i + 1);
    }

    function _energy(uint256 i) private pure returns (uint32) {
        return uint32(100 + (i * 7919) % 1901);
    }

    /// @dev 102 offers for start..=end.
    function _postOffers(uint24 start, uint24 end) private {
        for (uint256 i; i < PROSUMERS; ++i) {
            bool sells = _isSeller(i);
            uint32 energy = sells ? 100_000 : 3 * _energy(i);
            uint40 price = uint40((sells ? 100_000 : 210_000) + (i * 104_729) % 90_000);
            post(prosumers[i], sells ? Side.Sell : Side.Buy, energy, price, start, end);
        }
    }

    /// @dev The first `count` of the 97 buyers buy from one of the five sellers each.
    function _block(uint24 interval, uint256 round, uint256 count) private view returns (Block memory) {
        Trade[] memory trades = new Trade[](count);
        uint32[] memory from = new uint32[](5);
        uint256 n;
        for (uint256 i; i < PROSUMERS; ++i) {
            if (_isSeller(i)) from[n++] = _offerOf(i, round);
        }
        n = 0;
        for (uint256 i; n < count; ++i) {
            if (_isSeller(i)) continue;
            trades[n] = Trade(from[n % 5], _offerOf(i, round), _energy(i));
            ++n;
        }
        return Plans.blockOf(interval, trades);
    }

    function _submit(Block[] memory plan) private {
        vm.prank(SOLVER);
        market.postSolution(Plans.value(plan), Plans.encode(plan));
    }

    /// @dev The offers of an interval, and its plan of 97 trades, which replaces one of 96.
    function _postPlan(uint24 interval, uint256 round) private returns (Block[] memory plan) {
        _postOffers(interval, interval);
        _submit(Plans.one(_block(interval, round, 96)));
        plan = Plans.one(_block(interval, round, 97));
        _submit(plan);
    }

    function _open(Block[] memory plan) private view returns (Link[] memory links, bytes32[][] memory legs) {
        legs = new bytes32[][](plan.length);
        for (uint256 i; i < plan.length; ++i) {
            legs[i] = Plans.legs(market, plan[i]);
        }
        links = Plans.links(plan, legs);
    }

    function _settlements(uint32 id, Block memory b, bytes32[] memory legs) private pure returns (Settlement[] memory) {
        Evidence[] memory evidence = new Evidence[](1);
        evidence[0] = Plans.evidence(b.interval, legs, id);
        return Plans.settlement(id, b.interval + 1, evidence);
    }

    /// @dev Notes what the transaction just made used, and holds it to its goal when the test is over.
    function _note(string memory name, uint256 goal) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("Transax", name, used);
        if (used > goal) missed.push(string.concat(name, ": ", vm.toString(used), " > ", vm.toString(goal)));
    }

    modifier meetsGoals() {
        _;
        for (uint256 i; i < missed.length; ++i) {
            emit Missed(missed[i]);
        }
        assertEq(missed.length, 0, "gas goals missed");
    }

    // --- the measurements ---

    function test_GasOfRegisteringAProsumer() public meetsGoals {
        address account = address(0xABCDEF0123456789);
        vm.prank(dso);
        market.registerSmartMeter(meterOf(account), 3, PRODUCTION, CONSUMPTION);
        bytes memory certificate = certify(DSO_KEY, account, meterOf(account));
        vm.prank(account);
        market.registerProsumer(meterOf(account), certificate);
        _note("register prosumer", 130_000);
    }

    function test_GasOfMovingAHome() public meetsGoals {
        vm.prank(dso);
        market.moveSmartMeter(meterOf(prosumers[50]), 3, OFFER_HORIZON + 2);
        _note("move a home to another group", 110_000);
    }

    function test_GasOfWithdrawingAssets() public meetsGoals {
        address account = address(0xABCDEF0123456789);
        register(account, 3, PRODUCTION, CONSUMPTION);
        withdraw(account, Side.Sell, 1, 96, PRODUCTION);
        _note("withdraw assets of 96 intervals, first time", 750_000);
    }

    function test_GasOfAnOffer() public meetsGoals {
        _postOffers(1, 1);
        post(prosumers[50], Side.Buy, 1234, 234_567, 2, 2);
        _note("post offer", 80_000);
    }

    function test_GasOf97Trades() public meetsGoals {
        _postOffers(1, 1);
        Block[] memory worse = Plans.one(_block(1, 1, 96));
        _submit(worse);
        Block[] memory plan = Plans.one(_block(1, 1, 97));
        _submit(plan);
        _note("submit 97 trades", 550_000);
        bytes memory call = abi.encodeCall(market.postSolution, (Plans.value(plan), Plans.encode(plan)));
        (bool isAccepted,) = address(market).call(call);
        _note("worse solution refused", 75_000);
        assertTrue(!isAccepted, "the same plan again is not better");
        (Link[] memory links, bytes32[][] memory legs) = _open(plan);
        warpToFinalizable(1);
        market.finalize(links, legs[0]);
        _note("finalize 97 trades", 220_000);
        // Of the sixth feeder.
        address buyer = prosumers[50];
        vm.prank(buyer);
        market.deposit(buyer, 5, _settlements(_offerOf(50, 1), plan[0], legs[0]), 1, 1);
        _note("settle and deposit 1 interval", 90_000);
    }

    function test_GasOf291Trades() public meetsGoals {
        _postOffers(1, 3);
        Block[] memory worse = new Block[](3);
        Block[] memory plan = new Block[](3);
        for (uint24 i; i < 3; ++i) {
            worse[i] = _block(i + 1, 1, 96);
            plan[i] = _block(i + 1, 1, 97);
        }
        _submit(worse);
        _submit(plan);
        _note("submit 291 trades", 1_000_000);
        (Link[] memory links, bytes32[][] memory legs) = _open(plan);
        Link[] memory first = new Link[](1);
        first[0] = links[0];
        warpToFinalizable(1);
        market.finalize(first, legs[0]);
        _note("finalize 97 trades of offers that live on", 1_000_000);
    }

    function test_GasOfSettlingEightIntervals() public meetsGoals {
        // Of the sixth feeder.
        address buyer = prosumers[50];
        Settlement[] memory settlements = new Settlement[](8);
        // Intervals 8 to 15 share a storage word a side, as the prosumer's agent deposits them.
        for (uint24 i = 8; i <= 15; ++i) {
            uint256 round = i - 7;
            Block[] memory plan = _postPlan(i, round);
            (Link[] memory links, bytes32[][] memory legs) = _open(plan);
            warpToFinalizable(i);
            market.finalize(links, legs[0]);
            settlements[i - 8] = _settlements(_offerOf(50, round), plan[0], legs[0])[0];
        }
        vm.prank(buyer);
        market.deposit(buyer, 5, settlements, 8, 15);
        _note("settle and deposit 8 intervals", 200_000);
    }

    /// @dev Nobody came for a whole horizon of plans: what lapsed is shed with the next interval.
    function test_GasOf97TradesAfter11LapsedIntervals() public meetsGoals {
        _postOffers(1, 12);
        Block[] memory plan = new Block[](12);
        for (uint24 i; i < 11; ++i) {
            plan[i] = _block(i + 1, 1, 1);
            plan[i].trades[0].energy = 1;
        }
        plan[11] = _block(12, 1, 97);
        _submit(plan);
        (Link[] memory links, bytes32[][] memory legs) = _open(plan);
        vm.warp(GENESIS + 12 * DELTA - 1);
        market.finalize(links, legs[11]);
        _note("finalize 97 trades after 11 lapsed intervals", 300_000);
    }

    /// @dev The worst case: as many legs as an interval may have, all of offers that live on. No interval needs more to
    /// be finalised, and the plan fits into a transaction, too.
    function test_GasOfThe1000LegsOfAFullInterval() public meetsGoals {
        Trade[] memory trades = new Trade[](500);
        for (uint256 i; i < 500; ++i) {
            trades[i].seller = post(sellers[i % 5], Side.Sell, 1000, 1, 1, 2);
            trades[i].buyer = post(prosumers[50 + i % 5], Side.Buy, 1000, 1, 1, 2);
            trades[i].energy = 799;
        }
        Block[] memory plan = Plans.one(Block(1, trades));
        _submit(plan);
        _note("submit 500 trades of 1,000 offers", TRANSACTION_LIMIT);
        (Link[] memory links, bytes32[][] memory legs) = _open(plan);
        warpToFinalizable(1);
        market.finalize(links, legs[0]);
        _note("finalize 1,000 legs of offers that live on", 8_000_000);
    }
}
