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

#[cfg(test)]
mod tests {
    /// What no build script watches, a changed contract does not change here.
    #[test]
    fn every_artifact_is_watched() {
        let (here, watched) = (include_str!("contracts.rs"), include_str!("../build.rs"));
        let artifacts: Vec<_> = here.lines().filter_map(|line| line.trim().strip_prefix("\"../../out/")).collect();
        assert!(artifacts.len() >= 5, "{artifacts:?}");
        for artifact in artifacts {
            assert!(watched.contains(&format!("\"{artifact},")), "{artifact} is not in build.rs");
        }
    }
}
