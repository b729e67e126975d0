//! Layers of encryption: sealed boxes, one around the other.

use crypto_box::{PublicKey, SEALBYTES, SecretKey};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};

use crate::message::{Digest, digest_of};

/// Size of an output, bytes: an account's address.
pub const OUTPUT_BYTES: usize = 20;

/// What a layer adds, bytes: an ephemeral key and a tag.
pub const LAYER_BYTES: usize = SEALBYTES;

/// The chance of one participant in one run: all of it follows from a seed that nobody else knows.
pub(crate) fn chance(seed: &[u8; 32], session: &Digest, run: u32) -> ChaCha20Rng {
    ChaCha20Rng::from_seed(digest_of(&("chance", seed, session, run)))
}

/// Size of an entry that `layers` participants have yet to open, bytes.
pub(crate) const fn entry_bytes(layers: usize) -> usize {
    OUTPUT_BYTES + layers * LAYER_BYTES
}

/// Seals `inner` for `keys`; the first of them opens it first.
pub(crate) fn seal(inner: &[u8], keys: &[PublicKey], chance: &mut ChaCha20Rng) -> Vec<u8> {
    keys.iter().rev().fold(inner.to_vec(), |inside, key| {
        key.seal(chance, &inside).expect("an entry is far shorter than the cipher's limit")
    })
}

/// Takes one layer off; nothing where it was not sealed for this key.
pub(crate) fn open(entry: &[u8], secret: &SecretKey) -> Option<Vec<u8>> {
    secret.unseal(entry).ok()
}

/// Puts entries in an order of which every one is equally likely.
pub(crate) fn shuffle<T>(entries: &mut [T], chance: &mut ChaCha20Rng) {
    for last in (1..entries.len()).rev() {
        entries.swap(last, below(last + 1, chance));
    }
}

/// A number below `limit`, which is above zero; each is equally likely.
pub(crate) fn below(limit: usize, chance: &mut impl RngCore) -> usize {
    let limit = u64::try_from(limit).expect("a length fits");
    // The highest numbers are drawn again: there is no whole multiple of the limit among them.
    let fair = u64::MAX - u64::MAX % limit;
    loop {
        let drawn = chance.next_u64();
        if drawn < fair {
            return usize::try_from(drawn % limit).expect("below a length");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(count: usize, chance: &mut ChaCha20Rng) -> Vec<SecretKey> {
        (0..count).map(|_| SecretKey::generate(chance)).collect()
    }

    #[test]
    fn layers_come_off_in_order_only() {
        let mut chance = chance(&[1; 32], &[2; 32], 0);
        let secrets = secrets(3, &mut chance);
        let keys: Vec<_> = secrets.iter().map(SecretKey::public_key).collect();
        let sealed = seal(&[7; OUTPUT_BYTES], &keys, &mut chance);
        assert_eq!(sealed.len(), entry_bytes(3));
        assert_eq!(open(&sealed, &secrets[1]), None);
        let opened = secrets.iter().fold(sealed, |entry, secret| open(&entry, secret).unwrap());
        assert_eq!(opened, [7; OUTPUT_BYTES]);
    }

    #[test]
    fn a_bit_that_changed_is_noticed() {
        let mut chance = chance(&[1; 32], &[2; 32], 0);
        let secrets = secrets(1, &mut chance);
        let mut sealed = seal(&[7; OUTPUT_BYTES], &[secrets[0].public_key()], &mut chance);
        sealed[40] ^= 1;
        assert_eq!(open(&sealed, &secrets[0]), None);
    }

    #[test]
    fn every_order_is_about_equally_likely() {
        let mut chance = chance(&[3; 32], &[2; 32], 0);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut entries = [0, 1, 2];
            shuffle(&mut entries, &mut chance);
            *counts.entry(entries).or_insert(0) += 1;
        }
        // 1000 expected of each of six orders, with a standard deviation of 29.
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| (870..1130).contains(count)), "{counts:?}");
    }
}
