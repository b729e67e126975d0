// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Settlement} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {Authorization, ITransaxSigned, Mix} from "../../../contracts/transax/ITransaxSigned.sol";
import {Offer, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {Plans} from "./Plans.sol";
import {Signing} from "./Signing.sol";

/// @title Three anonymous accounts that came out of a mix in group 1, with 1,000 Wh of each side in the intervals 0 to 39
/// and credits
abstract contract Anonymous is Signing {
    uint32 internal constant SHARE = 1000;
    uint96 internal constant COIN = 10_000_000;
    /// @dev Where a meter listens for what an anonymous account deposits.
    address internal constant ONE_TIME = address(0x1713E);

    address[] internal nobody;

    function setUp() public virtual override {
        super.setUp();
        address[] memory inputs = people("input", 3);
        nobody = people("nobody", 3);
        uint256[] memory amounts = new uint256[](5);
        for (uint256 i; i < 5; ++i) {
            amounts[i] = eight(SHARE);
        }
        for (uint256 i; i < 3; ++i) {
            join(inputs[i], 1);
        }
        for (uint256 side; side < 2; ++side) {
            uint32[] memory nonces = new uint32[](3);
            for (uint256 i; i < 3; ++i) {
                nonces[i] = uint32(side);
            }
            uint64 deadline = uint64(block.timestamp);
            Mix memory m = Mix(1, Side(side), 0, amounts, COIN / 2, 0, address(0), deadline, inputs, nonces, nobody);
            signed.mix(m, signatures(m));
        }
    }

    function held(address account, Side side, uint24 interval) internal view returns (uint32) {
        return signed.freeAssetsIn(1, account, side, interval);
    }

    /// @dev Signed by the account and submitted by a stranger.
    function postBySig(address account, Side side, uint32 energy, uint40 price, uint24 start, uint24 end)
        internal
        returns (uint32)
    {
        bytes memory action = posting(account, 1, side, energy, price, start, end);
        Authorization memory by = signedBy(plainly(account), action);
        vm.prank(STRANGER);
        return signed.postOfferBySig(by, 1, side, energy, price, start, end);
    }

    /// @dev A transfer of one base unit, the simplest action.
    function tip(Authorization memory by) internal {
        signed.transferBySig(by, BOB, 1, 0, Side.Sell, 0, 0, 0);
    }

    function tipping(address account) internal pure returns (bytes memory) {
        return transferring(account, BOB, 1, 0, Side.Sell, 0, 0, 0);
    }
}

/// @notice What all actions have in common.
contract AuthorizationTest is Anonymous {
    bytes4 private immutable BAD = ITransaxErrors.BadSignature.selector;
    bytes4 private immutable WRONG_NONCE = ITransaxErrors.WrongNonce.selector;

    function test_RevertWhen_TheDeadlineHasPassed() public {
        Authorization memory by = signedBy(plainly(nobody[0]), tipping(nobody[0]));
        vm.warp(by.deadline + 1);
        refused(by, refusal(ITransaxErrors.Expired.selector, by.deadline));
        vm.warp(by.deadline);
        tip(by);
    }

    function test_RevertWhen_TheNonceIsWrong() public {
        address account = nobody[0];
        Authorization memory by = plainly(account);
        by.nonce = 1;
        refused(signedBy(by, tipping(account)), abi.encodeWithSelector(WRONG_NONCE, account, 0, 1));
        by.nonce = 0;
        tip(signedBy(by, tipping(account)));
        refused(by, abi.encodeWithSelector(WRONG_NONCE, account, 1, 0));
    }

    function test_RevertWhen_ItIsOfAnotherMarketChainNameOrAction() public {
        address account = nobody[0];
        bytes32[3] memory domains = [
            domain("Transax", block.chainid, address(this)),
            domain("Transax", block.chainid + 1, address(market)),
            domain("SolidWorx", block.chainid, address(market))
        ];
        for (uint256 i; i < domains.length; ++i) {
            Authorization memory by = signedBy(plainly(account), tipping(account), keyOf[account], domains[i]);
            refused(by, refusal(BAD, account));
        }
        refused(signedBy(plainly(account), cancelling(account, 1)), refusal(BAD, account));
    }

    function testFuzz_RevertWhen_AnythingIsAltered(uint256 which) public {
        address account = nobody[0];
        Authorization memory by = plainly(account);
        by.fee = 3;
        signedBy(by, tipping(account));
        which = bound(which, 0, 4);
        if (which == 0) by.deadline += 1;
        if (which == 1) by.fee = 2;
        if (which == 2) by.relay = STRANGER;
        if (which == 3) by.account = nobody[1];
        if (which == 4) by.vs ^= bytes32(uint256(1) << 255);
        refused(by, refusal(BAD, by.account));
    }

    function test_RevertWhen_AFieldIsAltered() public {
        address account = nobody[0];
        Authorization memory by = signedBy(plainly(account), posting(account, 1, Side.Sell, 10, 20, 3, 4));
        bytes memory bad = refusal(BAD, account);
        refuse(bad);
        signed.postOfferBySig(by, 0, Side.Sell, 10, 20, 3, 4);
        refuse(bad);
        signed.postOfferBySig(by, 1, Side.Buy, 10, 20, 3, 4);
        refuse(bad);
        signed.postOfferBySig(by, 1, Side.Sell, 11, 20, 3, 4);
        refuse(bad);
        signed.postOfferBySig(by, 1, Side.Sell, 10, 21, 3, 4);
        refuse(bad);
        signed.postOfferBySig(by, 1, Side.Sell, 10, 20, 2, 4);
        refuse(bad);
        signed.postOfferBySig(by, 1, Side.Sell, 10, 20, 3, 5);
        signed.postOfferBySig(by, 1, Side.Sell, 10, 20, 3, 4);
    }

    function test_RevertWhen_SomebodyElseSigns() public {
        address account = nobody[0];
        Authorization memory by = signedBy(plainly(account), tipping(account), keyOf[nobody[1]], domain());
        refused(by, refusal(BAD, account));
        // What recovers to nobody is nobody's, and nobody has nothing to sign with.
        by = plainly(address(0));
        refused(by, refusal(BAD, address(0)));
    }

    /// @dev For every signature there is one with n − s, by the same key over the same message.
    function test_RevertWhen_TheSignatureIsTheOtherOne() public {
        address account = nobody[0];
        Authorization memory by = signedBy(plainly(account), tipping(account));
        uint256 s = uint256(by.vs) & type(uint256).max >> 1;
        uint256 odd = uint256(by.vs) >> 255;
        // ERC-2098 has no room for a high s: it flips the parity as well, and is no signature of the account's.
        by.vs = bytes32((CURVE - s) | (1 - odd) << 255);
        refused(by, refusal(BAD, account));
    }

    function test_RevertWhen_TheFeeIsTooHigh() public {
        address account = nobody[0];
        Authorization memory by = plainly(account);
        by.fee = COIN + 1;
        refused(
            signedBy(by, tipping(account)),
            abi.encodeWithSelector(ITransaxErrors.InsufficientCredits.selector, COIN, COIN + 1)
        );
        // The fee is paid first, and nothing is left for the rest.
        by.fee = COIN;
        refused(
            signedBy(by, tipping(account)), abi.encodeWithSelector(ITransaxErrors.InsufficientCredits.selector, 0, 1)
        );
    }

    /// @dev Copying what another relay submits gains nothing.
    function test_WhenARelayIsNamedItIsPaidWhoeverSubmits() public {
        Authorization memory by = plainly(nobody[0]);
        (by.fee, by.relay) = (7, RELAY);
        signedBy(by, tipping(nobody[0]));
        vm.expectEmit(address(market));
        emit ITransaxEvents.Relayed(nobody[0], 0, RELAY, 7);
        vm.prank(STRANGER);
        tip(by);
        assertEq(credits(RELAY), 7, "the relay");
        assertEq(credits(STRANGER), 0, "the stranger");
        assertEq(credits(nobody[0]), COIN - 8, "fee and tip");
    }

    function test_WhenNoRelayIsNamedWhoeverSubmitsIsPaid() public {
        Authorization memory by = plainly(nobody[0]);
        by.fee = 7;
        signedBy(by, tipping(nobody[0]));
        vm.prank(STRANGER);
        tip(by);
        assertEq(credits(STRANGER), 7, "the stranger");
        // The account itself may submit, and pays itself.
        by = plainly(nobody[0]);
        by.fee = 7;
        signedBy(by, tipping(nobody[0]));
        vm.prank(nobody[0]);
        tip(by);
        assertEq(credits(nobody[0]), COIN - 9, "two tips and one fee");
    }

    function test_WhenARelayKeepsAnActionBack() public {
        Authorization memory kept = plainly(nobody[0]);
        (kept.fee, kept.relay) = (50, RELAY);
        signedBy(kept, tipping(nobody[0]));
        Authorization memory other = signedBy(plainly(nobody[0]), tipping(nobody[0]));
        vm.prank(STRANGER);
        tip(other);
        refused(kept, abi.encodeWithSelector(WRONG_NONCE, nobody[0], 1, 0));
        assertEq(credits(RELAY), 0, "no fee for what was not done");
    }

    function test_WhenTheCallFailsTheNonceIsNotUsedUp() public {
        address account = nobody[0];
        bytes memory action = posting(account, 1, Side.Sell, SHARE + 1, 1, 3, 3);
        Authorization memory by = signedBy(plainly(account), action);
        refuse(abi.encodeWithSelector(ITransaxErrors.InsufficientAssets.selector, 3, SHARE, SHARE + 1));
        signed.postOfferBySig(by, 1, Side.Sell, SHARE + 1, 1, 3, 3);
        assertEq(signed.nonces(account), 0, "nonce");
    }

    /// @dev The contract behind the market, called by itself, is a market in which nobody has anything.
    function test_WhenTheContractBehindIsCalledItself() public {
        ITransaxSigned behind =
            ITransaxSigned(vm.deployCode("TransaxSigned.sol:TransaxSigned", abi.encode(market.config())));
        Authorization memory by = signedBy(plainly(nobody[0]), tipping(nobody[0]));
        refuse(refusal(BAD, nobody[0]));
        behind.transferBySig(by, BOB, 1, 0, Side.Sell, 0, 0, 0);
        assertEq(behind.freeAssetsIn(1, nobody[0], Side.Sell, 1), 0, "assets");
    }

    function test_RevertWhen_ACallIsUnknown() public {
        (bool isDone, bytes memory answer) = address(market).call(hex"12345678");
        assertTrue(!isDone && answer.length == 0, "refused");
        vm.deal(address(this), 1);
        (isDone,) = address(market).call{value: 1}("");
        assertTrue(!isDone, "no ether is taken");
    }

    function refused(Authorization memory by, bytes memory reason) private {
        (uint96 before, uint32 nonce) = (credits(nobody[0]), signed.nonces(nobody[0]));
        refuse(reason);
        tip(by);
        assertEq(credits(nobody[0]), before, "nothing moved");
        assertEq(signed.nonces(nobody[0]), nonce, "nonce");
    }
}

contract PostOfferBySigTest is Anonymous {
    function test_RevertWhen_TheAccountIsUnknown() public {
        address account = people("unknown", 1)[0];
        Authorization memory by = signedBy(plainly(account), posting(account, 1, Side.Sell, 1, 1, 1, 1));
        refuse(abi.encodeWithSelector(ITransaxErrors.InsufficientAssets.selector, 1, 0, 1));
        signed.postOfferBySig(by, 1, Side.Sell, 1, 1, 1, 1);
        (, uint24 owner,,) = market.accounts(account);
        assertEq(owner, 0, "nobody was counted");
    }

    function test_WhenAllIsWell() public {
        address account = nobody[1];
        vm.expectEmit(address(market));
        emit ITransaxEvents.OfferPosted(1, account, 1, Side.Buy, 400, 100_000, 2, 9);
        uint32 id = postBySig(account, Side.Buy, 400, 100_000, 2, 9);
        Offer memory o = market.offers(id);
        // Alice, Bob, Carol and the three inputs have the numbers before.
        assertEq(o.owner, 7, "number");
        assertEq(o.group, 1, "group");
        assertEq(credits(account), COIN - 40_000, "escrow");
        assertEq(held(account, Side.Buy, 2), SHARE - 400, "locked");
        assertEq(held(account, Side.Buy, 10), SHARE, "not locked");
        assertEq(market.offers(postBySig(account, Side.Sell, 1, 1, 2, 2)).owner, 7, "the same number");
        (, uint24 owner, uint16 group, address meter) = market.accounts(account);
        assertEq(owner, 7, "number");
        assertEq(group, 0, "no group of its own");
        assertEq(meter, address(0), "no meter");
    }

    /// @dev A registered prosumer may sign as well.
    function test_WhenAProsumerSigns() public {
        address account = people("input", 3)[0];
        Authorization memory by = signedBy(plainly(account), posting(account, 1, Side.Sell, 5, 5, 1, 1));
        uint32 id = signed.postOfferBySig(by, 1, Side.Sell, 5, 5, 1, 1);
        (, uint24 owner,,) = market.accounts(account);
        assertEq(market.offers(id).owner, owner, "its number");
        assertEq(production(account, 1), LIMIT - SHARE - 5, "locked");
    }
}

contract CancelOfferBySigTest is Anonymous {
    function test_RevertWhen_TheOfferIsSomebodyElses() public {
        uint32 id = postBySig(nobody[0], Side.Sell, 1, 1, 20, 30);
        Authorization memory by = signedBy(plainly(nobody[1]), cancelling(nobody[1], id));
        refuse(abi.encodeWithSelector(ITransaxErrors.NotOwner.selector, id, nobody[1]));
        signed.cancelOfferBySig(by, id);
    }

    function test_WhenAllIsWell() public {
        address account = nobody[0];
        uint32 id = postBySig(account, Side.Buy, 500, 1000, 10, 30);
        uint32 far = postBySig(account, Side.Buy, 500, 1000, 20, 30);
        cancel(account, id);
        assertEq(market.offers(id).end, T_H, "cut off");
        assertEq(held(account, Side.Buy, T_H), SHARE - 500, "still locked");
        assertEq(held(account, Side.Buy, T_H + 1), SHARE, "given back");
        cancel(account, far);
        assertEq(held(account, Side.Buy, 20), SHARE, "given back");
        assertEq(credits(account), COIN - 500, "the escrow of one");
    }

    function cancel(address account, uint32 id) private {
        Authorization memory by = signedBy(plainly(account), cancelling(account, id));
        vm.prank(STRANGER);
        signed.cancelOfferBySig(by, id);
    }
}

contract TransferBySigTest is Anonymous {
    address private to = address(0x70);

    function test_RevertWhen_ItMakesNoSense() public {
        refused(transferring(nobody[0], address(0), 1, 1, Side.Sell, 0, 0, 0), ITransaxErrors.ZeroAddress.selector);
        refused(transferring(nobody[0], to, 0, 1, Side.Sell, 1, 3, 0), ITransaxErrors.NothingToMove.selector);
        refused(
            transferring(nobody[0], to, COIN + 1, 1, Side.Sell, 1, 3, 5), ITransaxErrors.InsufficientCredits.selector
        );
        refused(
            transferring(nobody[0], to, 1, 1, Side.Sell, 1, 3, SHARE + 1), ITransaxErrors.InsufficientAssets.selector
        );
        refused(transferring(nobody[0], to, 1, 0, Side.Sell, 1, 3, 1), ITransaxErrors.InsufficientAssets.selector);
        refused(transferring(nobody[0], to, 1, 1, Side.Sell, 3, 1, 1), ITransaxErrors.InvertedRange.selector);
    }

    function test_WhenAllIsWell() public {
        address account = nobody[0];
        vm.expectEmit(address(market));
        emit ITransaxEvents.Transferred(account, to, 9, 1, Side.Sell, 7, 9, 30);
        move(9, Side.Sell, 7, 9, 30);
        assertEq(credits(to), 9, "credits");
        for (uint24 t = 6; t < 11; ++t) {
            uint32 moved = t < 7 || t > 9 ? 0 : 30;
            assertEq(held(to, Side.Sell, t), moved, "assets");
            assertEq(held(account, Side.Sell, t), SHARE - moved, "the others");
        }
        move(0, Side.Buy, 1, 1, SHARE);
        assertEq(held(to, Side.Buy, 1), SHARE, "assets alone");
        move(1, Side.Buy, 5, 1, 0);
        assertEq(credits(to), 10, "credits alone");
    }

    function test_WhenItIsToItself() public {
        to = nobody[0];
        move(COIN, Side.Sell, 1, 20, SHARE);
        assertEq(credits(to), COIN, "credits");
        assertEq(held(to, Side.Sell, 20), SHARE, "assets");
    }

    function move(uint96 coins, Side side, uint24 start, uint24 end, uint32 energy) private {
        bytes memory action = transferring(nobody[0], to, coins, 1, side, start, end, energy);
        signed.transferBySig(signedBy(plainly(nobody[0]), action), to, coins, 1, side, start, end, energy);
    }

    function refused(bytes memory action, bytes4 reason) private {
        Authorization memory by = signedBy(plainly(nobody[0]), action);
        (
            ,
            address account,
            address target,
            uint96 coins,
            uint16 group,
            Side side,
            uint24 start,
            uint24 end,
            uint32 energy
        ) = abi.decode(action, (bytes32, address, address, uint96, uint16, Side, uint24, uint24, uint32));
        bytes memory call = abi.encodeCall(signed.transferBySig, (by, target, coins, group, side, start, end, energy));
        (bool isDone, bytes memory answer) = address(signed).call(call);
        assertTrue(!isDone, "refused");
        assertEq(bytes32(bytes4(answer)), bytes32(reason), "why");
        assertEq(credits(account), COIN, "nothing moved");
    }
}

contract DepositBySigTest is Anonymous {
    function test_RevertWhen_TheMeterIsNobody() public {
        finalizeThrough(0);
        Authorization memory by = signedBy(plainly(nobody[0]), depositing(nobody[0], address(0), 1, 0, 0));
        refuse(abi.encodeWithSelector(ITransaxErrors.ZeroAddress.selector));
        signed.depositBySig(by, new Settlement[](0), address(0), 1, 0, 0);
    }

    function test_RevertWhen_AnIntervalIsNotFinal() public {
        finalizeThrough(1);
        Authorization memory by = signedBy(plainly(nobody[0]), depositing(nobody[0], ONE_TIME, 1, 1, 2));
        refuse(abi.encodeWithSelector(ITransaxErrors.NotFinal.selector, 2, 2));
        signed.depositBySig(by, new Settlement[](0), ONE_TIME, 1, 1, 2);
    }

    /// @dev Assets of two groups in one account: each is deposited by itself.
    function test_WhenAnOfferOfAnotherGroupSettlesWithIt() public {
        address account = nobody[0];
        address alice = people("alice", 1)[0];
        join(alice, 0);
        bytes memory action = transferring(alice, account, 0, 0, Side.Sell, 1, 1, 300);
        signed.transferBySig(signedBy(plainly(alice), action), account, 0, 0, Side.Sell, 1, 1, 300);
        action = posting(account, 0, Side.Sell, 200, 1, 1, 1);
        uint32 id = signed.postOfferBySig(signedBy(plainly(account), action), 0, Side.Sell, 200, 1, 1, 1);
        assertEq(market.offers(id).group, 0, "group");
        finalizeThrough(1);
        deposit(account, 1, 1, settlement(id, 2), uint64(SHARE) << 32 | SHARE);
        assertEq(signed.freeAssetsIn(0, account, Side.Sell, 1), 300, "its own group's stay");
        deposit(account, 0, 1, new Settlement[](0), 300 << 32);
    }

    function deposit(address account, uint16 group, uint24 interval, Settlement[] memory s, uint64 expected) private {
        Authorization memory by = signedBy(plainly(account), depositing(account, ONE_TIME, group, interval, interval));
        uint64[] memory assets = new uint64[](1);
        assets[0] = expected;
        vm.expectEmit(address(market));
        emit ITransaxEvents.Deposited(account, ONE_TIME, group, interval, assets);
        signed.depositBySig(by, s, ONE_TIME, group, interval, interval);
    }

    /// @dev From the mix to the meter, by accounts that never had ether.
    function test_WhenAWholePeriodIsTraded() public {
        (address seller, address buyer, address third) = (nobody[0], nobody[1], nobody[2]);
        uint32 s = postBySig(seller, Side.Sell, 800, 100_000, 1, 2);
        uint32 b = postBySig(buyer, Side.Buy, 600, 200_000, 1, 1);
        submit(Plans.one(1, s, b, 600));
        finalizeThrough(2);
        Settlement[] memory sold = settlement(s, 3);
        Authorization memory by = signedBy(plainly(seller), depositing(seller, ONE_TIME, 1, 1, 2));
        uint64[] memory assets = new uint64[](2);
        // Of 1,000 Wh it sold 600 in the first interval and has the buyer's consumption instead.
        (assets[0], assets[1]) = (uint64(400) << 32 | 1600, uint64(1000) << 32 | 1000);
        vm.expectEmit(address(market));
        emit ITransaxEvents.Deposited(seller, ONE_TIME, 1, 1, assets);
        signed.depositBySig(by, sold, ONE_TIME, 1, 1, 2);
        settle(buyer, b);
        assertEq(held(buyer, Side.Sell, 1), 1600, "bought");
        assertEq(held(buyer, Side.Buy, 1), 400, "left");
        // 600 Wh at 150,000 a kWh.
        assertEq(credits(seller), COIN + 90_000, "paid");
        assertEq(credits(buyer), COIN - 90_000, "paid for");
        bytes memory action = transferring(seller, third, COIN + 90_000, 0, Side.Sell, 0, 0, 0);
        signed.transferBySig(signedBy(plainly(seller), action), third, COIN + 90_000, 0, Side.Sell, 0, 0, 0);
        assertEq(credits(third), 2 * COIN + 90_000, "passed on");
    }
}
