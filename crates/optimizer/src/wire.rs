//! How a program travels to the worker and its answer back: lines of text, in which numbers survive to the last bit.
//!
//! A program is `program <variables> <rows>`, then `<objective> <upper>` a variable, then
//! `<comparison> <bound> <variable>:<coefficient> …` a row. An answer is one line, behind [`MARK`].

use std::{fmt::Write as _, io::BufRead, str::FromStr};

use crate::{
    Comparison, LinearProgram, OptimizerError, Solution,
    program::{Column, Row},
};

/// Opens the line that holds the answer; no library prints this by chance.
pub(crate) const MARK: &str = "@@optimizer-answer ";

pub(crate) fn encode_program(program: &LinearProgram) -> String {
    let mut text = format!("program {} {}\n", program.columns.len(), program.rows.len());
    for Column { objective, upper } in &program.columns {
        put(&mut text, format_args!("{objective:e} {upper:e}\n"));
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

/// Reads exactly one program and not a byte more.
pub(crate) fn decode_program(input: &mut impl BufRead) -> Result<LinearProgram, String> {
    let header = read_line(input)?;
    let mut words = header.split_ascii_whitespace();
    if words.next() != Some("program") {
        return Err(format!("expected `program <variables> <rows>`, found {header:?}"));
    }
    let (variables, rows): (usize, usize) = (next_number(&mut words)?, next_number(&mut words)?);
    let mut program = LinearProgram::new();
    for _ in 0..variables {
        let line = read_line(input)?;
        let mut words = line.split_ascii_whitespace();
        program.columns.push(Column { objective: next_number(&mut words)?, upper: next_number(&mut words)? });
    }
    for _ in 0..rows {
        program.rows.push(decode_row(&read_line(input)?)?);
    }
    Ok(program)
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
            put(&mut text, format_args!("optimal {:e}", solution.objective));
            for value in &solution.values {
                put(&mut text, format_args!(" {value:e}"));
            }
        }
        Err(OptimizerError::Infeasible) => text.push_str("infeasible"),
        Err(OptimizerError::Unbounded) => text.push_str("unbounded"),
        Err(other) => put(&mut text, format_args!("gave-up {}", other.to_string().replace('\n', " "))),
    }
    text.push('\n');
    text
}

/// Reads what follows the mark. The outer error says why the line makes no sense.
pub(crate) fn decode_answer(line: &str, variables: usize) -> Result<Result<Solution, OptimizerError>, String> {
    let (verdict, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verdict {
        "infeasible" => Ok(Err(OptimizerError::Infeasible)),
        "unbounded" => Ok(Err(OptimizerError::Unbounded)),
        "gave-up" => Ok(Err(OptimizerError::GaveUp { reason: rest.to_owned() })),
        "optimal" => {
            let mut words = rest.split_ascii_whitespace();
            let objective = next_number(&mut words)?;
            let values = words.map(number).collect::<Result<Vec<f64>, _>>()?;
            if values.len() != variables {
                return Err(format!("{} values for {variables} variables", values.len()));
            }
            Ok(Ok(Solution { objective, values }))
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

    fn programs() -> impl Strategy<Value = LinearProgram> {
        let comparison = prop_oneof![Just(Comparison::AtMost), Just(Comparison::AtLeast), Just(Comparison::Equal)];
        let upper = prop_oneof![finite(), Just(f64::INFINITY)];
        let row = (prop::collection::vec((any::<usize>(), finite()), 0..5), comparison, finite())
            .prop_map(|(terms, comparison, bound)| Row { terms, comparison, bound });
        let column = (finite(), upper).prop_map(|(objective, upper)| Column { objective, upper });
        (prop::collection::vec(column, 0..5), prop::collection::vec(row, 0..5))
            .prop_map(|(columns, rows)| LinearProgram { columns, rows })
    }

    proptest! {
        #[test]
        fn a_program_survives_the_journey_to_the_last_bit(program in programs()) {
            let text = encode_program(&program);
            prop_assert_eq!(decode_program(&mut text.as_bytes()).expect("well formed"), program);
        }

        #[test]
        fn a_program_cut_short_is_an_error(program in programs(), lines_missing in 1_usize..3) {
            let text = encode_program(&program);
            let lines: Vec<&str> = text.lines().collect();
            let cut = lines[..lines.len().saturating_sub(lines_missing)].join("\n");
            prop_assert!(decode_program(&mut cut.as_bytes()).is_err());
        }

        #[test]
        fn an_optimum_survives_the_journey_to_the_last_bit(
            objective in finite(),
            values in prop::collection::vec(finite(), 0..9),
        ) {
            let solution = Solution { objective, values };
            let text = encode_answer(&Ok(solution.clone()));
            let line = text.trim().strip_prefix(MARK).expect("marked");
            let answer = decode_answer(line, solution.values.len()).expect("well formed");
            prop_assert_eq!(answer.expect("optimal"), solution);
        }
    }

    #[test]
    fn answers_that_do_not_fit_the_question_are_refused() {
        assert!(decode_answer("optimal 1 2 3", 3).expect_err("two values").contains("2 values for 3"));
        assert!(decode_answer("optimal", 0).is_err());
        assert!(decode_answer("optimal 1 x", 1).is_err());
        assert!(decode_answer("perhaps", 0).is_err());
    }
}
