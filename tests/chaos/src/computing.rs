//! A job between strangers: who wants it done, who does it, who brings them together, where it is stored, and who judges.

mod books;
mod directory;
mod market;
mod roles;

use std::fs;

use ::modicum::{Course, Ending, JobOffer, OfferState, Phase, Status, View};
use alloy::{primitives::B256, signers::local::PrivateKeySigner};
use chain::anvil::Anvil;
use jobs::{Bundle, ContentHash};
use runtime::Modicum;
use serde::{Deserialize, Serialize};

use crate::{agent, story::Story, world::World};

pub use books::Books;
pub use roles::{ALL, CREATOR, DIRECTORY, MEDIATOR, PROVIDER, Part, SOLVER, act};

/// So many blocks nobody has anything to do in before the clock moves on: what failed is tried again meanwhile.
const QUIET: u32 = 5;

/// What the creator's last word holds where it got its result.
const DONE: &str = "\"step\":\"done\"";

/// How those behave who matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plot {
    /// The provider runs the job, and the creator, who runs it too, accepts.
    Accepted,
    /// The provider makes a result up, so that it is fined. The job is taken back, since there is no other.
    Cheated,
    /// The creator calls a right result wrong, and pays for it.
    Denied,
}

impl Plot {
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Cheated, Self::Denied];

    /// How its match ends where nothing goes wrong.
    pub const fn ending(self) -> Ending {
        match self {
            Self::Accepted => Ending::Accepted,
            Self::Cheated => Ending::ProviderAtFault,
            Self::Denied => Ending::CreatorAtFault,
        }
    }
}

/// A job from its offer to its end, and where it stands.
pub struct Match {
    plot: Plot,
    market: Option<Modicum>,
    offer: Option<JobOffer>,
    view: Option<View>,
    /// The chain's time, Unix seconds.
    now: u64,
    /// Blocks in which nobody had anything to do.
    quiet: u32,
}

impl Match {
    pub const fn new(plot: Plot) -> Self {
        Self { plot, market: None, offer: None, view: None, now: 0, quiet: 0 }
    }

    fn market(&self) -> &Modicum {
        self.market.as_ref().expect("the market is set up first")
    }

    fn view(&self) -> &View {
        self.view.as_ref().expect("it is looked at first")
    }

    fn job(&self) -> B256 {
        self.offer.as_ref().expect("the job is made first").name()
    }

    /// The result that the creator is to have, if there is one.
    fn result(&self) -> Option<ContentHash> {
        let is_accepted = |course: &Course| course.closing.is_some_and(|closing| closing.ending == Ending::Accepted);
        let accepted = self.view().courses().map(|(_, course)| course).find(|course| is_accepted(course))?;
        let report = accepted.report.filter(|report| report.status == Status::Completed)?;
        Some(ContentHash(report.result_hash.0))
    }

    /// Whether it has it, and says so.
    fn has_result(&self, world: &World) -> bool {
        let found = Bundle::of_folder(&roles::result(world.folder()));
        let says_so = fs::read_to_string(roles::last_word(world.folder())).is_ok_and(|word| word.contains(DONE));
        says_so && found.is_ok_and(|found| Some(found.tree().hash()) == self.result())
    }

    /// The earliest time at which somebody has something to do who has nothing to do now.
    fn next_due(&self) -> u64 {
        let (view, now) = (self.view(), self.now);
        let half_to_react = u64::from(view.config().reaction_seconds) / 2;
        let of_matches = view.courses().filter_map(|(_, course)| match course.phase()? {
            Phase::Matched => Some(vec![course.contents.deadline - roles::MARGIN, course.contents.deadline + 1]),
            Phase::Reported => Some(vec![now + half_to_react + 1]),
            Phase::Disputed => course.rejection.map(|rejection| vec![rejection.until + 1]),
        });
        let is_open = view.market().job_offer_state(self.job()) == OfferState::Open;
        let of_offer = self.offer.iter().filter(|_| is_open).map(|offer| offer.deadline + 1);
        let next = of_matches.flatten().chain(of_offer).filter(|due| *due > now).min();
        next.expect("nobody waits for anything, and it is not over")
    }
}

impl Story for Match {
    type Books = Books;

    fn cast(&self) -> &'static [&'static str] {
        &ALL
    }

    async fn set_up(&mut self, anvil: &Anvil, keys: &[PrivateKeySigner], door: &str) -> agent::Part {
        let market = market::set_up(anvil, keys, self.plot).await;
        let now = anvil.client().head().await.expect("a head").timestamp;
        let offer = roles::offer(keys, now);
        let part = Part {
            place: *market.place(),
            config: *market::view(anvil, &market).await.config(),
            plot: self.plot,
            offer: offer.clone(),
            store: door.to_owned(),
        };
        (self.market, self.offer) = (Some(market), Some(offer));
        agent::Part::Computing(Box::new(part))
    }

    async fn look(&mut self, world: &World) {
        self.now = world.head().await.1;
        let view = market::view(&world.anvil, self.market()).await;
        if self.view.as_ref() != Some(&view) {
            self.quiet = 0;
        }
        self.view = Some(view);
    }

    fn is_over(&self, world: &World) -> bool {
        let is_closed = self.view().market().job_offer_state(self.job()) == OfferState::Closed;
        is_closed && (!world.lives(CREATOR) || roles::last_word(world.folder()).exists())
    }

    /// From when both are on offer, until the job is closed.
    fn is_middle(&self) -> bool {
        let view = self.view();
        let is_closed = view.market().job_offer_state(self.job()) == OfferState::Closed;
        !view.jobs().is_empty() && !view.resources().is_empty() && !is_closed
    }

    async fn pass_time(&mut self, world: &World, _: bool) {
        self.quiet += 1;
        if self.quiet <= QUIET {
            return world.mine().await;
        }
        self.quiet = 0;
        world.warp_to(self.next_due()).await;
    }

    async fn books(&self, world: &World) -> Books {
        books::read(world, self.market(), self.has_result(world)).await
    }
}
