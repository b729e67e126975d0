//! Mixes among participants that misbehave: seeded, so that every one can be played again.
//!
//! A board takes posts with delays, everybody signs by a keyed digest (real signatures cost a hundred times as much and
//! change nothing here), and a ledger of one unit for each input moves what a joint transaction moves.

mod mischief;
mod play;

pub use mischief::Mischief;
pub use play::{Report, member, play};

use std::collections::BTreeMap;

use rand_chacha::rand_core::SeedableRng;

use crate::{
    authority::{Authority, Signature},
    layers::{below, shuffle},
    message::{Digest, MemberId, digest_of},
};

/// Plays a mix of three to twelve participants, of which up to all but two misbehave, each in a way that is drawn.
/// Returns who did what, and how it went.
pub fn play_drawn(seed: u64) -> (BTreeMap<usize, Mischief>, Report) {
    let mut chance = rand_chacha::ChaCha20Rng::from_seed(digest_of(&("drawn", seed)));
    let size = 3 + below(10, &mut chance);
    let mut numbers: Vec<_> = (0..size).collect();
    shuffle(&mut numbers, &mut chance);
    numbers.truncate(below(size - 1, &mut chance));
    let mischief = numbers.into_iter().map(|number| (number, Mischief::drawn(&mut chance))).collect();
    let report = play(seed, size, &mischief);
    (mischief, report)
}

/// Signs with a secret that follows from the name: cheap, and forged by nobody here.
#[derive(Clone, Copy, Debug)]
pub struct NamedKey(pub MemberId);

impl Authority for NamedKey {
    fn sign(&self, digest: &Digest) -> Signature {
        Signature(digest_of(&("simulated key", self.0, digest)).to_vec())
    }

    fn verify(&self, signer: MemberId, digest: &Digest, signature: &Signature) -> bool {
        NamedKey(signer).sign(digest) == *signature
    }
}
