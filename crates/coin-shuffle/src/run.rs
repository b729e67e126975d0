//! One run, as a fold over what the board shows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    authority::{Authority, Signature},
    layers::{OUTPUT_BYTES, entry_bytes},
    message::{Content, Digest, MemberId, Message, Millis, Output, Post, Slot, digest_of},
    trace,
    verdict::{Fault, Faults},
};

/// What participants are waited for to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Everybody to send a key.
    Key,
    /// The participant at this position to shuffle.
    Shuffle(usize),
    /// Everybody to vouch for what it heard.
    Check,
    /// Everybody to sign.
    Sign,
    /// Everybody to lay open what it knows.
    Blame,
}

/// What everybody signed: all inputs are moved to the outputs, or none is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joint {
    /// Whose assets go in, in shuffle order.
    pub inputs: Vec<MemberId>,
    /// Where they come out, in ascending order.
    pub outputs: Vec<Output>,
    /// Of the inputs' owners, in their order, on the statement.
    pub signatures: Vec<Signature>,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Somebody is expected to do something by a time of the board.
    Waiting(Step, Millis),
    /// Done.
    Mixed(Joint),
    /// Nothing was moved; these are left out of the next run, which begins at this time.
    Failed(Faults, Millis),
}

/// A run.
#[derive(Debug)]
pub(crate) struct Run {
    session: Digest,
    number: u32,
    /// In shuffle order.
    members: Vec<MemberId>,
    start: Millis,
    patience: Millis,
    posts: BTreeMap<(Slot, MemberId), Post>,
    /// When the board first showed a second message for a slot.
    doubled: Option<Millis>,
    /// Set once the participant has given its evidence: what it hears later, others cannot know that it heard.
    is_closed: bool,
    /// Every authentic message that is known, from the board or from evidence.
    known: BTreeMap<(Slot, MemberId), BTreeMap<Digest, Message>>,
}

impl Run {
    /// Members shuffle in an order that none of them chooses.
    pub(crate) fn new(
        session: Digest,
        number: u32,
        members: &BTreeSet<MemberId>,
        start: Millis,
        patience: Millis,
    ) -> Self {
        let mut members: Vec<_> = members.iter().copied().collect();
        members.sort_by_key(|member| digest_of(&("order", session, number, member)));
        let (posts, known) = (BTreeMap::new(), BTreeMap::new());
        Self { session, number, members, start, patience, posts, doubled: None, is_closed: false, known }
    }

    pub(crate) fn members(&self) -> &[MemberId] {
        &self.members
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// Takes note of a post; one that is not of this run, or that its sender did not sign, says nothing.
    pub(crate) fn hear(&mut self, post: &Post, authority: &impl Authority) {
        let (slot, from) = (post.message.content.slot(), post.message.from);
        if (self.is_closed && slot != Slot::Blame) || !self.learn(&post.message, authority) {
            return;
        }
        if let Some(first) = self.posts.get(&(slot, from)) {
            if first.message.digest() != post.message.digest() && slot != Slot::Blame {
                self.doubled.get_or_insert(post.at);
            }
            return;
        }
        // A member that has doubled itself in evidence is found by everybody once the blame is complete.
        if let Content::Blame { heard, .. } = &post.message.content {
            for message in heard.iter().filter(|message| message.content.slot() != Slot::Blame) {
                self.learn(message, authority);
            }
        }
        self.posts.insert((slot, from), post.clone());
    }

    fn learn(&mut self, message: &Message, authority: &impl Authority) -> bool {
        let slot = message.content.slot();
        let is_ours = (message.session, message.run) == (self.session, self.number);
        if !is_ours || slot == Slot::Join || !self.members.contains(&message.from) {
            return false;
        }
        let known = self.known.entry((slot, message.from)).or_default();
        let digest = message.digest();
        if known.contains_key(&digest) {
            return true;
        }
        if !message.is_authentic(authority) {
            return false;
        }
        known.insert(digest, message.clone());
        true
    }

    /// What a member posted first for a slot.
    pub(crate) fn said(&self, slot: Slot, member: MemberId) -> Option<&Content> {
        Some(&self.posts.get(&(slot, member))?.message.content)
    }

    /// What a member said for a slot as far as evidence goes: the same for everybody, once all evidence is in and nobody
    /// has contradicted itself.
    pub(crate) fn shown(&self, slot: Slot, member: MemberId) -> Option<&Content> {
        Some(&self.known.get(&(slot, member))?.values().next()?.content)
    }

    /// Takes note of nothing but evidence from now on.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
    }

