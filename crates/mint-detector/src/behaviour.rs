//! Behaviour vectors: the series of W that miners are compared by.

use std::collections::{BTreeMap, btree_map::Entry as Slot};

use mint::MinerId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The largest W that a vector may hold: a miner at its wildest stays far below.
const LARGEST: f64 = 1e12;

/// Why a vector does not take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VectorRefused {
    /// It holds a NaN, an infinity, a negative figure or one beyond all measure.
    #[error("the vector holds a figure that no W can be")]
    OutOfRange,
    /// It is longer or shorter than agreed.
    #[error("the vector has the wrong length")]
    WrongLength,
    /// The miner has one already.
    #[error("the miner has handed in a vector before")]
    Twice,
}

/// How many of `n` miners may lie at most, by n ≥ 2f + 3.
pub const fn tolerable(n: usize) -> usize {
    n.saturating_sub(3) / 2
}

/// The vectors of a round, in the order of the miners' names.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviours {
    pub(crate) miners: Vec<MinerId>,
    pub(crate) matrix: Vec<f64>,
    pub(crate) length: usize,
}

impl Behaviours {
    /// Collects vectors of `length` samples; those refused are named beside it.
    pub fn collect(
        length: usize,
        vectors: impl IntoIterator<Item = (MinerId, Vec<f64>)>,
    ) -> (Self, Vec<(MinerId, VectorRefused)>) {
        let (mut sound, mut refused) = (BTreeMap::new(), Vec::new());
        for (miner, vector) in vectors {
            if vector.len() != length || length == 0 {
                refused.push((miner, VectorRefused::WrongLength));
            } else if !vector.iter().all(|w| (0.0..=LARGEST).contains(w)) {
                refused.push((miner, VectorRefused::OutOfRange));
            } else {
                match sound.entry(miner) {
                    Slot::Occupied(taken) => refused.push((taken.key().clone(), VectorRefused::Twice)),
                    Slot::Vacant(free) => {
                        free.insert(vector);
                    }
                }
            }
        }
        let (miners, rows): (Vec<_>, Vec<_>) = sound.into_iter().unzip();
        (Self { miners, matrix: rows.concat(), length }, refused)
    }

    /// Whose vectors.
    pub fn miners(&self) -> &[MinerId] {
        &self.miners
    }

    /// What binds whoever publishes it to these vectors before anybody scores them: SHA-256 over the number of samples,
    /// the names and the figures' bits.
    pub fn commitment(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"entente/mint/behaviours/1\0");
        hash.update((self.length as u64).to_be_bytes());
        for (miner, row) in self.miners.iter().zip(self.matrix.chunks_exact(self.length.max(1))) {
            hash.update((miner.as_str().len() as u64).to_be_bytes());
            hash.update(miner.as_str());
            // Adding nothing makes the two zeros one.
            for w in row {
                hash.update((w + 0.0).to_bits().to_be_bytes());
            }
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        VectorRefused::{OutOfRange, Twice, WrongLength},
        *,
    };

    fn id(name: &str) -> MinerId {
        name.parse().unwrap()
    }

    #[test]
    fn bad_vectors_are_refused_by_name_and_spare_the_others() {
        let (sound, refused) = Behaviours::collect(
            2,
            [
                (id("a"), vec![0.0, 1.0]),
                (id("b"), vec![0.0, f64::NAN]),
                (id("c"), vec![0.0, -1.0]),
                (id("d"), vec![0.0]),
                (id("a"), vec![9.0, 9.0]),
                (id("e"), vec![f64::INFINITY, 0.0]),
            ],
        );
        assert_eq!(sound.miners(), [id("a")]);
        let reasons: Vec<_> = refused.iter().map(|(_, reason)| *reason).collect();
        assert_eq!(reasons, [OutOfRange, OutOfRange, WrongLength, Twice, OutOfRange]);
    }

    #[test]
    fn a_commitment_binds_to_every_figure_but_not_to_the_order() {
        let of = |vectors: &[(&str, f64)]| {
            Behaviours::collect(1, vectors.iter().map(|(name, w)| (id(name), vec![*w]))).0.commitment()
        };
        assert_eq!(of(&[("a", 1.0), ("b", 2.0)]), of(&[("b", 2.0), ("a", 1.0)]));
        assert_ne!(of(&[("a", 1.0), ("b", 2.0)]), of(&[("a", 2.0), ("b", 1.0)]));
        assert_ne!(of(&[("a", 1.0)]), of(&[("a", 1.0 + f64::EPSILON)]));
        assert_eq!(of(&[("a", 0.0)]), of(&[("a", -0.0)]));
    }

    #[test]
    fn sixteen_miners_tolerate_six() {
        assert_eq!(tolerable(16), 6);
        assert_eq!(tolerable(15), 6);
        assert_eq!(tolerable(5), 1);
        assert_eq!(tolerable(2), 0);
    }
}
