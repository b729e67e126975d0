//! CBC in a child process and in this one.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use optimizer::{CbcWorker, Comparison, InProcess, LinearProgram, Optimize, OptimizerError, Solution, WORKER_ARGUMENT};
use proptest::prelude::*;

const AMPLE: Duration = Duration::from_mins(1);

fn worker() -> CbcWorker {
    CbcWorker::new(PathBuf::from(env!("CARGO_BIN_EXE_optimizer-worker")))
}

fn shell(script: &str) -> CbcWorker {
    let script = script.replace("WORKER", env!("CARGO_BIN_EXE_optimizer-worker"));
    CbcWorker::with_arguments(PathBuf::from("/bin/sh"), ["-c".into(), script.into()])
}

fn both(program: &LinearProgram) -> Result<Solution, OptimizerError> {
    let here = InProcess.solve(program, AMPLE);
    let there = worker().solve(program, AMPLE);
    assert_eq!(format!("{here:?}"), format!("{there:?}"), "the worker answers as this process does");
    there
}

/// maximise 5x + 4y subject to 6x + 4y ≤ 24 and x + 2y ≤ 6: x = 3, y = 1.5.
fn small() -> LinearProgram {
    let mut program = LinearProgram::new();
    let x = program.add_variable(5.0, f64::INFINITY);
    let y = program.add_variable(4.0, f64::INFINITY);
    program.add_row([(x, 6.0), (y, 4.0)], Comparison::AtMost, 24.0);
    program.add_row([(x, 1.0), (y, 2.0)], Comparison::AtMost, 6.0);
    program
}

/// How many variables and rows the large program has.
const SIZE: u32 = 1000;

/// A coefficient without pattern, from 0.5 to 1.5.
fn scattered(row: u32, column: u32) -> f64 {
    let mixed = (row * 7919 + column * 104_729).wrapping_mul(2_654_435_761);
    f64::from(mixed >> 8) / f64::from(1 << 24) + 0.5
}

/// A dense program that takes much longer than a deadline of a tenth of a second.
fn large() -> LinearProgram {
    let mut program = LinearProgram::new();
    let variables: Vec<_> = (0..SIZE).map(|column| program.add_variable(scattered(SIZE, column), 100.0)).collect();
    for row in 0..SIZE {
        let terms = variables.iter().zip(0..).map(|(variable, column)| (*variable, scattered(row, column)));
        program.add_row(terms, Comparison::AtMost, 1000.0 * scattered(row, SIZE));
    }
    program
}

#[test]
fn the_optimum_of_a_small_program_is_found() {
    let solution = both(&small()).expect("feasible");
    assert!((solution.objective - 21.0).abs() < 1e-9);
    assert!((solution.values[0] - 3.0).abs() < 1e-9 && (solution.values[1] - 1.5).abs() < 1e-9);
}

#[test]
fn every_comparison_and_bound_counts() {
    let mut program = LinearProgram::new();
    let x = program.add_variable(1.0, 2.5);
    let y = program.add_variable(-1.0, f64::INFINITY);
    let z = program.add_variable(1.0, f64::INFINITY);
    program.add_row([(y, 1.0)], Comparison::AtLeast, 1.0);
    program.add_row([(z, 1.0), (y, -2.0), (z, 1.0)], Comparison::Equal, 0.0);
    let solution = both(&program).expect("feasible");
    assert_eq!(solution.values.len(), 3);
    assert!((solution.value(x) - 2.5).abs() < 1e-9, "{solution:?}");
    assert!((solution.value(z) - solution.value(y)).abs() < 1e-9 && solution.value(y) >= 1.0 - 1e-9);
    assert!((solution.objective - 2.5).abs() < 1e-9);
}

#[test]
fn an_infeasible_program_is_called_so() {
    let mut program = small();
    let z = program.add_variable(1.0, 1.0);
    program.add_row([(z, 1.0)], Comparison::AtLeast, 2.0);
    assert!(matches!(both(&program), Err(OptimizerError::Infeasible)));
}

#[test]
fn an_unbounded_program_is_called_so() {
    let mut program = small();
    program.add_variable(1.0, f64::INFINITY);
    assert!(matches!(both(&program), Err(OptimizerError::Unbounded)));
}

#[test]
fn programs_without_variables_or_rows_are_answered() {
    let mut program = LinearProgram::new();
    assert!(both(&program).expect("nothing to do").objective.abs() < 1e-12);
    program.add_row([], Comparison::AtLeast, 1.0);
    assert!(matches!(both(&program), Err(OptimizerError::Infeasible)));
    let mut program = LinearProgram::new();
    program.add_variable(2.0, 3.0);
    assert!((both(&program).expect("bounded").objective - 6.0).abs() < 1e-9);
}

