//! Jobs between strangers.

use std::{collections::BTreeMap, fmt};

use ::modicum::Ending;
use serde::Serialize;

use super::{PER_MILLE, Result, Row, is_chosen, print_header, print_sums};
use crate::{
    clocks,
    computing::{ALL, Books, CREATOR, DIRECTORY, MEDIATOR, Match, PROVIDER, Plot, SOLVER},
    proxy::Fault,
    story::{Trouble, live},
};

/// Who uses the directory shows it tokens, which it takes from a clock that is five minutes behind its own or a day ahead.
const CLOCKS: [(&str, &str); 4] = [(SOLVER, "+90d"), (MEDIATOR, "+12h"), (PROVIDER, "+20h"), (CREATOR, "-4m")];

/// What is seen of somebody's work: a job that is fetched, run, and to be reported; a match that was noticed, a dispute that
/// was judged; a result that was fetched; a tree that is announced, held, and there.
const SIGHTS: [(&str, &[&str]); 4] = [
    (PROVIDER, &["work/*/job", "work/*/result", "work/*/outcome.json"]),
    (MEDIATOR, &["dossiers/*.seen", "dossiers/*.json"]),
    (CREATOR, &["result"]),
    (DIRECTORY, &["directory/trees/*", "directory/holds/*", "directory/files/*"]),
];

/// What goes wrong in a match, by what to call it.
fn troubles(is_full: bool, seed: u64) -> Vec<(String, Plot, Trouble)> {
    let named = |(plot, (what, trouble)): (Plot, (String, Trouble))| (format!("{plot:?}: {what}"), plot, trouble);
    if is_full {
        let all = Plot::ALL.into_iter().flat_map(|plot| everything(plot).into_iter().map(move |one| (plot, one)));
        return all.map(named).collect();
    }
    // Everybody once where all they do is needed, and each kind of fault that is not by chance.
    let first = 1 + usize::try_from(seed % 3).unwrap_or(0);
    let kill =
        |plot, agent| (plot, (format!("{agent} killed at every third step"), Trouble::Kill { agent, first, every: 3 }));
    let some = [
        kill(Plot::Accepted, SOLVER),
        kill(Plot::Accepted, DIRECTORY),
        kill(Plot::Accepted, CREATOR),
        (Plot::Accepted, (format!("{PROVIDER} killed at its work"), ambush(PROVIDER))),
        (Plot::Denied, (format!("{MEDIATOR} killed at its work"), ambush(MEDIATOR))),
        kill(Plot::Cheated, PROVIDER),
        kill(Plot::Cheated, MEDIATOR),
        (Plot::Cheated, ("reorganisations".into(), Trouble::Reorganise { every: 7, most: 3 })),
        (Plot::Accepted, spoilt()),
        (Plot::Denied, (format!("{MEDIATOR} killed for good"), Trouble::KillForGood { agent: MEDIATOR })),
    ];
    some.into_iter().map(named).collect()
}

fn ambush(agent: &'static str) -> Trouble {
    let sights = SIGHTS.iter().find(|(one, _)| *one == agent).map_or(&[][..], |(_, sights)| sights);
    Trouble::Ambush { agent, sights }
}

fn spoilt() -> (String, Trouble) {
    let trouble = Trouble::Rpc { faults: Fault::ALL.into(), per_mille: PER_MILLE };
    ("requests spoilt in every way".into(), trouble)
}

fn everything(plot: Plot) -> Vec<(String, Trouble)> {
    let mut all = vec![
        ("reorganisations".into(), Trouble::Reorganise { every: 7, most: 20 }),
        ("reorganisations in quick succession".into(), Trouble::Reorganise { every: 3, most: 20 }),
        spoilt(),
        ("the first of two endpoints cut off".into(), Trouble::Failover),
        ("full blocks".into(), Trouble::FullBlocks),
    ];
    for agent in ALL {
        all.push((format!("{agent} killed at every step"), Trouble::Kill { agent, first: 1, every: 1 }));
        all.push((format!("{agent} killed at every second step"), Trouble::Kill { agent, first: 2, every: 2 }));
        if ending_without(agent, plot).is_some() {
            all.push((format!("{agent} killed for good"), Trouble::KillForGood { agent }));
        }
        if agent != DIRECTORY {
            all.push((format!("no room for the journal of {agent}"), Trouble::DiskFull { agent }));
            all.push((format!("the journal of {agent} damaged"), Trouble::Corrupt { agent, every: 3 }));
        }
    }
    for (agent, _) in SIGHTS.into_iter().filter(|(agent, _)| has_work(agent, plot)) {
        all.push((format!("{agent} killed at its work"), ambush(agent)));
    }
    for fault in Fault::ALL {
        let trouble = Trouble::Rpc { faults: vec![fault], per_mille: 2 * PER_MILLE };
        all.push((format!("requests spoilt: {fault:?}"), trouble));
    }
    if clocks::library().is_some() {
        all.push(("all machines' clocks wrong".into(), Trouble::WrongClocks(&CLOCKS)));
    }
    all
}

