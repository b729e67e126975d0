// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {PriceRule} from "../../../contracts/transax/TransaxTypes.sol";
import {Block, Plans, Trade} from "./Plans.sol";
import {Scene} from "./Scene.sol";

/// @notice The offers of every test here: Alice sells and Bob buys in 1 to 3, Carol buys in 2.
abstract contract Offered is Scene {
    uint32 internal alices;
    uint32 internal bobs;
    uint32 internal carols;

    function setUp() public virtual override {
        super.setUp();
        postThree();
    }

    function postThree() internal {
        alices = sell(ALICE, 1000, 100_000, 1, 3);
        bobs = buy(BOB, 800, 200_000, 1, 3);
        carols = buy(CAROL, 500, 150_000, 2, 2);
    }

    /// @dev Bytes of a plan with the three offers listed, of one block.
    function raw(uint24 interval, uint16 trades, bytes memory rest) internal view returns (bytes memory) {
        return abi.encodePacked(listed(), uint16(1), interval, trades, rest);
    }

    function listed() internal view returns (bytes memory) {
        return abi.encodePacked(uint16(3), alices, bobs, carols);
    }

    function trade(uint16 seller, uint16 buyer, uint32 energy) internal pure returns (bytes memory) {
        return abi.encodePacked(seller, buyer, energy);
    }

    function refusePlan(bytes memory data, uint48 value, bytes memory plan) internal {
        refuse(data);
        vm.prank(SOLVER);
        market.postSolution(value, plan);
    }
}