#[test]
fn a_malformed_program_is_refused_before_a_worker_starts() {
    let mut program = small();
    program.add_variable(f64::NAN, 1.0);
    let nowhere = CbcWorker::new(PathBuf::from("/nonexistent/worker"));
    assert!(matches!(nowhere.solve(&program, AMPLE), Err(OptimizerError::InvalidProgram { .. })));
}

#[test]
fn a_deadline_of_zero_is_always_exceeded() {
    let error = worker().solve(&small(), Duration::ZERO).expect_err("no time at all");
    assert!(error.is_deadline(), "{error}");
}

#[test]
fn the_deadline_ends_a_long_run() {
    let begun = Instant::now();
    let error = worker().solve(&large(), Duration::from_millis(100)).expect_err("too little time");
    assert!(error.is_deadline(), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10), "took {:?}", begun.elapsed());
}

#[test]
fn a_worker_that_never_reads_or_answers_is_killed() {
    let begun = Instant::now();
    let error = shell("exec sleep 600").solve(&large(), Duration::from_millis(200)).expect_err("it sleeps");
    assert!(error.is_deadline(), "{error}");
    assert!(begun.elapsed() < Duration::from_mins(1), "took {:?}", begun.elapsed());
}

#[test]
fn a_grandchild_that_holds_the_pipes_delays_nothing() {
    let begun = Instant::now();
    let error = shell("sleep 5; true").solve(&small(), Duration::from_millis(100)).expect_err("it sleeps");
    assert!(error.is_deadline(), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(4), "took {:?}", begun.elapsed());
}

/// [`large`] as it travels.
fn large_as_text() -> String {
    let mut text = format!("program {SIZE} {SIZE}");
    for column in 0..SIZE {
        write!(text, "\n{} 100", scattered(SIZE, column)).expect("in memory");
    }
    for row in 0..SIZE {
        write!(text, "\n< {}", 1000.0 * scattered(row, SIZE)).expect("in memory");
        for column in 0..SIZE {
            write!(text, " {column}:{}", scattered(row, column)).expect("in memory");
        }
    }
    text + "\n"
}

#[test]
fn a_worker_ends_when_nobody_waits_for_it() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_optimizer-worker"))
        .arg(WORKER_ARGUMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut pipe = child.stdin.take().expect("piped");
    pipe.write_all(large_as_text().as_bytes()).expect("it reads");
    drop(pipe);
    assert_eq!(child.wait().expect("it ends").code(), Some(1), "it ends before it has the answer");
}

#[test]
fn stray_output_around_the_answer_is_harmless() {
    let noisy = shell("echo Clp0000I hello; printf 'no line break'; WORKER optimizer-worker; echo bye");
    assert!((noisy.solve(&small(), AMPLE).expect("answered").objective - 21.0).abs() < 1e-9);
}

#[test]
fn a_worker_that_crashes_is_named_and_quoted() {
    let error = shell("echo out of memory >&2; exit 3").solve(&small(), AMPLE).expect_err("it crashed");
    let text = error.to_string();
    assert!(matches!(error, OptimizerError::WorkerFailed { .. }), "{text}");
    assert!(text.contains("/bin/sh") && text.contains('3') && text.contains("out of memory"), "{text}");
    assert!(matches!(shell("kill -9 $$").solve(&small(), AMPLE), Err(OptimizerError::WorkerFailed { .. })));
}

#[test]
fn a_worker_that_answers_nonsense_is_named() {
    let error = shell("cat >/dev/null & echo '@@optimizer-answer optimal 1'").solve(&small(), AMPLE);
    assert!(matches!(error, Err(OptimizerError::Garbled { .. })), "{error:?}");
}

#[test]
fn a_worker_that_is_not_there_is_named() {
    let error = CbcWorker::new(PathBuf::from("/nonexistent/worker")).solve(&small(), AMPLE).expect_err("not there");
    assert!(matches!(error, OptimizerError::NotStarted { .. }));
    assert!(error.to_string().contains("/nonexistent/worker"));
}

#[test]
fn the_worker_binary_alone_explains_itself() {
    let output = Command::new(env!("CARGO_BIN_EXE_optimizer-worker")).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("usage"));
}

fn packings() -> impl Strategy<Value = LinearProgram> {
    let columns = prop::collection::vec((0.1_f64..9.0, 0.0_f64..50.0), 1..8);
    let rows = prop::collection::vec((prop::collection::vec(0.0_f64..5.0, 8), 0.0_f64..100.0), 0..6);
    (columns, rows).prop_map(|(columns, rows)| {
        let mut program = LinearProgram::new();
        let variables: Vec<_> =
            columns.iter().map(|(objective, upper)| program.add_variable(*objective, *upper)).collect();
        for (coefficients, bound) in rows {
            program.add_row(variables.iter().copied().zip(coefficients), Comparison::AtMost, bound);
        }
        program
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_worker_answers_as_this_process_does(program in packings()) {
        let solution = both(&program).expect("zero is feasible");
        prop_assert!(solution.values.iter().all(|value| *value >= -1e-7));
    }
}
