//! A program's matrix, scaled, by rows and by columns.

use crate::{Comparison, LinearProgram};

/// How often rows and columns are brought to a largest entry of one (Ruiz).
const ROUNDS: usize = 10;
/// How often the power method multiplies.
const POWERS: usize = 40;
/// By how much its estimate may fall short.
const SHORT: f64 = 1.05;

/// Entries of one row or column after another.
#[derive(Clone, Debug, Default)]
struct Lines {
    first: Vec<usize>,
    places: Vec<u32>,
    entries: Vec<f64>,
}

/// Maximise `objective·x` subject to rows of `≤` or `=` and bounds, everything scaled.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    by_row: Lines,
    by_column: Lines,
    pub objective: Vec<f64>,
    pub bounds: Vec<(f64, f64)>,
    pub right: Vec<f64>,
    pub is_equality: Vec<bool>,
    /// A variable is its scaled value times this; a row's price likewise, where `≥` became `≤` with the sign.
    pub column_scale: Vec<f64>,
    pub row_scale: Vec<f64>,
}

impl Matrix {
    pub fn scaled(program: &LinearProgram) -> Self {
        let (mut rows, mut triplets) = (vec![1.0_f64; program.rows.len()], Vec::new());
        for (row, line) in program.rows.iter().enumerate() {
            if line.comparison == Comparison::AtLeast {
                rows[row] = -1.0;
            }
            triplets.extend(line.terms.iter().map(|(column, entry)| (row, *column, *entry)));
        }
        let mut columns = vec![1.0_f64; program.columns.len()];
        for _ in 0..ROUNDS {
            rescale(&triplets, &mut rows, &mut columns, f64::max);
        }
        // Sums of entries in the end (Pock and Chambolle).
        rescale(&triplets, &mut rows, &mut columns, |sum, entry| sum + entry);
        let scaled = triplets.iter().map(|(row, column, entry)| (*row, *column, entry * rows[*row] * columns[*column]));
        let scaled: Vec<(usize, usize, f64)> = scaled.collect();
        let bounds = program.columns.iter().zip(&columns);
        Self {
            by_row: Lines::new(rows.len(), scaled.iter().copied()),
            by_column: Lines::new(columns.len(), scaled.iter().map(|(row, column, entry)| (*column, *row, *entry))),
            objective: program.columns.iter().zip(&columns).map(|(column, scale)| column.objective * scale).collect(),
            bounds: bounds.map(|(column, scale)| (column.lower / scale, column.upper / scale)).collect(),
            right: program.rows.iter().zip(&rows).map(|(row, scale)| row.bound * scale).collect(),
            is_equality: program.rows.iter().map(|row| row.comparison == Comparison::Equal).collect(),
            column_scale: columns,
            row_scale: rows,
        }
    }

    pub fn rows(&self) -> usize {
        self.right.len()
    }

    /// `product = A x`.
    pub fn multiply(&self, x: &[f64], product: &mut [f64]) {
        self.by_row.multiply(x, product);
    }

    /// `product = Aᵀ y`.
    pub fn multiply_transposed(&self, y: &[f64], product: &mut [f64]) {
        self.by_column.multiply(y, product);
    }

    /// Not less than the matrix's largest singular value, by the power method.
    pub fn norm(&self) -> f64 {
        // Sines of whole numbers are linearly independent over the algebraic numbers (Lindemann and Weierstrass), so that
        // no row and no singular vector of a matrix as it is written down is at right angles to the start.
        let mut vector: Vec<f64> = (1_u32..).take(self.objective.len()).map(|place| f64::from(place).sin()).collect();
        let mut image = vec![0.0; self.rows()];
        let mut largest = 0.0;
        for _ in 0..POWERS {
            let length = dot(&vector, &vector).sqrt();
            if length == 0.0 {
                return 0.0;
            }
            for value in &mut vector {
                *value /= length;
            }
            self.multiply(&vector, &mut image);
            largest = dot(&image, &image).sqrt();
            self.multiply_transposed(&image, &mut vector);
        }
        SHORT * largest
    }
}

impl Lines {
    fn new(count: usize, triplets: impl Iterator<Item = (usize, usize, f64)> + Clone) -> Self {
        let mut first = vec![0; count + 1];
        triplets.clone().for_each(|(line, ..)| first[line + 1] += 1);
        for line in 0..count {
            first[line + 1] += first[line];
        }
        let mut next = first.clone();
        let (mut places, mut entries) = (vec![0; first[count]], vec![0.0; first[count]]);
        for (line, place, entry) in triplets {
            places[next[line]] = u32::try_from(place).expect("a matrix of over 2^32 lines does not fit into memory");
            entries[next[line]] = entry;
            next[line] += 1;
        }
        Self { first, places, entries }
    }

    fn multiply(&self, vector: &[f64], product: &mut [f64]) {
        for (range, sum) in self.first.windows(2).zip(product) {
            let range = range[0]..range[1];
            let terms = self.places[range.clone()].iter().zip(&self.entries[range]);
            *sum = terms.map(|(place, entry)| entry * vector[*place as usize]).sum();
        }
    }
}

/// Divides rows and columns by the roots of what `fold` makes of their entries' sizes.
fn rescale(triplets: &[(usize, usize, f64)], rows: &mut [f64], columns: &mut [f64], fold: impl Fn(f64, f64) -> f64) {
    let (mut of_rows, mut of_columns) = (vec![0.0; rows.len()], vec![0.0; columns.len()]);
    for (row, column, entry) in triplets {
        let size = (entry * rows[*row] * columns[*column]).abs();
        of_rows[*row] = fold(of_rows[*row], size);
        of_columns[*column] = fold(of_columns[*column], size);
    }
    for (scales, sizes) in [(rows, of_rows), (columns, of_columns)] {
        scales.iter_mut().zip(sizes).filter(|(_, size)| *size > 0.0).for_each(|(scale, size)| *scale /= size.sqrt());
    }
}

pub(crate) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

pub(crate) fn distance_squared(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_norm_is_found_of_rows_at_right_angles_to_simple_vectors() {
        for entries in [vec![-2.0, -2.0, -2.0, 0.0, 0.0, 2.0], vec![1.0, -1.0], vec![1.0, -2.0, 1.0], vec![3.0]] {
            let mut program = LinearProgram::new();
            let variables: Vec<_> = entries.iter().map(|_| program.add_bounded(0.0, 0.0, 1.0)).collect();
            program.add_row(variables.into_iter().zip(entries.iter().copied()), Comparison::AtMost, 1.0);
            let matrix = Matrix::scaled(&program);
            // Of one row, its length.
            let length = dot(&matrix.by_row.entries, &matrix.by_row.entries).sqrt();
            let norm = matrix.norm();
            assert!(norm >= length && norm <= length * SHORT * 1.001, "{entries:?}: {norm} for {length}");
        }
    }
}
