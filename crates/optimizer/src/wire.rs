//! How a question travels to the worker and its answer back: lines of text, in which numbers survive to the last bit.
//!
//! A question is `program <backend> <seconds> <variables> <rows>`, then `<kind> <objective> <lower> <upper>` a variable,
//! then `<comparison> <bound> <variable>:<coefficient> …` a row. An answer is one line, behind [`MARK`].

use std::{fmt::Write as _, io::BufRead, str::FromStr, time::Duration};

use crate::{
    Backend, Comparison, LinearProgram, OptimizerError, Solution, Status,
    program::{Column, Row},
};

/// Opens the line that holds the answer; no library prints this by chance.
pub(crate) const MARK: &str = "@@optimizer-answer ";

/// A program, who is to solve it, and how long that may take.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub backend: Backend,
    pub seconds: f64,
    pub program: LinearProgram,
}

pub(crate) fn encode_question(backend: Backend, seconds: f64, program: &LinearProgram) -> String {
    let backend = match backend {
        Backend::Cbc => "cbc",
        Backend::Highs => "highs",
    };
    let mut text = format!("program {backend} {seconds:e} {} {}\n", program.columns.len(), program.rows.len());
    for Column { objective, lower, upper, is_integer } in &program.columns {
        let kind = if *is_integer { 'i' } else { 'r' };
        put(&mut text, format_args!("{kind} {objective:e} {lower:e} {upper:e}\n"));
    }
    for row in &program.rows {
        let comparison = match row.comparison {
            Comparison::AtMost => '<',
            Comparison::AtLeast => '>',
            Comparison::Equal => '=',
        };
        put(&mut text, format_args!("{comparison} {:e}", row.bound));
        for (variable, coefficient) in &row.terms {
            put(&mut text, format_args!(" {variable}:{coefficient:e}"));
        }
        text.push('\n');
    }
    text
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a String cannot fail");
}

/// Reads exactly one question and not a byte more.
pub(crate) fn decode_question(input: &mut impl BufRead) -> Result<Question, String> {
    let header = read_line(input)?;
    let mut words = header.split_ascii_whitespace();
    if words.next() != Some("program") {
        return Err(format!("expected `program <backend> <seconds> <variables> <rows>`, found {header:?}"));
    }
    let backend = match words.next() {
        Some("cbc") => Backend::Cbc,
        Some("highs") => Backend::Highs,
        other => return Err(format!("unknown backend {other:?}")),
    };
    let seconds = next_number(&mut words)?;
    let (variables, rows): (usize, usize) = (next_number(&mut words)?, next_number(&mut words)?);
    let mut program = LinearProgram::new();
    for _ in 0..variables {
        program.columns.push(decode_column(&read_line(input)?)?);
    }
    for _ in 0..rows {
        program.rows.push(decode_row(&read_line(input)?)?);
    }
    Ok(Question { backend, seconds, program })
}

fn decode_column(line: &str) -> Result<Column, String> {
    let mut words = line.split_ascii_whitespace();
    let is_integer = match words.next() {
        Some("i") => true,
        Some("r") => false,
        other => return Err(format!("unknown kind of variable {other:?}")),
    };
    let (objective, lower) = (next_number(&mut words)?, next_number(&mut words)?);
    Ok(Column { objective, lower, upper: next_number(&mut words)?, is_integer })
}

fn decode_row(line: &str) -> Result<Row, String> {
    let mut words = line.split_ascii_whitespace();
    let comparison = match words.next() {
        Some("<") => Comparison::AtMost,
        Some(">") => Comparison::AtLeast,
        Some("=") => Comparison::Equal,
        other => return Err(format!("unknown comparison {other:?}")),
    };
    let bound = next_number(&mut words)?;
    let mut terms = Vec::new();
    for word in words {
        let (variable, coefficient) = word.split_once(':').ok_or_else(|| format!("unknown term {word:?}"))?;
        terms.push((number(variable)?, number(coefficient)?));
    }
    Ok(Row { terms, comparison, bound })
}

/// The answer's line, mark and line break included.
pub(crate) fn encode_answer(answer: &Result<Solution, OptimizerError>) -> String {
    let mut text = format!("\n{MARK}");
    match answer {
        Ok(solution) => {
            let verdict = match solution.status {
                Status::Optimal => "optimal",
                Status::Feasible => "feasible",
            };
            put(&mut text, format_args!("{verdict} {:e}", solution.objective));
            for value in &solution.values {
                put(&mut text, format_args!(" {value:e}"));
            }
        }
        Err(OptimizerError::Infeasible) => text.push_str("infeasible"),
        Err(OptimizerError::Unbounded) => text.push_str("unbounded"),
        Err(OptimizerError::DeadlineExceeded { .. }) => text.push_str("late"),
        Err(other) => put(&mut text, format_args!("gave-up {}", other.to_string().replace('\n', " "))),
    }
    text.push('\n');
    text
}

