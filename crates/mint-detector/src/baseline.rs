//! μ: how far quiet windows are from their past.

use std::collections::VecDeque;

/// The mean distance of earlier windows that do not overlap the present one. Windows in alarm never enter.
#[derive(Clone, Debug)]
pub struct Baseline {
    lag: usize,
    remembered: usize,
    /// The windows too young to be learnt from, oldest first; `None` where in alarm.
    young: VecDeque<Option<f64>>,
    accepted: VecDeque<f64>,
}

impl Baseline {
    /// Of at most `remembered` windows, each at least `lag` samples old.
    pub fn new(lag: usize, remembered: usize) -> Self {
        Self {
            lag,
            remembered,
            young: VecDeque::with_capacity(lag + 1),
            accepted: VecDeque::with_capacity(remembered + 1),
        }
    }

    /// Takes in a window's distance; `is_alarm` is of this window.
    pub fn push(&mut self, distance: f64, is_alarm: bool) {
        self.young.push_back((!is_alarm).then_some(distance));
        if self.young.len() > self.lag
            && let Some(Some(grown)) = self.young.pop_front()
            && !is_alarm
        {
            self.accepted.push_back(grown);
            if self.accepted.len() > self.remembered {
                self.accepted.pop_front();
            }
        }
    }

    /// How many windows it is the mean of.
    pub fn len(&self) -> usize {
        self.accepted.len()
    }

    /// The mean; 0 of nothing.
    #[expect(clippy::cast_precision_loss, reason = "at most some hundred windows are remembered")]
    pub fn mean(&self) -> f64 {
        self.accepted.iter().sum::<f64>() / self.accepted.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_and_quiet_windows_are_learnt_from() {
        let mut baseline = Baseline::new(2, 2);
        for distance in [1.0, 2.0] {
            baseline.push(distance, false);
        }
        assert_eq!(baseline.len(), 0);
        baseline.push(3.0, false);
        assert_eq!((baseline.len(), baseline.mean()), (1, 1.0));
        baseline.push(90.0, true);
        assert_eq!(baseline.len(), 1);
        for distance in [4.0, 5.0, 6.0] {
            baseline.push(distance, false);
        }
        // 2 grew in alarm, 90 was in alarm: 1, 3 and 4 were learnt, and two are remembered.
        assert_eq!((baseline.len(), baseline.mean()), (2, 3.5));
    }
}
