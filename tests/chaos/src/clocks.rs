//! Machines whose clocks are wrong, by the library of `faketime`.

use std::{fs, path::PathBuf, process::Command};

/// By less than this no clock is wrong, seconds.
pub const LEAST_SECONDS: u64 = 60;

/// The library, where Debian installs it; `None` where it is not, which is said.
pub fn library() -> Option<PathBuf> {
    let machines = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found = machines.map(|machine| machine.path().join("faketime/libfaketimeMT.so.1")).find(|file| file.exists());
    if found.is_none() {
        assert!(std::env::var_os("ENTENTE_REQUIRE_ALL").is_none(), "nothing may be skipped, and faketime is missing");
        println!("SKIPPED: wrong clocks, since faketime is not installed");
    }
    found
}

/// Lets a program see a clock that is wrong by so much, like `+3d`. What measures durations is as it was.
pub fn skew(command: &mut Command, skew: &str) {
    let library = library().expect("clocks are set where they can be");
    command.env("LD_PRELOAD", library).env("FAKETIME", skew).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
}
