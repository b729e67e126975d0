//! Trading days.

use std::fmt;

use serde::Serialize;

use super::{PER_MILLE, Result, Row, is_chosen, print_header, print_sums};
use crate::{
    clocks,
    proxy::Fault,
    story::{Trouble, live},
    trading::{ALL, Books, DSO, Day, PROSUMERS, SOLVERS},
};

/// Machines a year apart from each other.
const CLOCKS: [(&str, &str); 5] =
    [(ALL[0], "+90d"), (ALL[1], "-90d"), (ALL[2], "+180d"), (ALL[3], "-180d"), (ALL[4], "-30d")];

/// The days, by what to call them.
fn days(is_full: bool, seed: u64) -> Vec<(String, Trouble)> {
    let named = |name: &str, trouble| (name.to_owned(), trouble);
    let every = if is_full { 1 } else { 3 };
    let first = if is_full { 1 } else { 1 + usize::try_from(seed % 3).unwrap_or(0) };
    let kill = |agent| (format!("{agent} killed at every step"), Trouble::Kill { agent, first, every });
    let bounded = |agent| (format!("{agent} killed at every third step"), Trouble::Kill { agent, first, every });
    let mut days: Vec<_> = if is_full { ALL.map(kill).into() } else { ALL.map(bounded).into() };
    days.push(named("one solver of two killed for good", Trouble::KillForGood { agent: SOLVERS[0] }));
    days.push(named("reorganisations", Trouble::Reorganise { every: 11, most: if is_full { 20 } else { 5 } }));
    days.push(named("requests spoilt in every way", Trouble::Rpc { faults: Fault::ALL.into(), per_mille: PER_MILLE }));
    days.push(named("the first of two endpoints cut off", Trouble::Failover));
    days.push(named("no room for the DSO's journal", Trouble::DiskFull { agent: DSO }));
    days.push(named("the DSO's journal damaged", Trouble::Corrupt { agent: DSO, every: 5 }));
    days.push(named("full blocks", Trouble::FullBlocks));
    days.push(named("the clock jumps past an interval", Trouble::ClockJump));
    if clocks::library().is_some() {
        days.push(named("all machines' clocks wrong by months", Trouble::WrongClocks(&CLOCKS)));
    }
    if is_full {
        for fault in Fault::ALL {
            let trouble = Trouble::Rpc { faults: vec![fault], per_mille: 2 * PER_MILLE };
            days.push((format!("requests spoilt: {fault:?}"), trouble));
        }
        for agent in ALL {
            days.push((format!("no room for the journal of {agent}"), Trouble::DiskFull { agent }));
            days.push((format!("the journal of {agent} damaged"), Trouble::Corrupt { agent, every: 3 }));
        }
        days.push(named("reorganisations in quick succession", Trouble::Reorganise { every: 3, most: 20 }));
        days.push(named(
            "prosumers killed at every second step",
            Trouble::Kill { agent: PROSUMERS, first: 2, every: 2 },
        ));
    }
    days
}

/// What a day came to.
#[derive(Debug, Serialize)]
struct Outcome {
    traded_wh: u64,
    repeated: u64,
    money_lost: u128,
    energy_lost_wh: u64,
    /// Energy of intervals in which nobody could act, which nobody paid for either.
    lapsed_wh: u64,
}

impl Outcome {
    fn new(trouble: &Trouble, undisturbed: &Books, books: &Books) -> Self {
        let (energy, money) = (undisturbed.energy_lost(books), undisturbed.money_lost(books));
        let in_all = undisturbed.money().abs_diff(books.money());
        // An interval may pass without trade where nobody could act in time.
        let lapses = matches!(trouble, Trouble::ClockJump);
        Self {
            traded_wh: books.traded(),
            repeated: undisturbed.repeated(books),
            money_lost: if lapses { in_all } else { money },
            energy_lost_wh: if lapses { 0 } else { energy },
            lapsed_wh: if lapses { energy } else { 0 },
        }
    }
}

impl Result for Outcome {
    fn header() -> String {
        format!("{:>6} {:>8} {:>10} {:>11}", "Wh", "repeated", "money lost", "energy lost")
    }

    fn repeated(&self) -> u64 {
        self.repeated
    }

    fn money_lost(&self) -> u128 {
        self.money_lost
    }

    fn lost(&self) -> u64 {
        self.energy_lost_wh
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { traded_wh, repeated, money_lost, energy_lost_wh, lapsed_wh } = self;
        write!(f, "{traded_wh:>6} {repeated:>8} {money_lost:>10} {energy_lost_wh:>11}")?;
        if *lapsed_wh > 0 { write!(f, "  {lapsed_wh} Wh lapsed") } else { Ok(()) }
    }
}

/// All of them.
#[derive(Debug, Serialize)]
pub struct Table {
    steps: usize,
    traded_wh: u64,
    days: Vec<Row<Outcome>>,
}

impl Table {
    pub fn is_well(&self) -> bool {
        self.days.iter().all(Row::is_well)
    }
}

/// Lives through all days and prints what they came to.
pub async fn live_through(is_full: bool, seed: u64) -> Table {
    let (counts, undisturbed) = live(Day::default(), Trouble::None, seed).await;
    let (steps, traded_wh) = (counts.steps, undisturbed.traded());
    println!("a trading day, undisturbed: {steps} steps, {traded_wh} Wh traded; seed {seed}");
    assert!(traded_wh > 0, "nothing is traded on the undisturbed day");
    print_header::<Outcome>();
    let mut table = Table { steps, traded_wh, days: Vec::new() };
    for (place, (day, trouble)) in (1..).zip(days(is_full, seed)).filter(|(_, (name, _))| is_chosen(name)) {
        let own_seed = seed.wrapping_mul(1000).wrapping_add(place);
        let (counts, books) = live(Day::default(), trouble.clone(), own_seed).await;
        let row = Row { day, counts, result: Outcome::new(&trouble, &undisturbed, &books) };
        println!("{row}");
        table.days.push(row);
    }
    print_sums(&table.days);
    table
}
