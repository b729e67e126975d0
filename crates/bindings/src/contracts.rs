//! What Foundry's artifacts say, as types.

#[expect(missing_docs, reason = "generated; the contract's interface documents it")]
mod generated {
    alloy::sol!(
        #[derive(Debug)]
        Transax,
        "../../out/Transax.sol/Transax.json"
    );
    alloy::sol!(
        #[derive(Debug)]
        SolidWorx,
        "../../out/SolidWorx.sol/SolidWorx.json"
    );
    alloy::sol!(
        #[derive(Debug)]
        PaymentToken,
        "../../out/PaymentToken.sol/PaymentToken.json"
    );
}

pub use generated::{PaymentToken, SolidWorx, Transax};
