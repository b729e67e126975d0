//! Joint transactions: equal amounts from many, to as many.

use std::cmp::Ordering;

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::{GroupId, IntervalIndex, Money, WattHours};

use crate::range;
use crate::{Event, Inconsistent, Market, Refusal, Side};

/// The fewest participants of a mix. Fewer hide nobody: each of two knows the other.
pub const LEAST_CROWD: usize = 3;
/// Intervals that share a storage word of the contract.
const WORD: u32 = 8;

/// What is moved, of whom and to whom. Amounts are Wh, eight intervals an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mix {
    /// Of which feeders.
    pub group: GroupId,
    /// Production or consumption.
    pub side: Side,
    /// First interval, a multiple of eight.
    pub first: IntervalIndex,
    /// From `first` on; empty where only credits are mixed.
    pub amounts: Vec<[u32; WORD as usize]>,
    /// Credits that each input gives and each output receives.
    pub credits: Money,
    /// Credits that each input pays on top.
    pub fee: Money,
    /// Who is paid, whoever submits; `None` for whoever does.
    pub relay: Option<Address>,
    /// The last second at which this may be carried out, Unix time.
    pub deadline: u64,
    /// Who gives, ascending.
    pub inputs: Vec<Address>,
    /// The next nonce of each input.
    pub nonces: Vec<u32>,
    /// Who receives, ascending.
    pub outputs: Vec<Address>,
}

impl Mix {
    /// Every interval with the amount that is mixed in it, where there is one.
    pub fn amounts(&self) -> impl Iterator<Item = (IntervalIndex, WattHours)> {
        amounts(self.first, &self.amounts)
    }

    /// What all inputs together pay on top.
    pub fn fees(&self) -> Money {
        fees(self.fee, &self.inputs)
    }
}

/// A joint transaction as it was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "fields are those of `Mix`, but for who was paid in the end")]
pub struct Mixed {
    pub group: GroupId,
    pub side: Side,
    pub first: IntervalIndex,
    pub amounts: Vec<[u32; WORD as usize]>,
    pub credits: Money,
    pub fee: Money,
    pub relay: Address,
    pub inputs: Vec<Address>,
    pub outputs: Vec<Address>,
}

fn fees(fee: Money, inputs: &[Address]) -> Money {
    Money(fee.0.saturating_mul(u128::try_from(inputs.len()).unwrap_or(u128::MAX)))
}

fn amounts(first: IntervalIndex, words: &[[u32; WORD as usize]]) -> impl Iterator<Item = (IntervalIndex, WattHours)> {
    let intervals = (first.0..).map(IntervalIndex);
    intervals.zip(words.iter().flatten().map(|amount| WattHours((*amount).into()))).filter(|(_, amount)| amount.0 > 0)
}

impl Market {
    /// `mix`. `signed`: for each signature given, whether it is that input's over exactly this.
    pub fn mix(&self, submitter: Address, now: u64, joint: &Mix, signed: &[bool]) -> Result<Vec<Event>, Refusal> {
        let Mix { group, side, first, credits, fee, .. } = *joint;
        range::interval(first)?;
        range::amount(credits)?;
        range::amount(fee)?;
        check_shape(joint, now, signed.len())?;
        for ((input, nonce), is_signed) in joint.inputs.iter().zip(&joint.nonces).zip(signed) {
            self.check_nonce(*input, *nonce)?;
            if !is_signed {
                return Err(Refusal::BadSignature { account: *input });
            }
            self.check_share(joint, *input)?;
        }
        // An output is no input.
        joint.outputs.iter().try_for_each(|output| range::check_room(self.credits(*output), credits))?;
        let relay = joint.relay.unwrap_or(submitter);
        range::check_room(self.credits_after_moving(joint, relay), joint.fees())?;
        let Mix { amounts, inputs, outputs, .. } = joint.clone();
        Ok(vec![Event::Mixed(Mixed { group, side, first, amounts, credits, fee, relay, inputs, outputs })])
    }

