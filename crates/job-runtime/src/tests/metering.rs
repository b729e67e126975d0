//! Counts and limits.

use super::*;

fn instructions(body: &str) -> u64 {
    run_body("fd_write", body).0.usage.instructions
}

#[test]
fn counts_are_the_golden_ones() {
    let counted_loop = "(local $i i32)
        (loop $again
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))";
    let fill = "(memory.fill (i32.const 0) (i32.const 7) (i32.const 65536))";
    assert_eq!(instructions(""), 1);
    assert_eq!(instructions("nop (drop (i32.const 1))"), 2);
    assert_eq!(instructions(counted_loop), 8001);
    assert_eq!(instructions(fill), 65_541);
    assert_eq!(instructions("(drop (memory.grow (i32.const 2)))"), 513);
    assert_eq!(instructions(&print(5)), 157);
}

#[test]
fn ten_runs_come_to_one_figure() {
    let body = format!("(drop (call $random_get (i32.const 100) (i32.const 1000))) {}", print(1000));
    let job = job(&module("fd_write random_get", &body), &["x"]);
    let outcomes: Vec<_> = (0..10).map(|_| run(&job).0).collect();
    assert_eq!(outcomes[0].status, Status::Completed);
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
}

#[test]
fn a_job_that_never_ends_uses_up_its_instructions() {
    let (outcome, out) = run_body("", "(loop $again (br $again))");
    assert_eq!(outcome.status, Status::InstructionsExceeded);
    assert_eq!(outcome.usage.instructions, RUNNER.limits.instructions);
    assert_eq!(outcome.result, jobs::Tree::default().hash());
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}

#[test]
fn calls_into_the_host_are_paid_for_like_instructions() {
    let body = format!("(loop $again {} (br $again))", print(1));
    let (outcome, _) = run_body("fd_write", &body);
    assert_eq!(outcome.status, Status::InstructionsExceeded);
    assert_eq!(outcome.usage.instructions, RUNNER.limits.instructions);
}

#[test]
fn memory_beyond_the_limit_ends_the_job() {
    let (outcome, _) = run_body("", "(drop (memory.grow (i32.const 64)))");
    assert_eq!(outcome.status, Status::MemoryExceeded);
    let (outcome, _) = run_body("", "(drop (memory.grow (i32.const 63)))");
    assert_eq!((outcome.status, outcome.usage.memory_bytes), (Status::Completed, 4 << 20));
    let at_once = job("(module (memory 65) (func (export \"_start\")))", &[]);
    assert_eq!(run(&at_once).0.status, Status::MemoryExceeded);
}

#[test]
fn memory_beyond_the_modules_own_maximum_is_refused_to_it() {
    let text = module("proc_exit", "(call $proc_exit (memory.grow (i32.const 3)))");
    let text = text.replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 1 2)");
    assert_eq!(run(&job(&text, &[])).0.exit_code, Some(-1));
}

#[test]
fn output_beyond_the_limit_ends_the_job() {
    let body = format!("(loop $again {} (br $again))", print(60_000));
    let (outcome, _) = run_body("fd_write", &body);
    assert_eq!(outcome.status, Status::StorageExceeded);
    assert!(outcome.usage.storage_bytes <= RUNNER.limits.storage_bytes);
}

#[test]
fn more_to_move_than_the_limit_ends_the_job() {
    let job = job(&module("fd_write", &print(1000)), &[]);
    let needed = run(&job).0.usage.bandwidth_bytes;
    for (bandwidth_bytes, expected) in [
        (needed, Status::Completed),
        (needed - 1, Status::BandwidthExceeded),
        (job.tree().transfer_bytes() - 1, Status::BandwidthExceeded),
    ] {
        let limits = Limits { bandwidth_bytes, ..RUNNER.limits };
        let out = tempfile::tempdir().unwrap();
        assert_eq!(Runner { limits, ..RUNNER }.run(&job, out.path()).unwrap().status, expected);
    }
}

#[test]
fn a_job_that_is_too_slow_here_is_not_judged() {
    let limits = Limits { instructions: u64::MAX, ..RUNNER.limits };
    let runner = Runner { limits, patience: Duration::from_millis(50) };
    let out = tempfile::tempdir().unwrap();
    let ended = runner.run(&job(&module("", "(loop $again (br $again))"), &[]), out.path());
    assert!(matches!(ended, Err(RunError::TooSlow(_))), "{ended:?}");
}