/// Whether somebody leaves those files in a plot.
fn has_work(agent: &str, plot: Plot) -> bool {
    match agent {
        PROVIDER => plot != Plot::Cheated,
        CREATOR => plot == Plot::Accepted,
        MEDIATOR => plot != Plot::Accepted,
        _ => true,
    }
}

/// How a match ends where somebody is gone for good before it begins; no match at all without a solver. `None` where that
/// says no more than another plot does.
fn ending_without(agent: &str, plot: Plot) -> Option<Vec<Ending>> {
    match (agent, plot) {
        (SOLVER, Plot::Accepted) => Some(vec![]),
        (PROVIDER, Plot::Accepted) => Some(vec![Ending::NoResult]),
        // The provider accepts for the creator, or says that the directory is away, which the creator finds, too.
        (CREATOR | DIRECTORY, Plot::Accepted) => Some(vec![Ending::Accepted]),
        (MEDIATOR, Plot::Cheated | Plot::Denied) => Some(vec![Ending::NoVerdict]),
        _ => None,
    }
}

/// What a match came to.
#[derive(Debug, Serialize)]
struct Outcome {
    endings: Vec<Ending>,
    /// Whether it is a stated ending for want of somebody, and not the undisturbed one.
    lapses: bool,
    repeated: u64,
    /// What was not done, or did not end as it should.
    left_out: u64,
    money_lost: u128,
}

impl Outcome {
    fn new(plot: Plot, trouble: &Trouble, undisturbed: &Books, books: &Books) -> Self {
        let lapse = match trouble {
            Trouble::KillForGood { agent } => ending_without(agent, plot),
            _ => None,
        };
        let otherwise = u64::from(books.endings != *lapse.as_ref().unwrap_or(&undisturbed.endings));
        let endings = books.endings.clone();
        if lapse.is_some() {
            let (repeated, money_lost) = (books.too_often(), books.missing);
            return Self { endings, lapses: true, repeated, left_out: otherwise, money_lost };
        }
        let lacks_result = u64::from(undisturbed.has_result && !books.has_result);
        Self {
            endings,
            lapses: false,
            repeated: undisturbed.repeated(books),
            left_out: undisturbed.left_out(books) + lacks_result + otherwise,
            money_lost: undisturbed.money_lost(books).max(books.missing),
        }
    }
}

impl Result for Outcome {
    fn header() -> String {
        format!("{:>8} {:>8} {:>10}", "repeated", "left out", "money lost")
    }

    fn repeated(&self) -> u64 {
        self.repeated
    }

    fn money_lost(&self) -> u128 {
        self.money_lost
    }

    fn lost(&self) -> u64 {
        self.left_out
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endings, repeated, left_out, money_lost, .. } = self;
        write!(f, "{repeated:>8} {left_out:>8} {money_lost:>10}  {endings:?}")
    }
}

/// All of them.
#[derive(Debug, Serialize)]
pub struct Table {
    /// Steps of the undisturbed matches.
    steps: BTreeMap<String, usize>,
    rows: Vec<Row<Outcome>>,
}

impl Table {
    pub fn is_well(&self) -> bool {
        self.rows.iter().all(Row::is_well)
    }
}

/// Lives through all of them and prints what they came to.
pub async fn live_through(is_full: bool, seed: u64) -> Table {
    let mut table = Table { steps: BTreeMap::new(), rows: Vec::new() };
    let mut undisturbed = BTreeMap::new();
    for plot in Plot::ALL {
        let (counts, books) = live(Match::new(plot), Trouble::None, seed).await;
        println!("a match, undisturbed: {plot:?}, {} steps, {:?}", counts.steps, books.done);
        assert_eq!(books.endings, [plot.ending()], "the undisturbed match ends otherwise");
        assert_eq!((books.missing, books.has_result), (0, plot == Plot::Accepted));
        table.steps.insert(format!("{plot:?}"), counts.steps);
        undisturbed.insert(format!("{plot:?}"), books);
    }
    print_header::<Outcome>();
    let chosen = (1..).zip(troubles(is_full, seed)).filter(|(_, (name, ..))| is_chosen(name));
    for (place, (day, plot, trouble)) in chosen {
        let own_seed = seed.wrapping_mul(1000).wrapping_add(place);
        let (counts, books) = live(Match::new(plot), trouble.clone(), own_seed).await;
        let result = Outcome::new(plot, &trouble, &undisturbed[&format!("{plot:?}")], &books);
        let row = Row { day, counts, result };
        println!("{row}");
        table.rows.push(row);
    }
    print_sums(&table.rows);
    table
}
