//! A first-order method for large linear programs: the primal-dual hybrid gradient, reflected, anchored (Halpern) and
//! restarted, as in Lu and Yang, "Restarted Halpern PDHG for linear programming", 2024. It needs only products with the
//! matrix, can be stopped at any time, and every step gives a point and prices that prove a bound.

use crate::{
    LinearProgram,
    matrix::{Matrix, distance_squared, dot},
};

/// How much the fixed-point residual falls within an epoch before a restart is sure to help, or likely to.
const SUFFICIENT: f64 = 0.2;
const NECESSARY: f64 = 0.8;
/// An epoch that is longer than this part of all iterations is restarted in any case.
const ARTIFICIAL: f64 = 0.36;
/// How much of a new estimate of the primal weight is taken over at a restart.
const SMOOTHING: f64 = 0.5;

/// A point and prices, not scaled back.
#[derive(Clone, Debug)]
struct Iterate {
    x: Vec<f64>,
    y: Vec<f64>,
}

/// An iteration under way. Integer variables count as real ones. The same program takes the same steps.
#[derive(Clone, Debug)]
pub struct FirstOrder {
    matrix: Matrix,
    step: f64,
    /// How much a change of the point weighs against one of the prices.
    weight: f64,
    current: Iterate,
    anchor: Iterate,
    /// What one step from `current` gives: the best point and prices so far.
    next: Iterate,
    /// `Aᵀ y` of `current`, and `A x` of `next` reflected at `current`.
    transposed: Vec<f64>,
    product: Vec<f64>,
    /// `A x` of `current` and of the anchor, carried along instead of multiplied anew.
    image: Vec<f64>,
    anchor_image: Vec<f64>,
    epoch: u32,
    iterations: u32,
    first_residual: f64,
    last_residual: f64,
}

impl FirstOrder {
    /// Begins at the point nearest to zero.
    pub fn new(program: &LinearProgram) -> Self {
        let matrix = Matrix::scaled(program);
        let x: Vec<f64> = matrix.bounds.iter().map(|(lower, upper)| 0.0_f64.clamp(*lower, *upper)).collect();
        let start = Iterate { x, y: vec![0.0; matrix.rows()] };
        let size = |values: &[f64]| dot(values, values).sqrt();
        let (costs, bounds) = (size(&matrix.objective), size(&matrix.right));
        let mut image = vec![0.0; matrix.rows()];
        matrix.multiply(&start.x, &mut image);
        let mut method = Self {
            step: 0.998 / matrix.norm().max(f64::MIN_POSITIVE),
            weight: if costs > 0.0 && bounds > 0.0 { costs / bounds } else { 1.0 },
            anchor: start.clone(),
            next: start.clone(),
            transposed: vec![0.0; start.x.len()],
            product: vec![0.0; start.y.len()],
            anchor_image: image.clone(),
            image,
            current: start,
            matrix,
            epoch: 0,
            iterations: 0,
            first_residual: f64::INFINITY,
            last_residual: f64::INFINITY,
        };
        method.take_step();
        method
    }

    /// So many steps more.
    pub fn advance(&mut self, iterations: u32) {
        for _ in 0..iterations {
            self.iterations += 1;
            let residual = self.residual();
            if self.epoch == 0 {
                self.first_residual = residual;
            }
            let (length, all) = (f64::from(self.epoch), f64::from(self.iterations));
            let falls = residual <= SUFFICIENT * self.first_residual
                || (residual <= NECESSARY * self.first_residual && residual > self.last_residual)
                || length >= ARTIFICIAL * all;
            if self.epoch > 0 && falls {
                self.restart();
            } else {
                self.last_residual = residual;
                self.move_on();
            }
            self.take_step();
        }
    }

    /// How many steps were taken.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// A point within the variables' bounds, near an optimum in the end; rows may be broken by a little.
    pub fn point(&self) -> Vec<f64> {
        self.next.x.iter().zip(&self.matrix.column_scale).map(|(value, scale)| value * scale).collect()
    }

    /// Prices of the rows, in their order, as a maximum has them: not negative at `≤`.
    pub fn duals(&self) -> Vec<f64> {
        self.next.y.iter().zip(&self.matrix.row_scale).map(|(value, scale)| value * scale).collect()
    }

    /// One step of the plain method, from `current` to `next`.
    fn take_step(&mut self) {
        let (primal, dual) = (self.step / self.weight, self.step * self.weight);
        self.matrix.multiply_transposed(&self.current.y, &mut self.transposed);
        let matrix = &self.matrix;
        // What the second product is taken of: the new point, reflected at the old one.
        let mut reflected = Vec::with_capacity(self.current.x.len());
        for (column, value) in self.current.x.iter().enumerate() {
            let (lower, upper) = matrix.bounds[column];
            let moved = value + primal * (matrix.objective[column] - self.transposed[column]);
            let moved = moved.max(lower).min(upper);
            self.next.x[column] = moved;
            reflected.push(2.0 * moved - value);
        }
        self.matrix.multiply(&reflected, &mut self.product);
        let matrix = &self.matrix;
        for (row, value) in self.current.y.iter().enumerate() {
            let moved = value + dual * (self.product[row] - matrix.right[row]);
            self.next.y[row] = if matrix.is_equality[row] { moved } else { moved.max(0.0) };
        }
    }

