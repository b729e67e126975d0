//! The way from nodes to the twin: reports are lost, late, and overtake one another.

use serde::{Deserialize, Serialize};
use simulation::{EventQueue, Micros, Random};

use crate::StateReport;

/// How unreliable the way is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// The share of reports that never arrive.
    pub loss: f64,
    /// The mean delay of the others, seconds; exponentially distributed.
    pub delay_seconds: f64,
}

impl Channel {
    /// The reports, each sent at a time, that arrive by `until`, in the order in which they do.
    pub fn carry(
        self,
        sent: impl IntoIterator<Item = (Micros, StateReport)>,
        until: Micros,
        random: &mut Random,
    ) -> Vec<StateReport> {
        let mut queue = EventQueue::default();
        for (time, report) in sent {
            let (lost, delay) = (random.unit() < self.loss, random.exponential(self.delay_seconds));
            if !lost {
                queue.push(time + Micros::from_seconds(delay), report);
            }
        }
        std::iter::from_fn(|| queue.pop()).take_while(|(time, _)| *time <= until).map(|(_, report)| report).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(height: u32) -> (Micros, StateReport) {
        let time = Micros::from_seconds(f64::from(height));
        (time, StateReport { node: 0, height, bandwidth: 1, peers: Vec::new() })
    }

    #[test]
    fn reports_are_lost_and_overtake_one_another() {
        let carry = |loss, delay_seconds| {
            let mut random = Random::stream(1, "channel");
            Channel { loss, delay_seconds }.carry((0..1000).map(report), Micros(u64::MAX), &mut random)
        };
        assert!(carry(0.0, 0.0).windows(2).all(|pair| pair[0].height < pair[1].height));
        assert!(carry(0.3, 0.0).len().abs_diff(700) < 50);
        let late = carry(0.0, 5.0);
        assert!(late.len() == 1000 && late.windows(2).any(|pair| pair[0].height > pair[1].height));
    }
}