    pub(crate) fn key_of(&self, member: MemberId) -> Option<[u8; 32]> {
        if let Content::Key(key) = self.said(Slot::Key, member)? { Some(*key) } else { None }
    }

    pub(crate) fn list_of(&self, member: MemberId) -> Option<&[Vec<u8>]> {
        if let Content::Shuffle(list) = self.said(Slot::Shuffle, member)? { Some(list) } else { None }
    }

    /// Everything heard but blame, for evidence.
    pub(crate) fn heard(&self) -> Vec<Message> {
        let told = self.known.iter().filter(|((slot, _), _)| *slot != Slot::Blame);
        told.flat_map(|(_, messages)| messages.values().cloned()).collect()
    }

    /// The outputs as the last member posted them, in ascending order; nothing before.
    pub(crate) fn outputs(&self) -> Option<Vec<Output>> {
        let list = self.list_of(*self.members.last()?)?;
        let outputs = list.iter().map(|entry| <[u8; OUTPUT_BYTES]>::try_from(entry.as_slice()).ok().map(Output));
        let mut outputs: Vec<_> = outputs.collect::<Option<_>>()?;
        outputs.sort_unstable();
        Some(outputs)
    }

    /// The digest of all keys and lists, or nothing where one is missing.
    pub(crate) fn transcript(&self) -> Option<Digest> {
        let parts = self.members.iter().map(|member| {
            let of = |slot| self.posts.get(&(slot, *member)).map(|post| post.message.digest());
            Some((of(Slot::Key)?, of(Slot::Shuffle)?))
        });
        Some(digest_of(&("transcript", parts.collect::<Option<Vec<_>>>()?)))
    }

    /// Members that vouch for another transcript than the first one does.
    fn is_disputed(&self) -> bool {
        let mut digests = self.members.iter().map(|member| self.said(Slot::Check, *member));
        let first = digests.next();
        digests.any(|digest| Some(digest) != first)
    }

    /// Whether the lists must be traced: where messages contradict each other, they alone tell.
    pub(crate) fn needs_secrets(&self) -> bool {
        let all_checked = self.members.iter().all(|member| self.said(Slot::Check, *member).is_some());
        self.equivocators().is_empty() && !(all_checked && self.is_disputed())
    }

    pub(crate) fn equivocators(&self) -> Faults {
        let doubled = self.known.iter().filter(|((slot, _), said)| *slot != Slot::Blame && said.len() > 1);
        doubled.map(|((_, member), _)| (*member, Fault::Equivocated)).collect()
    }

    /// Where the run stands when the board has shown everything up to `now`.
    pub(crate) fn standing(&self, now: Millis, authority: &impl Authority) -> Standing {
        let (regular, reached) = self.regular(now, authority);
        let blames = self.posts.iter().filter(|((slot, _), _)| *slot == Slot::Blame);
        let stopped = blames.map(|(_, post)| post.at).chain(self.doubled).min();
        match (regular, stopped) {
            (Regular::Disputed, stopped) => self.blame(stopped.map_or(reached, |at| at.min(reached)), now),
            (Regular::Standing(Standing::Waiting(..)), Some(at)) => self.blame(at, now),
            (Regular::Standing(_), Some(at)) if at < reached => self.blame(at, now),
            (Regular::Standing(standing), _) => standing,
        }
    }

