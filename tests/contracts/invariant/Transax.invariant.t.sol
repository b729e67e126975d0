// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ITransax} from "../../../contracts/transax/ITransax.sol";
import {Offer, PriceRule, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {TestBase} from "../TestBase.sol";
import {Block, Plans} from "../transax/Plans.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @notice The invariants of README.md, under their numbers.
abstract contract TransaxInvariants is TestBase {
    uint32 private constant LIMIT = 100_000;

    MarketHandler internal handler;
    ITransax internal market;

    function deploy(PriceRule rule) internal {
        handler = new MarketHandler(rule);
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
        bytes4[19] memory all = [
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
            handler.wait.selector
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
        address[] memory who = handler.accounts();
        (uint24 tf, uint24 from) = (market.nextInterval(), 0);
        if (tf > 8) from = tf - 8;
        // By interval and account: sold and bought.
        uint256[2][4][8] memory sums;
        MarketHandler.Fill[] memory book = handler.book();
        for (uint256 i; i < book.length; ++i) {
            if (book[i].interval < from) continue;
            sums[book[i].interval - from][market.offers(book[i].seller).owner - 1][0] += book[i].energy;
            sums[book[i].interval - from][market.offers(book[i].buyer).owner - 1][1] += book[i].energy;
        }
        for (uint256 a; a < who.length; ++a) {
            for (uint24 t = from; t < tf + 12; ++t) {
                uint32 production = market.withdrawnAssets(who[a], Side.Sell, t);
                uint32 consumption = market.withdrawnAssets(who[a], Side.Buy, t);
                assertAtMost(production, LIMIT, "T2: production");
                assertAtMost(consumption, LIMIT, "T2: consumption");
                if (t >= tf) continue;
                assertAtMost(sums[t - from][a][0], production, "T2: sold");
                assertAtMost(sums[t - from][a][1], consumption, "T2: bought");
            }
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
        address[] memory who = handler.accounts();
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

    function _checkT5_AssetsAreConserved() private view {
        address[] memory who = handler.accounts();
        uint24 tf = market.nextInterval();
        Offer[] memory list = new Offer[](market.offerCount() + 1);
        for (uint32 id = 1; id < list.length; ++id) {
            list[id] = market.offers(id);
        }
        MarketHandler.Fill[] memory book = handler.book();
        for (uint24 t = tf > 8 ? tf - 8 : 0; t < tf + 12; ++t) {
            // By account: production and consumption, in and out.
            uint256[4][4] memory flows;
            for (uint256 i; i < book.length; ++i) {
                if (book[i].interval != t) continue;
                (Offer memory s, Offer memory b) = (list[book[i].seller], list[book[i].buyer]);
                if (s.next > t) {
                    flows[s.owner - 1][1] += book[i].energy;
                    flows[s.owner - 1][2] += book[i].energy;
                }
                if (b.next > t) {
                    flows[b.owner - 1][0] += book[i].energy;
                    flows[b.owner - 1][3] += book[i].energy;
                }
            }
            for (uint256 id = 1; id < list.length; ++id) {
                Offer memory o = list[id];
                bool isLocked = o.start <= t && t <= o.end && o.next <= t;
                if (isLocked) flows[o.owner - 1][o.side == Side.Sell ? 1 : 3] += o.energy;
            }
            for (uint256 a; a < who.length; ++a) {
                uint64 gone = handler.deposited(who[a], t);
                uint256 produced = market.withdrawnAssets(who[a], Side.Sell, t) + flows[a][0];
                uint256 consumed = market.withdrawnAssets(who[a], Side.Buy, t) + flows[a][2];
                uint256 production = market.freeAssets(who[a], Side.Sell, t) + flows[a][1] + (gone >> 32);
                uint256 consumption = market.freeAssets(who[a], Side.Buy, t) + flows[a][3] + uint32(gone);
                assertEq(production, produced, "T5: production");
                assertEq(consumption, consumed, "T5: consumption");
            }
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
        address[] memory who = handler.accounts();
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
        bytes4[3] memory refusals =
            [ITransax.NotBetter.selector, ITransax.IntervalFrozen.selector, ITransax.WeakensNextInterval.selector];
        for (uint256 i; i < refusals.length; ++i) {
            assertAtMost(1, handler.count(bytes32(refusals[i])), vm.toString(i));
        }
        assertAtMost(1, handler.count("cancelled whole"), "cancelled whole");
        assertAtMost(2, handler.count("lapsed"), "lapsed");
        assertAtMost(2, handler.count("extended"), "extended in the candidate's last interval");
        assertAtMost(30, handler.book().length, "trades");
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