    fn check_share(&self, joint: &Mix, input: Address) -> Result<(), Refusal> {
        let (credits, needed) = (self.credits(input), Money(joint.credits.0.saturating_add(joint.fee.0)));
        if credits < needed {
            return Err(Refusal::MixLacksCredits { input, credits, needed });
        }
        for (interval, needed) in joint.amounts() {
            let free = self.free_assets_in(joint.group, input, joint.side, interval);
            if free < needed {
                return Err(Refusal::MixLacksAssets { input, interval, free, needed });
            }
        }
        Ok(())
    }

    /// What somebody has once the inputs have given and the outputs received.
    fn credits_after_moving(&self, joint: &Mix, of: Address) -> Money {
        let Money(mut credits) = self.credits(of);
        if joint.inputs.contains(&of) {
            credits = credits.saturating_sub(joint.credits.0.saturating_add(joint.fee.0));
        }
        if joint.outputs.contains(&of) {
            credits = credits.saturating_add(joint.credits.0);
        }
        Money(credits)
    }

    /// The event of it.
    pub(crate) fn mixed(&mut self, mixed: &Mixed) -> Result<(), Inconsistent> {
        let Mixed { group, side, first, credits, fee, relay, .. } = *mixed;
        for input in &mixed.inputs {
            let nonce = self.nonce(*input);
            self.use_nonce(*input, nonce)?;
            self.take_credits(*input, Money(credits.0.saturating_add(fee.0)))?;
            for (interval, energy) in amounts(first, &mixed.amounts) {
                self.take_assets((*input, group, side, interval), energy)?;
            }
        }
        for output in &mixed.outputs {
            self.give_credits(*output, credits)?;
            for (interval, energy) in amounts(first, &mixed.amounts) {
                self.give_assets((*output, group, side, interval), energy)?;
            }
        }
        if self.past.holds_mixes(first, self.next) {
            self.mixes.push(mixed.clone());
        }
        self.give_credits(relay, fees(fee, &mixed.inputs))
    }
}

/// All that can be told from the statement itself.
fn check_shape(joint: &Mix, now: u64, signatures: usize) -> Result<(), Refusal> {
    let counts = [joint.inputs.len(), joint.nonces.len(), joint.outputs.len(), signatures];
    let [inputs, nonces, outputs, signatures] = counts.map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    if now > joint.deadline {
        return Err(Refusal::Expired { deadline: joint.deadline });
    }
    if joint.inputs.len() < LEAST_CROWD {
        return Err(Refusal::CrowdTooSmall { inputs });
    }
    if [nonces, outputs, signatures] != [inputs; 3] {
        return Err(Refusal::UnevenMix { inputs, nonces, outputs, signatures });
    }
    if !joint.first.0.is_multiple_of(WORD) {
        return Err(Refusal::MisalignedInterval { interval: joint.first });
    }
    if joint.amounts.is_empty() && joint.credits.0 == 0 {
        return Err(Refusal::NothingToMove);
    }
    check_distinct(&joint.inputs, &joint.outputs)
}

/// Each list ascends, so that nobody is on it twice and its order says nothing, and none is on both.
fn check_distinct(inputs: &[Address], outputs: &[Address]) -> Result<(), Refusal> {
    let (mut before, mut before_output) = (Address::ZERO, Address::ZERO);
    for (input, output) in inputs.iter().copied().zip(outputs.iter().copied()) {
        if input <= before {
            return Err(Refusal::InputsNotAscending { input });
        }
        if output <= before_output {
            return Err(Refusal::OutputsNotAscending { output });
        }
        (before, before_output) = (input, output);
    }
    let (mut inputs, mut outputs) = (inputs.iter().peekable(), outputs.iter().peekable());
    while let (Some(input), Some(output)) = (inputs.peek(), outputs.peek()) {
        match input.cmp(output) {
            Ordering::Less => _ = inputs.next(),
            Ordering::Greater => _ = outputs.next(),
            Ordering::Equal => return Err(Refusal::OutputIsInput { account: **input }),
        }
    }
    Ok(())
}
