//! The competition of plans, and from candidate to final: interval by interval, in order.

use alloy_primitives::{Address, B256, Keccak256};
use serde::{Deserialize, Serialize};
use units::{IntervalIndex, OfferId, WattHours};

use crate::{Block, Candidate, Event, Inconsistent, Leg, Link, Market, Refusal, Verified, links, range};

/// An interval that was finalised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalInterval {
    /// Energy traded.
    pub value: WattHours,
    /// What each offer traded, by offer.
    pub legs: Vec<Leg>,
    /// Root of the tree of legs; zero where nothing was traded.
    pub root: B256,
}

impl FinalInterval {
    /// What an offer traded.
    pub fn leg(&self, offer: OfferId) -> Option<&Leg> {
        self.legs.get(self.legs.binary_search_by_key(&offer, |leg| leg.offer).ok()?)
    }
}

/// What `finalize` takes to succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FinalizeArguments {
    /// The interval that becomes final.
    pub interval: IntervalIndex,
    /// Opens the candidate: blocks that lapsed, then the interval's own where it has one.
    pub links: Vec<Link>,
    /// Leg words of the interval.
    pub legs: Vec<B256>,
}

/// The candidate with what lapsed taken off.
struct Opened<'a, 'b> {
    events: Vec<Event>,
    /// Links given that were not needed yet.
    given: &'a [Link],
    /// Links of the blocks left, and these.
    expected: Vec<Link>,
    blocks: &'b [Block],
}

/// `postSolution`, `finalize`.
impl Market {
    /// Proposes a plan that trades `value`.
    pub fn post_solution(
        &self,
        caller: Address,
        now: u64,
        value: WattHours,
        plan: &[u8],
    ) -> Result<Vec<Event>, Refusal> {
        let next = self.next_interval(now);
        if now >= self.params.finalizable_at(next) {
            return Err(Refusal::IntervalFrozen { interval: next });
        }
        let candidate = self.candidate.as_ref().map_or(WattHours(0), |candidate| candidate.value);
        if value <= candidate {
            return Err(Refusal::NotBetter { value, candidate });
        }
        let verified = self.verify_within(next, self.params.plan_horizon_after(next), value, plan)?;
        if now >= self.params.guarded_from(next) {
            self.check_guard(next, &verified)?;
        }
        let first_interval = verified.blocks.first().map_or(IntervalIndex(0), |block| block.interval);
        Ok(vec![Event::SolutionPosted { solver: caller, value, first_interval, plan: plan.to_vec() }])
    }

    /// Makes the candidate's trades of `t_f` final. `legs` are leg words.
    pub fn finalize(&self, now: u64, given: &[Link], legs: &[B256]) -> Result<Vec<Event>, Refusal> {
        let events = self.finalization(now, given, legs)?;
        // The contract would count on to the interval after it.
        range::interval(self.next_interval(now).next())?;
        Ok(events)
    }

    fn finalization(&self, now: u64, given: &[Link], legs: &[B256]) -> Result<Vec<Event>, Refusal> {
        let interval = self.next_interval(now);
        let time = self.params.finalizable_at(interval);
        if now < time {
            return Err(Refusal::TooEarly { interval, time });
        }
        let Opened { mut events, given, expected, blocks } = self.shed_lapsed(interval, given)?;
        let head = blocks.first();
        if let Some(lapsed) = head.filter(|head| head.interval < interval) {
            return Err(Refusal::CandidateLapsed { interval: lapsed.interval });
        }
        let Some(block) = head.filter(|head| head.interval == interval) else {
            return match (legs, given) {
                ([], []) => Ok(with(events, finalized(interval, WattHours(0), Vec::new()))),
                ([], _) => Err(Refusal::WrongLink { interval }),
                _ => Err(Refusal::LegsMismatch { interval }),
            };
        };
        let (link, given) = given.split_first().ok_or(Refusal::WrongLink { interval })?;
        if link.legs_hash != words_hash(legs) {
            return Err(Refusal::LegsMismatch { interval });
        }
        if expected.first() != Some(link) || !given.is_empty() {
            return Err(Refusal::WrongLink { interval });
        }
        events.push(finalized(interval, block.value, block.legs.clone()));
        Ok(events)
    }

    /// What `finalize` takes now; `None` before its time.
    pub fn finalize_arguments(&self, now: u64) -> Option<FinalizeArguments> {
        let interval = self.next_interval(now);
        if now < self.params.finalizable_at(interval) {
            return None;
        }
        let blocks = self.blocks();
        let due = blocks.partition_point(|block| block.interval <= interval);
        let legs = self.candidate.as_ref().and_then(|candidate| candidate.block(interval));
        Some(FinalizeArguments {
            interval,
            links: links(blocks).into_iter().take(due).collect(),
            legs: legs.map_or_else(Vec::new, |block| block.legs.iter().map(Leg::word).collect()),
        })
    }