contract PostSolutionShapeTest is Offered {
    function test_RevertWhen_NotBetter() public {
        submit(Plans.one(1, alices, bobs, 100));
        refusePlan(refusal(ITransaxErrors.NotBetter.selector, 100, 100), 100, "rubbish that nobody reads");
        refusePlan(refusal(ITransaxErrors.NotBetter.selector, 0, 100), 0, "");
    }

    function test_RevertWhen_TheFirstPlanIsWorthNothing() public {
        refusePlan(refusal(ITransaxErrors.NotBetter.selector, 0, 0), 0, hex"00000000");
    }

    function test_RevertWhen_Frozen() public {
        warpToFinalizable(0);
        refusePlan(refusal(ITransaxErrors.IntervalFrozen.selector, 0), 1, "");
        vm.warp(block.timestamp - 1);
        submit(Plans.one(1, alices, bobs, 100));
    }

    function test_RevertWhen_Empty() public {
        refusePlan(refusal(ITransaxErrors.PlanTruncated.selector, 0), 1, "");
        refusePlan(refusal(ITransaxErrors.PlanTruncated.selector, 1), 1, hex"00");
        refusePlan(refusal(ITransaxErrors.PlanTruncated.selector, 2), 1, hex"0000");
        refusePlan(refusal(ITransaxErrors.WrongObjective.selector, 1, 0), 1, hex"00000000");
    }

    function test_RevertWhen_CountsAreExtreme() public {
        refusePlan(refusal(ITransaxErrors.PlanTruncated.selector, 2), 1, hex"ffff");
        bytes memory plan = abi.encodePacked(listed(), uint16(0xffff));
        refusePlan(refusal(ITransaxErrors.PlanTruncated.selector, plan.length), 1, plan);
        plan = raw(1, 0xffff, trade(0, 1, 1));
        refusePlan(refusal(ITransaxErrors.PlanTruncated.selector, plan.length), 1, plan);
    }

    function testFuzz_RevertWhen_TheEndIsMissing(uint256 size) public {
        Block[] memory blocks = _two();
        bytes memory plan = Plans.encode(blocks);
        size = bound(size, 0, plan.length - 1);
        bytes memory cut = new bytes(size);
        for (uint256 i; i < size; ++i) {
            cut[i] = plan[i];
        }
        refusePlan(refusal(ITransaxErrors.PlanTruncated.selector, size), Plans.value(blocks), cut);
    }

    function testFuzz_RevertWhen_BytesFollow(bytes memory more) public {
        vm.assume(more.length > 0);
        Block[] memory blocks = _two();
        bytes memory plan = bytes.concat(Plans.encode(blocks), more);
        refusePlan(refusal(ITransaxErrors.TrailingBytes.selector, more.length), Plans.value(blocks), plan);
    }

    /// @dev Whatever the bytes: they are refused with an error of the market's, or worth exactly what was claimed.
    function testFuzz_WhenThePlanIsNoise(uint48 value, bytes memory noise, uint256 start) public {
        value = uint48(bound(value, 1, type(uint48).max));
        bytes memory plan = start % 2 == 0 ? noise : bytes.concat(listed(), hex"0001", noise);
        vm.prank(SOLVER);
        (bool isAccepted, bytes memory answer) =
            address(market).call(abi.encodeCall(market.postSolution, (value, plan)));
        assertTrue(!isAccepted && answer.length >= 4, "refused");
        assertTrue(bytes4(answer) != 0x4e487b71, "without a panic");
    }

    function test_RevertWhen_OffersDoNotAscend() public {
        bytes4 error = ITransaxErrors.OffersNotAscending.selector;
        refusePlan(refusal(error, 1), 1, abi.encodePacked(uint16(2), uint32(2), uint32(1), uint16(0)));
        refusePlan(refusal(error, 2), 1, abi.encodePacked(uint16(2), uint32(2), uint32(2), uint16(0)));
        refusePlan(refusal(error, 0), 1, abi.encodePacked(uint16(1), uint32(0), uint16(0)));
    }

    function test_RevertWhen_AnOfferIsUnknown() public {
        refusePlan(
            refusal(ITransaxErrors.UnknownOffer.selector, 4), 1, abi.encodePacked(uint16(1), uint32(4), uint16(0))
        );
        bytes memory plan = abi.encodePacked(uint16(1), type(uint32).max, uint16(0));
        refusePlan(refusal(ITransaxErrors.UnknownOffer.selector, type(uint32).max), 1, plan);
    }

    function test_RevertWhen_IntervalsDoNotAscend() public {
        bytes memory first = abi.encodePacked(uint24(2), uint16(1), trade(0, 1, 5));
        bytes memory plan = abi.encodePacked(listed(), uint16(2), first, first);
        refusePlan(refusal(ITransaxErrors.IntervalsNotAscending.selector, 2), 10, plan);
        plan = abi.encodePacked(listed(), uint16(2), first, uint24(1), uint16(1), trade(0, 1, 5));
        refusePlan(refusal(ITransaxErrors.IntervalsNotAscending.selector, 1), 10, plan);
    }

    function test_RevertWhen_TheIntervalIsFinal() public {
        finalizeThrough(1);
        refusePlan(refusal(ITransaxErrors.IntervalFinal.selector, 1, 2), 5, raw(1, 1, trade(0, 1, 5)));
    }

    function test_RevertWhen_TheIntervalIsPastTheHorizon() public {
        sell(ALICE, 1, 1, T_H, T_H + 1);
        bytes memory plan = raw(T_H + 1, 1, trade(0, 1, 5));
        refusePlan(refusal(ITransaxErrors.BeyondHorizon.selector, T_H + 1, T_H), 5, plan);
        plan = raw(type(uint24).max, 1, trade(0, 1, 5));
        refusePlan(refusal(ITransaxErrors.BeyondHorizon.selector, type(uint24).max, T_H), 5, plan);
    }

    function test_WhenTheIntervalIsTheHorizonsLast() public {
        uint32 s = sell(ALICE, 10, 1, T_H, T_H);
        uint32 b = buy(BOB, 10, 1, T_H, T_H);
        submit(Plans.one(T_H, s, b, 10));
    }

    function test_RevertWhen_ABlockIsEmpty() public {
        refusePlan(refusal(ITransaxErrors.EmptyBlock.selector, 1), 5, raw(1, 0, trade(0, 1, 5)));
    }

    function test_RevertWhen_TheValueIsWrong() public {
        bytes memory plan = Plans.encode(_two());
        refusePlan(refusal(ITransaxErrors.WrongObjective.selector, 601, 600), 601, plan);
        refusePlan(refusal(ITransaxErrors.WrongObjective.selector, 599, 600), 599, plan);
        refusePlan(refusal(ITransaxErrors.WrongObjective.selector, type(uint48).max, 600), type(uint48).max, plan);
    }

    /// @dev Listed offers that do not trade cost their reader and change nothing.
    function test_WhenAnOfferIsListedForNothing() public {
        bytes memory plan = raw(1, 1, trade(0, 1, 5));
        vm.prank(SOLVER);
        market.postSolution(5, plan);
        (bytes32 chain,,,) = market.candidate();
        assertEq(chain, _chain(Plans.one(1, alices, bobs, 5)), "as without it");
    }

    function test_WhenAllIsWell() public {
        Block[] memory blocks = _two();
        bytes memory plan = Plans.encode(blocks);
        vm.expectEmit(address(market));
        emit ITransaxEvents.SolutionPosted(STRANGER, 600, 1, plan);
        vm.prank(STRANGER);
        market.postSolution(600, plan);
        (bytes32 chain, uint48 value, uint24 head, uint48 headValue) = market.candidate();
        assertEq(chain, _chain(blocks), "chain");
        assertEq(value, 600, "value");
        assertEq(head, 1, "first interval");
        assertEq(headValue, 400, "value there");
    }

    function _two() private view returns (Block[] memory) {
        return Plans.two(Plans.one(1, alices, bobs, 400), Plans.one(2, alices, carols, 200));
    }

    function _chain(Block[] memory blocks) private view returns (bytes32) {
        bytes32[][] memory legs = new bytes32[][](blocks.length);
        for (uint256 i; i < blocks.length; ++i) {
            legs[i] = Plans.legs(market, blocks[i]);
        }
        return Plans.chain(Plans.links(blocks, legs)[0]);
    }
}

