//! Something that is lived through, and what goes wrong in it.

use alloy::signers::local::PrivateKeySigner;
use chain::anvil::Anvil;
use serde::Serialize;

use crate::{
    agent::Part,
    ambush::Ambush,
    proxy::{Fault, Proxy},
    random::Random,
    world::{Next, World},
};

/// Every story has far fewer steps.
const MANY: usize = 2000;
/// How deep a reorganisation goes at most.
const DEEPEST: u64 = 20;

/// What is lived through, and where it stands.
pub trait Story {
    /// What it comes to.
    type Books;

    /// Names of the processes, in the order in which they start.
    fn cast(&self) -> &'static [&'static str];

    /// Deploys what there is to act on, and says what everybody must know. Who serves others is found at `door`.
    async fn set_up(&mut self, anvil: &Anvil, keys: &[PrivateKeySigner], door: &str) -> Part;

    /// Takes note of what the chain shows.
    async fn look(&mut self, world: &World);

    /// Whether nothing is to come.
    fn is_over(&self, world: &World) -> bool;

    /// Whether it is where things go wrong that do so once, or for a while.
    fn is_middle(&self) -> bool;

    /// Everybody waits: time passes, so much that somebody has something to do; or more than that, where it `jumps`.
    async fn pass_time(&mut self, world: &World, jumps: bool);

    /// What it came to.
    async fn books(&self, world: &World) -> Self::Books;
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// Nothing.
    None,
    /// An agent is killed at each `every`th step from `first` on, and started again at once.
    Kill { agent: &'static str, first: usize, every: usize },
    /// An agent is killed, and started again at once, as soon as each of some files shows what it is doing.
    Ambush { agent: &'static str, sights: &'static [&'static str] },
    /// An agent is killed in the middle, and stays away.
    KillForGood { agent: &'static str },
    /// The chain is reorganised at each `every`th step, `most` times: more of them would undo all that is done between.
    Reorganise { every: usize, most: u64 },
    /// The ways to the node spoil requests.
    Rpc { faults: Vec<Fault>, per_mille: u64 },
    /// Of two ways to the node, the first is cut for the middle.
    Failover,
    /// An agent has no room for its journal, until it is given some.
    DiskFull { agent: &'static str },
    /// An agent is killed, and the last page of its journal overwritten, at each `every`th step.
    Corrupt { agent: &'static str, every: usize },
    /// Others fill a block before each one in which the agents' transactions find room.
    FullBlocks,
    /// In the middle the chain's clock jumps, past a time in which nobody could act.
    ClockJump,
    /// The machines' clocks are wrong, each by so much as `faketime` takes it.
    WrongClocks(&'static [(&'static str, &'static str)]),
}

impl Trouble {
    const fn ways(&self) -> u64 {
        if matches!(self, Self::Failover) { 2 } else { 1 }
    }
}

/// How much went wrong.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counts {
    pub steps: usize,
    pub kills: u64,
    pub reorganisations: u64,
    pub deepest: u64,
    pub faults: u64,
    pub restarts: u64,
}

/// Where it stands.
struct Course<S> {
    story: S,
    trouble: Trouble,
    random: Random,
    counts: Counts,
    is_cut: bool,
    has_jumped: bool,
}

/// Lives through a story.
pub async fn live<S: Story>(mut story: S, trouble: Trouble, seed: u64) -> (Counts, S::Books) {
    let (mut world, mut counts) = (World::start(&mut story, seed, trouble.ways()).await, Counts::default());
    match &trouble {
        Trouble::Rpc { faults, per_mille } => world.proxies[0].spoil(faults, *per_mille),
        Trouble::DiskFull { agent } => world.set_small(agent, true),
        Trouble::Ambush { agent, sights } => world.ambush = Some(Ambush::new(agent, sights)),
        Trouble::WrongClocks(clocks) => {
            counts.faults += clocks.len() as u64;
            world.set_clocks(clocks);
        }
        _ => {}
    }
    world.raise_all(story.cast());
    let random = Random::new(seed);
    let mut course = Course { story, trouble, random, counts, is_cut: false, has_jumped: false };
    let mut is_over = false;
    for _ in 0..MANY {
        let next = world.next().await;
        course.story.look(&world).await;
        match next {
            Next::Pending => {
                course.step(&mut world).await;
                if matches!(course.trouble, Trouble::FullBlocks) {
                    world.fill_a_block().await;
                    course.counts.faults += 1;
                }
                world.mine().await;
            }
            Next::Rest if course.story.is_over(&world) => {
                is_over = true;
                break;
            }
            Next::Rest => {
                course.step(&mut world).await;
                course.pass_time(&world).await;
            }
            Next::Stuck => course.make_room(&mut world),
        }
        course.step(&mut world).await;
    }
    assert!(is_over, "it does not end");
    let mut counts = course.counts;
    counts.faults += world.proxies.iter().map(Proxy::injected).sum::<u64>();
    counts.kills += world.ambushed;
    counts.restarts = world.restarts;
    if matches!(course.trouble, Trouble::DiskFull { .. }) {
        // Each time for want of room.
        counts.faults += world.restarts;
    }
    (counts, course.story.books(&world).await)
}

impl<S: Story> Course<S> {
    /// Something happened, or is about to: now things go wrong.
    async fn step(&mut self, world: &mut World) {
        self.counts.steps += 1;
        let step = self.counts.steps;
        self.story.look(world).await;
        match self.trouble {
            Trouble::Kill { agent, first, every } if step >= first && (step - first).is_multiple_of(every) => {
                self.kill(world, agent);
                world.raise(agent);
            }
            Trouble::KillForGood { agent } if self.counts.kills == 0 && self.story.is_middle() => {
                world.dismiss(agent);
                self.counts.kills += 1;
            }
            Trouble::Corrupt { agent, every } if step.is_multiple_of(every) => {
                self.kill(world, agent);
                world.corrupt(agent);
                self.counts.faults += 1;
                world.raise(agent);
            }
            Trouble::Reorganise { every, most } if step.is_multiple_of(every) && self.counts.reorganisations < most => {
                self.reorganise(world).await;
            }
            Trouble::Failover => {
                let is_cut = self.story.is_middle();
                if is_cut != self.is_cut {
                    world.proxies[0].cut(is_cut);
                    self.is_cut = is_cut;
                }
            }
            _ => {}
        }
    }

    fn kill(&mut self, world: &mut World, agent: &str) {
        world.kill(agent);
        self.counts.kills += 1;
    }

    /// To a depth by chance. What is undone is not past by the chain's clock: it goes on from the block that is kept.
    async fn reorganise(&mut self, world: &World) {
        let depth = 1 + self.random.below(DEEPEST);
        world.reorganise(depth).await;
        // Agents that rest know no block of this number.
        world.mine().await;
        self.counts.reorganisations += 1;
        self.counts.deepest = self.counts.deepest.max(depth);
        self.story.look(world).await;
    }

    async fn pass_time(&mut self, world: &World) {
        let jumps = matches!(self.trouble, Trouble::ClockJump) && !self.has_jumped && self.story.is_middle();
        if jumps {
            self.has_jumped = true;
            self.counts.faults += 1;
        }
        self.story.pass_time(world, jumps).await;
    }

    /// Whoever could not write down what it read is given room, and starts again.
    fn make_room(&mut self, world: &mut World) {
        let Trouble::DiskFull { agent } = self.trouble else { panic!("nobody lacks room") };
        self.counts.faults += 1;
        world.set_small(agent, false);
        self.kill(world, agent);
        world.raise(agent);
    }
}
