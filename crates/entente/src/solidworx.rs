//! `SolidWorx`: markets for anything that can be divided.

mod acts;
mod case;
mod cast;
pub mod demo;
mod deploy;
mod known;
mod live;
mod roles;
mod session;
mod show;
mod stage;
mod trial;

use std::{fmt, fs, path::Path, time::Duration};

use ::solidworx::{Assignment, Market};
use allocation::{Allocation, Method};
pub use known::Known;
use optimizer::{Backend, Worker};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
pub use session::Session;

use crate::{
    cli::{SolidWorx, SolveMarket, VerifyAllocation},
    exit::Failure,
    setting::Setting,
};

/// Carries out a verb.
pub async fn run(setting: &Setting, verb: SolidWorx) -> Result<(), Failure> {
    match verb {
        SolidWorx::Solve(words) => solve(setting, &words),
        SolidWorx::Verify(words) => verify(setting, &words),
        SolidWorx::Example(words) => Ok(setting.output.result(&Json(case::read(&words.case)?.case.market))?),
        SolidWorx::Deploy(words) => deploy::run(setting, &words).await,
        SolidWorx::Status(words) => show::status(setting, &words.at).await,
        SolidWorx::Offers(words) => show::offers(setting, &words).await,
        SolidWorx::Post(words) => acts::post(setting, &words).await,
        SolidWorx::Cancel(words) => acts::cancel(setting, &words).await,
        SolidWorx::Submit(words) => acts::submit(setting, &words).await,
        SolidWorx::Advance(words) => acts::advance(setting, &words).await,
        SolidWorx::Allocation(words) => show::allocation(setting, &words).await,
        SolidWorx::ReturnDeposit(words) => acts::return_deposit(setting, &words).await,
        SolidWorx::Directory(verb) => roles::directory(setting, verb).await,
        SolidWorx::Prosumer(verb) => roles::prosumer(setting, verb).await,
        SolidWorx::Solver(verb) => roles::solver(setting, verb).await,
    }
}

fn solve(setting: &Setting, words: &SolveMarket) -> Result<(), Failure> {
    let market = market(&words.file)?;
    let method = if words.general { Method::General } else { Method::Auto };
    let found = optimise(&market, Duration::from_secs(words.deadline), method)?;
    Ok(setting.output.result(&Solved::new(&found))?)
}

fn verify(setting: &Setting, words: &VerifyAllocation) -> Result<(), Failure> {
    let market = market(&words.file)?;
    let allocation: Given = read(&words.allocation)?;
    let value = market.verify(&allocation.assignments).map_err(Failure::Infeasible)?;
    Ok(setting.output.result(&Judged { assignments: allocation.assignments.len(), value })?)
}

/// The best allocation, found by CBC in a child process.
fn optimise(market: &Market, deadline: Duration, method: Method) -> Result<Allocation, Failure> {
    let worker = Worker::current_program(Backend::Cbc)?;
    Ok(allocation::solve(market, &worker, deadline, method).map_err(anyhow::Error::from)?)
}

fn market(file: &Path) -> Result<Market, Failure> {
    let market: Market = read(file)?;
    market.check().map_err(|refusal| Failure::Usage(format!("{}: {refusal}", file.display())))?;
    Ok(market)
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    let named = |reason: String| Failure::Usage(format!("{}: {reason}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| named(error.to_string()))
}

/// An allocation as a file may hold it.
#[derive(Debug, Deserialize)]
struct Given {
    assignments: Vec<Assignment>,
}

/// An allocation, and how good it is.
#[derive(Debug, Serialize)]
struct Solved<'a> {
    value: u128,
    upper_bound: u128,
    method: &'static str,
    variables: usize,
    assignments: &'a [Assignment],
}

impl<'a> Solved<'a> {
    fn new(found: &'a Allocation) -> Self {
        let Allocation { assignments, value, upper_bound, method, variables } = found;
        Self { value: *value, upper_bound: *upper_bound, method, variables: *variables, assignments }
    }
}

impl fmt::Display for Solved<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "value        {} in {} assignments", self.value, self.assignments.len())?;
        writeln!(f, "upper bound  {}", self.upper_bound)?;
        writeln!(f, "program      {}, {} variables", self.method, self.variables)?;
        writeln!(f, "  {:>8} {:>8} {:>8} {:>10} {:>8}", "provider", "consumer", "type", "quantity", "price")?;
        for one in self.assignments {
            let Assignment { providing_offer, consuming_offer, resource_type, quantity, price } = one;
            writeln!(f, "  {providing_offer:>8} {consuming_offer:>8} {resource_type:>8} {quantity:>10} {price:>8}")?;
        }
        Ok(())
    }
}

/// What the verifier says.
#[derive(Debug, Serialize)]
struct Judged {
    assignments: usize,
    value: u128,
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "feasible: {} assignments, worth {}", self.assignments, self.value)
    }
}

/// Something that is JSON in words, too.
#[derive(Serialize)]
#[serde(transparent)]
struct Json<T>(T);

impl<T: Serialize> fmt::Display for Json<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(&self.0).map_err(|_| fmt::Error)?)
    }
}
