//! Stops with the command to run where the contracts have not been built.

use std::path::Path;

fn main() {
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../out");
    for artifact in ["Transax.sol/Transax.json", "PaymentToken.sol/PaymentToken.json"] {
        let path = out.join(artifact);
        println!("cargo::rerun-if-changed={}", path.display());
        if !path.is_file() {
            println!("cargo::error=the contract artifact out/{artifact} is missing; run `make contracts` first");
        }
    }
}
