//! How a rebuilt network differs from the original.

use std::collections::BTreeSet;

use ledger_simulator::Topology;
use serde::{Deserialize, Serialize};

/// What was not rebuilt as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Links that are missing.
    pub missing: Vec<(u32, u32)>,
    /// Links that there are not.
    pub invented: Vec<(u32, u32)>,
    /// Links with another bandwidth.
    pub changed: Vec<(u32, u32)>,
}

impl Difference {
    /// Between an original and what was rebuilt.
    pub fn between(original: &Topology, rebuilt: &Topology) -> Self {
        let (there, here): (BTreeSet<_>, BTreeSet<_>) =
            (original.edges.iter().copied().collect(), rebuilt.edges.iter().copied().collect());
        let changed = |(one, other): &(u32, u32)| original.link(*one, *other) != rebuilt.link(*one, *other);
        Self {
            missing: there.difference(&here).copied().collect(),
            invented: here.difference(&there).copied().collect(),
            changed: there.intersection(&here).copied().filter(changed).collect(),
        }
    }
}
