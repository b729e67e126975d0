//! What running jobs comes to, to the instruction.

mod metering;
mod sandbox;

use std::{fs, time::Duration};

use jobs::{Bundle, Description, Limits, MODULE_PATH, Outcome, Status};
use tempfile::TempDir;

use crate::{RunError, Runner};

const RUNNER: Runner = Runner {
    limits: Limits {
        instructions: 10_000_000,
        memory_bytes: 4 << 20,
        storage_bytes: 1 << 20,
        bandwidth_bytes: 1 << 20,
        image: None,
    },
    patience: Duration::from_mins(1),
};

/// A job of a module in text, with an input of two files.
fn job(module: &str, arguments: &[&str]) -> Bundle {
    let arguments = arguments.iter().map(ToString::to_string).collect();
    let mut bundle = Bundle::of_description(&Description::wasm(arguments), None).unwrap();
    bundle.add_bytes(MODULE_PATH.parse().unwrap(), wat::parse_str(module).unwrap()).unwrap();
    for (path, source) in [("input/b", "bytes of b"), ("input/sub/a", "a")] {
        bundle.add_bytes(path.parse().unwrap(), source.as_bytes().to_vec()).unwrap();
    }
    bundle
}

/// A module with one page of memory, whose function `_start` is given, after imports and data.
fn module(imports: &str, body: &str) -> String {
    let import = |name: &&str| {
        let kind = match *name {
            "proc_exit" => "(param i32)",
            "path_open" => "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)",
            "clock_time_get" => "(param i32 i64 i32) (result i32)",
            "random_get" => "(param i32 i32) (result i32)",
            "fd_readdir" => "(param i32 i32 i32 i64 i32) (result i32)",
            "poll_oneoff" | "fd_read" | "fd_write" => "(param i32 i32 i32 i32) (result i32)",
            "path_create_directory" => "(param i32 i32 i32) (result i32)",
            name => panic!("{name} is not among the functions that tests import"),
        };
        format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} {kind}))")
    };
    let imports: String = imports.split_whitespace().collect::<Vec<_>>().iter().map(import).collect();
    format!("(module {imports} (memory (export \"memory\") 1) (func (export \"_start\") {body}))")
}

fn run(job: &Bundle) -> (Outcome, TempDir) {
    let out = tempfile::tempdir().unwrap();
    (RUNNER.run(job, out.path()).unwrap(), out)
}

fn run_body(imports: &str, body: &str) -> (Outcome, TempDir) {
    run(&job(&module(imports, body), &[]))
}

fn status(imports: &str, body: &str) -> Status {
    run_body(imports, body).0.status
}

/// Ends with what a call returns.
fn errno(imports: &str, call: &str) -> Option<i32> {
    run_body(&format!("proc_exit {imports}"), &format!("(call $proc_exit {call})")).0.exit_code
}

/// Puts words at address 100 of the memory.
fn words(words: &str) -> String {
    let stores = words.bytes().zip(100..).map(|(byte, at)| format!("(i32.store8 (i32.const {at}) (i32.const {byte}))"));
    stores.collect()
}

/// Prints so many bytes from address 100.
fn print(length: usize) -> String {
    format!(
        "(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const {length}))
         (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))"
    )
}

#[test]
fn a_result_is_what_was_printed_and_written() {
    let body = format!("{}{}", words("hello"), print(5));
    let (outcome, out) = run_body("fd_write", &body);
    assert_eq!(outcome.status, Status::Completed, "{outcome:?}");
    assert_eq!(fs::read_to_string(out.path().join("stdout")).unwrap(), "hello");
    assert_eq!(fs::read_to_string(out.path().join("stderr")).unwrap(), "");
    assert_eq!(outcome.result, Bundle::of_folder(out.path()).unwrap().tree().hash());
    assert_eq!(outcome.usage.storage_bytes, 5);
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("mine"), "x").unwrap();
    let refused = RUNNER.run(&job(&module("", ""), &[]), out.path());
    assert!(matches!(refused, Err(RunError::NotEmpty(_))));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_job_is_called_so() {
    let empty = Bundle::default();
    let mut garbage = Bundle::of_description(&Description::wasm(vec![]), None).unwrap();
    garbage.add_bytes(MODULE_PATH.parse().unwrap(), b"garbage".to_vec()).unwrap();
    let absent = Bundle::of_description(&Description::wasm(vec![]), None).unwrap();
    let container = Description::Container { image: "x".into(), command: vec![] };
    let container = Bundle::of_description(&container, None).unwrap();
    let unknown = job("(module (import \"env\" \"f\" (func)) (func (export \"_start\")))", &[]);
    let no_start = job("(module)", &[]);
    for bundle in [empty, garbage, absent, container, unknown, no_start] {
        let (outcome, out) = run(&bundle);
        assert_eq!(outcome.status, Status::JobDescriptionError);
        assert_eq!(outcome.result, jobs::Tree::default().hash());
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
    }
}
