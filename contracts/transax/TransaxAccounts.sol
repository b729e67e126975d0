// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Lanes, LanesLibrary} from "../libraries/Lanes.sol";
import {ITransax} from "./ITransax.sol";
import {TransaxClock} from "./TransaxClock.sol";
import {Side} from "./TransaxTypes.sol";

/// @title Who takes part, and what they hold: groups, meters, accounts, assets and credits
abstract contract TransaxAccounts is TransaxClock, EIP712 {
    using SafeERC20 for IERC20;

    /// @dev One slot. `prosumer`: zero until somebody registers behind the meter.
    struct SmartMeter {
        address prosumer;
        uint32 productionLimit;
        uint32 consumptionLimit;
        uint16 group;
        bool registered;
    }

    /// @dev One slot. `owner`: zero for an account that only holds credits.
    struct Account {
        uint96 credits;
        uint24 owner;
        uint16 group;
    }

    bytes32 private constant REGISTRATION = keccak256("Registration(address prosumer,address meter)");
    uint256 private constant GROUPS_A_WORD = 4;
    /// @dev Checking a plan goes through all groups once an interval, some fifty gas each.
    uint256 private constant MAX_GROUPS = 1000;

    mapping(address meter => SmartMeter) internal _meters;
    mapping(address account => Account) internal _accounts;
    mapping(address account => address meter) internal _meterOf;
    /// @dev Four groups a word, 64 bits each: internal limit, external limit above it.
    uint256[MAX_GROUPS / GROUPS_A_WORD] internal _limits;
    mapping(address account => mapping(uint256 position => Lanes)) internal _free;
    mapping(address account => mapping(uint256 position => Lanes)) internal _withdrawn;

    modifier onlyDso() {
        require(msg.sender == DSO, NotDso(msg.sender));
        _;
    }

    /// @inheritdoc ITransax
    function addGroup(uint32 internalLimit, uint32 externalLimit) external onlyDso returns (uint16 group) {
        group = _counters.groups;
        require(group < MAX_GROUPS, TooManyGroups(group));
        _counters.groups = group + 1;
        uint256 limits = uint256(internalLimit) | uint256(externalLimit) << 32;
        _limits[group / GROUPS_A_WORD] |= limits << (group % GROUPS_A_WORD) * 64;
        emit GroupAdded(group, internalLimit, externalLimit);
    }

    /// @inheritdoc ITransax
    function registerSmartMeter(address meter, uint16 group, uint32 productionLimit, uint32 consumptionLimit)
        external
        onlyDso
    {
        require(meter != address(0), UnknownMeter(meter));
        require(group < _counters.groups, UnknownGroup(group));
        require(!_meters[meter].registered, MeterExists(meter));
        // An account's assets of an interval keep their number when they are traded, so one lane holds them all.
        require(uint256(productionLimit) + consumptionLimit <= type(uint32).max, LimitsTooLarge(meter));
        _meters[meter] = SmartMeter(address(0), productionLimit, consumptionLimit, group, true);
        emit SmartMeterRegistered(meter, group, productionLimit, consumptionLimit);
    }

    /// @inheritdoc ITransax
    function registerProsumer(address meter, bytes calldata certificate) external {
        SmartMeter storage m = _meters[meter];
        require(m.registered, UnknownMeter(meter));
        require(m.prosumer == address(0), MeterTaken(meter, m.prosumer));
        Account storage account = _accounts[msg.sender];
        require(account.owner == 0, AlreadyRegistered(msg.sender));
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(REGISTRATION, msg.sender, meter)));
        require(
            SignatureChecker.isValidSignatureNowCalldata(DSO, digest, certificate), BadCertificate(msg.sender, meter)
        );
        uint24 owner = ++_counters.owners;
        m.prosumer = msg.sender;
        account.owner = owner;
        account.group = m.group;
        _meterOf[msg.sender] = meter;
        emit ProsumerRegistered(msg.sender, meter, owner);
    }

    /// @inheritdoc ITransax
    function withdrawAssets(Side side, uint24 first, uint24 last, uint32 energy) external {
        address meter = _meterOf[msg.sender];
        require(meter != address(0), UnknownAccount(msg.sender));
        require(energy > 0, ZeroEnergy());
        _checkSpan(first, last);
        SmartMeter storage m = _meters[meter];
        uint32 limit = side == Side.Sell ? m.productionLimit : m.consumptionLimit;
        for (uint256 i = first; i <= last;) {
            uint256 at = _position(side, i);
            Lanes withdrawn = _withdrawn[msg.sender][at];
            Lanes free = _free[msg.sender][at];
            do {
                uint256 total = uint256(withdrawn.get(i)) + energy;
                // Cast: `i` is between `first` and `last`.
                // forge-lint: disable-next-line(unsafe-typecast)
                if (total > limit) revert OverLimit(uint24(i), total, limit);
                withdrawn = withdrawn.add(i, energy);
                free = free.add(i, energy);
            } while (++i <= last && i % LanesLibrary.COUNT != 0);
            _withdrawn[msg.sender][at] = withdrawn;
            _free[msg.sender][at] = free;
        }
        emit AssetsWithdrawn(msg.sender, side, first, last, energy);
    }

    /// @inheritdoc ITransax
    function depositCredits(uint96 amount) external {
        require(amount > 0, ZeroAmount());
        _accounts[msg.sender].credits += amount;
        emit CreditsDeposited(msg.sender, amount);
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc ITransax
    function withdrawCredits(uint96 amount) external {
        require(amount > 0, ZeroAmount());
        uint96 credits = _accounts[msg.sender].credits;
        require(amount <= credits, InsufficientCredits(credits, amount));
        _accounts[msg.sender].credits = credits - amount;
        emit CreditsWithdrawn(msg.sender, amount);
        TOKEN.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc ITransax
    function accounts(address account) external view returns (uint96, uint24, uint16, address) {
        Account memory a = _accounts[account];
        return (a.credits, a.owner, a.group, _meterOf[account]);
    }

    /// @inheritdoc ITransax
    function smartMeters(address meter) external view returns (bool, uint16, uint32, uint32, address) {
        SmartMeter memory m = _meters[meter];
        return (m.registered, m.group, m.productionLimit, m.consumptionLimit, m.prosumer);
    }

    /// @inheritdoc ITransax
    function freeAssets(address account, Side side, uint24 interval) external view returns (uint32) {
        return _free[account][_position(side, interval)].get(interval);
    }

    /// @inheritdoc ITransax
    function withdrawnAssets(address account, Side side, uint24 interval) external view returns (uint32) {
        return _withdrawn[account][_position(side, interval)].get(interval);
    }

    /// @inheritdoc ITransax
    function groupLimits(uint16 group) public view returns (uint32 internalLimit, uint32 externalLimit) {
        uint256 limits = _limits[group / GROUPS_A_WORD] >> (group % GROUPS_A_WORD) * 64;
        // Casts keep each limit's own 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return (uint32(limits), uint32(limits >> 32));
    }

    /// @inheritdoc ITransax
    function groupCount() external view returns (uint16) {
        return _counters.groups;
    }

    /// @dev A span in which something new may still happen: in order, open, and within the horizon of offers.
    function _checkSpan(uint24 first, uint24 last) internal view returns (uint24 next) {
        require(first <= last, InvertedRange(first, last));
        next = nextInterval();
        require(first >= next, IntervalFinal(first, next));
        require(last <= next + OFFER_HORIZON, BeyondHorizon(last, next + OFFER_HORIZON));
    }

    /// @dev Takes `energy` of the free assets of each interval first..=last.
    function _lockAssets(address account, Side side, uint256 first, uint256 last, uint32 energy) internal {
        for (uint256 i = first; i <= last;) {
            uint256 at = _position(side, i);
            Lanes free = _free[account][at];
            do {
                uint32 available = free.get(i);
                // Cast: `i` is between two intervals of an offer.
                // forge-lint: disable-next-line(unsafe-typecast)
                if (available < energy) revert InsufficientAssets(uint24(i), available, energy);
                free = free.sub(i, energy);
            } while (++i <= last && i % LanesLibrary.COUNT != 0);
            _free[account][at] = free;
        }
    }

    /// @dev Gives `energy` back to the free assets of each interval first..=last.
    function _releaseAssets(address account, Side side, uint256 first, uint256 last, uint256 energy) internal {
        for (uint256 i = first; i <= last;) {
            uint256 at = _position(side, i);
            Lanes free = _free[account][at];
            do {
                free = free.add(i, energy);
            } while (++i <= last && i % LanesLibrary.COUNT != 0);
            _free[account][at] = free;
        }
    }

    /// @dev Where an account's assets of one side and interval stand.
    function _position(Side side, uint256 interval) internal pure returns (uint256) {
        return interval / LanesLibrary.COUNT << 1 | uint256(side);
    }
}
