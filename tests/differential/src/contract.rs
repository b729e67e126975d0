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
    SolidWorx,
    "../../out/SolidWorx.sol/SolidWorx.json"
);

sol!(
    #[sol(all_derives)]
    Modicum,
    "../../out/Modicum.sol/Modicum.json"
);

sol!(PaymentToken, "../../out/PaymentToken.sol/PaymentToken.json");

sol! {
    /// What the DSO signs.
    struct Registration {
        address prosumer;
        address meter;
    }
}

/// The contract's interface as the compiler describes it.
pub const ABI: &str = include_str!("../../../out/Transax.sol/Transax.json");
