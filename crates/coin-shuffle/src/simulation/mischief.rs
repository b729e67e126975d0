//! What misbehaving participants do to the messages of an honest one.

use crypto_box::PublicKey;
use rand_chacha::{ChaCha20Rng, rand_core::RngCore};

use super::NamedKey;
use crate::{
    authority::Signature,
    layers::{OUTPUT_BYTES, below, entry_bytes, seal},
    message::{Content, Message, Slot},
};

/// A way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mischief {
    /// Stops at this slot.
    Vanish(Slot),
    /// Posts for this slot when time is up.
    Late(Slot),
    /// Leaves an entry out of the list.
    Drop,
    /// Puts an entry on the list twice, in place of another.
    Duplicate,
    /// Puts a second entry of its own in place of another's.
    Swap,
    /// Changes a bit of an entry.
    Alter,
    /// Puts in what the next one cannot open.
    Malform,
    /// Posts two messages for this slot.
    Equivocate(Slot),
    /// Has the board show one half of the others another message for this slot.
    Split(Slot),
    /// Vouches for something else than it heard.
    FalseDigest,
    /// Signs something else.
    BadSignature,
    /// Complains without cause, in place of this slot.
    Complain(Slot),
    /// Complains without cause, and gives a wrong secret.
    FalseSecret,
    /// Complains without cause, and gives no secret.
    Withhold,
    /// Wants its assets back where they came from.
    OutputIsInput,
    /// Posts everything again, its messages of earlier runs too.
    Replay,
    /// Posts messages for later slots before their time.
    Reorder,
}

impl Mischief {
    /// One of them; each kind is equally likely.
    pub fn drawn(chance: &mut ChaCha20Rng) -> Self {
        let mut slot = |slots: &[Slot]| slots[below(slots.len(), chance)];
        let working = slot(&[Slot::Key, Slot::Shuffle, Slot::Check, Slot::Sign]);
        let spoken = slot(&[Slot::Key, Slot::Shuffle, Slot::Check]);
        let any = slot(&[Slot::Join, Slot::Key, Slot::Shuffle, Slot::Check, Slot::Sign, Slot::Blame]);
        let kinds = [
            Self::Vanish(any),
            Self::Late(working),
            Self::Drop,
            Self::Duplicate,
            Self::Swap,
            Self::Alter,
            Self::Malform,
            Self::Equivocate(working),
            Self::Split(spoken),
            Self::FalseDigest,
            Self::BadSignature,
            Self::Complain(working),
            Self::FalseSecret,
            Self::Withhold,
            Self::OutputIsInput,
            Self::Replay,
            Self::Reorder,
        ];
        kinds[below(kinds.len(), chance)]
    }

    /// What those to whom the board lies are shown in place of a message.
    pub(super) fn split(self, posted: &Message, chance: &mut ChaCha20Rng) -> Option<Message> {
        let is_meant = matches!(self, Self::Split(slot) if slot == posted.content.slot());
        let say = |content| Message::signed(posted.session, posted.run, posted.from, content, &NamedKey(posted.from));
        is_meant.then(|| say(other(&posted.content, chance)))
    }
}

/// Something as well-formed as the content, and different.
fn other(content: &Content, chance: &mut ChaCha20Rng) -> Content {
    match content {
        Content::Key(_) => Content::Key(crypto_box::SecretKey::generate(chance).public_key().to_bytes()),
        Content::Shuffle(list) => {
            let mut list = list.clone();
            chance.fill_bytes(&mut list[0]);
            Content::Shuffle(list)
        }
        Content::Check(_) => Content::Check([8; 32]),
        Content::Sign(_) => Content::Sign(Signature(vec![8])),
        other => other.clone(),
    }
}

/// The hands of one that misbehaves.
#[derive(Default)]
pub(super) struct Hands {
    posted: Vec<Message>,
}

impl Hands {
    /// What is posted in place of an honest message: nothing, it or others. `keys` are of those who shuffle later.
    pub(super) fn applied(
        &mut self,
        mischief: Mischief,
        honest: Message,
        keys: &[[u8; 32]],
        chance: &mut ChaCha20Rng,
    ) -> Vec<Message> {
        let slot = honest.content.slot();
        let say = |content| Message::signed(honest.session, honest.run, honest.from, content, &NamedKey(honest.from));
        let complaint = |secret| vec![say(Content::Blame { complaint: true, secret, heard: Vec::new() })];
        match (mischief, &honest.content) {
            (Mischief::Vanish(at), _) if slot >= at => Vec::new(),
            (Mischief::Complain(at), _) if at == slot => complaint(Some([9; 32])),
            (Mischief::FalseSecret, Content::Check(_)) => complaint(Some([9; 32])),
            (Mischief::Withhold, Content::Check(_)) => complaint(None),
            (Mischief::Equivocate(at), content) if at == slot => vec![say(other(content, chance)), honest],
            (Mischief::FalseDigest, Content::Check(_)) => vec![say(Content::Check([7; 32]))],
            (Mischief::BadSignature, Content::Sign(_)) => vec![say(Content::Sign(Signature(vec![1, 2, 3])))],
            (Mischief::Reorder, Content::Key(_)) => vec![say(Content::Check([7; 32])), honest],
            (Mischief::Replay, _) => {
                self.posted.push(honest);
                self.posted.clone()
            }
            (_, Content::Shuffle(list)) => vec![say(Content::Shuffle(spoiled(mischief, list.clone(), keys, chance)))],
            _ => vec![honest],
        }
    }
}

fn spoiled(mischief: Mischief, mut list: Vec<Vec<u8>>, keys: &[[u8; 32]], chance: &mut ChaCha20Rng) -> Vec<Vec<u8>> {
    let at = below(list.len(), chance);
    let keys: Vec<_> = keys.iter().map(|key| PublicKey::from_bytes(*key)).collect();
    match mischief {
        Mischief::Drop => _ = list.swap_remove(at),
        Mischief::Duplicate => {
            let copy = list[below(list.len(), chance)].clone();
            list[at] = copy;
        }
        // Sound as far as some later participant can see, and random bytes below.
        Mischief::Malform => {
            let sound = below(keys.len() + 1, chance);
            let mut inner = vec![0; entry_bytes(keys.len() - sound)];
            chance.fill_bytes(&mut inner);
            list[at] = seal(&inner, &keys[..sound], chance);
        }
        Mischief::Swap => {
            let mut output = [0; OUTPUT_BYTES];
            chance.fill_bytes(&mut output);
            list[at] = seal(&output, &keys, chance);
        }
        Mischief::Alter => list[at][0] ^= 1,
        _ => {}
    }
    list
}
