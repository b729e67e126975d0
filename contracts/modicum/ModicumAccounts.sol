// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IModicum} from "./IModicum.sol";
import {ModicumConfig, Service, ServiceKind} from "./ModicumTypes.sol";

/// @title Balances, the services that are for hire, and who trusts them
abstract contract ModicumAccounts is IModicum {
    using SafeERC20 for IERC20;

    /// @dev The balance of what is burned.
    address internal constant BURNED = address(0);
    /// @dev Where burned tokens are sent: tokens refuse to be sent to address 0.
    address private constant ASHES = address(0xdEaD);
    uint256 private constant SERVICES_A_WORD = 256;

    IERC20 internal immutable TOKEN;
    uint256 internal immutable PENALTY_RATE;
    uint256 internal immutable VERIFICATIONS;
    uint256 internal immutable REACTION_SECONDS;
    uint256 internal immutable VERDICT_SECONDS;
    uint256 internal immutable LONGEST_SECONDS;
    uint256 internal immutable SOLVER_FEE;
    uint256 internal immutable STAKE;

    mapping(address account => uint256) internal _funds;
    mapping(address account => mapping(uint256 word => uint256 services)) private _trust;
    Service[] internal _services;

    constructor(ModicumConfig memory c) {
        require(c.penaltyRate > 0 && c.verifications > 1, BadConfig());
        require(c.reactionSeconds > 0 && c.verdictSeconds > 0 && c.longestSeconds > 0, BadConfig());
        TOKEN = IERC20(c.token);
        PENALTY_RATE = c.penaltyRate;
        VERIFICATIONS = c.verifications;
        REACTION_SECONDS = c.reactionSeconds;
        VERDICT_SECONDS = c.verdictSeconds;
        LONGEST_SECONDS = c.longestSeconds;
        SOLVER_FEE = c.solverFee;
        STAKE = c.stake;
    }

    /// @inheritdoc IModicum
    function depositFunds(uint256 amount) external {
        require(amount > 0, ZeroAmount());
        _funds[msg.sender] += amount;
        emit FundsDeposited(msg.sender, amount);
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IModicum
    function withdrawFunds(uint256 amount) external {
        require(amount > 0, ZeroAmount());
        _takeFunds(msg.sender, amount);
        emit FundsWithdrawn(msg.sender, amount);
        TOKEN.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IModicum
    function burn() external {
        uint256 amount = _funds[BURNED];
        require(amount > 0, ZeroAmount());
        _funds[BURNED] = 0;
        emit FundsWithdrawn(BURNED, amount);
        TOKEN.safeTransfer(ASHES, amount);
    }

    /// @inheritdoc IModicum
    function registerService(ServiceKind kind, uint8 architecture, bytes32 meterId, uint80 fee)
        external
        returns (uint32 id)
    {
        require(kind == ServiceKind.Mediator || kind == ServiceKind.Directory, BadServiceKind(kind));
        if (STAKE > 0) _takeFunds(msg.sender, STAKE);
        // Cast: four thousand million registrations cost more gas than there will be.
        // forge-lint: disable-next-line(unsafe-typecast)
        id = uint32(_services.length);
        // Cast: the constructor was given 96 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        _services.push(Service(msg.sender, fee, kind, architecture, meterId, uint96(STAKE), 0));
        emit ServiceRegistered(id, msg.sender, kind, architecture, meterId, fee);
    }

    /// @inheritdoc IModicum
    function updateService(uint32 id, uint8 architecture, bytes32 meterId, uint80 fee) external {
        Service storage s = _ownService(id);
        (s.architecture, s.meterId, s.fee) = (architecture, meterId, fee);
        emit ServiceUpdated(id, architecture, meterId, fee);
    }

    /// @inheritdoc IModicum
    function retireService(uint32 id) external {
        Service storage s = _ownService(id);
        s.kind = s.kind == ServiceKind.Mediator ? ServiceKind.RetiredMediator : ServiceKind.RetiredDirectory;
        // Cast: the time and three numbers of 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        s.releaseTime = uint40(block.timestamp + LONGEST_SECONDS + REACTION_SECONDS + VERDICT_SECONDS + 1);
        emit ServiceRetired(id, s.releaseTime);
    }

    /// @inheritdoc IModicum
    function releaseStake(uint32 id) external {
        Service storage s = _serviceAt(id);
        require(msg.sender == s.owner, NotServiceOwner(id, msg.sender));
        require(s.releaseTime != 0 && block.timestamp >= s.releaseTime, StakeLocked(id, s.releaseTime));
        uint96 amount = s.stake;
        require(amount > 0, ZeroAmount());
        s.stake = 0;
        _funds[msg.sender] += amount;
        emit StakeReleased(id, amount);
    }

    /// @inheritdoc IModicum
    function trust(uint32 word, uint256 services) external {
        _trust[msg.sender][word] = services;
        emit Trusted(msg.sender, word, services);
    }

    /// @inheritdoc IModicum
    function funds(address account) external view returns (uint256) {
        return _funds[account];
    }

    /// @inheritdoc IModicum
    function service(uint32 id) external view returns (Service memory s) {
        if (id < _services.length) s = _services[id];
    }

    /// @inheritdoc IModicum
    function serviceCount() external view returns (uint32) {
        // Cast: see `registerService`.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(_services.length);
    }

    /// @inheritdoc IModicum
    function trusts(address account, uint32 id) public view returns (bool) {
        return _trust[account][id / SERVICES_A_WORD] >> id % SERVICES_A_WORD & 1 == 1;
    }

    /// @inheritdoc IModicum
    function config() external view returns (ModicumConfig memory) {
        // Casts: each back to the width the constructor was given.
        // forge-lint: disable-start(unsafe-typecast)
        return ModicumConfig(
            address(TOKEN),
            uint16(PENALTY_RATE),
            uint8(VERIFICATIONS),
            uint32(REACTION_SECONDS),
            uint32(VERDICT_SECONDS),
            uint32(LONGEST_SECONDS),
            uint80(SOLVER_FEE),
            uint96(STAKE)
        );
        // forge-lint: disable-end(unsafe-typecast)
    }

    function _takeFunds(address account, uint256 amount) internal {
        uint256 balance = _funds[account];
        require(balance >= amount, InsufficientFunds(account, balance, amount));
        unchecked {
            // Checked in the line above.
            _funds[account] = balance - amount;
        }
    }

    function _giveFunds(address account, uint256 amount) internal {
        if (amount > 0) _funds[account] += amount;
    }

    function _requireTrust(address account, uint32 id) internal view {
        require(trusts(account, id), NotTrusted(account, id));
    }

    function _serviceAt(uint32 id) internal view returns (Service storage) {
        require(id < _services.length, UnknownService(id));
        return _services[id];
    }

    /// @dev A service of the caller's that has not retired.
    function _ownService(uint32 id) private view returns (Service storage s) {
        s = _serviceAt(id);
        require(msg.sender == s.owner, NotServiceOwner(id, msg.sender));
        require(s.kind == ServiceKind.Mediator || s.kind == ServiceKind.Directory, ServiceGone(id));
    }
}