contract PostSolutionTradesTest is Offered {
    function test_RevertWhen_ATradeIsRepeated() public {
        bytes memory plan = raw(2, 2, bytes.concat(trade(0, 1, 5), trade(0, 1, 5)));
        refusePlan(refusal(ITransaxErrors.TradesNotAscending.selector, 2, 1), 10, plan);
    }

    function test_RevertWhen_TradesDescend() public {
        bytes memory plan = raw(2, 3, bytes.concat(trade(0, 1, 5), trade(0, 2, 5), trade(0, 1, 5)));
        refusePlan(refusal(ITransaxErrors.TradesNotAscending.selector, 2, 2), 15, plan);
    }

    function test_RevertWhen_TheOfferIsNotListed() public {
        bytes4 error = ITransaxErrors.OfferNotListed.selector;
        refusePlan(refusal(error, 1, 0), 5, raw(1, 1, trade(0, 3, 5)));
        refusePlan(refusal(error, 1, 0), 5, raw(1, 1, trade(3, 1, 5)));
        refusePlan(refusal(error, 1, 0), 5, raw(1, 1, trade(type(uint16).max, type(uint16).max, 5)));
        bytes memory none = abi.encodePacked(uint16(0), uint16(1), uint24(1), uint16(1), trade(0, 0, 5));
        refusePlan(refusal(error, 1, 0), 5, none);
    }

    function test_RevertWhen_ATradeHasNoEnergy() public {
        bytes memory plan = raw(2, 2, bytes.concat(trade(0, 1, 5), trade(0, 2, 0)));
        refusePlan(refusal(ITransaxErrors.ZeroTrade.selector, 2, 1), 5, plan);
    }

    function test_RevertWhen_TheSidesAreWrong() public {
        bytes4 error = ITransaxErrors.WrongSide.selector;
        refusePlan(refusal(error, 1, 0), 5, raw(1, 1, trade(1, 0, 5)));
        refusePlan(refusal(error, 1, 0), 5, raw(1, 1, trade(0, 0, 5)));
        refusePlan(refusal(error, 2, 0), 5, raw(2, 1, trade(1, 2, 5)));
    }

    function test_RevertWhen_PricesCross() public {
        uint32 dear = sell(ALICE, 10, 200_001, 1, 1);
        bytes memory plan = abi.encodePacked(uint16(2), bobs, dear, uint16(1), uint24(1), uint16(1), trade(1, 0, 5));
        refusePlan(refusal(ITransaxErrors.PriceConflict.selector, dear, bobs), 5, plan);
    }

    function test_WhenPricesMeet() public {
        uint32 s = sell(ALICE, 10, 200_000, 1, 1);
        submit(Plans.one(1, s, bobs, 10));
    }

    function test_RevertWhen_OutsideAnOffer() public {
        refusePlan(refusal(ITransaxErrors.OutsideOffer.selector, carols, 1), 5, raw(1, 1, trade(0, 2, 5)));
        refusePlan(refusal(ITransaxErrors.OutsideOffer.selector, carols, 3), 5, raw(3, 1, trade(0, 2, 5)));
        refusePlan(refusal(ITransaxErrors.OutsideOffer.selector, alices, 4), 5, raw(4, 1, trade(0, 1, 5)));
    }

    function test_RevertWhen_AnOfferHasTooLittle() public {
        bytes4 error = ITransaxErrors.ExceedsOffer.selector;
        refusePlan(refusal(error, bobs, 1), 801, raw(1, 1, trade(0, 1, 801)));
        refusePlan(refusal(error, alices, 2), 1001, raw(2, 2, bytes.concat(trade(0, 1, 600), trade(0, 2, 401))));
        refusePlan(refusal(error, alices, 1), 1, raw(1, 1, trade(0, 1, type(uint32).max)));
    }

    function test_RevertWhen_AnOfferHasTooLittleForAllIntervals() public {
        bytes memory plan = abi.encodePacked(
            listed(), uint16(2), uint24(1), uint16(1), trade(0, 1, 800), uint24(2), uint16(1), trade(0, 2, 201)
        );
        refusePlan(refusal(ITransaxErrors.ExceedsOffer.selector, alices, 2), 1001, plan);
        submit(Plans.two(Plans.one(1, alices, bobs, 800), Plans.one(2, alices, carols, 200)));
    }

    function test_RevertWhen_AnOfferHasTradedBefore() public {
        submit(Plans.one(1, alices, bobs, 300));
        finalizeThrough(1);
        refusePlan(refusal(ITransaxErrors.ExceedsOffer.selector, bobs, 2), 501, raw(2, 1, trade(0, 1, 501)));
        submit(Plans.one(2, alices, bobs, 500));
    }

    function test_RevertWhen_AnIntervalHasTooManyLegs() public {
        uint32 s = sell(ALICE, 1000, 1, 1, 1);
        Trade[] memory trades = new Trade[](1000);
        for (uint256 i; i < 1000; ++i) {
            trades[i] = Trade(s, buy(BOB, 1, 1, 1, 1), 1);
        }
        Block[] memory blocks = Plans.one(Block(1, trades));
        refusePlan(refusal(ITransaxErrors.TooManyLegs.selector, 1, 1001), 1000, Plans.encode(blocks));
        Trade[] memory fewer = new Trade[](999);
        for (uint256 i; i < 999; ++i) {
            fewer[i] = trades[i];
        }
        submit(Plans.one(Block(1, fewer)));
    }

    /// @dev A prosumer may trade with itself; neither energy nor money comes of it.
    function test_WhenSellerAndBuyerAreOne() public {
        uint32 own = sell(BOB, 100, 1, 1, 1);
        submit(Plans.one(1, own, bobs, 100));
        finalizeThrough(1);
        settle(BOB, own);
        settle(BOB, bobs);
        assertEq(production(BOB, 1), LIMIT, "production");
        assertEq(consumption(BOB, 1), LIMIT, "consumption");
    }
}

