// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransax, TransaxConfig} from "../../../contracts/transax/ITransax.sol";
import {DeployTransax} from "../../../script/DeployTransax.s.sol";
import {TestBase} from "../TestBase.sol";

/// @dev Cheatcodes that no other test uses.
interface Environment {
    function etch(address account, bytes calldata code) external;
    function setEnv(string calldata name, string calldata value) external;
    function toString(address value) external view returns (string memory);
}

/// @dev One test, since the environment is shared by all that run at once.
contract DeployTransaxTest is TestBase {
    address private constant DEPLOYER = 0x4e59b44847b379578588920cA78FbF26c0B4956C;

    function test_ScriptDeploysWhatTheEnvironmentSays() public {
        Environment environment = Environment(address(vm));
        environment.setEnv("DSO", environment.toString(address(this)));
        environment.setEnv("TOKEN", environment.toString(vm.deployCode("PaymentToken.sol:PaymentToken", "")));
        environment.setEnv("GENESIS", "2000000000");
        environment.setEnv("PLAN_HORIZON", "16777216");
        DeployTransax script = new DeployTransax();
        vm.expectRevert(abi.encodeWithSelector(DeployTransax.TooLarge.selector, "PLAN_HORIZON", 16_777_216));
        script.config();
        environment.setEnv("PLAN_HORIZON", "12");
        environment.etch(DEPLOYER, "");
        vm.expectRevert(abi.encodeWithSelector(DeployTransax.NoDeployer.selector, block.chainid));
        script.run();
        // The deployer's whole code: it creates what follows the salt in its call data, and returns the address.
        environment.etch(
            DEPLOYER,
            hex"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
        );
        address market = script.run();
        TransaxConfig memory c = ITransax(market).config();
        assertEq(uint256(uint160(c.dso)), uint256(uint160(address(this))), "dso");
        assertEq(c.genesis, 2_000_000_000, "genesis");
        assertEq(c.planHorizon, 12, "plan horizon");
        assertEq(c.intervalSeconds, 900, "interval");
        vm.expectRevert(abi.encodeWithSelector(DeployTransax.Exists.selector, market));
        script.run();
    }
}
