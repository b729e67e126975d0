//! Compiles the jobs, which are C, to WASI modules with clang.

use std::{env, path::Path, process::Command};

/// Sources in `c/`, without their ending.
const JOBS: [&str; 5] = ["blur", "compress", "knapsack", "monte_carlo", "spin"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=c");
    println!("cargo::rerun-if-env-changed=WASI_CLANG");
    println!("cargo::rerun-if-env-changed=WASI_SYSROOT");
    let clang = env::var("WASI_CLANG").unwrap_or_else(|_| "clang".to_owned());
    let sysroot = env::var("WASI_SYSROOT").unwrap_or_else(|_| "/usr".to_owned());
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    for job in JOBS {
        let status = Command::new(&clang)
            .args(["--target=wasm32-wasi", "-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wl,--strip-all"])
            // Without contraction the same source rounds the same with every version of the compiler.
            .arg("-ffp-contract=off")
            .arg(format!("--sysroot={sysroot}"))
            .arg(format!("c/{job}.c"))
            .args(["-lm", "-o"])
            .arg(Path::new(&out).join(format!("{job}.wasm")))
            .status();
        let built = status.as_ref().is_ok_and(std::process::ExitStatus::success);
        assert!(
            built,
            "{clang} cannot build c/{job}.c ({status:?}); script/setup.sh installs clang, lld, wasi-libc and \
             libclang-rt-dev-wasm32, or set WASI_CLANG and WASI_SYSROOT to those of a WASI SDK"
        );
    }
}
