//! What servers answer.

use mint::Order;
use serde::{Deserialize, Serialize};

use crate::Signed;

/// To a sample that was taken in: by then it is on the fog server's disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleAnswer {
    /// Its number.
    pub sequence: u64,
    /// The order the miner's supervisor has not carried out yet, if there is one.
    pub order: Option<Signed<Order>>,
}