    /// Where it would stand if nobody had complained, and since when.
    fn regular(&self, now: Millis, authority: &impl Authority) -> (Regular, Millis) {
        let mut since = self.start;
        let shuffles = self.members.iter().enumerate();
        let shuffles = shuffles.map(|(at, member)| (Step::Shuffle(at), Slot::Shuffle, std::slice::from_ref(member)));
        let all = self.members.as_slice();
        let steps = std::iter::once((Step::Key, Slot::Key, all)).chain(shuffles);
        for (step, slot, who) in steps.chain([(Step::Check, Slot::Check, all), (Step::Sign, Slot::Sign, all)]) {
            match self.step(slot, who, since, now) {
                Progress::Done(at) => since = at,
                Progress::Waiting(until) => return (Regular::Standing(Standing::Waiting(step, until)), since),
                Progress::Missing(faults, at) => return (Regular::Standing(Standing::Failed(faults, at)), at),
            }
            let wrong = match step {
                Step::Shuffle(at) if !self.is_well_formed(at) => Faults::from([(self.members[at], Fault::BadList)]),
                Step::Check if self.is_disputed() => return (Regular::Disputed, since),
                _ => Faults::new(),
            };
            if !wrong.is_empty() {
                return (Regular::Standing(Standing::Failed(wrong, since)), since);
            }
        }
        (Regular::Standing(self.signed(since, authority)), since)
    }

    fn step(&self, slot: Slot, who: &[MemberId], since: Millis, now: Millis) -> Progress {
        let until = since + self.patience;
        let posted = |member: &MemberId| self.posts.get(&(slot, *member)).map(|post| post.at).filter(|at| *at <= until);
        let missing: Faults =
            who.iter().filter(|member| posted(member).is_none()).map(|member| (*member, Fault::Silent)).collect();
        if missing.is_empty() {
            Progress::Done(who.iter().filter_map(posted).fold(since, Millis::max))
        } else if now > until {
            Progress::Missing(missing, until)
        } else {
            Progress::Waiting(until)
        }
    }

    fn is_well_formed(&self, at: usize) -> bool {
        let Some(list) = self.list_of(self.members[at]) else { return false };
        let bytes = entry_bytes(self.members.len() - 1 - at);
        let distinct: BTreeSet<_> = list.iter().collect();
        list.len() == at + 1 && distinct.len() == list.len() && list.iter().all(|entry| entry.len() == bytes)
    }

    fn signed(&self, at: Millis, authority: &impl Authority) -> Standing {
        let outputs = self.outputs().expect("the last list is there, and well-formed");
        let statement = authority.statement(&self.session, &self.members, &outputs);
        let mut signatures = Vec::new();
        let mut wrong = Faults::new();
        for member in &self.members {
            match self.said(Slot::Sign, *member) {
                Some(Content::Sign(signature)) if authority.verify(*member, &statement, signature) => {
                    signatures.push(signature.clone());
                }
                _ => _ = wrong.insert(*member, Fault::BadSignature),
            }
        }
        if wrong.is_empty() {
            Standing::Mixed(Joint { inputs: self.members.clone(), outputs, signatures })
        } else {
            Standing::Failed(wrong, at)
        }
    }

    /// Everybody is asked for evidence; when all is there, or time is up, it is weighed.
    fn blame(&self, since: Millis, now: Millis) -> Standing {
        match self.step(Slot::Blame, &self.members, since, now) {
            Progress::Waiting(until) => Standing::Waiting(Step::Blame, until),
            Progress::Done(at) => Standing::Failed(trace::weigh(self, Faults::new()), at),
            Progress::Missing(silent, at) => Standing::Failed(trace::weigh(self, silent), at),
        }
    }

    /// Who asked for evidence before anybody else did.
    pub(crate) fn first_to_blame(&self) -> Option<MemberId> {
        let blames = self.posts.iter().filter(|((slot, _), _)| *slot == Slot::Blame);
        blames.min_by_key(|(_, post)| post.number).map(|((_, member), _)| *member)
    }
}

enum Regular {
    Standing(Standing),
    /// Members vouch for different transcripts.
    Disputed,
}

enum Progress {
    Done(Millis),
    Waiting(Millis),
    Missing(Faults, Millis),
}
