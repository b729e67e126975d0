// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISolidWorx} from "../../contracts/solidworx/ISolidWorx.sol";
import {OfferWord} from "../../contracts/solidworx/OfferWord.sol";
import {Config, Extensions, OfferState, Pair, State, TypeRule} from "../../contracts/solidworx/SolidWorxTypes.sol";

/// @notice The cheatcodes of Halmos that these proofs need.
interface Hevm {
    function assume(bool condition) external pure;
    function deal(address account, uint256 balance) external;
    function getCode(string calldata artifact) external view returns (bytes memory);
    function load(address account, bytes32 slot) external view returns (bytes32);
    function prank(address sender) external;
    function warp(uint256 time) external;
}

interface Svm {
    function createBytes(uint256 size, string calldata name) external pure returns (bytes memory);
    function createBool(string calldata name) external pure returns (bool);
    function createBytes32(string calldata name) external pure returns (bytes32);
    function createUint256(string calldata name) external pure returns (uint256);
    function enableSymbolicStorage(address account) external;
}

// Casts: symbolic words are cut to any value of the narrower type.
// forge-lint: disable-start(unsafe-typecast)

/// @title What every proof stands on: the shipped bytecode, with anything at all in its storage
/// @notice Each proof takes one step from there: any call, by anyone, at any time. What holds of every step from every
/// storage holds of every history, whatever its length.
abstract contract Proof {
    Hevm internal constant HEVM = Hevm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Svm internal constant SVM = Svm(address(uint160(uint256(keccak256("svm cheat code")))));

    /// @dev Where a market stands, see `ISolidWorx.status`.
    struct Status {
        State state;
        uint64 cycle;
        uint64 end;
        uint64 firstOffer;
        uint64 nextOffer;
        uint64 firstSolution;
        uint64 nextSolution;
    }

    /// @dev The slot of the offers' mapping.
    uint256 private constant OFFERS = 6;

    ISolidWorx internal market;

    function setUp() public {
        bytes memory code = HEVM.getCode("out/SolidWorx.sol/SolidWorx.json");
        address made;
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        assert(made.code.length > 0);
        market = ISolidWorx(made);
        SVM.enableSymbolicStorage(made);
    }

    function status() internal view returns (Status memory s) {
        (s.state, s.cycle, s.end, s.firstOffer, s.nextOffer, s.firstSolution, s.nextSolution) = market.status();
    }

    /// @dev How many kinds of calls there are.
    uint256 internal constant KINDS = 17;

    /// @dev Any call of the kind: every function that writes, with any arguments. Lists and bytes have lengths of their
    /// own, where others would only be more of the same.
    function anyCall(uint256 kind) internal view returns (bytes memory) {
        HEVM.assume(kind < KINDS);
        if (kind == 0) return abi.encodeCall(market.createOffer, (SVM.createBool("providing"), any64()));
        if (kind == 1) return abi.encodeCall(market.updateOffer, (any64(), any64(), any64(), any64()));
        if (kind == 2) return abi.encodeCall(market.postOffer, (any64()));
        if (kind == 3) return abi.encodeCall(market.cancelOffer, (any64()));
        if (kind == 4) return anyPackedOffer();
        if (kind == 5) return abi.encodeCall(market.cancelPackedOffer, (any64(), anyContents()));
        if (kind == 6) return abi.encodeCall(market.returnDeposit, (any64(), anyContents()));
        if (kind == 7) return abi.encodeCall(market.close, ());
        if (kind == 8) return abi.encodeCall(market.unpackOffer, (any64(), anyContents()));
        if (kind == 9) return abi.encodeCall(market.createSolution, (any64()));
        if (kind == 10) {
            assumePlain();
            return abi.encodeCall(market.addAssignment, (any64(), any64(), any64(), any64(), any64(), any64()));
        }
        if (kind == 11) return anySolution();
        // Of no record, of one and of two.
        bytes32 rest = SVM.createBytes32("rest");
        if (kind == 12) return abi.encodeCall(market.finalize, (rest, ""));
        if (kind == 13) return abi.encodeCall(market.finalize, (rest, SVM.createBytes(40, "record")));
        if (kind == 14) return abi.encodeCall(market.finalize, (rest, SVM.createBytes(80, "records")));
        if (kind == 15) return anySetup();
        Pair[] memory pairs = new Pair[](1);
        pairs[0] = Pair(any64(), address(uint160(any64())), address(uint160(any64())));
        return abi.encodeCall(market.declarePairs, (pairs));
    }

    function any64() internal pure returns (uint64) {
        return uint64(SVM.createUint256("any"));
    }

    /// @dev Any contents of an offer of one alternative.
    function anyContents() internal pure returns (bytes memory) {
        return abi.encodePacked(SVM.createBytes(21, "ownerAndSide"), uint16(1), SVM.createBytes(24, "alternative"));
    }

    /// @dev Any offer of one alternative.
    function anyPackedOffer() internal view returns (bytes memory) {
        bytes memory alternatives = SVM.createBytes(24, "alternatives");
        return abi.encodeCall(market.postPackedOffer, (SVM.createBool("providing"), any64(), alternatives));
    }

    /// @dev Any solution of two offers with one alternative each and one assignment from the first to the second.
    function anySolution() internal view returns (bytes memory) {
        assumePlain();
        bytes memory offers = abi.encodePacked(any64(), anyContents(), any64(), anyContents());
        bytes memory assignments =
            abi.encodePacked(uint16(0), uint16(1), uint16(0), SVM.createBytes(16, "quantityAndPrice"));
        return abi.encodeCall(market.postSolution, (uint128(SVM.createUint256("value")), offers, assignments));
    }

    /// @dev No extension is in force. They only add reasons to refuse an assignment, or change what it is worth, and
    /// would multiply the paths of the two calls that look at them by sixteen.
    function assumePlain() internal view {
        Config memory c = market.config();
        HEVM.assume(!(c.weighted || c.benefit || c.bounded || c.paired));
    }

    /// @dev Any set-up with one rule; with `declarePairs` it writes what the two `declare` functions do.
    function anySetup() internal view returns (bytes memory) {
        Extensions memory e;
        e.deposit = uint96(SVM.createUint256("deposit"));
        e.types = new TypeRule[](1);
        e.types[0] = TypeRule(any64(), any64(), any64(), any64());
        return abi.encodeCall(market.setup, (any64(), any64(), any64(), any64(), any64(), e));
    }

    /// @dev Whether the call by `caller` at `time` succeeds.
    function act(address caller, uint256 time, uint256 paid, bytes memory data) internal returns (bool isDone) {
        HEVM.warp(time);
        HEVM.deal(caller, paid);
        HEVM.prank(caller);
        (isDone,) = address(market).call{value: paid}(data);
    }

    /// @dev An offer's word as storage has it, see `OfferWord`; `check_TheWordIsTheOffers` shows that it is.
    function wordOf(uint64 id) internal view returns (OfferWord) {
        return OfferWord.wrap(uint256(HEVM.load(address(market), keccak256(abi.encode(id, OFFERS)))));
    }

    function isPosted(OfferState s) internal pure returns (bool) {
        return s == OfferState.Posted || s == OfferState.Packed;
    }
}
