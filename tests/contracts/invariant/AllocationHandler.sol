// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {Config, Extensions, OfferState, Pair, State, TypeRule} from "../../../contracts/solidworx/SolidWorxTypes.sol";
import {Vm} from "../TestBase.sol";
import {Allocations, Alternative, Item, Posted} from "../solidworx/Allocations.sol";
import {Exchange} from "../solidworx/Exchange.sol";

/// @title Everybody who uses a SolidWorx market, at random, with a book of what they did
contract AllocationHandler is Exchange {
    uint64 public constant TYPES = 4;
    uint64 public constant PARTS = 1000;
    uint64 public constant MOST = 20;
    uint96 private constant DEPOSIT = 5;

    address[] public who;
    /// @notice Offers made in this cycle, and whether each is posted.
    uint64[] public offers;
    mapping(uint64 id => bool) public isLive;
    /// @notice The candidate as the handler knows it, and how many of its assignments are not final yet.
    Item[] private best;
    uint256 public left;
    /// @notice Solutions made step by step in this cycle.
    uint64[] public solutions;
    mapping(uint64 id => address) public solverOf;
    mapping(uint64 id => Item[]) private itemsOf;
    /// @notice Assignments that the market's events called final in the cycle that ended last, and its value.
    Item[] private finals;
    uint128 public finalValue;
    /// @notice How often each kind of thing happened, to see that all of them do.
    mapping(bytes32 what => uint256) public count;
    /// @notice Offers whose deposit the market holds.
    uint256 public held;

    uint256 private seed;

    constructor(bool isExtended) {
        deployMarket();
        Extensions memory e = plain();
        if (isExtended) {
            (e.weighted, e.benefit, e.bounded, e.paired, e.deposit) = (true, true, true, true, DEPOSIT);
            e.types = new TypeRule[](2);
            e.types[0] = TypeRule(1, 3, 2, 8);
            e.types[1] = TypeRule(EVERY_TYPE, 2, 1, 9);
            e.pairs = new Pair[](3);
            e.pairs[0] = Pair(EVERY_TYPE, ALICE, BOB);
            e.pairs[1] = Pair(1, ALICE, CAROL);
            e.pairs[2] = Pair(EVERY_TYPE, CAROL, BOB);
        }
        market.setup(TYPES, PARTS, MOST, LENGTH_RECEIVE, LENGTH_SOLVE, e);
        who = [ALICE, BOB, CAROL];
    }

    function exchange() external view returns (ISolidWorx) {
        return market;
    }

    function offerOf(uint64 id) external view returns (Posted memory) {
        return posted(id);
    }

    function candidateItems() external view returns (Item[] memory) {
        return best;
    }

    function finalItems() external view returns (Item[] memory) {
        return finals;
    }

    function solutionItems(uint64 id) external view returns (Item[] memory) {
        return itemsOf[id];
    }

    function offerCount() external view returns (uint256) {
        return offers.length;
    }

    function solutionCount() external view returns (uint256) {
        return solutions.length;
    }

    /// @dev S7: within a cycle the candidate's value does not fall.
    modifier acts(uint256 r) {
        seed = r;
        uint64 before = cycle();
        (uint128 was,,,) = market.candidate();
        _;
        (uint128 value,,,) = market.candidate();
        if (cycle() == before) assertAtMost(was, value, "S7: the candidate lost value");
    }

    // --- prosumers ---

    function offerPacked(uint256 r) external acts(r) {
        if (!_isOpen(State.Receive)) return;
        uint64 id = postPacked(_pick(), _random(2) == 0, _alternatives());
        _made(id, "packed");
    }

    function offerSteps(uint256 r) external acts(r) {
        if (!_isOpen(State.Receive)) return;
        uint64 id = postSteps(_pick(), _random(2) == 0, _alternatives());
        _made(id, "stepped");
    }

    /// @dev S3, S4: only its owner takes an offer back, and only once.
    function cancel(uint256 r) external acts(r) {
        if (offers.length == 0 || !_isOpen(State.Receive)) return;
        uint64 id = offers[_random(offers.length)];
        Posted memory o = posted(id);
        address caller = _pick();
        (OfferState state,,) = market.offer(id);
        bool isPacked = market.contentsHash(id) != 0;
        bytes memory data = isPacked
            ? abi.encodeCall(market.cancelPackedOffer, (id, Allocations.contents(o)))
            : abi.encodeCall(market.cancelOffer, (id));
        bool isRight = isLive[id] && caller == o.owner;
        assertTrue(_call(caller, data) == isRight, "S4: who may cancel");
        if (!isRight) return;
        isLive[id] = false;
        ++count["canceled"];
        // One made step by step may be posted again.
        if (state == OfferState.Posted && _random(2) == 0) {
            assertTrue(_call(o.owner, abi.encodeCall(market.postOffer, (id))), "S3: posted again");
            isLive[id] = true;
        }
    }

    // --- solvers ---

    function unpackAny(uint256 r) external acts(r) {
        if (offers.length == 0 || !_isOpen(State.Solve)) return;
        uint64 id = offers[_random(offers.length)];
        bool isRight = isLive[id] && market.contentsHash(id) != 0;
        bytes memory contents = contentsOf(id);
        assertTrue(_call(STRANGER, abi.encodeCall(market.unpackOffer, (id, contents))) == isRight, "who is unpacked");
        if (isRight) ++count["unpacked"];
    }

    function solvePacked(uint256 r) external acts(r) {
        if (!_isOpen(State.Solve)) return;
        Item[] memory items = best;
        // Now and then something quite different.
        if (_random(4) == 0) items = new Item[](0);
        for (uint256 i = 1 + _random(3); i > 0; --i) {
            (Item memory a, bool isThere) = _item();
            if (!isThere) return;
            Item[] memory more = Allocations.with(items, a);
            // Mostly feasible ones: the refused ones are worth a try, too.
            if (_isFeasible(more) || _random(8) == 0) items = more;
        }
        (uint128 value,,,) = market.candidate();
        bool isRight = _isFeasible(items) && worth(items) > value && !_hasGone(items);
        (bool isAccepted) = _call(SOLVER, _encode(items));
        assertTrue(isAccepted == isRight, "S6: verdict on a whole solution");
        if (!isAccepted) {
            ++count["refused"];
            return;
        }
        _lead(items);
        ++count["solved"];
    }

    function solveSteps(uint256 r) external acts(r) {
        if (!_isOpen(State.Solve)) return;
        if (solutions.length == 0 || _random(4) == 0) {
            uint64 made = create(_random(2) == 0 ? SOLVER : STRANGER);
            (solverOf[made],,,) = market.solution(made);
            solutions.push(made);
        }
        uint64 id = solutions[_random(solutions.length)];
        for (uint256 i = 1 + _random(3); i > 0; --i) {
            (Item memory a, bool isThere) = _item();
            if (isThere) _add(id, a, _random(8) == 0 ? STRANGER : solverOf[id]);
        }
    }

    function _add(uint64 id, Item memory a, address caller) private {
        _unpack(a.providingOffer);
        _unpack(a.consumingOffer);
        Item[] memory items = Allocations.with(itemsOf[id], a);
        bool isRight = caller == solverOf[id] && _isFeasible(items) && !_hasGone(items);
        bytes memory data = abi.encodeCall(
            market.addAssignment, (id, a.providingOffer, a.consumingOffer, a.resourceType, a.quantity, a.price)
        );
        (uint128 value,,,) = market.candidate();
        assertTrue(_call(caller, data) == isRight, "S6, S8: verdict on an assignment");
        if (caller != solverOf[id]) ++count["meddled"];
        if (!isRight) return;
        itemsOf[id].push(a);
        ++count["added"];
        if (worth(items) > value) _lead(items);
    }

    function _unpack(uint64 id) private {
        if (isLive[id] && market.contentsHash(id) != 0) unpack(id);
    }

    function _lead(Item[] memory items) private {
        delete best;
        for (uint256 i; i < items.length; ++i) {
            best.push(items[i]);
        }
        left = items.length;
    }

    // --- time ---

    function wait(uint256 r) external acts(r) {
        vm.warp(block.timestamp + 1 + _random(LENGTH_SOLVE / 8));
    }

    function closeAny(uint256 r) external acts(r) {
        (State state,, uint64 end,,,,) = market.status();
        if (state == State.Receive && _random(3) == 0) warpToEnd();
        bool isRight = state == State.Receive && block.timestamp >= end;
        assertTrue(
            _call(STRANGER, abi.encodeCall(market.close, ())) == isRight, "S1: close when it is time, not before"
        );
        if (isRight) ++count["closed"];
    }

    function finalizeAny(uint256 r) external acts(r) {
        (State state,, uint64 end,,,,) = market.status();
        if (state == State.Solve && _random(4) == 0) warpToEnd();
        uint256 size = left == 0 ? 0 : 1 + _random(left);
        bool isRight = state == State.Solve && block.timestamp >= end;
        assertTrue(_finalize(size) == isRight, "S1: finalise when it is time, not before");
    }

    /// @dev S1: from wherever it is, a stranger brings the market into the next cycle.
    function moveOn() external {
        (State state,,,,,,) = market.status();
        warpToEnd();
        if (state == State.Receive) {
            assertTrue(_call(STRANGER, abi.encodeCall(market.close, ())), "S1: close");
            warpToEnd();
        }
        uint64 before = cycle();
        while (cycle() == before) {
            assertTrue(_finalize(left == 0 ? 0 : (left + 1) / 2), "S1: finalise");
        }
    }

    function _finalize(uint256 size) private returns (bool isDone) {
        Item[] memory items = best;
        bytes memory page = Allocations.records(items, left - size, left);
        bytes32 rest = Allocations.chain(items, left - size);
        (uint128 value,,,) = market.candidate();
        uint64 before = cycle();
        vm.recordLogs();
        isDone = _call(STRANGER, abi.encodeCall(market.finalize, (rest, page)));
        if (!isDone) return false;
        if (left == items.length) delete finals;
        _readLogs();
        left -= size;
        if (left > 0) {
            ++count["paged"];
            return true;
        }
        assertEq(cycle(), before + 1, "S1: the next cycle");
        finalValue = value;
        ++count[items.length > 0 ? bytes32("finalized") : bytes32("finalized nothing")];
        _endCycle();
    }

    function _endCycle() private {
        for (uint256 i; i < offers.length; ++i) {
            uint96 deposit = market.config().deposit;
            if (deposit == 0) break;
            bytes memory contents = market.contentsHash(offers[i]) != 0 ? contentsOf(offers[i]) : bytes("");
            market.returnDeposit(offers[i], contents);
            --held;
        }
        for (uint256 i; i < solutions.length; ++i) {
            delete itemsOf[solutions[i]];
        }
        delete best;
        delete offers;
        delete solutions;
    }

    /// @dev S9 is about what the market says, so it is read from there.
    function _readLogs() private {
        bytes32 topic = ISolidWorx.AssignmentFinalized.selector;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != topic) continue;
            (uint64 resourceType, uint64 quantity, uint64 price) = abi.decode(logs[i].data, (uint64, uint64, uint64));
            (uint64 p, uint64 c) = (uint64(uint256(logs[i].topics[2])), uint64(uint256(logs[i].topics[3])));
            finals.push(Item(p, c, resourceType, quantity, price));
        }
    }

    // --- the rules, once more and slowly ---

    function _hasGone(Item[] memory items) private view returns (bool) {
        for (uint256 i; i < items.length; ++i) {
            if (!isLive[items[i].providingOffer] || !isLive[items[i].consumingOffer]) return true;
        }
        return false;
    }

    function _isFeasible(Item[] memory items) private view returns (bool) {
        Config memory c = market.config();
        for (uint256 i; i < items.length; ++i) {
            Item memory a = items[i];
            if (!_isWithin(c, a)) return false;
            if (_used(items, a.providingOffer) > PARTS || _used(items, a.consumingOffer) > PARTS) return false;
        }
        return true;
    }

    function _isWithin(Config memory c, Item memory a) private view returns (bool) {
        (Posted memory p, Posted memory o) = (posted(a.providingOffer), posted(a.consumingOffer));
        if (a.quantity == 0 || !p.providing || o.providing) return false;
        (uint64 listed, uint64 ask) = _find(p, a.resourceType);
        (uint64 wanted, uint64 bid) = _find(o, a.resourceType);
        if (listed == 0 || wanted == 0 || a.price < ask || a.price > bid) return false;
        TypeRule memory rule = market.typeRule(a.resourceType);
        if (c.bounded && (a.price < rule.minPrice || a.price > rule.maxPrice)) return false;
        return !c.paired || market.isAllowed(a.resourceType, p.owner, o.owner);
    }

    /// @dev Parts of an offer in use: for each quantity it lists, what is assigned of that, rounded up.
    function _used(Item[] memory items, uint64 id) private view returns (uint256 parts) {
        Posted memory o = posted(id);
        for (uint64 d = 1; d <= MOST; ++d) {
            uint256 amount;
            for (uint256 i; i < items.length; ++i) {
                if (items[i].providingOffer != id && items[i].consumingOffer != id) continue;
                (uint64 listed,) = _find(o, items[i].resourceType);
                if (listed == d) amount += items[i].quantity;
            }
            parts += (amount * PARTS + d - 1) / d;
        }
    }

    function _find(Posted memory o, uint64 resourceType) private pure returns (uint64 quantity, uint64 value) {
        for (uint256 i; i < o.alternatives.length; ++i) {
            Alternative memory a = o.alternatives[i];
            if (a.resourceType == resourceType) return (a.quantity, a.value);
        }
    }

    // --- chance ---

    function _item() private returns (Item memory a, bool isThere) {
        if (offers.length < 2) return (a, false);
        // Many tries for a pair that fits; then whatever came last, to be refused.
        for (uint256 i; i < 32; ++i) {
            a.providingOffer = offers[_random(offers.length)];
            a.consumingOffer = offers[_random(offers.length)];
            a.resourceType = uint64(_random(TYPES));
            a.quantity = uint64(1 + _random(MOST / 2));
            a.price = uint64(_random(10));
            if (_isWithin(market.config(), a)) break;
        }
        // The packed interface cannot even say what an offer does not list.
        (uint64 listed,) = _find(posted(a.providingOffer), a.resourceType);
        (uint64 wanted,) = _find(posted(a.consumingOffer), a.resourceType);
        isThere = listed > 0 && wanted > 0;
    }

    function _alternatives() private returns (Alternative[] memory list) {
        list = new Alternative[](1 + _random(TYPES));
        uint64 shared = uint64(1 + _random(MOST));
        bool isShared = _random(2) == 0;
        uint64 first = uint64(_random(TYPES - list.length + 1));
        for (uint64 i; i < list.length; ++i) {
            uint64 quantity = isShared ? shared : uint64(1 + _random(MOST));
            list[i] = Alternative(first + i, quantity, uint64(_random(10)));
        }
    }

    function _made(uint64 id, bytes32 what) private {
        offers.push(id);
        isLive[id] = true;
        ++held;
        ++count[what];
    }

    function _isOpen(State wanted) private view returns (bool) {
        (State state,, uint64 end,,,,) = market.status();
        return state == wanted && block.timestamp < end;
    }

    /// @dev Items that are worth nothing are claimed to be worth something, so that they are read.
    function _encode(Item[] memory items) private view returns (bytes memory) {
        Posted[] memory list = offersOf(items);
        uint256 value = worth(items);
        bytes memory assignments = Allocations.assignments(list, items);
        return
            abi.encodeCall(
                market.postSolution, (value == 0 ? 1 : uint128(value), Allocations.offers(list), assignments)
            );
    }

    function _call(address caller, bytes memory data) private returns (bool isDone) {
        vm.prank(caller);
        (isDone,) = address(market).call(data);
    }

    function _pick() private returns (address) {
        return who[_random(who.length)];
    }

    function _random(uint256 below) private returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return seed % below;
    }
}
