//! Bounds that prices of rows prove.

use crate::{Comparison, LinearProgram};

impl LinearProgram {
    /// Brings duals to the sign that their rows allow: not negative at `≤`, not positive at `≥`.
    pub fn clamp_duals(&self, duals: &mut [f64]) {
        for (row, dual) in self.rows.iter().zip(duals) {
            match row.comparison {
                Comparison::AtMost => *dual = dual.max(0.0),
                Comparison::AtLeast => *dual = dual.min(0.0),
                Comparison::Equal => {}
            }
        }
    }

    /// What each variable contributes beyond the price of what it takes from the rows: `c - Aᵀy`.
    pub fn reduced_objective(&self, duals: &[f64]) -> Vec<f64> {
        let mut reduced: Vec<f64> = self.columns.iter().map(|column| column.objective).collect();
        for (row, dual) in self.rows.iter().zip(duals) {
            for (variable, coefficient) in &row.terms {
                reduced[*variable] -= coefficient * dual;
            }
        }
        reduced
    }

    /// What the rows' bounds are worth at these duals, and what variables can contribute beyond within their own
    /// bounds. With the program's reduced objective, no point is better than this; infinite where an endless variable
    /// still contributes.
    pub fn lagrangian(&self, duals: &[f64], reduced: &[f64]) -> f64 {
        let rows: f64 = self.rows.iter().zip(duals).map(|(row, dual)| row.bound * dual).sum();
        let columns = self.columns.iter().zip(reduced).map(|(column, reduced)| match *reduced {
            0.0 => 0.0,
            worth if worth > 0.0 => worth * column.upper,
            worth => worth * column.lower,
        });
        rows + columns.sum::<f64>()
    }

    /// The objective at a point.
    pub fn objective_at(&self, values: &[f64]) -> f64 {
        self.columns.iter().zip(values).map(|(column, value)| column.objective * value).sum()
    }

    /// By how much a point breaks the row that it breaks most.
    pub fn violation_at(&self, values: &[f64]) -> f64 {
        let excess = self.rows.iter().map(|row| {
            let sum: f64 = row.terms.iter().map(|(variable, coefficient)| coefficient * values[*variable]).sum();
            match row.comparison {
                Comparison::AtMost => sum - row.bound,
                Comparison::AtLeast => row.bound - sum,
                Comparison::Equal => (sum - row.bound).abs(),
            }
        });
        excess.fold(0.0, f64::max)
    }
}
