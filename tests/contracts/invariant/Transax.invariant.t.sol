// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ITransax} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {Offer, PriceRule, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {TestBase} from "../TestBase.sol";
import {Block, Plans} from "../transax/Plans.sol";
import {MarketHandler} from "./MarketHandler.sol";
import {MixingHandler} from "./MixingHandler.sol";

/// @notice The invariants of README.md, under their numbers.
abstract contract TransaxInvariants is TestBase {
    uint32 private constant LIMIT = 100_000;
    /// @dev Intervals that are checked each time: some final ones, and all that may be traded.
    uint24 private constant COUNT = 21;

    MixingHandler internal handler;
    ITransax internal market;

    function deploy(PriceRule rule) internal {
        handler = new MixingHandler(rule);
        (market,) = handler.parties();
        // No run begins with an empty book.
        for (uint256 i; i < 3; ++i) {
            handler.postOffers(uint256(keccak256(abi.encode(i))));
        }
    }

    function targetContracts() public view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        // What moves a market most comes more than once.
        bytes4[26] memory all = [
            handler.withdrawAssets.selector,
            handler.postOffers.selector,
            handler.postOffers.selector,
            handler.postOffers.selector,
            handler.augment.selector,
            handler.cancel.selector,
            handler.moveMoney.selector,
            handler.sendTokens.selector,
            handler.plan.selector,
            handler.plan.selector,
            handler.plan.selector,
            handler.finalize.selector,
            handler.finalize.selector,
            handler.settleAny.selector,
            handler.depositAny.selector,
            handler.waitForTheGuard.selector,
            handler.sleep.selector,
            handler.planWithoutTheNext.selector,
            handler.wait.selector,
            handler.move.selector,
            handler.mix.selector,
            handler.mix.selector,
            handler.postBySig.selector,
            handler.cancelBySig.selector,
            handler.depositBySig.selector,
            handler.transferBySig.selector
        ];
        bytes4[] memory selectors = new bytes4[](all.length);
        for (uint256 i; i < all.length; ++i) {
            selectors[i] = all[i];
        }
        list[0] = FuzzSelector(address(handler), selectors);
    }

    /// @dev One campaign checks all of them after each call; a failure's text begins with its number.
    function invariant_T1_T2_T3_T4_T5_T6_HoldAfterEveryCall() public view {
        _checkT1_LimitsHoldInFinalIntervals();
        _checkT2_AssetsBoundWhatIsTraded();
        _checkT3_OffersBoundTheirTrades();
        _checkT4_MoneyIsWhereItShouldBe();
        _checkT5_AssetsAreConserved();
        _checkT6_TheCandidateIsTheBestPlanLeft();
    }

    function _checkT1_LimitsHoldInFinalIntervals() private view {
        MarketHandler.Fill[] memory book = handler.book();
        uint256 from;
        while (from < book.length) {
            uint256[2][3] memory sums;
            uint256 to = from;
            for (; to < book.length && book[to].interval == book[from].interval; ++to) {
                sums[market.offers(book[to].seller).group][0] += book[to].energy;
                sums[market.offers(book[to].buyer).group][1] += book[to].energy;
            }
            for (uint16 g; g < 2; ++g) {
                (uint32 internalLimit, uint32 externalLimit) = market.groupLimits(g);
                (uint256 sold, uint256 bought) = (sums[g][0], sums[g][1]);
                assertAtMost(sold > bought ? sold : bought, internalLimit, "T1: internal");
                assertAtMost(sold > bought ? sold - bought : bought - sold, externalLimit, "T1: external");
            }
            from = to;
        }
    }

    function _checkT2_AssetsBoundWhatIsTraded() private view {
        address[] memory who = handler.holders();
        (uint24 tf, uint24 from) = (market.nextInterval(), 0);
        if (tf > 8) from = tf - 8;
        uint256[2][COUNT][] memory traded = _traded(from);
        // By interval and group: withdrawn and traded, production and consumption.
        uint256[4][3][] memory sums = new uint256[4][3][](COUNT);
        for (uint256 a; a < who.length; ++a) {
            uint256[2][] memory withdrawn = handler.withdrawals(who[a], from, COUNT);
            uint256[4][] memory balances = handler.balances(who[a], from, COUNT);
            (, uint24 owner,,) = market.accounts(who[a]);
            for (uint256 i; i < COUNT; ++i) {
                uint16 group = handler.groupAt(who[a], uint24(from + i));
                for (uint256 side; side < 2; ++side) {
                    assertAtMost(withdrawn[i][side], LIMIT, "T2: withdrawn");
                    assertAtMost(traded[owner][i][side], balances[i][2 * side], "T2: traded by an account");
                    sums[i][group][side] += withdrawn[i][side];
                    sums[i][group][2 + side] += traded[owner][i][side];
                }
            }
        }
        for (uint256 i; i < COUNT; ++i) {
            for (uint256 group; group < 3; ++group) {
                assertAtMost(sums[i][group][2], sums[i][group][0], "T2: sold by a group");
                assertAtMost(sums[i][group][3], sums[i][group][1], "T2: bought by a group");
            }
        }
    }

    /// @dev By owner and interval from `from` on: sold and bought.
    function _traded(uint24 from) private view returns (uint256[2][COUNT][] memory sums) {
        sums = new uint256[2][COUNT][](handler.owners() + 1);
        MarketHandler.Fill[] memory book = handler.book();
        for (uint256 i; i < book.length; ++i) {
            uint24 t = book[i].interval;
            if (t < from || t >= from + COUNT) continue;
            sums[market.offers(book[i].seller).owner][t - from][0] += book[i].energy;
            sums[market.offers(book[i].buyer).owner][t - from][1] += book[i].energy;
        }
    }

    function _checkT3_OffersBoundTheirTrades() private view {
        uint24 tf = market.nextInterval();
        MarketHandler.Fill[] memory book = handler.book();
        for (uint32 id = 1; id <= market.offerCount(); ++id) {
            Offer memory o = market.offers(id);
            uint256 energy;
            for (uint256 i; i < book.length; ++i) {
                MarketHandler.Fill memory f = book[i];
                if (f.seller != id && f.buyer != id) continue;
                assertTrue(o.start <= f.interval && f.interval <= o.end, "T3: interval");
                assertTrue(o.side == (f.seller == id ? Side.Sell : Side.Buy), "T3: side");
                // Rounded down from a price that is right: within one unit of the bound.
                uint256 atPrice = uint256(f.energy) * o.price / 1000;
                if (f.seller == id) assertAtMost(atPrice, f.payment, "T3: price");
                else assertAtMost(f.payment, atPrice, "T3: price");
                energy += f.energy;
            }
            assertAtMost(energy, o.energy, "T3: energy");
            assertAtMost(o.traded, energy, "T3: traded");
            if (o.end >= tf) assertEq(o.traded, energy, "T3: traded while it lives");
        }
    }

    function _checkT4_MoneyIsWhereItShouldBe() private view {
        uint256 owed = handler.donated();
        address[] memory who = handler.holders();
        for (uint256 a; a < who.length; ++a) {
            (uint96 credits,,,) = market.accounts(who[a]);
            owed += credits;
        }
        for (uint32 id = 1; id <= market.offerCount(); ++id) {
            Offer memory o = market.offers(id);
            if (o.side == Side.Buy) owed += uint256(o.energy - o.settled) * o.price / 1000;
        }
        // A buyer that has not settled still holds, in escrow, what its sellers get or have got.
        MarketHandler.Fill[] memory book = handler.book();
        for (uint256 i; i < book.length; ++i) {
            if (market.offers(book[i].seller).next <= book[i].interval) owed += book[i].payment;
        }
        for (uint256 i; i < book.length; ++i) {
            if (market.offers(book[i].buyer).next <= book[i].interval) owed -= book[i].payment;
        }
        (, uint256 tokens) = handler.parties();
        assertEq(tokens, owed, "T4: tokens held");
    }

    /// @dev By account: what it withdrew, bought and was sent is what it holds, locks, sold, sent and deposited.
    function _checkT5_AssetsAreConserved() private view {
        address[] memory who = handler.holders();
        uint24 tf = market.nextInterval();
        Offer[] memory list = new Offer[](market.offerCount() + 1);
        for (uint32 id = 1; id < list.length; ++id) {
            list[id] = market.offers(id);
        }
        MarketHandler.Fill[] memory book = handler.book();
        uint24 from = tf > 8 ? tf - 8 : 0;
        uint256[4][][] memory flows = new uint256[4][][](COUNT);
        for (uint24 i; i < COUNT; ++i) {
            flows[i] = _flows(list, book, from + i);
        }
        for (uint256 a; a < who.length; ++a) {
            (, uint24 owner,,) = market.accounts(who[a]);
            uint256[4][] memory balances = handler.balances(who[a], from, COUNT);
            for (uint256 i; i < COUNT; ++i) {
                uint256[4] memory flow = flows[i][owner];
                assertEq(balances[i][1] + flow[1], balances[i][0] + flow[0], "T5: production");
                assertEq(balances[i][3] + flow[3], balances[i][2] + flow[2], "T5: consumption");
            }
        }
    }

    /// @dev By owner: production and consumption, in and out, of what is traded and settled, or locked.
    function _flows(Offer[] memory list, MarketHandler.Fill[] memory book, uint24 t)
        private
        view
        returns (uint256[4][] memory flows)
    {
        flows = new uint256[4][](handler.owners() + 1);
        for (uint256 i; i < book.length; ++i) {
            if (book[i].interval != t) continue;
            (Offer memory s, Offer memory b) = (list[book[i].seller], list[book[i].buyer]);
            if (s.next > t) {
                flows[s.owner][1] += book[i].energy;
                flows[s.owner][2] += book[i].energy;
            }
            if (b.next > t) {
                flows[b.owner][0] += book[i].energy;
                flows[b.owner][3] += book[i].energy;
            }
        }
        for (uint256 id = 1; id < list.length; ++id) {
            Offer memory o = list[id];
            bool isLocked = o.start <= t && t <= o.end && o.next <= t;
            if (isLocked) flows[o.owner][o.side == Side.Sell ? 1 : 3] += o.energy;
        }
    }

    function _checkT6_TheCandidateIsTheBestPlanLeft() private view {
        Block[] memory blocks = handler.candidateBlocks();
        (bytes32 chain, uint48 value, uint24 head, uint48 headValue) = market.candidate();
        assertEq(value, Plans.value(blocks), "T6: value");
        assertTrue((chain == 0) == (blocks.length == 0), "T6: chain");
        if (blocks.length == 0) return;
        assertEq(head, blocks[0].interval, "T6: first interval");
        assertEq(headValue, Plans.value(blocks[0]), "T6: value there");
    }

    /// @dev T7, and with everything settled T4 in its plainest form.
    function afterInvariant() public {
        handler.unwind();
        uint256 owed = handler.donated();
        address[] memory who = handler.holders();
        for (uint256 a; a < who.length; ++a) {
            (uint96 credits,,,) = market.accounts(who[a]);
            owed += credits;
        }
        (, uint256 tokens) = handler.parties();
        assertEq(tokens, owed, "T7: everything is settled and every token is somebody's credit");
        _checkT3_OffersBoundTheirTrades();
        _checkT5_AssetsAreConserved();
    }

    /// @dev The handler is worth something only if everything happens: it does, within 1,000 calls.
    function test_EverythingHappens() public {
        bytes4[] memory selectors = targetSelectors()[0].selectors;
        for (uint256 i; i < 1000; ++i) {
            uint256 r = uint256(keccak256(abi.encode("handler", i)));
            (bool isDone,) = address(handler).call(abi.encodePacked(selectors[r % selectors.length], r));
            assertTrue(isDone, "handlers never revert");
        }
        bytes32[8] memory names = [
            bytes32("withdrawn"), "posted", "augmented", "cancelled part", "solved", "finalized", "settled", "deposited"
        ];
        for (uint256 i; i < names.length; ++i) {
            assertAtMost(2, handler.count(names[i]), string(bytes.concat(names[i])));
        }
        bytes4[3] memory refusals = [
            ITransaxErrors.NotBetter.selector,
            ITransaxErrors.IntervalFrozen.selector,
            ITransaxErrors.WeakensNextInterval.selector
        ];
        for (uint256 i; i < refusals.length; ++i) {
            assertAtMost(1, handler.count(bytes32(refusals[i])), vm.toString(i));
        }
        assertAtMost(1, handler.count("cancelled whole"), "cancelled whole");
        assertAtMost(2, handler.count("lapsed"), "lapsed");
        assertAtMost(2, handler.count("extended"), "extended in the candidate's last interval");
        assertAtMost(30, handler.book().length, "trades");
        bytes32[3] memory moved = [bytes32("moved"), "across a move", "posted after a move"];
        for (uint256 i; i < moved.length; ++i) {
            assertAtMost(3, handler.count(moved[i]), string(bytes.concat(moved[i])));
        }
        bytes32[6] memory signed = [
            bytes32("mixed"),
            "forged",
            "posted by signature",
            "cancelled by signature",
            "transferred",
            "deposited by signature"
        ];
        for (uint256 i; i < signed.length; ++i) {
            assertAtMost(2, handler.count(signed[i]), string(bytes.concat(signed[i])));
        }
        invariant_T1_T2_T3_T4_T5_T6_HoldAfterEveryCall();
        afterInvariant();
    }
}

contract MidpointInvariants is TransaxInvariants {
    function setUp() public {
        deploy(PriceRule.Midpoint);
    }
}

contract UniformInvariants is TransaxInvariants {
    function setUp() public {
        deploy(PriceRule.Uniform);
    }
}
