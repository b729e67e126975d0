//! CBC in a child process and in this one.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use optimizer::{CbcWorker, Comparison, InProcess, LinearProgram, Optimize, OptimizerError, Solution};
use proptest::prelude::*;

const AMPLE: Duration = Duration::from_secs(60);

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

/// A dense transport problem that takes a simplex seconds at least.
fn large() -> LinearProgram {
    let size = 300_u32;
    let mut program = LinearProgram::new();
    let cost = |i: u32, j: u32| f64::from((i * 7919 + j * 104_729) % 1009) / 1009.0 + 0.5;
    let cells: Vec<Vec<_>> =
        (0..size).map(|i| (0..size).map(|j| program.add_variable(cost(i, j), f64::INFINITY)).collect()).collect();
    for i in 0..size as usize {
        program.add_row(cells[i].iter().map(|cell| (*cell, 1.0)), Comparison::AtMost, 100.0);
        program.add_row(cells.iter().map(|row| (row[i], 1.0)), Comparison::AtMost, 100.0);
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
    let error = worker().solve(&large(), Duration::from_millis(300)).expect_err("too little time");
    assert!(error.is_deadline(), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10), "took {:?}", begun.elapsed());
}

#[test]
fn a_worker_that_never_reads_or_answers_is_killed() {
    let begun = Instant::now();
    let error = shell("exec sleep 600").solve(&large(), Duration::from_millis(200)).expect_err("it sleeps");
    assert!(error.is_deadline(), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(60), "took {:?}", begun.elapsed());
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
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_optimizer-worker")).output().expect("it runs");
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
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn the_worker_answers_as_this_process_does(program in packings()) {
        let solution = both(&program).expect("zero is feasible");
        prop_assert!(solution.values.iter().all(|value| *value >= -1e-7));
    }
}
