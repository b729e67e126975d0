// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {Config, Extensions, Pair, State, TypeRule} from "../../../contracts/solidworx/SolidWorxTypes.sol";
import {Item} from "./Allocations.sol";
import {Exchange} from "./Exchange.sol";

contract SetupTest is Exchange {
    function setUp() public {
        deployMarket();
    }

    function _setup(uint64 types, uint64 precision, uint64 most, uint64 receiving, uint64 solving) private {
        market.setup(types, precision, most, receiving, solving, plain());
    }

    function test_RevertWhen_NotTheDeployer() public {
        bytes memory data = abi.encodeWithSelector(ISolidWorx.NotDeployer.selector, STRANGER);
        vm.startPrank(STRANGER);
        vm.expectRevert(data);
        _setup(1, 1, 1, 1, 1);
        vm.expectRevert(data);
        market.declareTypes(new TypeRule[](0));
        vm.expectRevert(data);
        market.declarePairs(new Pair[](0));
    }

    function test_RevertWhen_SetUpAlready() public {
        _setup(1, 1, 1, 1, 1);
        bytes memory data = refusal(ISolidWorx.WrongState.selector, uint256(State.Receive));
        vm.expectRevert(data);
        _setup(1, 1, 1, 1, 1);
        vm.expectRevert(data);
        market.declareTypes(new TypeRule[](0));
        vm.expectRevert(data);
        market.declarePairs(new Pair[](0));
    }

    function test_RevertWhen_ANumberIsZeroOrALengthOutOfRange() public {
        bytes memory zero = refusal(ISolidWorx.ZeroParameter.selector);
        vm.expectRevert(zero);
        _setup(0, 1, 1, 1, 1);
        vm.expectRevert(zero);
        _setup(1, 0, 1, 1, 1);
        vm.expectRevert(zero);
        _setup(1, 1, 0, 1, 1);
        vm.expectRevert(refusal(ISolidWorx.LengthOutOfRange.selector, 0));
        _setup(1, 1, 1, 0, 1);
        vm.expectRevert(refusal(ISolidWorx.LengthOutOfRange.selector, 0));
        _setup(1, 1, 1, 1, 0);
        vm.expectRevert(refusal(ISolidWorx.LengthOutOfRange.selector, 1 << 32));
        _setup(1, 1, 1, 1 << 32, 1);
        vm.expectRevert(refusal(ISolidWorx.LengthOutOfRange.selector, type(uint64).max));
        _setup(1, 1, 1, 1, type(uint64).max);
    }

    function test_RevertWhen_BoundsAreInverted() public {
        TypeRule[] memory rules = new TypeRule[](1);
        rules[0] = TypeRule(7, 1, 10, 9);
        vm.expectRevert(refusal(ISolidWorx.InvertedBounds.selector, 7, 10, 9));
        market.declareTypes(rules);
    }

    function test_WhenAllIsWell_ItKeepsWhatItWasGiven() public {
        Extensions memory e = plain();
        (e.weighted, e.paired, e.quantityDecimals, e.priceDecimals, e.deposit) = (true, true, 3, 2, 1 ether);
        market.setup(NUM_TYPES, PRECISION, MAX_QUANTITY, LENGTH_RECEIVE, LENGTH_SOLVE, e);
        Config memory c = market.config();
        assertEq(c.numTypes, NUM_TYPES, "types");
        assertEq(c.precision, PRECISION, "precision");
        assertEq(c.maxQuantity, MAX_QUANTITY, "most");
        assertEq(c.lengthReceive, LENGTH_RECEIVE, "receive");
        assertEq(c.lengthSolve, LENGTH_SOLVE, "solve");
        assertTrue(c.weighted && c.paired && !c.benefit && !c.bounded, "extensions");
        assertEq(c.quantityDecimals, 3, "decimals of quantities");
        assertEq(c.priceDecimals, 2, "decimals of prices");
        assertEq(c.deposit, 1 ether, "deposit");
        (State state, uint64 number, uint64 end, uint64 first, uint64 next, uint64 firstSolution,) = market.status();
        assertTrue(state == State.Receive, "state");
        assertEq(number, 1, "cycle");
        assertEq(end, block.timestamp + LENGTH_RECEIVE, "end");
        assertTrue(first == 1 && next == 1 && firstSolution == 1, "ids");
    }

    function test_WhenRulesAreDeclared_TheLastOfATypeHolds() public {
        TypeRule[] memory rules = new TypeRule[](2);
        rules[0] = TypeRule(7, 1, 2, 3);
        rules[1] = TypeRule(8, 4, 5, 6);
        market.declareTypes(rules);
        assertEq(market.typeRule(9).maxPrice, type(uint64).max, "nothing declared: no bound");
        assertEq(market.typeRule(9).weight, 1, "nothing declared: weight 1");
        Extensions memory e = plain();
        e.types = new TypeRule[](2);
        e.types[0] = TypeRule(8, 40, 50, 60);
        e.types[1] = TypeRule(EVERY_TYPE, 10, 11, 12);
        market.setup(NUM_TYPES, PRECISION, MAX_QUANTITY, LENGTH_RECEIVE, LENGTH_SOLVE, e);
        assertEq(market.typeRule(7).minPrice, 2, "kept");
        assertEq(market.typeRule(8).weight, 40, "replaced");
        assertEq(market.typeRule(9).weight, 10, "of every type");
        assertEq(market.typeRule(9).resourceType, 9, "asked for");
    }

    function test_WhenPairsAreDeclared_TheyAreAllowed() public {
        Pair[] memory pairs = new Pair[](1);
        pairs[0] = Pair(7, ALICE, BOB);
        market.declarePairs(pairs);
        Extensions memory e = plain();
        e.pairs = new Pair[](1);
        e.pairs[0] = Pair(EVERY_TYPE, ALICE, CAROL);
        market.setup(NUM_TYPES, PRECISION, MAX_QUANTITY, LENGTH_RECEIVE, LENGTH_SOLVE, e);
        assertTrue(market.isAllowed(7, ALICE, BOB), "declared");
        assertTrue(!market.isAllowed(8, ALICE, BOB), "another type");
        assertTrue(!market.isAllowed(7, BOB, ALICE), "the other way round");
        assertTrue(market.isAllowed(3, ALICE, CAROL), "every type");
    }
}