    /// In the guard window a plan must trade at least as much in `t_f` as the candidate.
    fn check_guard(&self, next: IntervalIndex, verified: &Verified) -> Result<(), Refusal> {
        let at_next =
            |head: Option<&Block>| head.filter(|head| head.interval == next).map_or(WattHours(0), |head| head.value);
        let (planned, candidate) = (at_next(verified.blocks.first()), at_next(self.blocks().first()));
        if planned < candidate {
            return Err(Refusal::WeakensNextInterval { interval: next, planned, candidate });
        }
        Ok(())
    }

    /// Opens blocks that lapsed, as far as the links given go.
    fn shed_lapsed<'a>(&self, next: IntervalIndex, given: &'a [Link]) -> Result<Opened<'a, '_>, Refusal> {
        let blocks = self.blocks();
        let mut opened = Opened { events: Vec::new(), given, expected: links(blocks), blocks };
        while let (Some((link, more)), Some((head, rest))) = (opened.given.split_first(), opened.blocks.split_first()) {
            if head.interval >= next {
                break;
            }
            if *link != opened.expected.remove(0) {
                return Err(Refusal::WrongLink { interval: head.interval });
            }
            opened.events.push(Event::Lapsed { interval: head.interval, value: head.value });
            (opened.given, opened.blocks) = (more, rest);
        }
        Ok(opened)
    }

    fn blocks(&self) -> &[Block] {
        self.candidate.as_ref().map_or(&[], |candidate| &candidate.blocks)
    }
}

/// Their events.
impl Market {
    pub(crate) fn solution_posted(
        &mut self,
        solver: Address,
        value: WattHours,
        plan: &[u8],
    ) -> Result<(), Inconsistent> {
        // What is open at the time of the event is not known here, and was checked by the contract.
        let verified = self.verify_within(IntervalIndex(0), IntervalIndex(u32::MAX), value, plan);
        let blocks = verified.map_err(|_| Inconsistent::Plan)?.blocks;
        self.candidate = Some(Candidate { solver, value, blocks, is_extended: false });
        Ok(())
    }

    pub(crate) fn lapsed(&mut self, interval: IntervalIndex, value: WattHours) -> Result<(), Inconsistent> {
        let block = self.open_head(interval)?;
        if block.value == value { Ok(()) } else { Err(Inconsistent::Candidate { interval }) }
    }

    pub(crate) fn finalized(
        &mut self,
        interval: IntervalIndex,
        value: WattHours,
        root: B256,
        legs: &[Leg],
    ) -> Result<(), Inconsistent> {
        if !legs.is_empty() {
            let is_extended = self.candidate.as_ref().is_some_and(|candidate| candidate.is_extended);
            let block = self.open_head(interval)?;
            if block.legs != legs || block.value != value {
                return Err(Inconsistent::Candidate { interval });
            }
            self.trade_legs(interval, legs, is_extended)?;
        }
        if interval < self.next || self.blocks().first().is_some_and(|head| head.interval <= interval) {
            return Err(Inconsistent::Candidate { interval });
        }
        if root != crate::tree::root(interval, legs) {
            return Err(Inconsistent::Candidate { interval });
        }
        if let Some(last) = interval.0.checked_sub(1).map(IntervalIndex).filter(|last| *last >= self.next) {
            self.passed_over.push((self.next, last));
        }
        self.next = interval.next();
        self.traded = WattHours(self.traded.0.saturating_add(value.0));
        self.finals.insert(interval, FinalInterval { value, legs: legs.to_vec(), root });
        self.forget();
        Ok(())
    }

    /// Takes what is traded from the offers that live on. The others keep what they had: no plan can use them.
    fn trade_legs(&mut self, interval: IntervalIndex, legs: &[Leg], is_extended: bool) -> Result<(), Inconsistent> {
        for leg in legs.iter().filter(|leg| is_extended || leg.outlives) {
            let offer = self.offer_mut(leg.offer)?;
            if offer.end > interval {
                offer.traded = WattHours(offer.traded.0.saturating_add(leg.energy.0));
            }
        }
        Ok(())
    }

    /// Takes the first block off the candidate, which must be that of `interval`.
    fn open_head(&mut self, interval: IntervalIndex) -> Result<Block, Inconsistent> {
        let candidate = self.candidate.take().ok_or(Inconsistent::Candidate { interval })?;
        let head = candidate.head().filter(|head| head.interval == interval).cloned();
        self.candidate = candidate.without_head();
        head.ok_or(Inconsistent::Candidate { interval })
    }
}

fn finalized(interval: IntervalIndex, value: WattHours, legs: Vec<Leg>) -> Event {
    Event::Finalized { interval, value, root: crate::tree::root(interval, &legs), legs }
}

fn with(mut events: Vec<Event>, event: Event) -> Vec<Event> {
    events.push(event);
    events
}

fn words_hash(words: &[B256]) -> B256 {
    let mut hash = Keccak256::new();
    for word in words {
        hash.update(word);
    }
    hash.finalize()
}
