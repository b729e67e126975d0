//! One trading day, and what goes wrong in it.

use crate::{
    agent::LAST,
    market::{Books, INTERVAL_SECONDS, books},
    proxy::Fault,
    random::Random,
    world::{Next, World},
};

/// A day has far fewer steps.
const MANY: usize = 2000;
/// How deep a reorganisation goes at most.
const DEEPEST: u64 = 20;

/// What goes wrong in a day.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// Nothing.
    None,
    /// An agent is killed at each `every`th step from `first` on, and started again at once.
    Kill { agent: &'static str, first: usize, every: usize },
    /// An agent is killed in the middle of the day, and stays away.
    KillForGood { agent: &'static str },
    /// The chain is reorganised at each `every`th step, `most` times: more of them would undo all that is done between.
    Reorganise { every: usize, most: u64 },
    /// The ways to the node spoil requests.
    Rpc { faults: Vec<Fault>, per_mille: u64 },
    /// Of two ways to the node, the first is cut for the middle of the day.
    Failover,
    /// An agent has no room for its journal, until it is given some.
    DiskFull { agent: &'static str },
    /// An agent is killed, and the last page of its journal overwritten, at each `every`th step.
    Corrupt { agent: &'static str, every: usize },
    /// Others fill a block before each one in which the agents' transactions find room.
    FullBlocks,
    /// In the middle of the day the chain's clock jumps, past an interval in which nobody could act.
    ClockJump,
}

impl Trouble {
    /// Whether an interval may pass without trade: nobody could act in time.
    pub const fn may_lapse(&self) -> bool {
        matches!(self, Self::ClockJump)
    }

    const fn ways(&self) -> u64 {
        if matches!(self, Self::Failover) { 2 } else { 1 }
    }
}

/// What a day came to.
#[derive(Clone, Debug, Default)]
pub struct Day {
    pub books: Books,
    pub steps: usize,
    pub kills: u64,
    pub reorganisations: u64,
    pub deepest: u64,
    pub faults: u64,
    pub restarts: u64,
}

/// Where a day stands.
struct Course {
    trouble: Trouble,
    random: Random,
    day: Day,
    /// The chain's time, Unix seconds.
    now: u64,
    is_cut: bool,
}

/// Lives through a day.
pub async fn live(trouble: Trouble, seed: u64) -> Day {
    let mut world = World::start(seed, trouble.ways()).await;
    match &trouble {
        Trouble::Rpc { faults, per_mille } => world.proxies[0].spoil(faults, *per_mille),
        Trouble::DiskFull { agent } => world.set_small(agent, true),
        _ => {}
    }
    world.raise_all();
    let now = world.head().await.1;
    let mut course = Course { trouble, random: Random::new(seed), day: Day::default(), now, is_cut: false };
    let end = world.market.params.start_of(units::IntervalIndex(LAST + 2));
    for _ in 0..MANY {
        match world.next().await {
            Next::Pending => {
                course.step(&mut world).await;
                if matches!(course.trouble, Trouble::FullBlocks) {
                    world.fill_a_block().await;
                    course.day.faults += 1;
                }
                world.mine().await;
            }
            Next::Rest if course.now >= end => break,
            Next::Rest => {
                course.step(&mut world).await;
                course.move_on(&world).await;
            }
            Next::Stuck => course.make_room(&mut world),
        }
        course.step(&mut world).await;
    }
    assert!(course.now >= end, "the day does not end");
    let mut day = course.day;
    day.faults += world.proxies.iter().map(crate::proxy::Proxy::injected).sum::<u64>();
    day.restarts = world.restarts;
    if matches!(course.trouble, Trouble::DiskFull { .. }) {
        // Each time for want of room.
        day.faults += world.restarts;
    }
    day.books = books(&world.anvil, &world.market, &world.keys).await;
    day
}

impl Course {
    /// Something happened, or is about to: now things go wrong.
    async fn step(&mut self, world: &mut World) {
        self.day.steps += 1;
        let step = self.day.steps;
        let middle = world.market.params.start_of(units::IntervalIndex(1));
        match self.trouble {
            Trouble::Kill { agent, first, every } if step >= first && (step - first).is_multiple_of(every) => {
                self.kill(world, agent);
                world.raise(agent);
            }
            Trouble::KillForGood { agent } if self.day.kills == 0 && self.now >= middle => self.kill(world, agent),
            Trouble::Corrupt { agent, every } if step.is_multiple_of(every) => {
                self.kill(world, agent);
                world.corrupt(agent);
                self.day.faults += 1;
                world.raise(agent);
            }
            Trouble::Reorganise { every, most } if step.is_multiple_of(every) && self.day.reorganisations < most => {
                self.reorganise(world).await;
            }
            Trouble::Failover => {
                let is_cut = self.now >= middle && self.now < middle + 2 * INTERVAL_SECONDS;
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
        self.day.kills += 1;
    }

    /// To a depth by chance. What is undone is not past by the chain's clock: it goes on from the block that is kept.
    async fn reorganise(&mut self, world: &World) {
        let depth = 1 + self.random.below(DEEPEST);
        world.reorganise(depth).await;
        // Agents that rest know no block of this number.
        world.mine().await;
        self.day.reorganisations += 1;
        self.day.deepest = self.day.deepest.max(depth);
        self.now = world.head().await.1;
    }

    /// Moves the clock to where the next interval is due.
    async fn move_on(&mut self, world: &World) {
        let middle = world.market.params.start_of(units::IntervalIndex(0));
        let intervals = if matches!(self.trouble, Trouble::ClockJump) && self.now == middle { 2 } else { 1 };
        if intervals > 1 {
            self.day.faults += 1;
        }
        self.now = (self.now / INTERVAL_SECONDS + intervals) * INTERVAL_SECONDS
            + world.market.params.genesis % INTERVAL_SECONDS;
        while self.now <= world.head().await.1 {
            self.now += INTERVAL_SECONDS;
        }
        world.anvil.warp_to(self.now).await.expect("the clock moves");
    }

    /// Whoever could not write down what it read is given room, and starts again.
    fn make_room(&mut self, world: &mut World) {
        let Trouble::DiskFull { agent } = self.trouble else { panic!("nobody lacks room") };
        self.day.faults += 1;
        world.set_small(agent, false);
        self.kill(world, agent);
        world.raise(agent);
    }
}
