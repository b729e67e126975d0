//! All that goes wrong, and the tables of what it came to.

mod days;
mod matches;

use std::fmt;

use serde::Serialize;

use crate::story::Counts;

/// How many of a thousand requests go wrong.
const PER_MILLE: u64 = 60;

/// What was lived through, compared with the undisturbed one.
#[derive(Debug, Serialize)]
struct Row<R> {
    day: String,
    #[serde(flatten)]
    counts: Counts,
    #[serde(flatten)]
    result: R,
}

/// What is to be nought.
trait Result: fmt::Display {
    /// The names of what it displays, as wide as that.
    fn header() -> String;
    /// How often something was done that was done before.
    fn repeated(&self) -> u64;
    /// Money that somebody has and should not have, or the other way round, base units.
    fn money_lost(&self) -> u128;
    /// What else was lost that should not have been.
    fn lost(&self) -> u64;
}

impl<R: Result> Row<R> {
    /// Whether nothing was done twice and nothing lost, though something went wrong.
    fn is_well(&self) -> bool {
        let is_disturbed = self.counts.kills + self.counts.reorganisations + self.counts.faults > 0;
        is_disturbed && self.result.repeated() == 0 && self.result.money_lost() == 0 && self.result.lost() == 0
    }
}

impl<R: Result> fmt::Display for Row<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { steps, kills, reorganisations, faults, .. } = self.counts;
        let Self { day, result, .. } = self;
        write!(f, "{day:<50} {steps:>5} {kills:>5} {reorganisations:>6} {faults:>6} {result}")?;
        if self.is_well() { Ok(()) } else { write!(f, "  FAILED") }
    }
}

fn print_header<R: Result>() {
    println!("{:<50} {:>5} {:>5} {:>6} {:>6} {}", "day", "steps", "kills", "reorgs", "faults", R::header());
}

fn print_sums<R: Result>(rows: &[Row<R>]) {
    let sum = |of: fn(&Counts) -> u64| rows.iter().map(|row| of(&row.counts)).sum::<u64>();
    let deepest = rows.iter().map(|row| row.counts.deepest).max().unwrap_or(0);
    println!("kills                      {}", sum(|counts| counts.kills));
    println!("reorganisations            {}, to depth {deepest}", sum(|counts| counts.reorganisations));
    println!("faults injected            {}", sum(|counts| counts.faults));
    println!("ended and started again    {}", sum(|counts| counts.restarts));
    println!("actions repeated           {}", rows.iter().map(|row| row.result.repeated()).sum::<u64>());
    println!("money lost, base units     {}", rows.iter().map(|row| row.result.money_lost()).sum::<u128>());
    println!("lost otherwise             {}", rows.iter().map(|row| row.result.lost()).sum::<u64>());
}

/// What is chosen by a part of its name; everything unless one is given.
fn is_chosen(name: &str) -> bool {
    std::env::var("ENTENTE_CHAOS_DAY").map_or(true, |chosen| name.contains(&chosen))
}

/// Everything.
#[derive(Debug, Serialize)]
struct Tables {
    seed: u64,
    #[serde(flatten)]
    days: days::Table,
    matches: matches::Table,
}

/// Lives through everything and prints what it came to. Whether nothing was repeated and nothing lost.
pub async fn run(is_full: bool, seed: u64) -> bool {
    let tables = Tables {
        seed,
        days: days::live_through(is_full, seed).await,
        matches: matches::live_through(is_full, seed).await,
    };
    if let Some(file) = std::env::var_os("ENTENTE_CHAOS_OUT") {
        let text = serde_json::to_string_pretty(&tables).expect("figures can be written");
        std::fs::write(file, text + "\n").expect("the tables are written");
    }
    tables.days.is_well() && tables.matches.is_well()
}
