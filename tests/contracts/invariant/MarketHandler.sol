// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ITransax, Settlement, TransaxConfig} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {Offer, PriceRule, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Vm} from "../TestBase.sol";
import {Block, Plans, Trade} from "../transax/Plans.sol";
import {ITransaxSigned} from "../../../contracts/transax/ITransaxSigned.sol";
import {Planner} from "./Planner.sol";

/// @title Everybody who uses a market, at random, with a book of what they did
abstract contract MarketHandler is Planner {
    /// @notice A trade of a finalised interval, as its plan had it.
    struct Fill {
        uint24 interval;
        uint32 seller;
        uint32 buyer;
        uint32 energy;
        uint64 payment;
    }

    /// @dev New offers and assets reach this far past t_f, and what is augmented a little further.
    uint24 private constant REACH = T_H + 8;
    uint24 private constant HORIZON = REACH + 4;
    /// @dev The market's life before anything is offered, so that the first moves come soon after.
    uint24 private constant FIRST = HORIZON - 4;

    /// @notice From which interval on a prosumer is in a group.
    struct Stay {
        uint24 from;
        uint16 group;
    }

    /// @dev The prosumers come first in the list, and at first have the groups 0, 1, 1, 1 and 2.
    uint256 internal constant PROSUMERS = 5;

    /// @notice Everybody with a number as owner of offers, in that order.
    address[] public who;
    /// @notice The groups of feeders whose assets an account has, by interval; of whoever is no prosumer it is one.
    mapping(address account => Stay[]) internal stays;
    Fill[] public fills;
    /// @notice What an account has deposited for an interval, Wh: production from bit 32 on, consumption below.
    mapping(address account => mapping(uint24 interval => uint64)) public deposited;
    uint256 public donated;
    /// @notice How often each kind of thing happened, to see that all of them do.
    mapping(bytes32 what => uint256) public count;

    constructor(PriceRule rule) {
        deployMarket(rule);
        signed = ITransaxSigned(address(market));
        addGroups(2, 12_000, 9000);
        addGroups(1, NO_LIMIT, NO_LIMIT);
        who = people("prosumer", PROSUMERS);
        uint16[PROSUMERS] memory groups = [uint16(0), 1, 1, 1, 2];
        for (uint256 i; i < PROSUMERS; ++i) {
            stays[who[i]].push(Stay(0, groups[i]));
            register(who[i], groups[i], LIMIT, LIMIT);
            fund(who[i], CREDITS);
        }
        // A home that leaves the group that mixes, and one that joins it.
        _moved(0, 1, HORIZON + 2);
        _moved(2, 0, HORIZON + 1);
        warpToStart(FIRST - 1);
        for (uint256 i; i < PROSUMERS; ++i) {
            _stock(who[i], Side.Sell, FIRST, FIRST + REACH);
            _stock(who[i], Side.Buy, FIRST, FIRST + REACH);
        }
    }

    /// @dev A horizon that is over soon.
    function configuration(PriceRule rule) internal view override returns (TransaxConfig memory c) {
        c = super.configuration(rule);
        c.offerHorizon = HORIZON;
    }

    /// @dev T6: whatever is done, the plan for what was and still is open does not lose value.
    modifier acts(uint256 seed_) {
        seed = seed_;
        Block[] memory before = openBlocks();
        _;
        (uint256 was, uint256 value, uint24 tf) = (0, 0, market.nextInterval());
        for (uint256 i; i < before.length; ++i) {
            if (before[i].interval >= tf) was += Plans.value(before[i]);
        }
        Block[] memory open = openBlocks();
        for (uint256 i; i < open.length; ++i) {
            if (open[i].interval >= tf) value += Plans.value(open[i]);
        }
        assertAtMost(was, value, "T6: the candidate lost value");
    }

    // --- the DSO ---

    function move(uint256 r) external acts(r) {
        (uint256 i, uint16 group, uint24 tf) = (_random(PROSUMERS), uint16(_random(3)), market.nextInterval());
        Stay memory last = stays[who[i]][stays[who[i]].length - 1];
        uint24 from = tf + HORIZON + uint24(_random(4));
        bytes memory expected;
        if (last.from > tf) {
            expected = abi.encodeWithSelector(ITransaxErrors.MovePending.selector, meterOf(who[i]), last.from);
        } else if (last.group == group) {
            expected = abi.encodeWithSelector(ITransaxErrors.SameGroup.selector, meterOf(who[i]), group);
        } else if (from == tf + HORIZON) {
            expected = refusal(ITransaxErrors.WithinOfferHorizon.selector, from, from);
        }
        if (expected.length == 0) return _moved(i, group, from);
        refuse(expected);
        vm.prank(dso);
        market.moveSmartMeter(meterOf(who[i]), group, from);
    }

    function _moved(uint256 i, uint16 group, uint24 from) private {
        vm.prank(dso);
        market.moveSmartMeter(meterOf(who[i]), group, from);
        stays[who[i]].push(Stay(from, group));
        ++count["moved"];
    }

    // --- prosumers ---

    function withdrawAssets(uint256 r) external acts(r) {
        (address account, Side side) = (_account(), _side());
        uint24 first = _interval();
        uint24 last = first + uint24(_random(6));
        uint32 room = LIMIT;
        for (uint24 t = first; t <= last; ++t) {
            uint32 left = LIMIT - market.withdrawnAssets(account, side, t);
            if (left < room) room = left;
        }
        if (room == 0) return;
        bool isAcross = _refuseAcross(account, first, last);
        withdraw(account, side, first, last, uint32(1 + _random(room)));
        if (!isAcross) ++count["withdrawn"];
    }

    /// @dev Expects the next call to be refused if the account changes its group within first..=last.
    function _refuseAcross(address account, uint24 first, uint24 last) private returns (bool isAcross) {
        uint24 from = stays[account][stays[account].length - 1].from;
        isAcross = first < from && from <= last;
        if (!isAcross) return false;
        refuse(refusal(ITransaxErrors.CrossesMove.selector, from));
        ++count["across a move"];
    }

    function postOffers(uint256 r) external acts(r) {
        for (uint256 i; i < 3; ++i) {
            _postOffer();
        }
    }

    function _postOffer() private {
        (address account, Side side) = (_account(), _side());
        uint24 start = _interval();
        uint24 end = start + uint24(_random(5));
        _stock(account, side, start, end);
        uint32 energy = _most(account, side, start, end, 20_000);
        // Most pairs match; some prices are anything.
        uint256 price = (side == Side.Sell ? 100_000 : 150_000) + _random(2) * 50_000;
        if (_random(4) == 0) price = _random(300_001);
        if (side == Side.Buy && credits(account) < 6_000_000) return;
        if (energy == 0) return;
        bool isAcross = _refuseAcross(account, start, end);
        post(account, side, energy, uint40(price), start, end);
        if (isAcross) return;
        ++count["posted"];
        if (groupAt(account, start) != stays[account][0].group) ++count["posted after a move"];
    }

    function augment(uint256 r) external acts(r) {
        (uint32 id,,) = _offer();
        Block[] memory planned = openBlocks();
        if (planned.length > 0 && _random(2) == 0) {
            // One that the candidate relies on, in its last interval perhaps.
            Trade[] memory trades = planned[planned.length - 1].trades;
            Trade memory t = trades[_random(trades.length)];
            id = _random(2) == 0 ? t.seller : t.buyer;
        }
        Offer memory o = market.offers(id);
        address account = who[o.owner - 1];
        uint24 tf = market.nextInterval();
        if (o.end < tf || o.next > o.end) return;
        if (o.next < tf) settle(account, id, tf);
        _stock(account, o.side, o.end + 1, o.end + 3);
        uint24 end = o.end + uint24(_random(4));
        if (end > tf + REACH) end = o.end;
        // It keeps its group, of which nobody has anything after leaving it.
        while (groupAt(account, end) != o.group) --end;
        if (_most(account, o.side, o.end + 1, end, NO_LIMIT) < o.energy) end = o.end;
        uint24 open = o.next < tf ? tf : o.next;
        uint32 added = _most(account, o.side, open, end, 5000);
        // The intervals added take the old energy and the new.
        if (end > o.end) {
            uint32 most = _most(account, o.side, o.end + 1, end, NO_LIMIT) - o.energy;
            if (most < added) added = most;
        }
        if (credits(account) < 6_000_000) added = 0;
        if (added == 0 && end == o.end) return;
        vm.prank(account);
        market.augmentOffer(id, added, end);
        ++count["augmented"];
        if (end > o.end && planned.length > 0 && planned[planned.length - 1].interval == o.end) ++count["extended"];
    }

    function cancel(uint256 r) external acts(r) {
        uint24 tf = market.nextInterval();
        (uint32 id, Offer memory o, address account) = _offer();
        for (uint256 i; i < 8 && o.end <= tf + T_H; ++i) {
            (id, o, account) = _offer();
        }
        if (o.end < tf || o.next > o.end) return;
        bool isWithin = o.end <= tf + T_H;
        if (isWithin) refuse(refusal(ITransaxErrors.WithinPlanHorizon.selector, id, o.end));
        vm.prank(account);
        market.cancelOffer(id);
        if (!isWithin) ++count[o.start > tf + T_H ? bytes32("cancelled whole") : bytes32("cancelled part")];
    }

    function moveMoney(uint256 r) external acts(r) {
        address account = _account();
        uint96 amount = uint96(1 + _random(10_000_000));
        if (_random(2) == 0) {
            fund(account, amount);
        } else if (amount <= credits(account)) {
            vm.prank(account);
            market.withdrawCredits(amount);
        }
    }

    function sendTokens(uint256 r) external acts(r) {
        uint256 amount = _random(1000);
        token.mint(address(market), amount);
        donated += amount;
    }

    // --- solvers ---

    function plan(uint256 r) external acts(r) {
        // Some solvers look at few intervals, so that others can do better.
        _propose(_plan(market.nextInterval(), 1 + _random(4)));
    }

    /// @dev In guard time, a plan that leaves t_f out.
    function planWithoutTheNext(uint256 r) external acts(r) {
        uint256 freeze = market.finalizableAt(market.nextInterval());
        if (block.timestamp < freeze - DELTA / 4) vm.warp(freeze - DELTA / 4);
        _propose(_plan(market.nextInterval() + 1, 5));
    }

    function _propose(Block[] memory blocks) private {
        uint24 tf = market.nextInterval();
        uint256 freeze = market.finalizableAt(tf);
        uint48 value = Plans.value(blocks);
        (bytes32 chain, uint48 best, uint24 head, uint48 headValue) = market.candidate();
        bytes memory expected;
        uint48 planned = blocks.length > 0 && blocks[0].interval == tf ? Plans.value(blocks[0]) : 0;
        if (block.timestamp >= freeze) {
            expected = refusal(ITransaxErrors.IntervalFrozen.selector, tf);
        } else if (value <= best) {
            expected = refusal(ITransaxErrors.NotBetter.selector, value, best);
        } else if (block.timestamp >= freeze - DELTA / 4 && chain != 0 && head == tf && planned < headValue) {
            expected = refusal(ITransaxErrors.WeakensNextInterval.selector, tf, planned, headValue);
        }
        if (expected.length == 0) {
            submit(blocks);
            ++count["solved"];
        } else {
            bytes memory encoded = Plans.encode(blocks);
            refuse(expected);
            market.postSolution(value, encoded);
            ++count[bytes32(bytes4(expected))];
        }
    }

    // --- strangers and time ---

    function finalize(uint256 r) external acts(r) {
        uint24 tf = market.nextInterval();
        Block[] memory open = openBlocks();
        for (uint256 i; i < open.length; ++i) {
            if (open[i].interval < tf) ++count["lapsed"];
            if (open[i].interval == tf) _fill(open[i]);
        }
        finalizeNext();
        ++count["finalized"];
    }

    function settleAny(uint256 r) external acts(r) {
        (uint32 id, Offer memory o, address account) = _offer();
        uint24 until = settleable(id);
        if (o.next > o.end || until <= o.next) return;
        settle(account, id, o.next + 1 + uint24(_random(until - o.next)));
        ++count["settled"];
    }

    function depositAny(uint256 r) external acts(r) {
        (uint32 id, Offer memory o, address account) = _offer();
        _depositAll(id, o, account);
    }

    /// @dev Some range of final intervals of the offer's account, with the offer settled or not.
    function _depositAll(uint32 id, Offer memory o, address account) internal {
        uint24 tf = market.nextInterval();
        if (tf == 0) return;
        uint24 until = settleable(id);
        Settlement[] memory s = new Settlement[](0);
        if (o.next <= o.end && until > o.next && _random(3) > 0) s = settlement(id, until);
        uint24 last = uint24(_random(tf));
        uint24 first = last - uint24(_random((last < 10 ? last : 10) + 1));
        while (groupAt(account, first) != groupAt(account, last)) ++first;
        vm.recordLogs();
        _deposit(account, s, first, last);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        (, uint24 from, uint64[] memory assets) = abi.decode(logs[logs.length - 1].data, (uint16, uint24, uint64[]));
        assertEq(from, first, "first interval deposited");
        assertEq(assets.length, last - first + 1, "intervals deposited");
        for (uint24 i; i < assets.length; ++i) {
            deposited[account][first + i] += assets[i];
        }
        ++count["deposited"];
    }

    function _deposit(address account, Settlement[] memory s, uint24 first, uint24 last) internal virtual {
        vm.prank(STRANGER);
        market.deposit(account, groupAt(account, last), s, first, last);
    }

    function wait(uint256 r) external acts(r) {
        vm.warp(block.timestamp + 1 + _random(DELTA / 2));
    }

    /// @dev Into the last quarter before t_f is settled, where it is guarded.
    function waitForTheGuard(uint256 r) external acts(r) {
        uint256 time = market.finalizableAt(market.nextInterval()) - 1 - _random(DELTA / 4);
        if (time > block.timestamp) vm.warp(time);
    }

    function sleep(uint256 r) external acts(r) {
        if (_random(3) == 0) vm.warp(block.timestamp + DELTA + _random(2 * DELTA));
    }

    /// @notice T7: a stranger finalises until every offer has ended, and settles them all.
    function unwind() external {
        uint24 last;
        for (uint32 id = 1; id <= market.offerCount(); ++id) {
            if (market.offers(id).end > last) last = market.offers(id).end;
        }
        while (market.nextInterval() <= last) this.finalize(0);
        for (uint32 id = 1; id <= market.offerCount(); ++id) {
            Offer memory o = market.offers(id);
            if (o.next <= o.end) settle(who[o.owner - 1], id);
        }
    }

    // --- what the checks ask ---

    function parties() external view returns (ITransax, uint256 tokens) {
        return (market, token.balanceOf(address(market)));
    }

    function book() external view returns (Fill[] memory) {
        return fills;
    }

    function candidateBlocks() external view returns (Block[] memory) {
        return openBlocks();
    }

    // --- inside ---

    function _fill(Block memory b) private {
        (uint256 highest, uint256 lowest) = (0, type(uint256).max);
        for (uint256 i; i < b.trades.length; ++i) {
            uint256 s = market.offers(b.trades[i].seller).price;
            uint256 p = market.offers(b.trades[i].buyer).price;
            if (s > highest) highest = s;
            if (p < lowest) lowest = p;
        }
        bool isUniform = market.config().priceRule == PriceRule.Uniform;
        for (uint256 i; i < b.trades.length; ++i) {
            Trade memory t = b.trades[i];
            uint256 s = isUniform ? highest : market.offers(t.seller).price;
            uint256 p = isUniform ? lowest : market.offers(t.buyer).price;
            fills.push(Fill(b.interval, t.seller, t.buyer, t.energy, uint64(t.energy * (s + p) / 2000)));
        }
    }

    /// @dev Up to `cap` Wh, and what the account has free in all of first..=last; zero for an empty range.
    function _most(address account, Side side, uint24 first, uint24 last, uint32 cap) internal returns (uint32 most) {
        if (first > last) return 0;
        most = type(uint32).max;
        for (uint24 t = first; t <= last; ++t) {
            uint32 spare = free(account, side, t);
            if (spare < most) most = spare;
        }
        if (most > cap) most = uint32(1 + _random(cap));
    }

    function _offer() internal returns (uint32 id, Offer memory o, address account) {
        uint32 n = market.offerCount();
        id = uint32(n > 8 && _random(2) == 0 ? n - _random(8) : 1 + _random(n));
        o = market.offers(id);
        account = who[o.owner - 1];
    }

    function _account() private returns (address) {
        return who[_random(PROSUMERS)];
    }

    function _isProsumer(address account) internal view returns (bool) {
        (,,, address meter) = market.accounts(account);
        return meter != address(0);
    }

    /// @notice The group of feeders whose assets an account has in an interval.
    function groupAt(address account, uint24 interval) public view returns (uint16) {
        Stay[] storage all = stays[account];
        uint256 i = all.length;
        if (i == 0) return 0;
        while (all[--i].from > interval) {}
        return all[i].group;
    }

    function free(address account, Side side, uint24 interval) public view returns (uint32) {
        return signed.freeAssetsIn(groupAt(account, interval), account, side, interval);
    }

    function _side() internal returns (Side) {
        return _random(2) == 0 ? Side.Sell : Side.Buy;
    }

    /// @dev More often soon than late; now and then at the end of the horizon of plans.
    function _interval() internal returns (uint24) {
        uint24 tf = market.nextInterval();
        if (_random(5) == 0) return tf + T_H - 1 + uint24(_random(4));
        return tf + uint24(_random(1 + _random(T_H - 1)));
    }

    /// @dev Withdraws what an offer will need where the account has nothing free, if it has a meter.
    function _stock(address account, Side side, uint24 first, uint24 last) private {
        if (!_isProsumer(account)) return;
        for (uint24 t = first; t <= last; ++t) {
            if (free(account, side, t) > 0) continue;
            if (market.withdrawnAssets(account, side, t) <= LIMIT / 2) withdraw(account, side, t, t, LIMIT / 2);
        }
    }
}
