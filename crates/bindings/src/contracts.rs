//! What Foundry's artifacts say, as types.

#[expect(missing_docs, clippy::pedantic, reason = "generated; the contract's interface documents it")]
mod generated {
    alloy::sol!(Transax, "../../out/Transax.sol/Transax.json");
    alloy::sol!(PaymentToken, "../../out/PaymentToken.sol/PaymentToken.json");
}

pub use generated::{PaymentToken, Transax};
