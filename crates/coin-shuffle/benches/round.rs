//! What a mix of fifteen costs all participants together, with signatures of secp256k1 accounts, on a board that takes no
//! time. Prints one JSON document: the median CPU time of a round, and how often its participants wait for the board.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use coin_shuffle::{
    Authority, Digest, MemberId, Outcome, Output, Participant, Post, Settings, Signature, simulation::member,
};
use k256::ecdsa::{
    Signature as Ecdsa, SigningKey, VerifyingKey,
    signature::hazmat::{PrehashSigner, PrehashVerifier},
};
use rustix::time::{ClockId, clock_gettime};

const SIZE: usize = 15;
const PATIENCE: u64 = 1000;
const ROUNDS: usize = 11;

struct Account {
    key: SigningKey,
    everybody: Arc<BTreeMap<MemberId, VerifyingKey>>,
}

impl Authority for Account {
    fn sign(&self, digest: &Digest) -> Signature {
        let signature: Ecdsa = self.key.sign_prehash(digest).expect("a digest of 32 bytes can be signed");
        Signature(signature.to_bytes().to_vec())
    }

    fn verify(&self, signer: MemberId, digest: &Digest, signature: &Signature) -> bool {
        let Some(key) = self.everybody.get(&signer) else { return false };
        Ecdsa::from_slice(&signature.0).is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
    }
}

fn number_bytes(number: usize) -> [u8; 32] {
    let mut bytes = [1; 32];
    bytes[31] = u8::try_from(number).expect("few");
    bytes
}

fn players() -> Vec<Participant<Account>> {
    let keys: Vec<_> =
        (0..SIZE).map(|number| SigningKey::from_slice(&number_bytes(number)).expect("a valid scalar")).collect();
    let everybody = keys.iter().enumerate().map(|(number, key)| (member(number), *key.verifying_key()));
    let everybody: Arc<BTreeMap<_, _>> = Arc::new(everybody.collect());
    let settings = Settings { session: [5; 32], start: 0, patience: PATIENCE, least: 3, most: SIZE };
    let player = |(number, key)| {
        let everybody = Arc::clone(&everybody);
        let output = move |_| Output([100 + u8::try_from(number).expect("few"); 20]);
        Participant::new(settings.clone(), member(number), Account { key, everybody }, number_bytes(number), output)
    };
    keys.into_iter().enumerate().map(player).collect()
}

/// Returns how often somebody waits for the board: the steps of a round.
fn mix(mut players: Vec<Participant<Account>>) -> u64 {
    let (mut posts, mut waits, mut now) = (0, 0, 0);
    while players.iter().any(|player| player.outcome().is_none()) {
        let messages: Vec<_> = players.iter_mut().flat_map(|player| player.act(now)).collect();
        // Only joining has to be waited for until its time is over.
        now = if messages.is_empty() { PATIENCE + 1 } else { now + 1 };
        waits += 1;
        for message in messages {
            for player in &mut players {
                player.hear(Post { number: posts, at: now, message: message.clone() });
            }
            posts += 1;
        }
    }
    assert!(players.iter().all(|player| matches!(player.outcome(), Some(Outcome::Mixed(_)))));
    waits
}

fn main() {
    let mut waits = 0;
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let players = players();
            let begun = used();
            waits = mix(players);
            used().saturating_sub(begun)
        })
        .collect();
    times.sort_unstable();
    let median = times[ROUNDS / 2].as_secs_f64();
    println!("{{\n  \"participants\": {SIZE},\n  \"cpu_seconds\": {median:.4},\n  \"waits\": {waits}\n}}");
}

/// CPU time of this process.
fn used() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).expect("CPU time is never negative")
}
