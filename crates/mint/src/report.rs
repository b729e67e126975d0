//! What fog servers and the cloud tell each other.

use serde::{Deserialize, Serialize};

use crate::{MinerId, SigningBytes, sample::put_text};

/// A twin, as its fog server sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwinReport {
    /// Whose.
    pub miner: MinerId,
    /// The last sample taken in.
    pub sequence: u64,
    /// Whether nothing was heard of the miner for too long.
    pub is_silent: bool,
    /// The detector's last W, oldest first, in millionths; fewer than agreed while it learns.
    pub cusum_millionths: Vec<u64>,
}

/// What a fog server reports to the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FogReport {
    /// The fog server's name.
    pub fog: MinerId,
    /// Grows with every report.
    pub number: u64,
    /// When it was made, milliseconds of Unix time.
    pub time_ms: u64,
    /// All its twins.
    pub twins: Vec<TwinReport>,
}

impl SigningBytes for FogReport {
    fn signing_bytes(&self) -> Vec<u8> {
        let mut bytes = b"entente/mint/fog-report/1\0".to_vec();
        put_text(&mut bytes, self.fog.as_str());
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.time_ms.to_be_bytes());
        bytes.extend((self.twins.len() as u64).to_be_bytes());
        for twin in &self.twins {
            put_text(&mut bytes, twin.miner.as_str());
            bytes.extend(twin.sequence.to_be_bytes());
            bytes.push(twin.is_silent.into());
            bytes.extend((twin.cusum_millionths.len() as u64).to_be_bytes());
            twin.cusum_millionths.iter().for_each(|w| bytes.extend(w.to_be_bytes()));
        }
        bytes
    }
}

/// What the cloud answers: which of the fog server's miners behave unlike the rest of the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flags {
    /// To which fog server.
    pub fog: MinerId,
    /// To which of its reports.
    pub number: u64,
    /// The miners.
    pub miners: Vec<MinerId>,
}

impl SigningBytes for Flags {
    fn signing_bytes(&self) -> Vec<u8> {
        let mut bytes = b"entente/mint/flags/1\0".to_vec();
        put_text(&mut bytes, self.fog.as_str());
        bytes.extend(self.number.to_be_bytes());
        bytes.extend((self.miners.len() as u64).to_be_bytes());
        self.miners.iter().for_each(|miner| put_text(&mut bytes, miner.as_str()));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> FogReport {
        let twin =
            TwinReport { miner: "a".parse().unwrap(), sequence: 1, is_silent: false, cusum_millionths: vec![1, 2] };
        FogReport { fog: "f".parse().unwrap(), number: 1, time_ms: 2, twins: vec![twin] }
    }

    #[test]
    fn what_is_reported_of_a_twin_is_signed() {
        let changes: [fn(&mut TwinReport); 4] = [
            |twin| twin.miner = "b".parse().unwrap(),
            |twin| twin.sequence = 9,
            |twin| twin.is_silent = true,
            |twin| twin.cusum_millionths[1] = 9,
        ];
        for change in changes {
            let mut other = report();
            change(&mut other.twins[0]);
            assert_ne!(other.signing_bytes(), report().signing_bytes());
        }
    }
}
