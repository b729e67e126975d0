//! A linear or mixed-integer program and its solution.

use crate::OptimizerError;

/// A variable of one [`LinearProgram`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(pub(crate) usize);

impl Variable {
    /// Its place in the order of adding, from 0; also its place in [`Solution::values`].
    pub fn index(self) -> usize {
        self.0
    }
}

/// How a row compares with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `a·x ≤ b`.
    AtMost,
    /// `a·x ≥ b`.
    AtLeast,
    /// `a·x = b`.
    Equal,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub objective: f64,
    pub lower: f64,
    pub upper: f64,
    pub is_integer: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub terms: Vec<(usize, f64)>,
    pub comparison: Comparison,
    pub bound: f64,
}

/// How far a point may break a row or miss a whole number, for each unit of the row's or the variable's size.
const TOLERANCE: f64 = 1e-6;

/// Maximise `c·x` subject to rows and `l ≤ x ≤ u`; some variables may have to be whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinearProgram {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

impl LinearProgram {
    /// A program with no variables and no rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a variable that contributes `objective` a unit and lies between 0 and `upper`, which may be infinite.
    pub fn add_variable(&mut self, objective: f64, upper: f64) -> Variable {
        self.add_bounded(objective, 0.0, upper)
    }

    /// Adds a variable between `lower`, which is finite, and `upper`, which may be infinite.
    pub fn add_bounded(&mut self, objective: f64, lower: f64, upper: f64) -> Variable {
        self.add_column(Column { objective, lower, upper, is_integer: false })
    }

    /// Adds a variable that takes whole numbers between `lower`, which is finite, and `upper`, which may be infinite.
    pub fn add_integer(&mut self, objective: f64, lower: f64, upper: f64) -> Variable {
        self.add_column(Column { objective, lower, upper, is_integer: true })
    }

    fn add_column(&mut self, column: Column) -> Variable {
        self.columns.push(column);
        Variable(self.columns.len() - 1)
    }

    /// Adds a row; the coefficients of a variable that occurs several times add up.
    pub fn add_row(&mut self, terms: impl IntoIterator<Item = (Variable, f64)>, comparison: Comparison, bound: f64) {
        let terms = terms.into_iter().map(|(variable, coefficient)| (variable.0, coefficient)).collect();
        self.rows.push(Row { terms, comparison, bound });
    }

    /// How many variables there are.
    pub fn variables(&self) -> usize {
        self.columns.len()
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Whether a variable has to be whole.
    pub fn has_integers(&self) -> bool {
        self.columns.iter().any(|column| column.is_integer)
    }

    /// Whether a point keeps every bound and row, and is whole where it has to be, up to a relative 1e-6.
    pub(crate) fn admits(&self, values: &[f64]) -> bool {
        let columns = self.columns.iter().zip(values).all(|(column, value)| {
            let slack = TOLERANCE * (1.0 + value.abs());
            *value >= column.lower - slack
                && *value <= column.upper + slack
                && (!column.is_integer || (value - value.round()).abs() <= slack)
        });
        columns
            && self.rows.iter().all(|row| {
                let terms = row.terms.iter().map(|(variable, coefficient)| coefficient * values[*variable]);
                let (sum, size) =
                    terms.fold((0.0, row.bound.abs()), |(sum, size), term| (sum + term, size + term.abs()));
                let (excess, slack) = (sum - row.bound, TOLERANCE * (1.0 + size));
                match row.comparison {
                    Comparison::AtMost => excess <= slack,
                    Comparison::AtLeast => excess >= -slack,
                    Comparison::Equal => excess.abs() <= slack,
                }
            })
    }

    /// Refuses what a solver would choke on: numbers that are not finite, empty bounds, unknown variables.
    pub(crate) fn validate(&self) -> Result<(), OptimizerError> {
        let malformed = |reason: String| Err(OptimizerError::InvalidProgram { reason });
        for (index, column) in self.columns.iter().enumerate() {
            if !column.objective.is_finite() {
                return malformed(format!("variable {index} contributes {}", column.objective));
            }
            if !column.lower.is_finite() {
                return malformed(format!("variable {index} is at least {}", column.lower));
            }
            if column.upper.is_nan() || column.upper < column.lower {
                return malformed(format!("variable {index} is at most {}", column.upper));
            }
        }
        for (index, row) in self.rows.iter().enumerate() {
            if !row.bound.is_finite() || row.terms.iter().any(|(_, coefficient)| !coefficient.is_finite()) {
                return malformed(format!("row {index} holds a number that is not finite"));
            }
            if let Some((variable, _)) = row.terms.iter().find(|(variable, _)| *variable >= self.columns.len()) {
                return malformed(format!("row {index} names variable {variable} of {}", self.columns.len()));
            }
        }
        Ok(())
    }
}

/// What is known of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No point is better.
    Optimal,
    /// It keeps every rule; time ran out before anything was proved. Only with integer variables.
    Feasible,
}

/// A point that keeps every rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// What is known of it.
    pub status: Status,
    /// The objective there.
    pub objective: f64,
    /// Every variable's value, in the order of adding. Rows hold to about 1e-7.
    pub values: Vec<f64>,
}

impl Solution {
    /// A variable's value; zero for a variable of another program.
    pub fn value(&self, variable: Variable) -> f64 {
        self.values.get(variable.0).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(program: &LinearProgram) -> String {
        program.validate().expect_err("malformed").to_string()
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused_by_place() {
        let mut program = LinearProgram::new();
        let x = program.add_variable(1.0, f64::INFINITY);
        assert!(program.validate().is_ok());
        program.add_row([(x, 1.0)], Comparison::AtMost, 1.0);
        program.add_row([(x, f64::NAN)], Comparison::AtMost, 1.0);
        assert!(reason(&program).contains("row 1"));
        program.add_variable(f64::INFINITY, 1.0);
        assert!(reason(&program).contains("variable 1 contributes inf"));
    }

    #[test]
    fn a_variable_of_another_program_is_refused() {
        let mut other = LinearProgram::new();
        other.add_variable(1.0, 1.0);
        let stranger = other.add_variable(1.0, 1.0);
        let mut program = LinearProgram::new();
        program.add_variable(1.0, -1.0);
        assert!(reason(&program).contains("at most -1"));
        program.columns[0].upper = 1.0;
        program.add_row([(stranger, 1.0)], Comparison::Equal, 1.0);
        assert!(reason(&program).contains("variable 1 of 1"));
    }
}
