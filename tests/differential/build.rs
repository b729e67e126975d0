//! Stops with a plain message where the contracts are not built; generated bindings would only say "file not found".

use std::path::Path;

fn main() {
    for artifact in [
        "../../out/Transax.sol/Transax.json",
        "../../out/TransaxSigned.sol/TransaxSigned.json",
        "../../out/PaymentToken.sol/PaymentToken.json",
        "../../out/SolidWorx.sol/SolidWorx.json",
        "../../out/Modicum.sol/Modicum.json",
    ] {
        println!("cargo::rerun-if-changed={artifact}");
        if !Path::new(artifact).exists() {
            println!(
                "cargo::error={artifact} is missing: build the contracts first, with `forge build` or `make test`"
            );
        }
    }
}
