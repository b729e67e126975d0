//! A participant: messages in, messages out.

use std::collections::{BTreeMap, BTreeSet};

use crypto_box::{PublicKey, SecretKey};
use rand_chacha::ChaCha20Rng;

use crate::{
    authority::Authority,
    layers::{chance, open, seal, shuffle},
    message::{Content, Digest, MemberId, Message, Millis, Output, Post, Slot},
    run::{Joint, Run, Standing, Step},
    verdict::Faults,
};

/// What all participants of a mix agree on beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A digest of the chain, the contract, the assets, their amount and the period.
    pub session: Digest,
    /// From when on one may join, by the board's clock.
    pub start: Millis,
    /// How long a step may take.
    pub patience: Millis,
    /// The least number of participants that mix at all; below it anonymity would be a pretence.
    pub least: usize,
    /// The greatest number; who joins later waits for another mix.
    pub most: usize,
}

/// How a mix ended for a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everybody signed: submit it, anyone may.
    Mixed(Joint),
    /// Too few are left; nothing was moved.
    TooFew,
    /// The participant itself was left out; nothing of its was moved.
    Excluded,
}

/// A participant of one mix.
pub struct Participant<A> {
    settings: Settings,
    me: MemberId,
    authority: A,
    seed: [u8; 32],
    outputs: Box<dyn FnMut(u32) -> Output + Send>,
    /// By their number on the board.
    posts: BTreeMap<u64, Post>,
    mine: Option<Mine>,
    run: Option<Run>,
    joined: bool,
    excluded: Faults,
    outcome: Option<Outcome>,
}

/// What is a participant's own in a run.
struct Mine {
    chance: ChaCha20Rng,
    secret: SecretKey,
    output: Output,
    sent: BTreeSet<Slot>,
}

impl<A: Authority> Participant<A> {
    /// A participant that has said nothing yet. All its chance follows from `seed`, which must be fresh and secret;
    /// `outputs` names an account for each run that was never used or shown before.
    pub fn new(
        settings: Settings,
        me: MemberId,
        authority: A,
        seed: [u8; 32],
        outputs: impl FnMut(u32) -> Output + Send + 'static,
    ) -> Self {
        Self {
            settings,
            me,
            authority,
            seed,
            outputs: Box::new(outputs),
            posts: BTreeMap::new(),
            mine: None,
            run: None,
            joined: false,
            excluded: Faults::new(),
            outcome: None,
        }
    }

    /// How it ended, once it has.
    pub const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Who was left out so far, and why.
    pub const fn excluded(&self) -> &Faults {
        &self.excluded
    }

    /// The keys of those who shuffle after it, as far as they are known.
    pub(crate) fn later_keys(&self) -> Vec<[u8; 32]> {
        let Some(run) = &self.run else { return Vec::new() };
        let later = run.members().iter().skip_while(|member| **member != self.me).skip(1);
        later.filter_map(|member| run.key_of(*member)).collect()
    }

    /// Where its assets come out if the current run, or the last one, succeeds.
    pub fn output(&self) -> Option<Output> {
        Some(self.mine.as_ref()?.output)
    }

    /// Takes note of a post.
    pub fn hear(&mut self, post: Post) {
        if post.message.session == self.settings.session {
            if let Some(run) = &mut self.run {
                run.hear(&post, &self.authority);
            }
            self.posts.entry(post.number).or_insert(post);
        }
    }

    /// What to post now. Every post that the board took up to `now`, by its clock, must have been heard.
    pub fn act(&mut self, now: Millis) -> Vec<Message> {
        let mut messages = Vec::new();
        while self.outcome.is_none() {
            let Some(run) = &self.run else {
                if !self.open(now, &mut messages) {
                    break;
                }
                continue;
            };
            match run.standing(now, &self.authority) {
                Standing::Waiting(step, _) => {
                    messages.extend(self.play(step));
                    break;
                }
                Standing::Mixed(joint) => self.outcome = Some(Outcome::Mixed(joint)),
                Standing::Failed(faults, at) => self.again(&faults, at),
            }
        }
        messages
    }

    /// Joins; once the time for it is over, begins the first run.
    fn open(&mut self, now: Millis, messages: &mut Vec<Message>) -> bool {
        let closing = self.settings.start + self.settings.patience;
        if now > closing {
            let members = self.joined_by(closing);
            self.begin(0, &members, closing);
            return true;
        }
        if now >= self.settings.start && !self.joined {
            self.joined = true;
            messages.push(self.say(0, Content::Join));
        }
        false
    }

