//! What follows from what a miner does: the plain cap test, and orders that become harder.

use crate::{Action, Share};

/// When a miner is told what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How much more than its allotment a miner may use before it counts: measuring is not exact.
    pub margin: Share,
    /// After so many samples over the cap in a row a miner is throttled.
    pub samples_over: u32,
    /// After so many more in spite of that it is stopped.
    pub patience: u32,
}

impl Default for Policy {
    fn default() -> Self {
        // 5 %: cgroup accounting over one second errs by less.
        Self { margin: Share::from_ppm(50_000).unwrap_or(Share::NONE), samples_over: 3, patience: 10 }
    }
}

impl Policy {
    /// The plain cap test: whether the key parameter exceeds the allotment and the margin.
    pub fn is_over(&self, key: Share) -> bool {
        key > Share::WHOLE.plus(self.margin)
    }
}

/// What is known of a miner at a sample, besides the sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The change-point detector is in alarm.
    pub has_changed: bool,
    /// Proof-of-Behaviour flags the miner.
    pub is_flagged: bool,
}

/// What a miner has been told, and how it goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conduct {
    over: u32,
    told: Told,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    #[default]
    Nothing,
    Warned,
    Throttled,
    Stopped,
}

impl Conduct {
    /// Takes in a sample; the order that follows, if one does. A miner is warned at the first sign, throttled when it
    /// stays over the cap or Proof-of-Behaviour flags it, and stopped when throttling is of no use. A change alone is
    /// no violation: a miner that uses less has changed, too.
    pub fn observe(&mut self, key: Share, finding: Finding, policy: &Policy) -> Option<Action> {
        self.over = if policy.is_over(key) { self.over.saturating_add(1) } else { 0 };
        let deserved = if self.over >= policy.samples_over || finding.is_flagged {
            Told::Throttled
        } else if self.over > 0 || finding.has_changed {
            Told::Warned
        } else {
            Told::Nothing
        };
        let stubborn = self.told == Told::Throttled && self.over >= policy.patience.saturating_add(policy.samples_over);
        let next = if stubborn { Told::Stopped } else { deserved };
        if next <= self.told {
            return None;
        }
        self.told = next;
        match next {
            Told::Nothing => None,
            Told::Warned => Some(Action::Warn),
            Told::Throttled => Some(Action::Throttle { cpu: Share::WHOLE }),
            Told::Stopped => Some(Action::Stop),
        }
    }

    /// The operator decided in the miner's favour: it starts anew.
    pub fn forgive(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Finding = Finding { has_changed: false, is_flagged: false };

    fn percent(percent: u32) -> Share {
        Share::from_ppm(percent * 10_000).unwrap()
    }

    fn orders(shares: &[u32]) -> Vec<Option<&'static str>> {
        let mut conduct = Conduct::default();
        let policy = Policy::default();
        shares.iter().map(|&c| conduct.observe(percent(c), QUIET, &policy).map(Action::name)).collect()
    }

    #[test]
    fn a_fair_miner_is_left_alone() {
        assert_eq!(orders(&[100, 105, 60, 100]), [None; 4]);
    }

    #[test]
    fn a_miner_over_its_cap_is_warned_and_then_throttled() {
        assert_eq!(orders(&[100, 106, 200, 200, 200]), [None, Some("warn"), None, Some("throttle"), None]);
    }

    #[test]
    fn a_single_peak_brings_a_warning_only() {
        assert_eq!(orders(&[150, 100, 150, 100]), [Some("warn"), None, None, None]);
    }

    #[test]
    fn a_miner_that_goes_on_though_throttled_is_stopped() {
        let told = orders(&[200; 20]);
        assert_eq!(told.iter().position(|order| *order == Some("stop")), Some(12));
        assert_eq!(told.iter().flatten().count(), 3);
    }

    #[test]
    fn a_change_below_the_cap_brings_a_warning_and_a_flag_more() {
        let mut conduct = Conduct::default();
        let policy = Policy::default();
        let changed = Finding { has_changed: true, is_flagged: false };
        let flagged = Finding { is_flagged: true, ..changed };
        assert_eq!(conduct.observe(percent(80), changed, &policy), Some(Action::Warn));
        assert_eq!(conduct.observe(percent(80), flagged, &policy), Some(Action::Throttle { cpu: Share::WHOLE }));
        conduct.forgive();
        assert_eq!(conduct.observe(percent(80), QUIET, &policy), None);
    }
}