contract PostSolutionLimitsTest is Offered {
    function test_RevertWhen_AGroupSellsTooMuch() public {
        _refuseAndAccept(ALICE, BOB, 0);
    }

    function test_RevertWhen_AGroupBuysTooMuch() public {
        // Alice, in group 0, buys; Bob and Carol sell.
        _refuseAndAccept(BOB, ALICE, 1);
    }

    /// @dev 50,000 Wh inside, 40,000 Wh net: what stays in the group fills the rest.
    function _refuseAndAccept(address seller, address buyer, uint16 sellers) private {
        uint16 first = 0;
        uint32 s = sell(seller, 60_000, 1, 5, 5);
        uint32 b = buy(buyer, 60_000, 1, 5, 5);
        bytes memory error = refusal(ITransaxErrors.InternalLimitExceeded.selector, first, 5, 50_001);
        refusePlan(error, 50_001, Plans.encode(Plans.one(5, s, b, 50_001)));
        error = refusal(ITransaxErrors.ExternalLimitExceeded.selector, first, 5, 40_001);
        refusePlan(error, 40_001, Plans.encode(Plans.one(5, s, b, 40_001)));
        submit(Plans.one(5, s, b, 40_000));
        // The seller's group buys 10,000 of its own: 50,000 sold, 40,000 of it to outside.
        uint32 own = buy(seller, 20_000, 1, 5, 5);
        Trade[] memory trades = new Trade[](2);
        (trades[0], trades[1]) = (Trade(s, b, 40_000), Trade(s, own, 10_001));
        Block memory blk = Plans.blockOf(5, trades);
        error = refusal(ITransaxErrors.InternalLimitExceeded.selector, sellers, 5, 50_001);
        refusePlan(error, 50_001, Plans.encode(Plans.one(blk)));
        trades[1].energy = 10_000;
        submit(Plans.one(Plans.blockOf(5, trades)));
    }

    /// @dev Each interval stands for itself.
    function test_WhenTwoIntervalsFillTheLimit() public {
        uint32 s = sell(ALICE, 90_000, 1, 5, 6);
        uint32 b = buy(BOB, 90_000, 1, 5, 6);
        submit(Plans.two(Plans.one(5, s, b, 40_000), Plans.one(6, s, b, 40_000)));
        refusePlan(
            refusal(ITransaxErrors.ExternalLimitExceeded.selector, 0, 6, 40_001),
            80_001,
            Plans.encode(Plans.two(Plans.one(5, s, b, 40_000), Plans.one(6, s, b, 40_001)))
        );
    }

    function test_WhenAGroupHasNoLimit() public {
        address free = address(0xF4EE);
        join(free, 2);
        uint32 s = sell(free, LIMIT, 1, 5, 5);
        uint32 b = buy(free, LIMIT, 1, 5, 5);
        submit(Plans.one(5, s, b, LIMIT));
    }
}

