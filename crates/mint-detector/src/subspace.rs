//! The subspace that a window's signal spans.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::{Eigen, covariance::Covariance};

/// Power steps a sample: with two, distances stay within a few per cent of the exact ones.
const STEPS: usize = 2;
/// Samples from one full decomposition to the next.
const ANCHORED_EVERY: u32 = 64;

/// An orthonormal basis of the subspace of the leading eigenvectors.
#[derive(Clone, Debug)]
pub struct Subspace {
    order: usize,
    columns: Vec<f64>,
    scratch: Vec<f64>,
    since_anchored: Option<u32>,
}

impl Subspace {
    /// Of `components` dimensions of `order`; anywhere, until it follows a matrix.
    pub fn new(order: usize, components: usize) -> Self {
        Self { order, columns: vec![0.0; order * components], scratch: vec![0.0; order], since_anchored: None }
    }

    /// Moves to the leading eigenvectors of `matrix`.
    pub fn follow(&mut self, matrix: &Covariance, eigen: Eigen) {
        let due = self.since_anchored.is_none_or(|since| since >= ANCHORED_EVERY);
        if due || eigen == Eigen::Exact {
            self.anchor(matrix);
        } else {
            (0..STEPS).for_each(|_| self.step(matrix));
            self.since_anchored = self.since_anchored.map(|since| since + 1);
        }
    }

    fn anchor(&mut self, matrix: &Covariance) {
        let decomposed = SymmetricEigen::new(DMatrix::from_row_slice(self.order, self.order, matrix.cells()));
        let mut places: Vec<_> = (0..self.order).collect();
        places.sort_by(|&a, &b| decomposed.eigenvalues[b].total_cmp(&decomposed.eigenvalues[a]));
        for (column, &place) in self.columns.chunks_exact_mut(self.order).zip(&places) {
            column.iter_mut().zip(decomposed.eigenvectors.column(place).iter()).for_each(|(to, from)| *to = *from);
        }
        self.since_anchored = Some(0);
    }

    /// One step of orthogonal iteration: each column times the matrix, made orthonormal in order.
    fn step(&mut self, matrix: &Covariance) {
        for place in 0..self.columns.len() / self.order {
            let (done, rest) = self.columns.split_at_mut(place * self.order);
            let column = &mut rest[..self.order];
            matrix.times(column, &mut self.scratch);
            for other in done.chunks_exact(self.order) {
                let along = dot(other, &self.scratch);
                self.scratch.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
            }
            let length = dot(&self.scratch, &self.scratch).sqrt();
            // A direction in which the matrix has nothing stays what it is, orthogonal to the rest or not: it is
            // multiplied by nothing.
            if length > f64::MIN_POSITIVE {
                column.iter_mut().zip(&self.scratch).for_each(|(to, from)| *to = from / length);
            }
        }
    }

    /// The sum, over the vectors summed up in `matrix`, of squared distances from the subspace.
    pub fn residual(&mut self, matrix: &Covariance) -> f64 {
        let mut inside = 0.0;
        for column in self.columns.chunks_exact(self.order) {
            matrix.times(column, &mut self.scratch);
            inside += dot(column, &self.scratch);
        }
        (matrix.trace() - inside).max(0.0)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_the_subspace_has_no_residual() {
        let vectors = [[1.0, 2.0, 0.0], [2.0, -1.0, 0.0]];
        let matrix = Covariance::of(3, vectors.iter().map(|v| &v[..]));
        let mut subspace = Subspace::new(3, 2);
        subspace.follow(&matrix, Eigen::Exact);
        assert!(subspace.residual(&matrix) < 1e-12);
        let outside = Covariance::of(3, [&[5.0, 5.0, 3.0][..]]);
        assert!((subspace.residual(&outside) - 9.0).abs() < 1e-12);
    }

    #[test]
    fn following_comes_to_the_eigenvectors() {
        let vectors = [[9.0, 1.0, 0.5], [1.0, 4.0, -1.0], [0.2, -0.3, 1.0]];
        let matrix = Covariance::of(3, vectors.iter().map(|v| &v[..]));
        let (mut exact, mut followed) = (Subspace::new(3, 1), Subspace::new(3, 1));
        exact.follow(&matrix, Eigen::Exact);
        followed.follow(&Covariance::of(3, [&[1.0, 1.0, 1.0][..]]), Eigen::Followed);
        (0..30).for_each(|_| followed.follow(&matrix, Eigen::Followed));
        assert!((exact.residual(&matrix) - followed.residual(&matrix)).abs() < 1e-9);
    }

    #[test]
    fn a_matrix_of_nothing_breaks_nothing() {
        let mut subspace = Subspace::new(3, 2);
        (0..200).for_each(|_| subspace.follow(&Covariance::new(3), Eigen::Followed));
        assert!(subspace.residual(&Covariance::of(3, [&[1.0, 2.0, 3.0][..]])).is_finite());
    }
}
