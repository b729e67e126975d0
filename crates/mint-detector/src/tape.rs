//! The latest samples, in one piece.

/// Keeps the latest samples contiguous at a constant mean cost.
#[derive(Clone, Debug)]
pub struct Tape {
    values: Vec<f64>,
    kept: usize,
}

impl Tape {
    /// Keeps at least the latest `kept`.
    pub fn new(kept: usize) -> Self {
        Self { values: Vec::with_capacity(4 * kept), kept }
    }

    /// Adds the newest.
    pub fn push(&mut self, value: f64) {
        if self.values.len() == 4 * self.kept {
            self.values.drain(..3 * self.kept);
        }
        self.values.push(value);
    }

    /// The `length` samples of which the last one is `ago` samples old; `None` where the tape does not reach back.
    pub fn ending(&self, ago: usize, length: usize) -> Option<&[f64]> {
        let end = self.values.len().checked_sub(ago)?;
        self.values.get(end.checked_sub(length)?..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_samples_are_at_hand() {
        let mut tape = Tape::new(3);
        assert_eq!(tape.ending(0, 1), None);
        for value in 0..100_i32 {
            tape.push(value.into());
            if value >= 2 {
                let [a, b]: [f64; 2] = [(value - 2).into(), (value - 1).into()];
                assert_eq!(tape.ending(1, 2), Some(&[a, b][..]));
            }
        }
    }
}