contract PostSolutionGuardTest is Offered {
    uint24 private constant QUARTER = uint24(DELTA / 4);

    function test_RevertWhen_TheNextIntervalLosesInItsGuardTime() public {
        finalizeThrough(0);
        submit(Plans.one(1, alices, bobs, 400));
        Block[] memory greedy = Plans.two(Plans.one(1, alices, bobs, 399), Plans.one(2, alices, carols, 500));
        vm.warp(market.finalizableAt(1) - QUARTER);
        bytes4 error = ITransaxErrors.WeakensNextInterval.selector;
        refusePlan(refusal(error, 1, 399, 400), 899, Plans.encode(greedy));
        Block[] memory later = Plans.one(2, alices, carols, 500);
        refusePlan(refusal(error, 1, 0, 400), 500, Plans.encode(later));
        submit(Plans.two(Plans.one(1, alices, bobs, 400), Plans.one(2, alices, carols, 1)));
        vm.warp(market.finalizableAt(1) - 1);
        submit(Plans.two(Plans.one(1, alices, bobs, 401), Plans.one(2, alices, carols, 1)));
    }

    function test_WhenItIsNotYetGuardTime() public {
        finalizeThrough(0);
        submit(Plans.one(1, alices, bobs, 400));
        vm.warp(market.finalizableAt(1) - QUARTER - 1);
        submit(Plans.one(2, alices, carols, 500));
    }

    function test_WhenTheCandidateDoesNotTradeInTheNextInterval() public {
        finalizeThrough(0);
        submit(Plans.one(2, alices, carols, 400));
        vm.warp(market.finalizableAt(1) - QUARTER);
        submit(Plans.one(2, alices, carols, 401));
    }

    /// @dev A lapsed interval cannot hide the candidate's energy in t_f from the guard: whenever time has moved t_f, it
    /// is frozen already, and finalising it drops what has lapsed.
    function testFuzz_RevertWhen_TheCandidateBeginsWithALapsedInterval(uint256 elapsed) public {
        submit(Plans.two(Plans.one(1, alices, bobs, 100), Plans.one(3, alices, bobs, 400)));
        vm.warp(GENESIS + DELTA + bound(elapsed, 0, 10 * DELTA));
        bytes memory frozen = refusal(ITransaxErrors.IntervalFrozen.selector, market.nextInterval());
        refusePlan(frozen, 501, "");
        finalizeNext();
        (bytes32 chain,, uint24 head,) = market.candidate();
        assertTrue(chain == 0 || head >= market.nextInterval(), "nothing lapsed is left");
    }
}

