//! What Foundry's artifacts say, as types.

#[expect(
    missing_docs,
    clippy::too_many_arguments,
    reason = "generated; the contract's interface documents it and says what it takes"
)]
mod generated {
    alloy::sol!(
        #[derive(Debug)]
        Transax,
        "../../out/Transax.sol/Transax.json"
    );
    alloy::sol!(
        #[derive(Debug)]
        TransaxSigned,
        "../../out/TransaxSigned.sol/TransaxSigned.json"
    );
    alloy::sol!(
        #[derive(Debug)]
        SolidWorx,
        "../../out/SolidWorx.sol/SolidWorx.json"
    );
    alloy::sol!(
        #[derive(Debug)]
        Modicum,
        "../../out/Modicum.sol/Modicum.json"
    );
    alloy::sol!(
        #[derive(Debug)]
        PaymentToken,
        "../../out/PaymentToken.sol/PaymentToken.json"
    );
}

pub use generated::{Modicum, PaymentToken, SolidWorx, Transax, TransaxSigned};
