//! A wallet whose key stays in a hardware wallet: which device, which of its keys, and whose that is.

use alloy::primitives::Address;
use hardware_wallet::{DerivationPath, Maker};
use serde::{Deserialize, Serialize};

/// What is kept of it, as a file; none of it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnDevice {
    /// Whose key it is.
    pub address: Address,
    /// On whose device.
    pub device: Maker,
    /// Which of its keys.
    pub path: DerivationPath,
}
