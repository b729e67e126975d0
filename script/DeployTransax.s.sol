// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {TransaxConfig} from "../contracts/transax/ITransax.sol";
import {PriceRule} from "../contracts/transax/TransaxTypes.sol";

/// @dev What is used of Foundry's cheatcodes.
interface Cheats {
    function envAddress(string calldata name) external view returns (address);
    function envOr(string calldata name, uint256 otherwise) external view returns (uint256);
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function getCode(string calldata artifact) external view returns (bytes memory);
    function startBroadcast() external;
    function stopBroadcast() external;
}

/// @title Deploys an energy market for whoever keeps the key in Foundry's hands: a hardware wallet, a cloud's signer
/// @notice `entente deploy` does the same with a keystore, and more. Parameters come from the environment: DSO and TOKEN,
/// addresses; GENESIS, Unix seconds; and, unless the defaults of `entente deploy` are meant, INTERVAL_SECONDS,
/// CLEAR_INTERVALS, PLAN_HORIZON, OFFER_HORIZON, UNIFORM_PRICE (0 or 1), GRID_PRICE and FEED_IN_PRICE in base units of the
/// token per kWh, and SALT, a word. The address is that which `entente deploy --salt` finds for the same.
contract DeployTransax {
    Cheats private constant VM = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    /// @dev https://github.com/Arachnid/deterministic-deployment-proxy
    address private constant DEPLOYER = 0x4e59b44847b379578588920cA78FbF26c0B4956C;

    error NoDeployer(uint256 chainId);
    error Exists(address market);
    error Differs(address market);
    error TooLarge(string name, uint256 value);

    function run() external returns (address market) {
        TransaxConfig memory c = config();
        bytes memory code = bytes.concat(VM.getCode("Transax.sol:Transax"), abi.encode(c));
        bytes32 salt = keccak256(bytes(VM.envOr("SALT", string("entente"))));
        market = address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), DEPLOYER, salt, keccak256(code))))));
        require(DEPLOYER.code.length > 0, NoDeployer(block.chainid));
        require(market.code.length == 0, Exists(market));
        VM.startBroadcast();
        (bool done,) = DEPLOYER.call(bytes.concat(salt, code));
        VM.stopBroadcast();
        (bool answers, bytes memory terms) = market.staticcall(abi.encodeWithSignature("config()"));
        require(done && answers && keccak256(terms) == keccak256(abi.encode(c)), Differs(market));
    }

    /// @notice What the environment says.
    function config() public view returns (TransaxConfig memory) {
        // Casts: `number` refuses what is larger.
        // forge-lint: disable-start(unsafe-typecast)
        return TransaxConfig({
            dso: VM.envAddress("DSO"),
            token: VM.envAddress("TOKEN"),
            genesis: uint64(number("GENESIS", 0, type(uint64).max)),
            intervalSeconds: uint32(number("INTERVAL_SECONDS", 900, type(uint32).max)),
            clearIntervals: uint24(number("CLEAR_INTERVALS", 1, type(uint24).max)),
            planHorizon: uint24(number("PLAN_HORIZON", 8, type(uint24).max)),
            offerHorizon: uint24(number("OFFER_HORIZON", 96, type(uint24).max)),
            priceRule: number("UNIFORM_PRICE", 0, 1) == 1 ? PriceRule.Uniform : PriceRule.Midpoint,
            gridPrice: uint40(number("GRID_PRICE", 300_000, type(uint40).max)),
            feedInPrice: uint40(number("FEED_IN_PRICE", 80_000, type(uint40).max))
        });
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev What casts of it rely on: it is at most `most`.
    function number(string memory name, uint256 otherwise, uint256 most) private view returns (uint256 value) {
        value = VM.envOr(name, otherwise);
        require(value <= most, TooLarge(name, value));
    }
}
