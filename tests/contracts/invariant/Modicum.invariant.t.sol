// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IModicum} from "../../../contracts/modicum/IModicum.sol";
import {TestBase} from "../TestBase.sol";
import {MatchHandler} from "./MatchHandler.sol";

/// @notice The invariants M1, M2, M5 and M6 of README.md, under their numbers.
abstract contract ModicumInvariants is TestBase {
    MatchHandler internal handler;
    IModicum internal market;
    IERC20 internal token;
    uint256 internal paidIn;

    function start(uint96 stake) internal {
        handler = new MatchHandler(stake);
        address at;
        (market, at) = handler.theMarket();
        token = IERC20(at);
        paidIn = token.balanceOf(address(market));
    }

    function targetContracts() public view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        bytes4[] memory selectors = new bytes4[](13);
        selectors[0] = handler.offer.selector;
        selectors[1] = handler.pair.selector;
        selectors[2] = handler.reportResult.selector;
        selectors[3] = handler.accept.selector;
        selectors[4] = handler.reject.selector;
        selectors[5] = handler.verdict.selector;
        selectors[6] = handler.timeout.selector;
        selectors[7] = handler.cancel.selector;
        selectors[8] = handler.pass.selector;
        selectors[9] = handler.burn.selector;
        selectors[10] = handler.offer.selector;
        selectors[11] = handler.pair.selector;
        selectors[12] = handler.reportResult.selector;
        list[0] = FuzzSelector(address(handler), selectors);
    }

    /// @dev M5 and M6 are in the handler's predictions.
    function invariant_M1_MoneyIsConserved() public view {
        uint256 owned = market.funds(address(0)) + handler.held();
        for (uint256 i; i < 6; ++i) {
            owned += market.funds(handler.parties(i));
        }
        owned += uint256(market.service(0).stake) + market.service(1).stake;
        assertEq(owned, token.balanceOf(address(market)), "M1: held");
        assertEq(owned + handler.burned(), paidIn, "M1: held and burned");
        for (uint256 i; i < handler.liveCount(); ++i) {
            assertTrue(handler.isLive(i), "M2: a match ended by itself");
        }
    }

    /// @dev M2: from wherever a run has come to, a harmed party ends every match, and all money can be taken out.
    function afterInvariant() public {
        handler.endAll();
        invariant_M1_MoneyIsConserved();
        for (uint256 i; i < 6; ++i) {
            address party = handler.parties(i);
            uint256 amount = market.funds(party);
            if (amount == 0) continue;
            vm.prank(party);
            market.withdrawFunds(amount);
        }
        if (market.funds(address(0)) > 0) market.burn();
        uint256 stakes = uint256(market.service(0).stake) + market.service(1).stake;
        assertEq(token.balanceOf(address(market)), stakes, "M2: nothing is locked but stakes");
    }
}

contract ModicumInvariantTest is ModicumInvariants {
    function setUp() public {
        start(0);
    }
}

contract ModicumStakedInvariantTest is ModicumInvariants {
    function setUp() public {
        start(1_000_000);
    }
}

/// @title The handler reaches what it is meant to reach
contract MatchHandlerTest is TestBase {
    function test_EveryCallComesUp() public {
        MatchHandler handler = new MatchHandler(1_000_000);
        for (uint256 i; i < 3_000; ++i) {
            uint256 entropy = uint256(keccak256(abi.encode(i)));
            uint256 what = (entropy >> 128) % 12;
            if (what < 2) handler.offer(entropy);
            else if (what < 5) handler.pair(entropy);
            else if (what < 7) handler.reportResult(entropy);
            else if (what == 7) handler.reject(entropy);
            else if (what == 8) handler.verdict(entropy);
            else if (what == 9) handler.timeout(entropy);
            else if (what == 10) entropy >> 64 & 1 == 0 ? handler.accept(entropy) : handler.cancel(entropy);
            // Cast: any number will do.
            // forge-lint: disable-next-line(unsafe-typecast)
            else handler.pass(uint32(entropy));
        }
        string[9] memory calls = [
            "match", "result", "accept", "reject", "verdict", "no result", "no verdict", "cancel job", "cancel resource"
        ];
        for (uint256 i; i < calls.length; ++i) {
            // Cast: each is shorter than 32 bytes.
            // forge-lint: disable-next-line(unsafe-typecast)
            assertTrue(handler.count(bytes32(bytes(calls[i]))) > 0, calls[i]);
        }
    }
}
