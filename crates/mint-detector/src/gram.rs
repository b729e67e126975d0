//! Squared distances between all rows of a matrix, by way of their products: |a|² + |b|² − 2ab.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vectors")]

use std::ops::{Add, Sub};

use crate::distances::{squared_distance, squared_length};

/// Rows whose products with a panel are summed up at once.
const ROWS: usize = 4;
/// Products that are summed up before the sum joins the others: rounding grows with how many there are.
const CHUNK: usize = 64;

/// Single or double precision.
pub trait Real: Copy + Default + PartialOrd + Add<Output = Self> + Sub<Output = Self> {
    /// A distance below this part of what it is the difference of has lost too much, and is measured directly.
    const TRUSTED: Self;
    /// So has one of sums below this, which may have vanished.
    const TINY: Self;
    /// The nearest.
    fn of(value: f64) -> Self;
    /// `self`·`by` + `to`, rounded once, and so the same on every processor.
    fn times_plus(self, by: Self, to: Self) -> Self;
}

impl Real for f32 {
    const TRUSTED: Self = 0.03125;
    const TINY: Self = 1e-25;
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "what is asked for")]
    fn of(value: f64) -> Self {
        value as Self
    }
    #[inline(always)]
    fn times_plus(self, by: Self, to: Self) -> Self {
        self.mul_add(by, to)
    }
}

impl Real for f64 {
    const TRUSTED: Self = 1e-3;
    const TINY: Self = 1e-200;
    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn times_plus(self, by: Self, to: Self) -> Self {
        self.mul_add(by, to)
    }
}

/// The distances of `n` rows, and the room that finding them takes. `LANES` rows make a panel, sample by sample.
#[derive(Clone, Debug, Default)]
pub struct Distances<T, const LANES: usize> {
    /// `ROWS` rows, sample by sample.
    bands: Vec<[T; ROWS]>,
    panels: Vec<[T; LANES]>,
    norms: Vec<T>,
    cells: Vec<T>,
    /// From one row of `cells` to the next: whole panels. What lies beyond the rows' number is no distance.
    stride: usize,
}

impl<T: Real, const LANES: usize> Distances<T, LANES> {
    /// Between the rows of `matrix`, each `length` long.
    #[inline(always)]
    pub fn measure(&mut self, matrix: &[f64], length: usize) {
        let n = matrix.len() / length;
        self.stride = n.next_multiple_of(LANES);
        self.pack(matrix, length);
        self.cells.resize(n * self.stride, T::default());
        for panel in 0..self.stride / LANES {
            // Distances are the same both ways: only from rows that are not before the panel's.
            for first in (panel * LANES / ROWS * ROWS..n).step_by(ROWS) {
                self.measure_tile(matrix, length, first, panel);
            }
        }
    }

    // Not for the processor's vectors: scattered stores are slower than single ones.
    #[inline(never)]
    fn pack(&mut self, matrix: &[f64], length: usize) {
        // Lanes of rows that are not there may hold anything.
        self.bands.resize(self.stride / ROWS * length, [T::default(); ROWS]);
        self.panels.resize(self.stride / LANES * length, [T::default(); LANES]);
        for (row, values) in matrix.chunks_exact(length).enumerate() {
            let panel = &mut self.panels[row / LANES * length..][..length];
            panel.iter_mut().zip(values).for_each(|(lanes, value)| lanes[row % LANES] = T::of(*value));
        }
        let bands = self.bands.chunks_exact_mut(LANES / ROWS * length);
        for (bands, panel) in bands.zip(self.panels.chunks_exact(length)) {
            for (part, band) in bands.chunks_exact_mut(length).enumerate() {
                band.iter_mut().zip(panel).for_each(|(band, lanes)| *band = lanes.as_chunks().0[part]);
            }
        }
        self.norms.resize(self.stride, T::default());
        for (norm, row) in self.norms.iter_mut().zip(matrix.chunks_exact(length)) {
            *norm = T::of(squared_length(row));
        }
    }

    /// From `ROWS` rows to those of a panel.
    #[inline(always)]
    fn measure_tile(&mut self, matrix: &[f64], length: usize, first: usize, panel: usize) {
        let band = &self.bands[first / ROWS * length..][..length];
        let products = products(band, &self.panels[panel * length..][..length]);
        let norms = &self.norms[panel * LANES..][..LANES];
        let n = matrix.len() / length;
        let own = n.min((panel + 1) * LANES) - panel * LANES;
        for (row, products) in (first..n).zip(&products) {
            let mut distances = [T::default(); LANES];
            let mut is_lossy = false;
            for lane in 0..LANES {
                let sum = self.norms[row] + norms[lane];
                distances[lane] = sum - (products[lane] + products[lane]);
                is_lossy |= distances[lane] < T::TRUSTED.times_plus(sum, T::TINY);
            }
            if is_lossy {
                for (lane, distance) in distances[..own].iter_mut().enumerate() {
                    if *distance < T::TRUSTED.times_plus(self.norms[row] + norms[lane], T::TINY) {
                        *distance = directly(matrix, length, row, panel * LANES + lane);
                    }
                }
            }
            self.cells[row * self.stride + panel * LANES..][..LANES].copy_from_slice(&distances);
            for (lane, distance) in distances[..own].iter().enumerate() {
                self.cells[(panel * LANES + lane) * self.stride + row] = *distance;
            }
        }
    }

    /// From one row to all, itself included, in order.
    #[inline(always)]
    pub fn rows(&self) -> impl Iterator<Item = &[T]> {
        self.cells.chunks_exact(self.stride.max(1)).map(|row| &row[..self.cells.len() / self.stride])
    }

    /// From `LANES` rows at a time to all: the distances of neighbouring rows from the same one are neighbours.
    #[inline(always)]
    pub fn columns(&self) -> impl Iterator<Item = impl Iterator<Item = &[T; LANES]>> {
        let lines = self.cells.as_chunks::<LANES>().0;
        let step = self.stride / LANES;
        (0..step).map(move |panel| lines[panel..].iter().step_by(step))
    }
}

/// Of each row of a band with each of a panel.
#[inline(always)]
fn products<T: Real, const LANES: usize>(band: &[[T; ROWS]], panel: &[[T; LANES]]) -> [[T; LANES]; ROWS] {
    let mut sums = [[T::default(); LANES]; ROWS];
    for (band, panel) in band.chunks(CHUNK).zip(panel.chunks(CHUNK)) {
        let chunk = products_of_chunk(band, panel);
        for i in 0..ROWS {
            for lane in 0..LANES {
                sums[i][lane] = sums[i][lane] + chunk[i][lane];
            }
        }
    }
    sums
}

#[inline(always)]
fn products_of_chunk<T: Real, const LANES: usize>(band: &[[T; ROWS]], panel: &[[T; LANES]]) -> [[T; LANES]; ROWS] {
    let mut sums = [[T::default(); LANES]; ROWS];
    for (values, lanes) in band.iter().zip(panel) {
        for i in 0..ROWS {
            let value = values[i];
            let sums = &mut sums[i];
            for lane in 0..LANES {
                sums[lane] = value.times_plus(lanes[lane], sums[lane]);
            }
        }
    }
    sums
}

#[inline(always)]
fn directly<T: Real>(matrix: &[f64], length: usize, a: usize, b: usize) -> T {
    if a == b {
        return T::default();
    }
    T::of(squared_distance(&matrix[a * length..][..length], &matrix[b * length..][..length]))
}
