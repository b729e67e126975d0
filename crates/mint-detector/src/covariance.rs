//! Sums of x·xᵀ over lagged vectors that come and go.

/// A symmetric matrix, row by row.
#[derive(Clone, Debug)]
pub struct Covariance {
    order: usize,
    cells: Vec<f64>,
}

impl Covariance {
    /// Of no vector.
    pub fn new(order: usize) -> Self {
        Self { order, cells: vec![0.0; order * order] }
    }

    /// Of these vectors.
    pub fn of<'a>(order: usize, vectors: impl IntoIterator<Item = &'a [f64]>) -> Self {
        let mut sum = Self::new(order);
        vectors.into_iter().for_each(|vector| sum.add(vector));
        sum
    }

    /// Its rows.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.cells.chunks_exact(self.order)
    }

    /// All cells, row by row.
    pub fn cells(&self) -> &[f64] {
        &self.cells
    }

    /// A vector comes.
    pub fn add(&mut self, vector: &[f64]) {
        for (row, &x) in self.cells.chunks_exact_mut(self.order).zip(vector) {
            row.iter_mut().zip(vector).for_each(|(cell, &y)| *cell += x * y);
        }
    }

    /// A vector comes and another one goes.
    pub fn exchange(&mut self, come: &[f64], go: &[f64]) {
        for ((row, &x), &gone) in self.cells.chunks_exact_mut(self.order).zip(come).zip(go) {
            row.iter_mut().zip(come).zip(go).for_each(|((cell, &y), &z)| *cell += x * y - gone * z);
        }
    }

    /// The sum of the vectors' squared lengths.
    pub fn trace(&self) -> f64 {
        self.cells.iter().step_by(self.order + 1).sum()
    }

    /// This matrix times `vector`, into `product`.
    pub fn times(&self, vector: &[f64], product: &mut [f64]) {
        product.fill(0.0);
        // Being symmetric, its rows are its columns.
        for (row, &x) in self.rows().zip(vector) {
            product.iter_mut().zip(row).for_each(|(sum, &cell)| *sum += x * cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_went_leaves_nothing() {
        let mut sum = Covariance::of(2, [&[1.0, 2.0][..], &[3.0, 4.0]]);
        sum.exchange(&[5.0, 6.0], &[1.0, 2.0]);
        assert_eq!(sum.cells(), Covariance::of(2, [&[3.0, 4.0][..], &[5.0, 6.0]]).cells());
        assert!((sum.trace() - 86.0).abs() < 1e-12);
        let mut product = [0.0; 2];
        sum.times(&[1.0, -1.0], &mut product);
        assert_eq!(product, [34.0 - 42.0, 42.0 - 52.0]);
    }
}
