// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {ISolidWorx} from "../../../contracts/solidworx/ISolidWorx.sol";
import {Config, Extensions, Pair, TypeRule} from "../../../contracts/solidworx/SolidWorxTypes.sol";
import {TestBase} from "../TestBase.sol";
import {Allocations, Alternative, Item, Posted} from "./Allocations.sol";

/// @title A SolidWorx market, and short words for what its users do
/// @notice The contract is deployed from its artifact, so that tests compile apart from it and run what ships.
abstract contract Exchange is TestBase {
    uint64 internal constant NUM_TYPES = 96;
    uint64 internal constant PRECISION = 1_000_000;
    uint64 internal constant MAX_QUANTITY = 1_000_000;
    uint64 internal constant LENGTH_RECEIVE = 600;
    uint64 internal constant LENGTH_SOLVE = 300;
    uint64 internal constant EVERY_TYPE = type(uint64).max;
    address internal constant ALICE = address(0xA11CE);
    address internal constant BOB = address(0xB0B);
    address internal constant CAROL = address(0xCA201);
    address internal constant SOLVER = address(0x501);
    address internal constant STRANGER = address(0x57);

    ISolidWorx internal market;
    Posted[] private _book;

    function deployMarket() internal {
        vm.warp(1_700_000_000);
        market = ISolidWorx(vm.deployCode("SolidWorx.sol:SolidWorx", ""));
    }

    function setUpMarket(Extensions memory e) internal {
        deployMarket();
        market.setup(NUM_TYPES, PRECISION, MAX_QUANTITY, LENGTH_RECEIVE, LENGTH_SOLVE, e);
    }

    /// @dev No extension.
    function plain() internal pure returns (Extensions memory e) {}

    // --- offers, and a book of what they list ---

    function postPacked(address owner, bool providing, Alternative[] memory list) internal returns (uint64 id) {
        uint256 deposit = _fund(owner);
        vm.prank(owner);
        id = market.postPackedOffer{value: deposit}(providing, 0, Allocations.pack(list));
        remember(id, owner, providing, list);
    }

    function postSteps(address owner, bool providing, Alternative[] memory list) internal returns (uint64 id) {
        uint256 deposit = _fund(owner);
        vm.startPrank(owner);
        id = market.createOffer{value: deposit}(providing, 0);
        for (uint256 i; i < list.length; ++i) {
            market.updateOffer(id, list[i].resourceType, list[i].quantity, list[i].value);
        }
        market.postOffer(id);
        vm.stopPrank();
        remember(id, owner, providing, list);
    }

    function provide(address owner, uint64 resourceType, uint64 quantity, uint64 value) internal returns (uint64) {
        return postPacked(owner, true, Allocations.one(resourceType, quantity, value));
    }

    function consume(address owner, uint64 resourceType, uint64 quantity, uint64 value) internal returns (uint64) {
        return postPacked(owner, false, Allocations.one(resourceType, quantity, value));
    }

    function remember(uint64 id, address owner, bool providing, Alternative[] memory list) internal {
        Posted storage o = _book.push();
        (o.id, o.owner, o.providing) = (id, owner, providing);
        for (uint256 i; i < list.length; ++i) {
            o.alternatives.push(list[i]);
        }
    }

    /// @dev What is known of an offer.
    function posted(uint64 id) internal view returns (Posted memory) {
        for (uint256 i = _book.length; i > 0; --i) {
            if (_book[i - 1].id == id) return _book[i - 1];
        }
        revert Allocations.Unlisted(id, 0);
    }

    function contentsOf(uint64 id) internal view returns (bytes memory) {
        return Allocations.contents(posted(id));
    }

    /// @dev The offers that the items use, ascending by id.
    function offersOf(Item[] memory items) internal view returns (Posted[] memory list) {
        uint64 last;
        uint64 lowest;
        uint256 n;
        Posted[] memory most = new Posted[](2 * items.length);
        while (true) {
            lowest = type(uint64).max;
            for (uint256 i; i < items.length; ++i) {
                (uint64 p, uint64 c) = (items[i].providingOffer, items[i].consumingOffer);
                if (p > last && p < lowest) lowest = p;
                if (c > last && c < lowest) lowest = c;
            }
            if (lowest == type(uint64).max) break;
            last = lowest;
            most[n++] = posted(lowest);
        }
        list = new Posted[](n);
        for (uint256 i; i < n; ++i) {
            list[i] = most[i];
        }
    }

    // --- solutions ---

    /// @dev What the items are worth by the objective in force.
    function worth(Item[] memory items) internal view returns (uint256 sum) {
        Config memory c = market.config();
        for (uint256 i; i < items.length; ++i) {
            Item memory a = items[i];
            uint256 term = a.quantity;
            if (c.weighted) term *= market.typeRule(a.resourceType).weight;
            if (c.benefit) {
                uint64 ask = _reservation(a.providingOffer, a.resourceType);
                uint64 bid = _reservation(a.consumingOffer, a.resourceType);
                // Of no worth where no price suits both; such an item is refused for that.
                term *= bid < ask ? 0 : bid - ask;
            }
            sum += term;
        }
    }

    function encodePost(Item[] memory items) internal view virtual returns (bytes memory) {
        Posted[] memory list = offersOf(items);
        bytes memory assignments = Allocations.assignments(list, items);
        return abi.encodeCall(market.postSolution, (uint128(worth(items)), Allocations.offers(list), assignments));
    }

    /// @dev Posts a whole solution that must be accepted.
    function submit(Item[] memory items) internal {
        uint256 value = worth(items);
        bytes memory data = encodePost(items);
        vm.prank(SOLVER);
        (bool isAccepted, bytes memory answer) = address(market).call(data);
        if (!isAccepted) pass(answer);
        assertEq(abi.decode(answer, (uint128)), value, "the solution's value");
    }

    function create(address solver) internal returns (uint64) {
        vm.prank(solver);
        return market.createSolution(0);
    }

    function add(address solver, uint64 id, Item memory a) internal {
        vm.prank(solver);
        market.addAssignment(id, a.providingOffer, a.consumingOffer, a.resourceType, a.quantity, a.price);
    }

    function unpack(uint64 id) internal {
        market.unpackOffer(id, contentsOf(id));
    }

    // --- time ---

    function warpToEnd() internal {
        vm.warp(phaseEnd());
    }

    function phaseEnd() internal view returns (uint64 end) {
        (,, end,,,,) = market.status();
    }

    function cycle() internal view returns (uint64 number) {
        (, number,,,,,) = market.status();
    }

    function close() internal {
        warpToEnd();
        market.close();
    }

    /// @dev Finalises all that the items are, in one call, once it is time.
    function finalizeAll(Item[] memory items) internal {
        warpToEnd();
        market.finalize(0, Allocations.records(items));
    }

    // --- refusals ---

    function refusal(bytes4 selector) internal pure returns (bytes memory) {
        return abi.encodePacked(selector);
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

    function refusal(bytes4 selector, uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b, c, d);
    }

    /// @dev Fails with an answer of the market.
    function pass(bytes memory answer) internal pure {
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function _reservation(uint64 id, uint64 resourceType) private view returns (uint64) {
        Posted memory o = posted(id);
        return o.alternatives[Allocations.number(o, resourceType)].value;
    }

    function _fund(address owner) private returns (uint256 deposit) {
        deposit = market.config().deposit;
        if (deposit > 0) vm.deal(owner, owner.balance + deposit);
    }
}