/// Reads what follows the mark. The outer error says why the line makes no sense.
pub(crate) fn decode_answer(
    line: &str,
    variables: usize,
    deadline: Duration,
) -> Result<Result<Solution, OptimizerError>, String> {
    let (verdict, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verdict {
        "infeasible" => Ok(Err(OptimizerError::Infeasible)),
        "unbounded" => Ok(Err(OptimizerError::Unbounded)),
        "late" => Ok(Err(OptimizerError::DeadlineExceeded { deadline })),
        "gave-up" => Ok(Err(OptimizerError::GaveUp { reason: rest.to_owned() })),
        "optimal" | "feasible" => {
            let status = if verdict == "optimal" { Status::Optimal } else { Status::Feasible };
            let mut words = rest.split_ascii_whitespace();
            let objective = next_number(&mut words)?;
            let values = words.map(number).collect::<Result<Vec<f64>, _>>()?;
            if values.len() != variables {
                return Err(format!("{} values for {variables} variables", values.len()));
            }
            Ok(Ok(Solution { status, objective, values }))
        }
        other => Err(format!("unknown verdict {other:?}")),
    }
}

fn read_line(input: &mut impl BufRead) -> Result<String, String> {
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(0) => Err("the program ends early".to_owned()),
        Ok(_) => Ok(line),
        Err(error) => Err(error.to_string()),
    }
}

fn next_number<'a, T: FromStr>(words: &mut impl Iterator<Item = &'a str>) -> Result<T, String> {
    words.next().ok_or_else(|| "a line ends early".to_owned()).and_then(number)
}

fn number<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("not a number: {word:?}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finite() -> impl Strategy<Value = f64> {
        any::<f64>().prop_filter("finite", |value| value.is_finite())
    }

    fn encode(question: &Question) -> String {
        encode_question(question.backend, question.seconds, &question.program)
    }

    fn questions() -> impl Strategy<Value = Question> {
        let comparison = prop_oneof![Just(Comparison::AtMost), Just(Comparison::AtLeast), Just(Comparison::Equal)];
        let upper = prop_oneof![finite(), Just(f64::INFINITY)];
        let row = (prop::collection::vec((any::<usize>(), finite()), 0..5), comparison, finite())
            .prop_map(|(terms, comparison, bound)| Row { terms, comparison, bound });
        let column = (finite(), finite(), upper, any::<bool>())
            .prop_map(|(objective, lower, upper, is_integer)| Column { objective, lower, upper, is_integer });
        let backend = prop_oneof![Just(Backend::Cbc), Just(Backend::Highs)];
        (backend, finite(), prop::collection::vec(column, 0..5), prop::collection::vec(row, 0..5)).prop_map(
            |(backend, seconds, columns, rows)| Question { backend, seconds, program: LinearProgram { columns, rows } },
        )
    }

    proptest! {
        #[test]
        fn a_question_survives_the_journey_to_the_last_bit(question in questions()) {
            let text = encode(&question);
            prop_assert_eq!(decode_question(&mut text.as_bytes()).expect("well formed"), question);
        }

        #[test]
        fn a_question_cut_short_is_an_error(question in questions(), lines_missing in 1_usize..3) {
            let text = encode(&question);
            let lines: Vec<&str> = text.lines().collect();
            let cut = lines[..lines.len().saturating_sub(lines_missing)].join("\n");
            prop_assert!(decode_question(&mut cut.as_bytes()).is_err());
        }

        #[test]
        fn a_solution_survives_the_journey_to_the_last_bit(
            is_optimal in any::<bool>(),
            objective in finite(),
            values in prop::collection::vec(finite(), 0..9),
        ) {
            let status = if is_optimal { Status::Optimal } else { Status::Feasible };
            let solution = Solution { status, objective, values };
            let text = encode_answer(&Ok(solution.clone()));
            let line = text.trim().strip_prefix(MARK).expect("marked");
            let answer = decode_answer(line, solution.values.len(), Duration::ZERO).expect("well formed");
            prop_assert_eq!(answer.expect("solved"), solution);
        }
    }

    #[test]
    fn answers_that_do_not_fit_the_question_are_refused() {
        assert!(decode_answer("optimal 1 2 3", 3, Duration::ZERO).expect_err("two values").contains("2 values for 3"));
        assert!(decode_answer("optimal", 0, Duration::ZERO).is_err());
        assert!(decode_answer("optimal 1 x", 1, Duration::ZERO).is_err());
        assert!(decode_answer("perhaps", 0, Duration::ZERO).is_err());
    }
}