contract PostSolutionUniformTest is Offered {
    function setUp() public override {
        setTheScene(PriceRule.Uniform);
        postThree();
    }

    function test_RevertWhen_NoPriceSuitsAll() public {
        uint32 dear = sell(ALICE, 10, 160_000, 2, 2);
        Trade[] memory trades = new Trade[](2);
        (trades[0], trades[1]) = (Trade(alices, carols, 5), Trade(dear, bobs, 5));
        bytes memory plan = Plans.encode(Plans.one(Plans.blockOf(2, trades)));
        refusePlan(refusal(ITransaxErrors.NoUniformPrice.selector, 2, 160_000, 150_000), 10, plan);
    }

    function test_WhenOnePriceSuitsAll() public {
        uint32 dear = sell(ALICE, 10, 150_000, 2, 2);
        Trade[] memory trades = new Trade[](3);
        trades[0] = Trade(alices, carols, 333);
        trades[1] = Trade(dear, bobs, 7);
        trades[2] = Trade(alices, bobs, 11);
        submit(Plans.one(Plans.blockOf(2, trades)));
        finalizeThrough(2);
        settle(CAROL, carols);
        assertEq(credits(CAROL), CREDITS - 333 * 150, "at 150,000 a kWh");
        finalizeThrough(3);
        settle(BOB, bobs);
        assertEq(credits(BOB), CREDITS - 18 * 150, "at 150,000 a kWh");
    }

    function test_WhenEachIntervalHasAPriceOfItsOwn() public {
        submit(Plans.two(Plans.one(1, alices, bobs, 100), Plans.one(2, alices, carols, 100)));
        finalizeThrough(3);
        settle(CAROL, carols);
        settle(BOB, bobs);
        settle(ALICE, alices);
        assertEq(credits(BOB), CREDITS - 100 * 150, "the middle of 100,000 and 200,000");
        assertEq(credits(CAROL), CREDITS - 100 * 125, "the middle of 100,000 and 150,000");
        assertEq(credits(ALICE), CREDITS + 27_500, "both");
    }
}

contract PostSolutionReferenceTest is Scene {
    /// @dev Any feasible plan is accepted, and finalised with the legs and links that the reference makes of it.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_WhenThePlanIsFeasible(uint256 seed) public {
        (uint32[] memory sellers, uint32[] memory buyers) = (new uint32[](4), new uint32[](6));
        address[3] memory who = [ALICE, BOB, CAROL];
        for (uint256 i; i < 10; ++i) {
            uint256 r = uint256(keccak256(abi.encode(seed, i)));
            (uint24 start, uint24 end) = (uint24(r % 3), uint24(3 + (r >> 8) % 3));
            uint32 energy = uint32(2000 + (r >> 16) % 3000);
            if (i < 4) sellers[i] = sell(who[i % 3], energy, uint40((r >> 64) % 100_001), start, end);
            else buyers[i - 4] = buy(who[i % 3], energy, uint40(100_001 + (r >> 64) % 100_000), start, end);
        }
        // Every offer covers the intervals 2 and 3.
        Block[] memory used = new Block[](2);
        for (uint256 i; i < 2; ++i) {
            uint256 r = uint256(keccak256(abi.encode(seed, "block", i)));
            Trade[] memory trades = new Trade[](3 + r % 4);
            for (uint256 j; j < trades.length; ++j) {
                // Pairs (j, j), (j + 1, j), …: each pair once.
                trades[j] = Trade(sellers[(j + i) % 4], buyers[j], uint32(1 + (r >> 32 + 16 * j) % 300));
            }
            used[i] = Plans.blockOf(uint24(2 + i), trades);
        }
        submit(used);
        assertEq(candidateValue(), Plans.value(used), "value");
        finalizeThrough(5);
        assertEq(candidateValue(), 0, "opened to the end");
        for (uint24 t = 2; t < 4; ++t) {
            (bytes32 root,) = Plans.tree(Plans.leaves(t, finalLegs(t)), 0);
            assertEq(market.legsRoot(t), root, "root");
        }
        uint256 held;
        for (uint32 id = 1; id <= 10; ++id) {
            settle(who[(id - 1) % 3], id);
        }
        for (uint256 i; i < 3; ++i) {
            held += credits(who[i]);
        }
        assertEq(token.balanceOf(address(market)), held, "money is where it should be");
    }
}