    /// The length of the step from `current` to `next` in the method's own norm.
    fn residual(&self) -> f64 {
        let moved = distance_squared(&self.next.x, &self.current.x);
        let priced = distance_squared(&self.next.y, &self.current.y);
        let differences = self.next.y.iter().zip(&self.current.y).map(|(next, y)| next - y);
        let images = self.product.iter().zip(&self.image).map(|(reflected, image)| (reflected - image) / 2.0);
        let both: f64 = differences.zip(images).map(|(difference, image)| difference * image).sum();
        let squares = self.weight / self.step * moved - 2.0 * both + priced / (self.step * self.weight);
        squares.max(0.0).sqrt()
    }

    /// Reflects the step and draws it towards the anchor.
    fn move_on(&mut self) {
        self.epoch += 1;
        let kept = f64::from(self.epoch) / f64::from(self.epoch + 1);
        let blend = |current: &mut [f64], next: &[f64], anchor: &[f64]| {
            for ((value, next), anchor) in current.iter_mut().zip(next).zip(anchor) {
                *value = kept * (2.0 * next - *value) + (1.0 - kept) * anchor;
            }
        };
        blend(&mut self.current.x, &self.next.x, &self.anchor.x);
        blend(&mut self.current.y, &self.next.y, &self.anchor.y);
        for ((image, reflected), anchor) in self.image.iter_mut().zip(&self.product).zip(&self.anchor_image) {
            *image = kept * reflected + (1.0 - kept) * anchor;
        }
    }

    /// Begins a new epoch where this one came to, with a weight that makes both sides move alike.
    fn restart(&mut self) {
        let moved = distance_squared(&self.next.x, &self.anchor.x).sqrt();
        let priced = distance_squared(&self.next.y, &self.anchor.y).sqrt();
        if moved > 1e-10 && priced > 1e-10 {
            let estimate = (priced / moved).ln();
            self.weight = (SMOOTHING * estimate + (1.0 - SMOOTHING) * self.weight.ln()).exp();
        }
        self.current.clone_from(&self.next);
        self.anchor.clone_from(&self.next);
        self.matrix.multiply(&self.current.x, &mut self.image);
        self.anchor_image.clone_from(&self.image);
        self.epoch = 0;
        self.last_residual = f64::INFINITY;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::{Backend, Comparison, InProcess, Optimize};

    /// Bounded programs of every comparison, in which a point is known.
    fn programs() -> impl Strategy<Value = LinearProgram> {
        let columns = prop::collection::vec((-5_i8..6, 0_u8..20, 1_u8..20), 1..9);
        let rows = prop::collection::vec((prop::collection::vec(-3_i8..4, 9), 0_u8..3, 0_u8..30), 0..7);
        (columns, rows).prop_map(|(columns, rows)| {
            let mut program = LinearProgram::new();
            let variables: Vec<_> = columns
                .iter()
                .map(|(objective, point, width)| {
                    let (point, width) = (f64::from(*point), f64::from(*width));
                    program.add_bounded(f64::from(*objective), point - width, point + width)
                })
                .collect();
            for (coefficients, comparison, slack) in rows {
                let at_point = columns
                    .iter()
                    .zip(&coefficients)
                    .map(|((_, point, _), entry)| f64::from(*point) * f64::from(*entry));
                let (sum, slack): (f64, f64) = (at_point.sum(), slack.into());
                let (comparison, bound) = match comparison {
                    0 => (Comparison::AtMost, sum + slack),
                    1 => (Comparison::AtLeast, sum - slack),
                    _ => (Comparison::Equal, sum),
                };
                program.add_row(
                    variables.iter().copied().zip(coefficients.into_iter().map(f64::from)),
                    comparison,
                    bound,
                );
            }
            program
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn points_and_prices_come_to_the_optimum_and_prices_always_bound_it(program in programs()) {
            let optimum = InProcess(Backend::Cbc).solve(&program, Duration::MAX).expect("feasible and bounded").objective;
            let mut method = FirstOrder::new(&program);
            let (mut bound, mut objective, mut violation, mut steps) = (f64::INFINITY, 0.0, 0.0, 0);
            while steps < 200 {
                method.advance(64);
                steps += 1;
                let mut duals = method.duals();
                program.clamp_duals(&mut duals);
                bound = program.lagrangian(&duals, &program.reduced_objective(&duals));
                prop_assert!(bound >= optimum - 1e-6, "{} bounds {}", bound, optimum);
                let point = method.point();
                objective = program.objective_at(&point);
                violation = program.violation_at(&point);
                if (bound - optimum).max((objective - optimum).abs()).max(violation) < 1e-3 {
                    break;
                }
            }
            prop_assert!(steps < 200, "{} <= {} <= {}, rows broken by {}", objective, optimum, bound, violation);
        }
    }
}
