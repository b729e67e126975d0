// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Lanes, LanesLibrary} from "../libraries/Lanes.sol";
import {ITransax, TransaxConfig} from "./ITransax.sol";
import {TransaxSettlement} from "./TransaxSettlement.sol";
import {Side} from "./TransaxTypes.sol";

/// @title Who takes part, and what they hold: groups, meters, accounts, assets and credits
abstract contract TransaxAccounts is TransaxSettlement, ITransax {
    using SafeERC20 for IERC20;

    bytes32 private constant REGISTRATION = keccak256("Registration(address prosumer,address meter)");

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
        _pledge(meter, group, uint256(productionLimit) + consumptionLimit);
        _meters[meter] = SmartMeter(address(0), productionLimit, consumptionLimit, group, true, false);
        emit SmartMeterRegistered(meter, group, productionLimit, consumptionLimit);
    }

    /// @inheritdoc ITransax
    function moveSmartMeter(address meter, uint16 group, uint24 from) external onlyDso {
        SmartMeter storage m = _meters[meter];
        require(m.registered, UnknownMeter(meter));
        require(group < _counters.groups, UnknownGroup(group));
        Membership memory old = _membershipOf(meter);
        uint24 tf = _nextInterval();
        require(old.from <= tf, MovePending(meter, old.from));
        require(group != old.nextGroup, SameGroup(meter, group));
        require(from > tf + OFFER_HORIZON, WithinOfferHorizon(from, tf + OFFER_HORIZON));
        uint256 limits = uint256(m.productionLimit) + m.consumptionLimit;
        // Pledged when it was registered there or moved there.
        if (m.moved) _pledged[old.group] -= limits;
        _pledge(meter, group, limits);
        m.moved = true;
        _memberships[meter] = Membership(old.nextGroup, group, from);
        if (m.prosumer != address(0)) {
            Account storage account = _accounts[m.prosumer];
            (account.group, account.nextGroup, account.from) = (old.nextGroup, group, from);
        }
        emit SmartMeterMoved(meter, old.nextGroup, group, from);
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
        Membership memory its = _membershipOf(meter);
        (account.group, account.nextGroup, account.from) = (its.group, its.nextGroup, its.from);
        _homes[msg.sender] = Home(meter, m.productionLimit, m.consumptionLimit);
        emit ProsumerRegistered(msg.sender, meter, owner);
    }

    /// @inheritdoc ITransax
    function withdrawAssets(Side side, uint24 first, uint24 last, uint32 energy) external {
        Home storage home = _homes[msg.sender];
        require(home.meter != address(0), UnknownAccount(msg.sender));
        require(energy > 0, ZeroEnergy());
        _checkSpan(first, last);
        uint16 group = _groupOver(_accounts[msg.sender], first, last);
        uint32 limit = side == Side.Sell ? home.productionLimit : home.consumptionLimit;
        for (uint256 i = first; i <= last;) {
            uint256 at = _position(group, side, i);
            // Its lowest 32 bits are the position in group 0.
            Lanes withdrawn = _withdrawn[msg.sender][at & type(uint32).max];
            Lanes free = _free[msg.sender][at];
            do {
                uint256 total = uint256(withdrawn.get(i)) + energy;
                // Cast: `i` is between `first` and `last`.
                // forge-lint: disable-next-line(unsafe-typecast)
                if (total > limit) revert OverLimit(uint24(i), total, limit);
                withdrawn = withdrawn.add(i, energy);
                free = free.add(i, energy);
            } while (++i <= last && i % LanesLibrary.COUNT != 0);
            _withdrawn[msg.sender][at & type(uint32).max] = withdrawn;
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
        Account storage a = _accounts[account];
        uint24 tf = _nextInterval();
        return (a.credits, a.owner, _groupOver(a, tf, tf), _homes[account].meter);
    }

    /// @inheritdoc ITransax
    function smartMeters(address meter)
        external
        view
        returns (
            bool registered,
            uint16 group,
            uint32 productionLimit,
            uint32 consumptionLimit,
            address prosumer,
            uint16 nextGroup,
            uint24 from
        )
    {
        SmartMeter memory m = _meters[meter];
        Membership memory its = _membershipOf(meter);
        group = _nextInterval() < its.from ? its.group : its.nextGroup;
        return (m.registered, group, m.productionLimit, m.consumptionLimit, m.prosumer, its.nextGroup, its.from);
    }

    /// @inheritdoc ITransax
    function freeAssets(address account, Side side, uint24 interval) external view returns (uint32) {
        uint16 group = _groupOver(_accounts[account], interval, interval);
        return _free[account][_position(group, side, interval)].get(interval);
    }

    /// @inheritdoc ITransax
    function withdrawnAssets(address account, Side side, uint24 interval) external view returns (uint32) {
        return _withdrawn[account][_position(0, side, interval)].get(interval);
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

    /// @inheritdoc ITransax
    function nextInterval() external view returns (uint24) {
        return _nextInterval();
    }

    /// @inheritdoc ITransax
    function finalizableAt(uint24 interval) external view returns (uint256) {
        return _finalizableAt(interval);
    }

    /// @inheritdoc ITransax
    function config() external view returns (TransaxConfig memory) {
        // Casts: the constructor took these from values of the same width.
        // forge-lint: disable-start(unsafe-typecast)
        return TransaxConfig({
            dso: DSO,
            token: address(TOKEN),
            genesis: uint64(GENESIS),
            intervalSeconds: uint32(INTERVAL_SECONDS),
            clearIntervals: uint24(CLEAR_INTERVALS),
            planHorizon: PLAN_HORIZON,
            offerHorizon: OFFER_HORIZON,
            priceRule: PRICE_RULE,
            gridPrice: GRID_PRICE,
            feedInPrice: FEED_IN_PRICE
        });
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev A group's assets of an interval keep their number when they are traded or mixed, so one lane holds them all.
    function _pledge(address meter, uint16 group, uint256 limits) private {
        uint256 pledged = _pledged[group] + limits;
        require(pledged <= type(uint32).max, LimitsTooLarge(meter));
        _pledged[group] = pledged;
    }

    function _membershipOf(address meter) private view returns (Membership memory) {
        uint16 group = _meters[meter].group;
        return _meters[meter].moved ? _memberships[meter] : Membership(group, group, 0);
    }
}
