//! What is hashed.

use pow_kernel::{HEADER_BYTES, Puzzle, double_sha256};
use serde::{Deserialize, Serialize};

use crate::Digest;

/// The greatest hash that solves a puzzle, as a number of 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target(pub Digest);

impl Target {
    /// Hashes with at least so many leading zero bits; 255 at most. A hexadecimal digit is four bits.
    pub fn leading_zero_bits(bits: u8) -> Self {
        let mut target = [0xff_u8; 32];
        let mut left = u32::from(bits);
        for byte in &mut target {
            *byte = byte.checked_shr(left.min(8)).unwrap_or(0);
            left = left.saturating_sub(8);
        }
        Self(Digest(target))
    }

    /// Whether a hash is small enough.
    pub fn is_met_by(&self, hash: &Digest) -> bool {
        *hash <= self.0
    }
}

/// A block's header: its 116 bytes are hashed twice with SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The block's height; the genesis has 0.
    pub index: u32,
    /// The hash of the block before it.
    pub previous: Digest,
    /// The Merkle root of its body.
    pub root: Digest,
    /// When its manager composed it, milliseconds; later than the block before it.
    pub time_ms: u64,
    /// What its hash must meet.
    pub target: Target,
    /// What is sought.
    pub nonce: u64,
}

impl Header {
    /// The bytes that are hashed: the fields in order, numbers with the most significant byte first.
    pub fn bytes(&self) -> [u8; HEADER_BYTES] {
        let (index, time, nonce) = (self.index.to_be_bytes(), self.time_ms.to_be_bytes(), self.nonce.to_be_bytes());
        let fields: [&[u8]; 6] = [&index, &self.previous.0, &self.root.0, &time, &self.target.0.0, &nonce];
        let mut bytes = [0; HEADER_BYTES];
        for (to, from) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        bytes
    }

    /// Double SHA-256 of the header.
    pub fn hash(&self) -> Digest {
        Digest(double_sha256(&self.bytes()))
    }

    /// Whether the hash meets the target.
    pub fn is_solved(&self) -> bool {
        self.target.is_met_by(&self.hash())
    }

    /// The same with another nonce.
    #[must_use]
    pub const fn with_nonce(self, nonce: u64) -> Self {
        Self { nonce, ..self }
    }

    /// What a kernel searches: solutions of this header for a target, usually an easier one.
    pub fn puzzle(&self, target: Target) -> Puzzle {
        Puzzle::new(&self.bytes(), &target.0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_as_many_leading_zero_bits_as_asked_for() {
        for bits in [0_u8, 1, 7, 8, 9, 16, 31, 255] {
            let target = Target::leading_zero_bits(bits);
            let zeros: u32 = target
                .0
                .0
                .iter()
                .scan(true, |leading, byte| {
                    let zeros = if *leading { byte.leading_zeros() } else { 0 };
                    *leading &= *byte == 0;
                    Some(zeros)
                })
                .sum();
            assert_eq!(zeros, u32::from(bits));
        }
    }

    #[test]
    fn the_nonce_is_where_the_kernel_puts_it() {
        let target = Target::leading_zero_bits(0);
        let header =
            Header { index: 7, previous: Digest([1; 32]), root: Digest([2; 32]), time_ms: 3, target, nonce: 0 };
        let mut seen = Vec::new();
        let mut found = |nonce, hash| seen.push((nonce, Digest(hash)));
        pow_kernel::Kernel::search(&pow_kernel::Portable, &header.puzzle(target), 40, 3, &mut found);
        assert_eq!(seen, [40, 41, 42].map(|nonce| (nonce, header.with_nonce(nonce).hash())));
    }
}
