//! How long each way to the optimum takes, on seeded markets: medians of interleaved runs, each in a process of its own,
//! whose peak memory is its own, too. Prints one JSON object; progress goes to standard error.
//!
//! `cargo bench --package matching --profile dev [-- --quick | --case NAME]`: the engine itself is optimised in that
//! profile.

mod market;
mod run;

use std::process::ExitCode;

use serde::Serialize;

use crate::{
    market::{CASES, Case},
    run::{Method, Outcome, in_a_child, run},
};

/// How many rounds there are; slow methods take part in the first only.
const REPEATS: usize = 5;
/// What makes a method slow, milliseconds.
const SLOW: f64 = 5_000.0;
/// For how long a method runs in a round, milliseconds: other work on the machine weighs more on short runs than on long
/// ones, so that there are more of them.
const ROUND: f64 = 100.0;

#[derive(Serialize)]
struct Measured {
    case: &'static str,
    sells: u32,
    buys: u32,
    intervals: u32,
    method: &'static str,
    runs: usize,
    /// Of the median run; none where the method had no answer in time.
    outcome: Option<Outcome>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let Some(place) = words.iter().position(|word| word == "--run") {
        let named = words.get(place + 1).and_then(|name| Case::named(name));
        let (Some(case), Some(method)) = (named, words.get(place + 2).and_then(|name| Method::named(name))) else {
            eprintln!("--run CASE METHOD");
            return ExitCode::from(2);
        };
        println!("{}", serde_json::to_string(&run(case, method)).expect("numbers"));
        return ExitCode::SUCCESS;
    }
    let is_quick = words.iter().any(|word| word == "--quick");
    let only = words.iter().position(|word| word == "--case").and_then(|place| words.get(place + 1));
    let is_wanted = |case: &&Case| (!is_quick || case.is_small()) && only.is_none_or(|name| case.name == name);
    let measured: Vec<Measured> = CASES.iter().filter(is_wanted).flat_map(measure).collect();
    println!("{}", serde_json::to_string_pretty(&measured).expect("numbers"));
    ExitCode::SUCCESS
}

/// All methods of a case, in turn, so that what disturbs one disturbs the others.
fn measure(case: &Case) -> Vec<Measured> {
    let mut outcomes: Vec<(Method, Vec<Option<Outcome>>)> =
        case.methods.iter().map(|method| (*method, Vec::new())).collect();
    for repeat in 0..REPEATS {
        for (method, runs) in &mut outcomes {
            let is_slow = runs.iter().any(|run| run.as_ref().is_none_or(|outcome| outcome.milliseconds > SLOW));
            if repeat == 0 || !is_slow {
                runs.extend(round(case, *method));
            }
        }
    }
    let measured = outcomes.into_iter().map(|(method, runs)| {
        let count = runs.len();
        let mut answered: Vec<Outcome> = runs.into_iter().flatten().collect();
        answered.sort_by(|one, other| one.milliseconds.total_cmp(&other.milliseconds));
        let middle = answered.len() / 2;
        let outcome = (answered.len() == count).then(|| answered.swap_remove(middle));
        let Case { name, sells, buys, intervals, .. } = *case;
        Measured { case: name, sells, buys, intervals, method: method.name(), runs: count, outcome }
    });
    measured.collect()
}

/// A method's runs in a round.
fn round(case: &Case, method: Method) -> Vec<Option<Outcome>> {
    let (mut runs, mut spent) = (Vec::new(), 0.0);
    while spent < ROUND {
        let outcome = in_a_child(case, method);
        let told = outcome.as_ref().map_or_else(|| "no answer".to_owned(), Outcome::to_string);
        eprintln!("{} by {}: {told}", case.name, method.name());
        spent += outcome.as_ref().map_or(ROUND, |outcome| outcome.milliseconds);
        runs.push(outcome);
    }
    runs
}
