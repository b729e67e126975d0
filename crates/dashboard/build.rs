//! Stops with the command to run where what the page is made of is not there.

use std::path::Path;

fn main() {
    // Relative to this package, where cargo runs this.
    for (needed, command) in [
        ("../../node_modules/ethers/dist/ethers.min.js", "script/setup.sh"),
        ("../../out/Transax.sol/Transax.json", "make contracts"),
    ] {
        println!("cargo::rerun-if-changed={needed}");
        if !Path::new(needed).is_file() {
            println!("cargo::error={} is missing; run `{command}` first", needed.trim_start_matches("../"));
        }
    }
}
