//! A mix, from joining to its end.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha20Rng;

use super::{Mischief, NamedKey, mischief::Hands};
use crate::{
    layers::{below, chance},
    message::{MemberId, Message, Millis, Output, Post, digest_of},
    participant::{Outcome, Participant, Settings},
    run::Joint,
    verdict::Faults,
};

/// What the board takes for one look at it, milliseconds; posts need one to three.
const TICK: Millis = 1000;
/// How long a step may take.
const PATIENCE: Millis = 10 * TICK;

/// How a mix went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was moved, if anything.
    pub joint: Option<Joint>,
    /// Who was left out, in the eyes of the first honest participant.
    pub excluded: Faults,
    /// Honest participants that some honest one left out.
    pub wronged: BTreeSet<MemberId>,
    /// Honest participants whose assets went in and did not come out at their account.
    pub robbed: BTreeSet<MemberId>,
    /// Whether all honest participants came to the same end.
    pub is_agreed: bool,
    /// Whether every honest participant came to an end at all.
    pub is_ended: bool,
    /// What every honest participant did last, in board time.
    pub end: Millis,
    /// Messages that the board took.
    pub posts: u64,
}

/// The participant with this number.
pub fn member(number: usize) -> MemberId {
    MemberId(std::array::from_fn(|at| digest_of(&("member", number))[at]))
}

/// Plays a mix of `size` participants, of which some misbehave.
pub fn play(seed: u64, size: usize, mischief: &BTreeMap<usize, Mischief>) -> Report {
    let mut table = Table::set(seed, size, mischief);
    // Each run leaves somebody out; a run has at most four steps, one for each member, and blame.
    let limit = Millis::try_from((size + 1) * (size + 5)).expect("small") * PATIENCE * 2;
    while !table.is_ended() && table.now < limit {
        table.tick();
    }
    table.report()
}

struct Seat {
    player: Participant<NamedKey>,
    mischief: Option<Mischief>,
    hands: Hands,
}

struct Table {
    seats: Vec<Seat>,
    chance: ChaCha20Rng,
    now: Millis,
    /// When they show, and what they say, and what those to whom the board lies are shown instead.
    under_way: Vec<(Millis, Message, Option<Message>)>,
    posts: u64,
}

impl Table {
    fn set(seed: u64, size: usize, mischief: &BTreeMap<usize, Mischief>) -> Self {
        let session = digest_of(&("simulated session", seed));
        let settings = Settings { session, start: 0, patience: PATIENCE, least: 2, most: size };
        let seat = |number: usize| {
            let me = member(number);
            let mischief = mischief.get(&number).copied();
            let seed = digest_of(&("participant", seed, number));
            let output = move |run: u32| {
                let fresh = digest_of(&("output", seed, run));
                let returned = mischief == Some(Mischief::OutputIsInput);
                Output(std::array::from_fn(|at| if returned { me.0[at] } else { fresh[at] }))
            };
            let player = Participant::new(settings.clone(), me, NamedKey(me), seed, output);
            Seat { player, mischief, hands: Hands::default() }
        };
        let chance = chance(&digest_of(&("table", seed)), &session, 0);
        Self { seats: (0..size).map(seat).collect(), chance, now: 0, under_way: Vec::new(), posts: 0 }
    }

    fn tick(&mut self) {
        self.deliver();
        let now = self.now + TICK - 1;
        for seat in &mut self.seats {
            for message in seat.player.act(now) {
                let slot = message.content.slot();
                let keys = seat.player.later_keys();
                let Some(mischief) = seat.mischief else {
                    self.under_way.push((now + delay(&mut self.chance), message, None));
                    continue;
                };
                for message in seat.hands.applied(mischief, message, &keys, &mut self.chance) {
                    let late = if mischief == Mischief::Late(slot) { PATIENCE + 2 * TICK } else { 0 };
                    let split = mischief.split(&message, &mut self.chance);
                    self.under_way.push((now + late + delay(&mut self.chance), message, split));
                }
            }
        }
        self.now += TICK;
    }

    /// Shows what has arrived, each post at a time of its own.
    fn deliver(&mut self) {
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.under_way).into_iter().partition(|(at, ..)| *at < self.now);
        self.under_way = later;
        crate::layers::shuffle(&mut due, &mut self.chance);
        for (place, (_, message, split)) in (0..).zip(due) {
            let post = |message: &Message| Post { number: self.posts, at: self.now + place, message: message.clone() };
            for (number, seat) in self.seats.iter_mut().enumerate() {
                let shown = split.as_ref().filter(|_| number % 2 == 1).unwrap_or(&message);
                seat.player.hear(post(shown));
            }
            self.posts += 1;
        }
    }

    fn honest(&self) -> impl Iterator<Item = (MemberId, &Participant<NamedKey>)> {
        let honest = self.seats.iter().enumerate().filter(|(_, seat)| seat.mischief.is_none());
        honest.map(|(number, seat)| (member(number), &seat.player))
    }

    fn is_ended(&self) -> bool {
        self.honest().all(|(_, player)| player.outcome().is_some())
    }

    fn report(&self) -> Report {
        let joint_of = |player: &Participant<NamedKey>| match player.outcome() {
            Some(Outcome::Mixed(joint)) => Some(joint.clone()),
            _ => None,
        };
        // Whoever holds all signatures may submit them: whoever misbehaves as well.
        let joints: BTreeMap<_, _> = self
            .seats
            .iter()
            .filter_map(|seat| joint_of(&seat.player))
            .map(|joint| ((joint.inputs.clone(), joint.outputs.clone()), joint))
            .collect();
        let is_robbed = |id: &MemberId, output: Option<Output>| {
            let moved = joints.keys().filter(|(inputs, _)| inputs.contains(id));
            moved.filter(|(_, outputs)| !output.is_some_and(|output| outputs.contains(&output))).count() > 0
        };
        let honest: BTreeSet<_> = self.honest().map(|(id, _)| id).collect();
        let outcomes: Vec<_> = self.honest().map(|(_, player)| (player.outcome(), player.excluded())).collect();
        Report {
            joint: joints.values().next().cloned(),
            excluded: outcomes.first().map(|(_, excluded)| (*excluded).clone()).unwrap_or_default(),
            wronged: self
                .honest()
                .flat_map(|(_, player)| player.excluded().keys())
                .filter(|id| honest.contains(id))
                .copied()
                .collect(),
            robbed: self.honest().filter(|(id, player)| is_robbed(id, player.output())).map(|(id, _)| id).collect(),
            is_agreed: joints.len() < 2 && outcomes.windows(2).all(|pair| pair[0] == pair[1]),
            is_ended: self.is_ended(),
            end: self.now,
            posts: self.posts,
        }
    }
}

fn delay(chance: &mut ChaCha20Rng) -> Millis {
    TICK * (Millis::try_from(below(3, chance)).expect("small"))
}
