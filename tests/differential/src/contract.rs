//! Bindings generated from the compiler's output.

#![allow(clippy::pedantic, clippy::too_many_arguments, missing_docs, reason = "generated code")]

use alloy_sol_types::sol;

sol!(
    #[sol(all_derives)]
    Transax,
    "../../out/Transax.sol/Transax.json"
);

sol!(
    #[sol(all_derives)]
    TransaxSigned,
    "../../out/TransaxSigned.sol/TransaxSigned.json"
);

sol!(
    #[sol(all_derives)]
    SolidWorx,
    "../../out/SolidWorx.sol/SolidWorx.json"
);

sol!(
    #[sol(all_derives)]
    Modicum,
    "../../out/Modicum.sol/Modicum.json"
);

sol!(PaymentToken, "../../out/PaymentToken.sol/PaymentToken.json");

/// What accounts sign.
pub mod message {
    use alloy_sol_types::sol;

    sol! {
        struct PostOffer {
            address account; uint16 group; uint8 side; uint32 energy; uint40 price; uint24 start; uint24 end;
            uint32 nonce; uint64 deadline; uint96 fee; address relay;
        }
        struct CancelOffer {
            address account; uint32 offer;
            uint32 nonce; uint64 deadline; uint96 fee; address relay;
        }
        struct Deposit {
            address account; address meter; uint16 group; uint24 first; uint24 last;
            uint32 nonce; uint64 deadline; uint96 fee; address relay;
        }
        struct Transfer {
            address account; address to; uint96 credits; uint16 group; uint8 side; uint24 first; uint24 last;
            uint32 energy; uint32 nonce; uint64 deadline; uint96 fee; address relay;
        }
        struct Mix {
            uint16 group; uint8 side; uint24 first; uint256[] amounts; uint96 credits; uint96 fee; address relay;
            uint64 deadline; address[] inputs; uint32[] nonces; address[] outputs;
        }
    }
}

sol! {
    /// What the DSO signs.
    struct Registration {
        address prosumer;
        address meter;
    }
}

/// The contract's interface as the compiler describes it.
pub const ABI: &str = include_str!("../../../out/Transax.sol/Transax.json");