contract ClockTest is Exchange {
    function setUp() public {
        setUpMarket(plain());
    }

    function test_RevertWhen_TheOfferingPhaseIsNotOver() public {
        vm.warp(phaseEnd() - 1);
        vm.expectRevert(refusal(ISolidWorx.TooEarly.selector, phaseEnd() - 1, phaseEnd()));
        market.close();
        vm.expectRevert(refusal(ISolidWorx.WrongState.selector, uint256(State.Receive)));
        market.finalize(0, "");
    }

    function test_WhenThePhaseIsOver_AnybodyClosesIt() public {
        vm.warp(phaseEnd() + 1000);
        vm.prank(STRANGER);
        market.close();
        (State state, uint64 number, uint64 end,,,,) = market.status();
        assertTrue(state == State.Solve, "state");
        assertEq(number, 1, "cycle");
        assertEq(end, block.timestamp + LENGTH_SOLVE, "a late call shortens nobody's time");
        vm.expectRevert(refusal(ISolidWorx.WrongState.selector, uint256(State.Solve)));
        market.close();
    }

    function test_RevertWhen_OfferingIsOverThoughNobodyClosed() public {
        uint64 id = market.createOffer(true, 0);
        warpToEnd();
        bytes memory data = refusal(ISolidWorx.PhaseOver.selector, block.timestamp, phaseEnd());
        _refuseOffers(data, id);
    }

    function test_S2_RevertWhen_OffersComeInTheSolvingPhase() public {
        uint64 id = market.createOffer(true, 0);
        close();
        _refuseOffers(refusal(ISolidWorx.WrongState.selector, uint256(State.Solve)), id);
        warpToEnd();
        _refuseOffers(refusal(ISolidWorx.WrongState.selector, uint256(State.Solve)), id);
    }

    function test_S5_RevertWhen_SolutionsComeInTheOfferingPhase() public {
        bytes memory data = refusal(ISolidWorx.WrongState.selector, uint256(State.Receive));
        _refuseSolutions(data);
        close();
        finalizeAll(new Item[](0));
        _refuseSolutions(data);
        close();
        market.createSolution(0);
    }

    function test_RevertWhen_SolvingIsOverThoughNobodyFinalised() public {
        close();
        warpToEnd();
        _refuseSolutions(refusal(ISolidWorx.PhaseOver.selector, block.timestamp, phaseEnd()));
    }

    function test_RevertWhen_NotSetUp() public {
        deployMarket();
        bytes memory data = refusal(ISolidWorx.WrongState.selector, uint256(State.Init));
        _refuseOffers(data, 1);
        _refuseSolutions(data);
        vm.expectRevert(data);
        market.close();
        vm.expectRevert(data);
        market.finalize(0, "");
    }

    function _refuseOffers(bytes memory data, uint64 id) private {
        vm.expectRevert(data);
        market.createOffer(true, 0);
        vm.expectRevert(data);
        market.updateOffer(id, 1, 1, 1);
        vm.expectRevert(data);
        market.postOffer(id);
        vm.expectRevert(data);
        market.cancelOffer(id);
        vm.expectRevert(data);
        market.postPackedOffer(true, 0, new bytes(24));
        vm.expectRevert(data);
        market.cancelPackedOffer(id, "");
    }

    function _refuseSolutions(bytes memory data) private {
        vm.expectRevert(data);
        market.createSolution(0);
        vm.expectRevert(data);
        market.addAssignment(1, 1, 2, 1, 1, 1);
        vm.expectRevert(data);
        market.postSolution(1, "", "");
        vm.expectRevert(data);
        market.unpackOffer(1, "");
    }
}
