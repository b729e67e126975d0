//! What happens, one scene after another.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, mpsc},
};

use ::modicum::{Ending, JobOffer, Phase, View};
use alloy::primitives::B256;
use anyhow::{bail, ensure};
use job_runtime::CHANCE;
use jobs::Limits;
use modicum_creator::{Behaviour as Creating, Checker, Creator, Order, Settings as Creation, Step, Verification};
use modicum_mediator::{Court, Mediator};
use modicum_provider::{Behaviour as Providing, Capacity, Provider, Settings as Provision, Workshop};
use modicum_solver::{Board, Solver};
use runtime::{Agent, Modicum, Runtime};
use sample_jobs::{Sample, samples};

use super::stage::{DECIMALS, LAST, NAMES, Stage, TOKEN};
use crate::{
    demo::troupe::{self, Troupe},
    modicum::jc::Said,
    output::Output,
};

/// The most that a job of the demonstration may run; enough for every sample.
const INSTRUCTIONS: u64 = 2_000_000_000;
/// What a creator pays for 10^9 instructions at most.
const MOST: u128 = TOKEN;
/// How long a provider has, seconds.
const DEADLINE: u64 = 3600;
/// The creators of the first scene: one a sample.
const HONEST: std::ops::Range<usize> = 6..11;

/// The agents at work, and what they told.
pub struct Scenes<'a> {
    stage: &'a Stage,
    output: Output,
    troupe: Troupe<Modicum>,
    orders: BTreeMap<&'static str, Ordered>,
}

/// An order that is under way.
struct Ordered {
    offer: B256,
    happened: mpsc::Receiver<Step>,
    steps: Vec<Step>,
}

impl<'a> Scenes<'a> {
    /// Starts everybody but the creators.
    pub fn open(stage: &'a Stage, output: Output) -> anyhow::Result<Self> {
        let board = Arc::new(Mutex::new(Board::new(*stage.market.place())));
        let (machine, storage) = (Arc::clone(&stage.machine), stage.storage("mediator")?);
        let (court, key) = (Court { machine, storage }, stage.keys["mediator"].clone());
        let mediator = Mediator::new("mediator", *stage.market.place(), key, court, stage.out.join("dossiers"));
        let hosted = vec![
            ("solver", hosting(stage, "solver", Solver::new("solver", board))),
            ("mediator", hosting(stage, "mediator", mediator)),
            provider(stage, "honest provider", Providing::Honest, MOST / 2)?,
            // Cheaper, and worth it.
            provider(stage, "cheating provider", Providing::WrongEvery(1), MOST / 4)?,
        ];
        Ok(Self { stage, output, troupe: Troupe::start(hosted), orders: BTreeMap::new() })
    }

    /// All five are done and paid; whichever the cheater gets is judged, and done by the other.
    pub async fn honest_jobs_beside_a_cheater(&mut self) -> anyhow::Result<()> {
        self.title("five honest jobs; one of the two providers cheats");
        for (name, sample) in NAMES[HONEST].iter().copied().zip(samples()) {
            self.submit(name, &sample, Creating::Honest).await?;
        }
        self.play().await?;
        for name in NAMES[HONEST].iter().copied() {
            let is_done = matches!(self.orders[name].steps.last(), Some(Step::Done { .. }));
            ensure!(is_done, "the job of {name} was not done");
        }
        let fined = self.endings().filter(|(_, ending)| *ending == Ending::ProviderAtFault).count();
        ensure!(fined == 1, "the cheater was fined {fined} times, not once");
        Ok(())
    }

    /// Two runs differ, so the creator pays.
    pub async fn a_job_that_is_not_deterministic(&mut self) -> anyhow::Result<()> {
        self.title("a simulation whose seed is drawn anew in each run");
        self.submit("seedless", &seedless()?, Creating::Honest).await?;
        self.play().await?;
        self.expect("seedless", Ending::CreatorAtFault)
    }

    /// A creator calls a right result wrong, and nobody judges.
    pub async fn a_mediator_that_vanishes(&mut self) -> anyhow::Result<()> {
        self.title("a dispute, and the mediator vanishes");
        self.troupe.kill("mediator");
        self.submit("denier", &small()?, Creating::Denying).await?;
        self.play().await?;
        self.expect("denier", Ending::NoVerdict)
    }

    /// Its offer stands, and nobody is there.
    pub async fn a_provider_that_vanishes(&mut self) -> anyhow::Result<()> {
        self.title("a job, and its provider vanishes");
        self.troupe.kill("honest provider");
        self.submit(LAST, &small()?, Creating::Honest).await?;
        self.play().await?;
        self.expect(LAST, Ending::NoResult)
    }

    /// Sends everybody home; returns the market as they saw it last.
    pub async fn close(self) -> anyhow::Result<Arc<View>> {
        let view = self.view();
        self.troupe.dismiss().await?;
        Ok(view)
    }

    fn title(&self, words: &str) {
        self.output.progress(format_args!("\n{words}"));
    }

    fn view(&self) -> Arc<View> {
        Arc::clone(&self.troupe.snapshots.borrow().view)
    }

    /// How matches ended, by their job offers.
    fn endings(&self) -> impl Iterator<Item = (B256, Ending)> {
        let view = self.view();
        let ended = view.courses().filter_map(|(_, c)| Some((c.contents.job_offer, c.closing?.ending)));
        ended.collect::<Vec<_>>().into_iter()
    }

    fn expect(&self, name: &str, expected: Ending) -> anyhow::Result<()> {
        let offer = self.orders[name].offer;
        let ended: Vec<_> = self.endings().filter(|(job, _)| *job == offer).map(|(_, ending)| ending).collect();
        ensure!(ended == [expected], "the match of {name} ended by {ended:?}, not by {expected:?}");
        Ok(())
    }

