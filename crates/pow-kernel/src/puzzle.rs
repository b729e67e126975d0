//! A header without its nonce, prepared for hashing.

use sha2::{Digest, Sha256, block_api::compress256};

/// How long a header is, bytes.
pub const HEADER_BYTES: usize = 116;
/// Where its nonce starts: eight bytes, the most significant first, at the header's end.
pub const NONCE_OFFSET: usize = 108;

/// SHA-256's block, bytes.
const BLOCK_BYTES: usize = 64;
/// What SHA-256 starts from (FIPS 180-4, section 5.3.3).
pub const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// What follows a message: a bit.
pub const PADDING: u32 = 0x8000_0000;
/// How long a header is, bits; the last word of its padding.
pub const HEADER_BITS: u32 = 928;
const _: () = assert!(HEADER_BYTES * 8 == HEADER_BITS as usize);

/// A header whose nonce is sought, and the greatest hash that will do.
///
/// A header fills two blocks of SHA-256, its nonce lies in the second one: the state after the first is computed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Puzzle {
    midstate: [u32; 8],
    /// The second block with its padding; the nonce's two words are zero.
    tail: [u32; 16],
    target: [u32; 8],
}

impl Puzzle {
    /// Prepares a header, whatever its nonce, for a target (a number of 256 bits, the most significant byte first).
    pub fn new(header: &[u8; HEADER_BYTES], target: &[u8; 32]) -> Self {
        let mut block = [0; BLOCK_BYTES];
        block.copy_from_slice(&header[..BLOCK_BYTES]);
        let mut midstate = INITIAL;
        compress256(&mut midstate, &[block]);
        let mut second = [0; BLOCK_BYTES];
        second[..NONCE_OFFSET - BLOCK_BYTES].copy_from_slice(&header[BLOCK_BYTES..NONCE_OFFSET]);
        second[HEADER_BYTES - BLOCK_BYTES] = 0x80;
        let mut tail = [0; 16];
        words(&second, &mut tail);
        tail[15] = HEADER_BITS;
        let mut limit = [0; 8];
        words(target, &mut limit);
        Self { midstate, tail, target: limit }
    }

    /// The state after the first block.
    pub(crate) const fn midstate(&self) -> &[u32; 8] {
        &self.midstate
    }

    /// The second block; words [`NONCE_WORD`](Self::NONCE_WORD) and the next are zero.
    pub(crate) const fn tail(&self) -> &[u32; 16] {
        &self.tail
    }

    /// The most significant word of the target.
    pub(crate) const fn target_top(&self) -> u32 {
        self.target[0]
    }

    /// Which word of the tail holds the nonce's upper half.
    pub(crate) const NONCE_WORD: usize = (NONCE_OFFSET - BLOCK_BYTES) / 4;

    /// The hash for a nonce as eight words, the most significant first.
    #[inline]
    pub(crate) fn hash_words(&self, nonce: u64) -> [u32; 8] {
        let mut tail = [0_u8; BLOCK_BYTES];
        for (bytes, word) in tail.chunks_exact_mut(4).zip(self.tail) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        self.hash_tail(&mut tail, nonce)
    }

    /// Like [`hash_words`](Self::hash_words), with the tail as bytes, whose nonce is overwritten.
    #[inline]
    pub(crate) fn hash_tail(&self, tail: &mut [u8; BLOCK_BYTES], nonce: u64) -> [u32; 8] {
        tail[NONCE_OFFSET - BLOCK_BYTES..HEADER_BYTES - BLOCK_BYTES].copy_from_slice(&nonce.to_be_bytes());
        let mut first = self.midstate;
        compress256(&mut first, std::slice::from_ref(tail));
        let mut second = [0_u8; BLOCK_BYTES];
        for (bytes, word) in second.chunks_exact_mut(4).zip(first) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        second[32] = 0x80;
        second[62] = 1; // 256 bits
        let mut state = INITIAL;
        compress256(&mut state, &[second]);
        state
    }

    /// The second block as bytes.
    pub(crate) fn tail_bytes(&self) -> [u8; BLOCK_BYTES] {
        let mut tail = [0; BLOCK_BYTES];
        for (bytes, word) in tail.chunks_exact_mut(4).zip(self.tail) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        tail
    }

    /// Whether a hash is at most the target.
    #[inline]
    pub(crate) fn is_solved_by(&self, hash: &[u32; 8]) -> bool {
        *hash <= self.target
    }
}

/// SHA-256 of SHA-256.
pub fn double_sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// Words as bytes, the most significant first.
pub(crate) fn bytes(hash: &[u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.chunks_exact_mut(4).zip(hash) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

fn words(bytes: &[u8], words: &mut [u32]) {
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = u32::from_be_bytes(bytes.try_into().expect("chunks of four"));
    }
}
