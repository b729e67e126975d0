//! What a linker gains from all that a mix shows to everybody: nothing beyond a guess among k.
//!
//! It sees the board (who joined when, every list, in clear where it is in clear), and the joint transaction. It knows many
//! ways to put inputs and outputs in an order, pairs them with every shift, learns on half of the mixes which of these ways
//! links best, and is measured on the other half.

use coin_shuffle::{
    Content, Digest, MemberId, Outcome, Output, Participant, Post, Settings,
    simulation::{NamedKey, member},
};

/// Homes of one mix.
const K: usize = 5;
const MIXES: u64 = 1000;
/// What a linker may gain over a guess, at the upper end of its 95 % interval.
const MOST_GAIN: f64 = 0.05;

/// Orders of inputs, and of outputs, that anybody can see; and whose output each one is, which nobody should.
struct Seen {
    inputs: Vec<Vec<MemberId>>,
    outputs: Vec<Vec<Output>>,
    owner: Box<dyn Fn(Output) -> MemberId>,
}

fn seeded(seed: u64, number: u8, what: u8) -> Digest {
    let mut bytes = [what; 32];
    bytes[..8].copy_from_slice(&(seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8] = number;
    bytes
}

/// An account that follows from the seed and its owner as unpredictably as an address.
fn output_of(seed: u64, number: u8) -> Output {
    let key = NamedKey(member(number.into()));
    let digest = coin_shuffle::Authority::sign(&key, &seeded(seed, 0, 3)).0;
    Output(digest[..20].try_into().expect("a digest is longer"))
}

/// One mix of honest homes, as everybody sees it.
fn mix(seed: u64) -> Seen {
    let settings = Settings { session: [1; 32], start: 0, patience: 1000, least: 3, most: K };
    let numbers: Vec<u8> = (0..K).map(|number| u8::try_from(number).expect("few")).collect();
    let mut players: Vec<_> = numbers
        .iter()
        .map(|&number| {
            let me = member(number.into());
            let output = move |_| output_of(seed, number);
            Participant::new(settings.clone(), me, NamedKey(me), seeded(seed, number, 7), output)
        })
        .collect();
    let (mut board, mut joined, mut last_list) = (0, Vec::new(), Vec::new());
    for now in (0..40).map(|step| step * 400) {
        let messages: Vec<_> = players.iter_mut().flat_map(|player| player.act(now)).collect();
        for message in messages {
            match &message.content {
                Content::Join => joined.push(message.from),
                Content::Shuffle(list) => last_list.clone_from(list),
                _ => {}
            }
            board += 1;
            for player in &mut players {
                player.hear(Post { number: board, at: now + 1, message: message.clone() });
            }
        }
    }
    let Some(Outcome::Mixed(joint)) = players[0].outcome().cloned() else { panic!("everybody is honest") };
    let listed = last_list.iter().map(|entry| Output(entry[..].try_into().expect("an output"))).collect();
    let mut sorted = joint.inputs.clone();
    sorted.sort_unstable();
    let owner = move |output: Output| {
        let number = numbers.iter().find(|number| output_of(seed, **number) == output).expect("one of theirs");
        member(usize::from(*number))
    };
    Seen { inputs: vec![joint.inputs, sorted, joined], outputs: vec![joint.outputs, listed], owner: Box::new(owner) }
}

/// A way to link: an order of inputs, one of outputs, whether it is turned round, and a shift.
type Way = (usize, usize, bool, usize);

fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for (inputs, outputs) in (0..3).flat_map(|inputs| (0..2).map(move |outputs| (inputs, outputs))) {
        ways.extend((0..K).flat_map(|shift| [false, true].map(|turned| (inputs, outputs, turned, shift))));
    }
    ways
}

/// The share of outputs whose owner is named rightly.
fn share(mixes: &[Seen], (inputs, outputs, turned, shift): Way) -> f64 {
    let hits: usize = mixes
        .iter()
        .map(|seen| {
            let (inputs, outputs) = (&seen.inputs[inputs], &seen.outputs[outputs]);
            let guess = |place: usize| inputs[(if turned { K - 1 - place } else { place } + shift) % K];
            outputs.iter().enumerate().filter(|(place, output)| guess(*place) == (seen.owner)(**output)).count()
        })
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let share = hits as f64 / (mixes.len() * K) as f64;
    share
}

/// What the best way of the first half gains over a guess on the second, and half the width of its 95 % interval.
fn gain(mixes: &[Seen]) -> (f64, f64) {
    let (learned, measured) = mixes.split_at(mixes.len() / 2);
    let best = ways().into_iter().max_by(|one, other| share(learned, *one).total_cmp(&share(learned, *other)));
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let (guess, count) = (1.0 / K as f64, measured.len() as f64);
    // The hits of one mix depend on each other; a permutation at random has one on average, with a variance of one.
    (share(measured, best.expect("many ways")) - guess, 1.96 * guess / count.sqrt())
}

#[test]
fn a_linker_gains_nothing_over_a_guess() {
    let mixes: Vec<Seen> = (0..MIXES).map(mix).collect();
    let (gain, margin) = gain(&mixes);
    println!("gain {gain:.4} ± {margin:.4} over 1/{K}, {MIXES} mixes");
    assert!(gain + margin <= MOST_GAIN, "{gain} ± {margin}");
}

/// The linker is worth something only if it finds what can be found: outputs that come in the order of their owners.
#[test]
fn the_linker_finds_what_is_not_hidden() {
    let mixes: Vec<Seen> = (0..100)
        .map(|seed| {
            let mut seen = mix(seed);
            let mut in_order = seen.outputs[1].clone();
            in_order.sort_unstable_by_key(|output| (seen.owner)(*output));
            seen.outputs[1] = in_order;
            seen
        })
        .collect();
    assert!(gain(&mixes).0 > 0.7);
}
