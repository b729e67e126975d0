//! Both solvers, in a child process and in this one.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use optimizer::{
    Backend, Comparison, InProcess, LinearProgram, Optimize, OptimizerError, Solution, Status, WORKER_ARGUMENT, Worker,
};
use proptest::prelude::*;

const AMPLE: Duration = Duration::from_mins(1);

const BACKENDS: [Backend; 2] = [Backend::Cbc, Backend::Highs];

fn worker(backend: Backend) -> Worker {
    Worker::new(backend, PathBuf::from(env!("CARGO_BIN_EXE_optimizer-worker")))
}

fn shell(script: &str) -> Worker {
    let script = script.replace("WORKER", env!("CARGO_BIN_EXE_optimizer-worker"));
    Worker::with_arguments(Backend::Cbc, PathBuf::from("/bin/sh"), ["-c".into(), script.into()])
}

/// CBC's answer, after all four ways of asking agreed.
fn every_way(program: &LinearProgram) -> Result<Solution, OptimizerError> {
    let [cbc, highs] = BACKENDS.map(|backend| {
        let here = InProcess(backend).solve(program, AMPLE);
        let there = worker(backend).solve(program, AMPLE);
        assert_eq!(format!("{here:?}"), format!("{there:?}"), "the worker answers as this process does");
        there
    });
    match (&cbc, &highs) {
        (Ok(cbc), Ok(highs)) => {
            assert_eq!((cbc.status, highs.status), (Status::Optimal, Status::Optimal));
            let slack = 1e-6 * (1.0 + cbc.objective.abs());
            assert!((cbc.objective - highs.objective).abs() < slack, "{} and {}", cbc.objective, highs.objective);
        }
        _ => assert_eq!(format!("{cbc:?}"), format!("{highs:?}"), "solvers fail alike"),
    }
    cbc
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
    let solution = every_way(&small()).expect("feasible");
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
    let solution = every_way(&program).expect("feasible");
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
    assert!(matches!(every_way(&program), Err(OptimizerError::Infeasible)));
}

#[test]
fn an_unbounded_program_is_called_so() {
    let mut program = small();
    program.add_variable(1.0, f64::INFINITY);
    assert!(matches!(every_way(&program), Err(OptimizerError::Unbounded)));
}

#[test]
fn programs_without_variables_or_rows_are_answered() {
    let mut program = LinearProgram::new();
    assert!(every_way(&program).expect("nothing to do").objective.abs() < 1e-12);
    program.add_row([], Comparison::AtLeast, 1.0);
    assert!(matches!(every_way(&program), Err(OptimizerError::Infeasible)));
    let mut program = LinearProgram::new();
    program.add_variable(2.0, 3.0);
    assert!((every_way(&program).expect("bounded").objective - 6.0).abs() < 1e-9);
}

#[test]
fn a_malformed_program_is_refused_before_a_worker_starts() {
    let mut program = small();
    program.add_variable(f64::NAN, 1.0);
    let nowhere = Worker::new(Backend::Cbc, PathBuf::from("/nonexistent/worker"));
    assert!(matches!(nowhere.solve(&program, AMPLE), Err(OptimizerError::InvalidProgram { .. })));
}

/// A knapsack with room for 5.5 of seven things that weigh 1 each, for 6 where they may be cut.
fn knapsack() -> (LinearProgram, Vec<optimizer::Variable>) {
    let mut program = LinearProgram::new();
    let things: Vec<_> = (1..=7).map(|value| program.add_integer(f64::from(value), 0.0, 1.0)).collect();
    program.add_row(things.iter().map(|thing| (*thing, 2.0)), Comparison::AtMost, 11.0);
    (program, things)
}

#[test]
fn integer_variables_are_whole() {
    let (mut program, things) = knapsack();
    let solution = every_way(&program).expect("feasible");
    assert!((solution.objective - 25.0).abs() < 1e-9, "{solution:?}");
    assert!(things.iter().all(|thing| solution.value(*thing).fract() == 0.0));
    let lifted = program.add_integer(1.0, 2.0, 2.9);
    program.add_row([(lifted, 1.0), (things[6], 1.0)], Comparison::AtMost, 2.5);
    let solution = every_way(&program).expect("feasible");
    assert!((solution.value(lifted) - 2.0).abs() < 1e-9 && solution.value(things[6]).abs() < 1e-9, "{solution:?}");
}

#[test]
fn lower_bounds_hold() {
    let mut program = LinearProgram::new();
    let x = program.add_bounded(-1.0, -3.5, 4.0);
    let y = program.add_bounded(-1.0, 2.0, f64::INFINITY);
    let solution = every_way(&program).expect("bounded from below");
    assert!((solution.value(x) + 3.5).abs() < 1e-9 && (solution.value(y) - 2.0).abs() < 1e-9, "{solution:?}");
}

#[test]
fn a_program_without_whole_points_is_infeasible() {
    let mut program = LinearProgram::new();
    let x = program.add_integer(1.0, 0.0, 9.0);
    program.add_row([(x, 2.0)], Comparison::Equal, 3.0);
    assert!(matches!(every_way(&program), Err(OptimizerError::Infeasible)));
}

/// Market splitting: a point is easily found, to prove that none is better takes for ever.
fn hard() -> LinearProgram {
    let mut program = LinearProgram::new();
    let items: Vec<_> = (0..60).map(|_| program.add_integer(0.0, 0.0, 1.0)).collect();
    for row in 0..7 {
        let weights = (0..60).map(|column| (1000.0 * scattered(row, column)).floor());
        let half = (weights.clone().sum::<f64>() / 2.0).floor();
        let (over, under) = (program.add_variable(-1.0, f64::INFINITY), program.add_variable(-1.0, f64::INFINITY));
        let terms = items.iter().copied().zip(weights).chain([(over, -1.0), (under, 1.0)]);
        program.add_row(terms, Comparison::Equal, half);
    }
    program
}

#[test]
fn the_best_point_so_far_is_the_answer_when_time_runs_out() {
    for backend in BACKENDS {
        let begun = Instant::now();
        let solution = worker(backend).solve(&hard(), Duration::from_secs(4)).expect("a point");
        assert_eq!(solution.status, Status::Feasible, "{backend:?}");
        assert!(solution.objective <= 0.0 && begun.elapsed() < Duration::from_secs(20), "{backend:?}");
    }
}

#[test]
fn a_deadline_of_zero_is_always_exceeded() {
    for backend in BACKENDS {
        let error = worker(backend).solve(&small(), Duration::ZERO).expect_err("no time at all");
        assert!(error.is_deadline(), "{error}");
    }
}

#[test]
fn the_deadline_ends_a_long_run() {
    for backend in BACKENDS {
        let begun = Instant::now();
        let error = worker(backend).solve(&large(), Duration::from_millis(100)).expect_err("too little time");
        assert!(error.is_deadline(), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(10), "took {:?}", begun.elapsed());
    }
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
    let mut text = format!("program cbc 600 {SIZE} {SIZE}");
    for column in 0..SIZE {
        write!(text, "\nr {} 0 100", scattered(SIZE, column)).expect("in memory");
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
    let error =
        Worker::new(Backend::Cbc, PathBuf::from("/nonexistent/worker")).solve(&small(), AMPLE).expect_err("not there");
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
        let solution = every_way(&program).expect("zero is feasible");
        prop_assert!(solution.values.iter().all(|value| *value >= -1e-7));
    }
}