    async fn submit(&mut self, name: &'static str, sample: &Sample, behaviour: Creating) -> anyhow::Result<()> {
        let stage = self.stage;
        let (key, job) = (stage.keys[name].clone(), sample.bundle()?);
        let now = stage.node.client().head().await?.timestamp;
        let limits = Limits { bandwidth_bytes: 64 << 20, ..Limits::default() };
        let offer = JobOffer {
            creator: key.address(),
            deposit: 1000 * TOKEN,
            instruction_limit: INSTRUCTIONS,
            memory_limit: limits.memory_bytes,
            storage_limit: limits.storage_bytes,
            bandwidth_limit: limits.bandwidth_bytes,
            max_instruction_price: MOST.try_into()?,
            max_bandwidth_price: MOST.try_into()?,
            architecture: 0,
            meter_id: stage.meter(),
            base_layer: B256::ZERO,
            job_hash: B256::from(job.tree().hash().0),
            directory: 1,
            deadline: now + DEADLINE,
            nonce: 0,
        };
        let settings =
            Creation { behaviour, verification: Verification::Rate(1.0), secret: B256::ZERO, posts_offer: true };
        let checker = Checker { machine: Arc::clone(&stage.machine), storage: stage.storage(name)? };
        let (steps, happened) = mpsc::channel();
        let order = Order { offer, job, out: stage.out.join("results").join(name) };
        let offer = order.offer.name();
        let creator = Creator::new(name, order, settings, checker, steps);
        self.troupe.enter(name, hosting(stage, name, creator));
        self.orders.insert(name, Ordered { offer, happened, steps: Vec::new() });
        Ok(())
    }

    /// Lets everybody act, and moves the clock past whatever is waited for, until all orders are over.
    async fn play(&mut self) -> anyhow::Result<()> {
        loop {
            self.troupe.quiet(self.stage.node.client()).await?;
            self.tell();
            if self.orders.values().all(|order| order.steps.last().is_some_and(Step::is_last)) {
                return Ok(());
            }
            let now = self.stage.node.client().head().await?.timestamp;
            let Some(until) = self.next_timeout(now) else {
                bail!("nobody wants anything, and not all orders are over");
            };
            self.output.progress(format_args!("  … {} s pass", until + 1 - now));
            self.stage.node.warp_to(until + 1).await?;
        }
    }

    /// The earliest time up to which something is waited for.
    fn next_timeout(&self, now: u64) -> Option<u64> {
        let view = self.view();
        let react = u64::from(view.config().reaction_seconds);
        let of_matches = view.courses().filter_map(|(_, course)| match course.phase()? {
            Phase::Matched => Some(course.contents.deadline),
            Phase::Reported => Some(now + react),
            Phase::Disputed => course.rejection.map(|rejection| rejection.until),
        });
        let of_orders = self.orders.values().filter(|order| !order.steps.last().is_some_and(Step::is_last));
        let of_orders = of_orders.filter_map(|order| view.job(order.offer)).map(|offer| offer.deadline);
        of_matches.chain(of_orders).filter(|until| *until >= now).min()
    }

    fn tell(&mut self) {
        for (name, order) in &mut self.orders {
            for step in order.happened.try_iter() {
                self.output.progress(format_args!("  {name}: {}", Said { step: &step, decimals: DECIMALS }));
                order.steps.push(step);
            }
        }
    }
}

fn hosting(stage: &Stage, name: &str, agent: impl Agent<Modicum>) -> Runtime<Modicum> {
    let mut runtime = troupe::runtime(stage.node.client(), stage.market.clone(), Arc::default(), 0);
    runtime.host(agent, stage.keys[name].clone());
    runtime
}

fn provider(
    stage: &Stage,
    name: &'static str,
    behaviour: Providing,
    instruction_price: u128,
) -> anyhow::Result<(&'static str, Runtime<Modicum>)> {
    let capacity = Capacity {
        deposit: 1000 * TOKEN,
        instructions: INSTRUCTIONS,
        // Slower than any machine that can run the demonstration: the clock stands still while jobs run.
        instructions_per_second: 10_000_000,
        memory_bytes: Limits::default().memory_bytes,
        storage_bytes: Limits::default().storage_bytes,
        bandwidth_bytes: Limits::default().bandwidth_bytes,
        instruction_price: instruction_price.try_into().unwrap_or(u64::MAX),
        bandwidth_price: instruction_price.try_into().unwrap_or(u64::MAX),
        architecture: 0,
        base_layers: B256::ZERO,
        offer_seconds: 86_400,
    };
    let settings = Provision { capacity, behaviour, margin_seconds: 60, posts_offers: true };
    let workshop = Workshop::new(stage.out.join("work").join(name), stage.machine.clone(), stage.storage(name)?);
    let agent = Provider::new(name, stage.keys[name].address(), settings, workshop);
    Ok((name, hosting(stage, name, agent)))
}

fn named(name: &str) -> anyhow::Result<Sample> {
    let found = samples().into_iter().find(|sample| sample.name == name);
    found.ok_or_else(|| anyhow::anyhow!("there is no built-in job {name}"))
}

fn small() -> anyhow::Result<Sample> {
    Ok(Sample { arguments: vec!["7".into(), "500".into()], ..named("monte-carlo")? })
}

fn seedless() -> anyhow::Result<Sample> {
    Ok(Sample { arguments: vec![CHANCE.into(), "2000".into()], ..named("monte-carlo")? })
}
