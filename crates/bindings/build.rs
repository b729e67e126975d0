//! Stops with the command to run where the contracts have not been built.

use std::path::Path;

fn main() {
    // Relative to this package, where cargo runs this: clones that share a target directory share this very program.
    let out = Path::new("../../out");
    for artifact in [
        "Transax.sol/Transax.json",
        "TransaxSigned.sol/TransaxSigned.json",
        "SolidWorx.sol/SolidWorx.json",
        "Modicum.sol/Modicum.json",
        "PaymentToken.sol/PaymentToken.json",
    ] {
        let path = out.join(artifact);
        println!("cargo::rerun-if-changed={}", path.display());
        if !path.is_file() {
            println!("cargo::error=the contract artifact out/{artifact} is missing; run `make contracts` first");
        }
    }
}
