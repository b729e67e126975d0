//! Which days there are, and the table of what they came to.

use std::fmt;

use serde::Serialize;

use crate::{
    agent::{ALL, DSO, PROSUMERS, SOLVERS},
    day::{Day, Trouble, live},
    market::Books,
    proxy::Fault,
};

/// How many of a thousand requests go wrong.
const PER_MILLE: u64 = 60;

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

/// What a day came to, compared with the undisturbed one.
#[derive(Debug, Serialize)]
struct Row {
    day: String,
    steps: usize,
    kills: u64,
    reorganisations: u64,
    deepest: u64,
    faults: u64,
    restarts: u64,
    traded_wh: u64,
    repeated: u64,
    money_lost: u128,
    energy_lost_wh: u64,
    /// Energy of intervals in which nobody could act, which nobody paid for either.
    lapsed_wh: u64,
}

/// All of them.
#[derive(Debug, Serialize)]
struct Table {
    seed: u64,
    steps: usize,
    traded_wh: u64,
    days: Vec<Row>,
}

impl Row {
    fn new(name: String, trouble: &Trouble, undisturbed: &Books, day: &Day) -> Self {
        let (energy, money) = (undisturbed.energy_lost(&day.books), undisturbed.money_lost(&day.books));
        let in_all = undisturbed.money().abs_diff(day.books.money());
        let lapses = trouble.may_lapse();
        Self {
            day: name,
            steps: day.steps,
            kills: day.kills,
            reorganisations: day.reorganisations,
            deepest: day.deepest,
            faults: day.faults,
            restarts: day.restarts,
            traded_wh: day.books.traded(),
            repeated: undisturbed.repeated(&day.books),
            money_lost: if lapses { in_all } else { money },
            energy_lost_wh: if lapses { 0 } else { energy },
            lapsed_wh: if lapses { energy } else { 0 },
        }
    }

    /// Whether nothing was done twice and nothing lost, though something went wrong.
    const fn is_well(&self) -> bool {
        let is_disturbed = self.kills + self.reorganisations + self.faults > 0;
        is_disturbed && self.repeated == 0 && self.money_lost == 0 && self.energy_lost_wh == 0
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            day, steps, kills, reorganisations, faults, traded_wh, repeated, money_lost, energy_lost_wh, ..
        } = self;
        write!(f, "{day:<42} {steps:>5} {kills:>5} {reorganisations:>6} {faults:>6} {traded_wh:>6}")?;
        write!(f, " {repeated:>8} {money_lost:>10} {energy_lost_wh:>11}")?;
        if self.lapsed_wh > 0 {
            write!(f, "  {} Wh lapsed", self.lapsed_wh)?;
        }
        if !self.is_well() {
            write!(f, "  FAILED")?;
        }
        Ok(())
    }
}

/// Lives through all days and prints what they came to. Whether nothing was repeated and nothing lost.
pub async fn run(is_full: bool, seed: u64) -> bool {
    let undisturbed = live(Trouble::None, seed).await;
    let (steps, traded_wh) = (undisturbed.steps, undisturbed.books.traded());
    println!("undisturbed: {steps} steps, {traded_wh} Wh traded; seed {seed}");
    assert!(traded_wh > 0, "nothing is traded on the undisturbed day");
    println!(
        "{:<42} {:>5} {:>5} {:>6} {:>6} {:>6} {:>8} {:>10} {:>11}",
        "day", "steps", "kills", "reorgs", "faults", "Wh", "repeated", "money lost", "energy lost"
    );
    let mut table = Table { seed, steps, traded_wh, days: Vec::new() };
    let chosen = std::env::var("ENTENTE_CHAOS_DAY").unwrap_or_default();
    for (place, (name, trouble)) in (1..).zip(days(is_full, seed)).filter(|(_, (name, _))| name.contains(&chosen)) {
        let day = live(trouble.clone(), seed.wrapping_mul(1000).wrapping_add(place)).await;
        let row = Row::new(name, &trouble, &undisturbed.books, &day);
        println!("{row}");
        table.days.push(row);
    }
    table.print_sums();
    if let Some(file) = std::env::var_os("ENTENTE_CHAOS_OUT") {
        let text = serde_json::to_string_pretty(&table).expect("figures can be written");
        std::fs::write(file, text + "\n").expect("the table is written");
    }
    table.days.iter().all(Row::is_well)
}

impl Table {
    fn print_sums(&self) {
        let sum = |of: fn(&Row) -> u64| self.days.iter().map(of).sum::<u64>();
        let deepest = self.days.iter().map(|row| row.deepest).max().unwrap_or(0);
        println!("kills                      {}", sum(|row| row.kills));
        println!("reorganisations            {}, to depth {deepest}", sum(|row| row.reorganisations));
        println!("faults injected            {}", sum(|row| row.faults));
        println!("ended and started again    {}", sum(|row| row.restarts));
        println!("actions repeated           {}", sum(|row| row.repeated));
        println!("money lost, base units     {}", self.days.iter().map(|row| row.money_lost).sum::<u128>());
        println!("energy lost, Wh            {}", sum(|row| row.energy_lost_wh));
    }
}
