//! Tells the crate which target it is built for: another target may count other fuel.

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    println!("cargo::rustc-env=JOB_TARGET={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
