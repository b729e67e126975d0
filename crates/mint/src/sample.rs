//! What a miner reports of itself.

use serde::{Deserialize, Serialize};

use crate::{MinerId, Share, SigningBytes};

/// What a miner used since its last sample, each in parts of what was allotted to it: (c, g, m, b) of section 4.2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Whose.
    pub miner: MinerId,
    /// Grows with every sample, so that none counts twice.
    pub sequence: u64,
    /// When it was taken, milliseconds of Unix time by the miner's clock.
    pub time_ms: u64,
    /// CPU time, of the CPU time allotted for the time between two samples.
    pub cpu: Share,
    /// GPU time; 0 where there is none.
    pub gpu: Share,
    /// Memory in use.
    pub memory: Share,
    /// Bytes read and written, of those allotted for the time between two samples.
    pub io: Share,
    /// The number of the last order that was carried out; 0 before the first.
    pub obeyed: u64,
}

impl Sample {
    /// The key parameter: what proof of work is done with, the larger one of CPU and GPU.
    pub fn key(&self) -> Share {
        self.cpu.max(self.gpu)
    }
}

impl SigningBytes for Sample {
    fn signing_bytes(&self) -> Vec<u8> {
        let mut bytes = b"entente/mint/sample/1\0".to_vec();
        put_text(&mut bytes, self.miner.as_str());
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.time_ms.to_be_bytes());
        for share in [self.cpu, self.gpu, self.memory, self.io] {
            bytes.extend(share.ppm().to_be_bytes());
        }
        bytes.extend(self.obeyed.to_be_bytes());
        bytes
    }
}

/// Appends a text behind its length, so that no two sequences of texts have the same bytes.
pub(crate) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_be_bytes());
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        Sample {
            miner: "a".parse().unwrap(),
            sequence: 1,
            time_ms: 2,
            cpu: Share::WHOLE,
            gpu: Share::NONE,
            memory: Share::NONE,
            io: Share::NONE,
            obeyed: 0,
        }
    }

    #[test]
    fn every_field_is_signed() {
        let base = sample();
        let other = Share::from_ppm(7).unwrap();
        let changed = [
            Sample { miner: "b".parse().unwrap(), ..base.clone() },
            Sample { sequence: 9, ..base.clone() },
            Sample { time_ms: 9, ..base.clone() },
            Sample { cpu: other, ..base.clone() },
            Sample { gpu: other, ..base.clone() },
            Sample { memory: other, ..base.clone() },
            Sample { io: other, ..base.clone() },
            Sample { obeyed: 9, ..base.clone() },
        ];
        for sample in changed {
            assert_ne!(sample.signing_bytes(), base.signing_bytes(), "{sample:?}");
        }
    }
}
