// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISolidWorx} from "./ISolidWorx.sol";
import {Config, Extensions, Pair, State, TypeRule} from "./SolidWorxTypes.sol";

/// @title What the set-up fixes, and the phases that follow from it
abstract contract SolidWorxPhases is ISolidWorx {
    /// @dev Where the market stands, one slot. `next`: the id of the next offer; `first`: of the cycle's first one.
    struct Phase {
        State state;
        uint56 cycle;
        uint64 end;
        uint64 firstOffer;
        uint64 nextOffer;
    }

    /// @dev Ids of solutions, one slot.
    struct SolutionIds {
        uint64 first;
        uint64 next;
    }

    /// @dev A declared rule, one slot.
    struct Rule {
        uint64 weight;
        uint64 minPrice;
        uint64 maxPrice;
        bool isDeclared;
    }

    /// @dev No type, since types are below numTypes: a rule or pair of it holds for all types.
    uint64 internal constant EVERY_TYPE = type(uint64).max;

    address internal immutable DEPLOYER;
    Phase internal _phase;
    SolutionIds internal _solutionIds;
    Config internal _config;
    mapping(uint64 resourceType => Rule) private _rules;
    mapping(uint64 resourceType => mapping(address provider => mapping(address consumer => bool))) private _pairs;

    constructor() {
        DEPLOYER = msg.sender;
    }

    /// @inheritdoc ISolidWorx
    function declareTypes(TypeRule[] calldata types) external {
        _onlyDeployerInInit();
        _declareTypes(types);
    }

    /// @inheritdoc ISolidWorx
    function declarePairs(Pair[] calldata pairs) external {
        _onlyDeployerInInit();
        _declarePairs(pairs);
    }

    /// @inheritdoc ISolidWorx
    function setup(
        uint64 numTypes,
        uint64 precision,
        uint64 maxQuantity,
        uint64 lengthReceive,
        uint64 lengthSolve,
        Extensions calldata extensions
    ) external {
        _onlyDeployerInInit();
        require(numTypes > 0 && precision > 0 && maxQuantity > 0, ZeroParameter());
        require(lengthReceive > 0 && lengthReceive <= type(uint32).max, LengthOutOfRange(lengthReceive));
        require(lengthSolve > 0 && lengthSolve <= type(uint32).max, LengthOutOfRange(lengthSolve));
        _declareTypes(extensions.types);
        _declarePairs(extensions.pairs);
        _config = Config({
            numTypes: numTypes,
            precision: precision,
            maxQuantity: maxQuantity,
            lengthReceive: lengthReceive,
            lengthSolve: lengthSolve,
            weighted: extensions.weighted,
            benefit: extensions.benefit,
            bounded: extensions.bounded,
            paired: extensions.paired,
            quantityDecimals: extensions.quantityDecimals,
            priceDecimals: extensions.priceDecimals,
            deposit: extensions.deposit
        });
        emit SetUp(_config);
        _solutionIds = SolutionIds(1, 1);
        _beginCycle(Phase(State.Init, 0, 0, 1, 1));
    }

    /// @inheritdoc ISolidWorx
    function close() external {
        Phase memory p = _after(State.Receive);
        p.state = State.Solve;
        p.end = _endOf(_config.lengthSolve);
        _phase = p;
        emit Closed(p.cycle, p.end);
    }

    /// @inheritdoc ISolidWorx
    function status() external view returns (State, uint64, uint64, uint64, uint64, uint64, uint64) {
        Phase memory p = _phase;
        SolutionIds memory s = _solutionIds;
        return (p.state, p.cycle, p.end, p.firstOffer, p.nextOffer, s.first, s.next);
    }

    /// @inheritdoc ISolidWorx
    function config() external view returns (Config memory) {
        return _config;
    }

    /// @inheritdoc ISolidWorx
    function typeRule(uint64 resourceType) public view returns (TypeRule memory) {
        Rule memory r = _rules[resourceType];
        if (!r.isDeclared) r = _rules[EVERY_TYPE];
        if (!r.isDeclared) return TypeRule(resourceType, 1, 0, type(uint64).max);
        return TypeRule(resourceType, r.weight, r.minPrice, r.maxPrice);
    }

    /// @inheritdoc ISolidWorx
    function isAllowed(uint64 resourceType, address provider, address consumer) public view returns (bool) {
        return _pairs[resourceType][provider][consumer] || _pairs[EVERY_TYPE][provider][consumer];
    }

    /// @dev The phase, which must be `state` and not over.
    function _during(State state) internal view returns (Phase memory p) {
        p = _phase;
        require(p.state == state, WrongState(p.state));
        require(block.timestamp < p.end, PhaseOver(block.timestamp, p.end));
    }

    /// @dev The phase, which must be `state` and over.
    function _after(State state) internal view returns (Phase memory p) {
        p = _phase;
        require(p.state == state, WrongState(p.state));
        require(block.timestamp >= p.end, TooEarly(block.timestamp, p.end));
    }

    /// @dev Begins the cycle after `p`, with no offers and no solutions.
    function _beginCycle(Phase memory p) internal {
        p.state = State.Receive;
        ++p.cycle;
        p.end = _endOf(_config.lengthReceive);
        p.firstOffer = p.nextOffer;
        _phase = p;
        _solutionIds.first = _solutionIds.next;
        emit CycleBegun(p.cycle, p.end);
    }

    function _endOf(uint64 length) private view returns (uint64) {
        // Cast: a length is below 2^32 seconds, and the clock will not reach 2^63 seconds.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(block.timestamp + length);
    }

    function _onlyDeployerInInit() private view {
        State state = _phase.state;
        require(state == State.Init, WrongState(state));
        require(msg.sender == DEPLOYER, NotDeployer(msg.sender));
    }

    function _declareTypes(TypeRule[] calldata types) private {
        for (uint256 i; i < types.length; ++i) {
            TypeRule calldata t = types[i];
            require(t.minPrice <= t.maxPrice, InvertedBounds(t.resourceType, t.minPrice, t.maxPrice));
            _rules[t.resourceType] = Rule(t.weight, t.minPrice, t.maxPrice, true);
            emit TypeDeclared(t.resourceType, t.weight, t.minPrice, t.maxPrice);
        }
    }

    function _declarePairs(Pair[] calldata pairs) private {
        for (uint256 i; i < pairs.length; ++i) {
            Pair calldata p = pairs[i];
            _pairs[p.resourceType][p.provider][p.consumer] = true;
            emit PairDeclared(p.resourceType, p.provider, p.consumer);
        }
    }
}
