//! Who disturbed a run: what the evidence of all its members shows.

use std::collections::{BTreeMap, BTreeSet};

use crypto_box::SecretKey;

use crate::{
    layers::open,
    message::{Content, Digest, MemberId, Message, Slot, digest_of},
    run::Run,
    verdict::{Fault, Faults},
};

/// Weighs the evidence. `silent` members gave none. Contradictions come first, since they make honest members see
/// different things; lists are traced only where there are none. Never empty: who stopped a run in which nothing is
/// wrong is left out for that.
pub(crate) fn weigh(run: &Run, silent: Faults) -> Faults {
    let mut faults = silent;
    let mut convict = |found: Faults| {
        let is_found = !found.is_empty();
        faults.extend(found);
        is_found
    };
    if convict(run.equivocators()) || convict(false_digests(run)) {
        return faults;
    }
    let (secrets, withheld) = secrets(run);
    let is_withheld = convict(withheld);
    if convict(trace(run, &secrets)) || is_withheld || !faults.is_empty() {
        return faults;
    }
    unfounded(run)
}

struct Evidence<'a> {
    complaint: bool,
    secret: Option<[u8; 32]>,
    heard: &'a [Message],
}

fn evidence(run: &Run, member: MemberId) -> Option<Evidence<'_>> {
    match run.said(Slot::Blame, member)? {
        Content::Blame { complaint, secret, heard } => Some(Evidence { complaint: *complaint, secret: *secret, heard }),
        _ => None,
    }
}

/// Members that vouched for something else than the messages they show, where members disagree.
fn false_digests(run: &Run) -> Faults {
    let digest_of = |member: &MemberId| match run.shown(Slot::Check, *member) {
        Some(Content::Check(digest)) => Some(*digest),
        _ => None,
    };
    let digests: Option<BTreeSet<_>> = run.members().iter().map(digest_of).collect();
    if digests.is_none_or(|digests| digests.len() < 2) {
        return Faults::new();
    }
    let is_false = |member: &&MemberId| {
        let Some(Evidence { heard, .. }) = evidence(run, **member) else { return false };
        transcript(run, heard) != digest_of(member)
    };
    run.members().iter().filter(is_false).map(|member| (*member, Fault::FalseDigest)).collect()
}

/// The digest of the keys and lists among messages: those of `Run::transcript`, where they are the same.
fn transcript(run: &Run, heard: &[Message]) -> Option<Digest> {
    let of = |slot, member| {
        heard.iter().find(|message| message.from == member && message.content.slot() == slot).map(Message::digest)
    };
    let parts = run.members().iter().map(|member| Some((of(Slot::Key, *member)?, of(Slot::Shuffle, *member)?)));
    Some(digest_of(&("transcript", parts.collect::<Option<Vec<_>>>()?)))
}

fn secrets(run: &Run) -> (BTreeMap<MemberId, SecretKey>, Faults) {
    let (mut secrets, mut faults) = (BTreeMap::new(), Faults::new());
    for member in run.members() {
        let (Some(Content::Key(key)), Some(Evidence { secret, .. })) =
            (run.shown(Slot::Key, *member), evidence(run, *member))
        else {
            continue;
        };
        let Some(secret) = secret else {
            faults.insert(*member, Fault::Withheld);
            continue;
        };
        let secret = SecretKey::from_bytes(secret);
        if secret.public_key().to_bytes() == *key {
            secrets.insert(*member, secret);
        } else {
            faults.insert(*member, Fault::FalseSecret);
        }
    }
    (secrets, faults)
}

/// Shuffles again with everybody's secrets, as far as lists and secrets go.
fn trace(run: &Run, secrets: &BTreeMap<MemberId, SecretKey>) -> Faults {
    // What the list holds, and who put it there, in the order in which it was put there.
    let mut entries: Vec<(Vec<u8>, MemberId)> = Vec::new();
    for (at, member) in run.members().iter().enumerate() {
        if at > 0 {
            let Some(secret) = secrets.get(member) else { return Faults::new() };
            match peel(&entries, secret) {
                Ok(opened) => entries = opened,
                Err(faults) => return faults,
            }
        }
        let Some(Content::Shuffle(list)) = run.shown(Slot::Shuffle, *member) else { return Faults::new() };
        let mut own: Vec<&Vec<u8>> = list.iter().collect();
        for (entry, _) in &entries {
            let Some(found) = own.iter().position(|posted| *posted == entry) else {
                return Faults::from([(*member, Fault::Altered)]);
            };
            own.swap_remove(found);
        }
        let [own] = own.as_slice() else { return Faults::from([(*member, Fault::BadList)]) };
        entries.push(((*own).clone(), *member));
    }
    let is_input = |entry: &[u8]| run.members().iter().any(|member| member.0 == *entry);
    let own = entries.iter().filter(|(entry, _)| is_input(entry));
    own.map(|(_, member)| (*member, Fault::OutputIsInput)).collect()
}

/// Takes a layer off every entry; whose entry does not open, or repeats an earlier one, is at fault. The later of two is
/// the copy: what an honest member puts in is sealed with chance of its own, which nobody can know before.
fn peel(entries: &[(Vec<u8>, MemberId)], secret: &SecretKey) -> Result<Vec<(Vec<u8>, MemberId)>, Faults> {
    let (mut opened, mut faults): (Vec<(Vec<u8>, MemberId)>, _) = (Vec::new(), Faults::new());
    for (entry, member) in entries {
        match open(entry, secret) {
            None => _ = faults.insert(*member, Fault::Malformed),
            Some(inner) if opened.iter().any(|(earlier, _)| *earlier == inner) => {
                faults.insert(*member, Fault::Copied);
            }
            Some(inner) => opened.push((inner, *member)),
        }
    }
    if faults.is_empty() { Ok(opened) } else { Err(faults) }
}

fn unfounded(run: &Run) -> Faults {
    let complain = |member: &&MemberId| evidence(run, **member).is_some_and(|evidence| evidence.complaint);
    let complainers = run.members().iter().filter(complain).copied();
    complainers.chain(run.first_to_blame()).map(|member| (member, Fault::Unfounded)).collect()
}
