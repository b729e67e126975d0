// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token to pay with on a test network
/// @notice Its owner mints; it has no other value. A market on a public chain is deployed with a token people trust.
contract PaymentToken is ERC20, Ownable {
    constructor() ERC20("Entente test credit", "ETC") Ownable(msg.sender) {}

    /// @notice Makes `amount` base units for `account`. Owner only.
    function mint(address account, uint256 amount) external onlyOwner {
        _mint(account, amount);
    }

    /// @notice Six: prices of energy need no more, and amounts of money stay short.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
