#![doc = include_str!("../README.md")]

mod lanes;
mod portable;
mod puzzle;

pub use lanes::Lanes;
pub use portable::Portable;
pub use puzzle::{HEADER_BYTES, NONCE_OFFSET, Puzzle, double_sha256};

/// Searches nonces of a puzzle.
pub trait Kernel: Send + Sync {
    /// What it is called in reports.
    fn name(&self) -> &'static str;

    /// Hashes the `count` nonces from `first` on (wrapping around), and hands those whose hash is at most the target
    /// to `found`, in ascending order, each with its hash.
    fn search(&self, puzzle: &Puzzle, first: u64, count: u64, found: &mut dyn FnMut(u64, [u8; 32]));
}

/// The fastest kernel of this processor: lanes where it has AVX-512, else the block function of `sha2`, which uses the
/// processor's SHA instructions where there are any.
pub fn fastest() -> Box<dyn Kernel> {
    if Lanes::is_wide() { Box::new(Lanes) } else { Box::new(Portable) }
}

/// The kernel of this name.
pub fn by_name(name: &str) -> Option<Box<dyn Kernel>> {
    match name {
        "portable" => Some(Box::new(Portable)),
        "lanes" => Some(Box::new(Lanes)),
        _ => None,
    }
}
