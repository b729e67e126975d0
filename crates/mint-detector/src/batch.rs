//! Many detectors at once.

use crate::{BadParameters, BadValue, Detector, Parameters, State};

/// Detectors of as many series, set alike.
#[derive(Clone, Debug)]
pub struct Batch {
    detectors: Vec<Detector>,
}

impl Batch {
    /// Detectors of `twins` series.
    pub fn new(parameters: Parameters, twins: usize) -> Result<Self, BadParameters> {
        Ok(Self { detectors: vec![Detector::new(parameters)?; twins] })
    }

    /// Takes in one sample of each series, in order; the verdicts replace what is in `verdicts`. A bad value is the
    /// matter of its own series only.
    pub fn push(&mut self, samples: &[f64], verdicts: &mut Vec<Result<State, BadValue>>) {
        verdicts.clear();
        verdicts.extend(self.detectors.iter_mut().zip(samples).map(|(detector, &value)| detector.push(value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_its_detectors() {
        let mut batch = Batch::new(Parameters::calibrated(), 3).unwrap();
        let mut alone = Detector::new(Parameters::calibrated()).unwrap();
        let mut verdicts = Vec::new();
        for n in 0..150_i32 {
            let value = 100.0 + f64::from(n * n % 7);
            batch.push(&[value, f64::NAN, 100.0], &mut verdicts);
            assert_eq!(verdicts[0], alone.push(value));
            assert!(verdicts[1].is_err() && verdicts[2].is_ok());
        }
    }
}
