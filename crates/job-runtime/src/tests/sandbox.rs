//! What a job sees, and what it does not.

use super::*;

const READ: u64 = 1 << 1;
const WRITE: u64 = 1 << 6;

/// What opening a path returns.
fn open(folder: u32, path: &str, flags: u32, rights: u64) -> Option<i32> {
    let body = format!("{} (call $proc_exit {})", words(path), opening(folder, path, flags, rights));
    run_body("proc_exit path_open", &body).0.exit_code
}

/// Opens a path that is at address 100; the number it is open under is put at address 60.
fn opening(folder: u32, path: &str, flags: u32, rights: u64) -> String {
    format!(
        "(call $path_open (i32.const {folder}) (i32.const 0) (i32.const 100) (i32.const {}) (i32.const {flags})
         (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 60))",
        path.len()
    )
}

#[test]
fn input_is_read_and_cannot_be_written() {
    assert_eq!(open(3, "b", 0, READ), Some(0));
    assert_eq!(open(3, "sub/a", 0, READ), Some(0));
    assert_eq!(open(3, "sub/../b", 0, READ), Some(0));
    assert_eq!(open(3, "b", 0, WRITE), Some(69));
    assert_eq!(open(3, "b", 8, READ), Some(69));
    assert_eq!(open(3, "new", 1, WRITE), Some(69));
    assert_eq!(open(3, "absent", 0, READ), Some(44));
}

#[test]
fn no_path_leads_out() {
    for path in ["../b", "sub/../../b", "/etc/passwd", "/", ".."] {
        assert_eq!(open(3, path, 0, READ), Some(76), "{path}");
        assert_eq!(open(4, path, 1, WRITE), Some(76), "{path}");
    }
    assert_eq!(open(4, "a\\b", 1, WRITE), Some(28));
    assert_eq!(open(9, "b", 0, READ), Some(8));
}

#[test]
fn what_is_read_is_what_was_given() {
    let body = format!(
        "{} (drop {}) (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 50))
         (drop (call $fd_read (i32.load (i32.const 60)) (i32.const 0) (i32.const 1) (i32.const 4)))
         (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))",
        words("b"),
        opening(3, "b", 0, READ)
    );
    let (_, out) = run_body("path_open fd_read fd_write", &body);
    assert_eq!(fs::read_to_string(out.path().join("stdout")).unwrap(), "bytes of b");
}

#[test]
fn what_is_written_is_in_the_result() {
    let body = format!(
        "{} (drop (call $path_create_directory (i32.const 4) (i32.const 100) (i32.const 3)))
         (drop {}) (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 5))
         (drop (call $fd_write (i32.load (i32.const 60)) (i32.const 0) (i32.const 1) (i32.const 8)))",
        words("new/f"),
        opening(4, "new/f", 1, WRITE)
    );
    let (outcome, out) = run_body("path_open path_create_directory fd_write", &body);
    assert_eq!(outcome.status, Status::Completed);
    assert_eq!(fs::read_to_string(out.path().join("output/new/f")).unwrap(), "new/f");
}

#[test]
fn folders_are_listed_in_the_order_of_names() {
    let body = format!(
        "(drop (call $fd_readdir (i32.const 3) (i32.const 100) (i32.const 200) (i64.const 0) (i32.const 60))) {}",
        print(103)
    );
    let (_, out) = run_body("fd_readdir fd_write", &body);
    let listed = fs::read(out.path().join("stdout")).unwrap();
    let name = |(at, length): (usize, usize)| String::from_utf8_lossy(&listed[at..at + length]).into_owned();
    assert_eq!([(24, 1), (49, 2), (75, 1), (100, 3)].map(name), [".", "..", "b", "sub"]);
}

#[test]
fn time_stands_still_and_waiting_takes_none() {
    let call = "(drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 0)))";
    let exit = "(call $proc_exit (i32.load (i32.const 0)))";
    let body = format!("(i64.store (i32.const 0) (i64.const -1)) {call} {exit}");
    assert_eq!(run_body("proc_exit clock_time_get", &body).0.exit_code, Some(0));
    let call = "(call $poll_oneoff (i32.const 100) (i32.const 200) (i32.const 1) (i32.const 0))";
    assert_eq!(errno("poll_oneoff", call), Some(0));
}

#[test]
fn chance_is_made_from_the_job() {
    let body = format!("(drop (call $random_get (i32.const 100) (i32.const 40))) {}", print(40));
    let printed = |argument: &str| {
        let (_, out) = run(&job(&module("random_get fd_write", &body), &[argument]));
        fs::read(out.path().join("stdout")).unwrap()
    };
    assert_eq!(printed("a"), printed("a"));
    assert_ne!(printed("a"), printed("b"));
    assert_ne!(printed("a")[..8], printed("a")[32..]);
}

#[test]
fn every_nan_has_the_same_bits() {
    let nan = "(f64.div (f64.load (i32.const 0)) (f64.load (i32.const 0)))";
    let differs = format!("(i64.ne (i64.reinterpret_f64 {nan}) (i64.const 0x7ff8000000000000))");
    assert_eq!(run_body("proc_exit", &format!("(call $proc_exit {differs})")).0.exit_code, Some(0));
}

#[test]
fn traps_and_exit_codes_are_exceptions_and_keep_what_was_printed() {
    let body = format!("{}{} unreachable", words("so far"), print(6));
    let (outcome, out) = run_body("fd_write", &body);
    assert_eq!(outcome.status, Status::ExceptionOccurred);
    assert_eq!(fs::read_to_string(out.path().join("stdout")).unwrap(), "so far");
    assert_eq!(status("", "(drop (i32.load (i32.const 65536)))"), Status::ExceptionOccurred);
    assert_eq!(status("proc_exit", "(call $proc_exit (i32.const 3))"), Status::ExceptionOccurred);
    assert_eq!(status("proc_exit", "(call $proc_exit (i32.const 0))"), Status::Completed);
    let endless = "(module (func $f (call $f)) (func (export \"_start\") (call $f)))";
    assert_eq!(run(&job(endless, &[])).0.status, Status::ExceptionOccurred);
}

#[test]
fn addresses_outside_the_memory_are_refused() {
    let call = "(call $random_get (i32.const 65530) (i32.const 10))";
    assert_eq!(errno("random_get", call), Some(21));
    let call = "(call $fd_write (i32.const 1) (i32.const 0) (i32.const -1) (i32.const 8))";
    assert_eq!(errno("fd_write", call), Some(28));
}