    /// The first authentic ones.
    fn joined_by(&self, closing: Millis) -> BTreeSet<MemberId> {
        let mut members = BTreeSet::new();
        for Post { at, message, .. } in self.posts.values() {
            let is_timely = (self.settings.start..=closing).contains(at) && message.run == 0;
            let is_new = message.content == Content::Join && !members.contains(&message.from);
            if is_timely && is_new && members.len() < self.settings.most && message.is_authentic(&self.authority) {
                members.insert(message.from);
            }
        }
        members
    }

    fn begin(&mut self, number: u32, members: &BTreeSet<MemberId>, start: Millis) {
        if !members.contains(&self.me) {
            self.outcome = Some(Outcome::Excluded);
            return;
        }
        // Two are the least among whom anything can be mixed at all.
        if members.len() < self.settings.least.max(2) {
            self.outcome = Some(Outcome::TooFew);
            return;
        }
        let Settings { session, patience, .. } = self.settings;
        let mut chance = chance(&self.seed, &session, number);
        let secret = SecretKey::generate(&mut chance);
        let output = (self.outputs)(number);
        self.mine = Some(Mine { chance, secret, output, sent: BTreeSet::new() });
        let mut run = Run::new(session, number, members, start, patience);
        for post in self.posts.values() {
            run.hear(post, &self.authority);
        }
        self.run = Some(run);
    }

    fn again(&mut self, faults: &Faults, at: Millis) {
        let run = self.run.take().expect("a run has failed");
        let kept = run.members().iter().filter(|member| !faults.contains_key(member)).copied().collect();
        self.excluded.extend(faults);
        self.begin(run.number() + 1, &kept, at);
    }

    fn say(&self, run: u32, content: Content) -> Message {
        Message::signed(self.settings.session, run, self.me, content, &self.authority)
    }

    fn play(&mut self, step: Step) -> Option<Message> {
        let run = self.run.as_ref()?;
        let mine = self.mine.as_mut()?;
        let slot = match step {
            Step::Key => Slot::Key,
            Step::Shuffle(at) if run.members().get(at) == Some(&self.me) => Slot::Shuffle,
            Step::Shuffle(_) => return None,
            Step::Check => Slot::Check,
            Step::Sign => Slot::Sign,
            Step::Blame => Slot::Blame,
        };
        if mine.sent.contains(&slot) {
            return None;
        }
        let content = match step {
            Step::Key => Some(Content::Key(mine.secret.public_key().to_bytes())),
            Step::Shuffle(at) => mine.list(run, at).map(Content::Shuffle),
            Step::Check => mine.is_served(run).then(|| run.transcript().map(Content::Check)).flatten(),
            Step::Sign => run.outputs().map(|outputs| {
                let statement = self.authority.statement(&self.settings.session, run.members(), &outputs);
                Content::Sign(self.authority.sign(&statement))
            }),
            Step::Blame => Some(mine.evidence(run, false)),
        };
        // What should come next cannot: somebody has seen to that.
        let content = content.unwrap_or_else(|| mine.evidence(run, true));
        mine.sent.insert(content.slot());
        let number = run.number();
        if content.slot() == Slot::Blame {
            self.run.as_mut()?.close();
        }
        Some(self.say(number, content))
    }
}

impl Mine {
    /// The list for the next participant; nothing where the one before was spoiled.
    fn list(&mut self, run: &Run, at: usize) -> Option<Vec<Vec<u8>>> {
        let members = run.members();
        let received = at.checked_sub(1).map_or(Some(&[][..]), |before| run.list_of(members[before]))?;
        let mut list: Vec<_> = received.iter().map(|entry| open(entry, &self.secret)).collect::<Option<_>>()?;
        let keys = members[at + 1..].iter().map(|member| Some(PublicKey::from_bytes(run.key_of(*member)?)));
        list.push(seal(&self.output.0, &keys.collect::<Option<Vec<_>>>()?, &mut self.chance));
        let distinct: BTreeSet<_> = list.iter().collect();
        if distinct.len() < list.len() {
            return None;
        }
        shuffle(&mut list, &mut self.chance);
        Some(list)
    }

    /// Whether its output is among the outputs, and none of them is an input.
    fn is_served(&self, run: &Run) -> bool {
        let Some(outputs) = run.outputs() else { return false };
        outputs.contains(&self.output) && run.members().iter().all(|member| !outputs.contains(&Output(member.0)))
    }

    fn evidence(&self, run: &Run, complaint: bool) -> Content {
        let secret = run.needs_secrets().then(|| self.secret.to_bytes());
        Content::Blame { complaint, secret, heard: run.heard() }
    }
}
