// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ITransax, TransaxConfig} from "../../../contracts/transax/ITransax.sol";
import {PriceRule, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {TestBase} from "../TestBase.sol";

/// @notice The token's function that is not ERC-20's.
interface IMintable is IERC20 {
    function mint(address account, uint256 amount) external;
}

/// @title A market, and short words for what its users do
/// @notice The contracts are deployed from their artifacts, so that tests compile apart from them and run what ships.
abstract contract Market is TestBase {
    uint256 internal constant DSO_KEY = 0xD50;
    uint64 internal constant GENESIS = 1_700_000_000;
    uint32 internal constant DELTA = 900;
    uint24 internal constant T_CLEAR = 1;
    uint24 internal constant T_H = 12;
    uint24 internal constant OFFER_HORIZON = 100;
    uint32 internal constant NO_LIMIT = type(uint32).max;
    address internal constant SOLVER = address(0x501);
    address internal constant STRANGER = address(0x57);

    ITransax internal market;
    IMintable internal token;
    address internal dso;

    function deployMarket(PriceRule rule) internal {
        dso = vm.addr(DSO_KEY);
        token = IMintable(vm.deployCode("PaymentToken.sol:PaymentToken", ""));
        market = deployMarket(configuration(rule));
        vm.warp(GENESIS - 2 * DELTA);
    }

    function deployMarket(TransaxConfig memory c) internal returns (ITransax) {
        return ITransax(vm.deployCode("Transax.sol:Transax", abi.encode(c)));
    }

    function configuration(PriceRule rule) internal view virtual returns (TransaxConfig memory) {
        return TransaxConfig({
            dso: dso,
            token: address(token),
            genesis: GENESIS,
            intervalSeconds: DELTA,
            clearIntervals: T_CLEAR,
            planHorizon: T_H,
            offerHorizon: OFFER_HORIZON,
            priceRule: rule,
            gridPrice: 400_000,
            feedInPrice: 80_000
        });
    }

    /// @dev Groups 0..count−1, all with the same limits.
    function addGroups(uint256 count, uint32 internalLimit, uint32 externalLimit) internal {
        for (uint256 i; i < count; ++i) {
            vm.prank(dso);
            market.addGroup(internalLimit, externalLimit);
        }
    }

    /// @dev The meter of the prosumer at `account`.
    function meterOf(address account) internal pure returns (address) {
        return address(uint160(account) + (1 << 100));
    }

    /// @dev A prosumer behind a meter of its own.
    function register(address account, uint16 group, uint32 productionLimit, uint32 consumptionLimit) internal {
        vm.prank(dso);
        market.registerSmartMeter(meterOf(account), group, productionLimit, consumptionLimit);
        bytes memory certificate = certify(DSO_KEY, account, meterOf(account));
        vm.prank(account);
        market.registerProsumer(meterOf(account), certificate);
    }

    /// @dev The signature of `key` that `account` is behind `meter`, of this market on this chain.
    function certify(uint256 key, address account, address meter) internal view returns (bytes memory) {
        return certify(key, account, meter, address(market), block.chainid);
    }

    function certify(uint256 key, address account, address meter, address contract_, uint256 chain)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Transax"),
                keccak256("1"),
                chain,
                contract_
            )
        );
        bytes32 message =
            keccak256(abi.encode(keccak256("Registration(address prosumer,address meter)"), account, meter));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, message)));
        return abi.encodePacked(r, s, v);
    }

    function fund(address account, uint96 amount) internal {
        token.mint(account, amount);
        vm.prank(account);
        token.approve(address(market), amount);
        vm.prank(account);
        market.depositCredits(amount);
    }

    function withdraw(address account, Side side, uint24 first, uint24 last, uint32 energy) internal {
        vm.prank(account);
        market.withdrawAssets(side, first, last, energy);
    }

    function post(address account, Side side, uint32 energy, uint40 price, uint24 start, uint24 end)
        internal
        returns (uint32)
    {
        vm.prank(account);
        return market.postOffer(side, energy, price, start, end);
    }

    function credits(address account) internal view returns (uint96 amount) {
        (amount,,,) = market.accounts(account);
    }

    function production(address account, uint24 interval) internal view returns (uint32) {
        return market.freeAssets(account, Side.Sell, interval);
    }

    function consumption(address account, uint24 interval) internal view returns (uint32) {
        return market.freeAssets(account, Side.Buy, interval);
    }

    /// @dev To the first moment at which `interval` may be finalised.
    function warpToFinalizable(uint24 interval) internal {
        vm.warp(market.finalizableAt(interval));
    }

    /// @dev To the first moment of `interval`.
    function warpToStart(uint24 interval) internal {
        vm.warp(GENESIS + uint256(interval) * DELTA);
    }
}
