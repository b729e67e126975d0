//! `strategy`: section 3.6, computed.

use std::fmt;

use modicum_strategy::{CreatorType, Game, Utilities, Warning};
use serde::Serialize;

use crate::{cli::StrategyModicum, exit::Failure, output::Table, setting::Setting};

/// For which n the optimal `p_a` is told.
const RUNS: [u32; 5] = [1, 2, 3, 4, 6];

/// Carries the verb out.
pub fn run(setting: &Setting, words: &StrategyModicum) -> Result<(), Failure> {
    for (name, rate) in [("--determinism", words.determinism), ("--execution", words.execution)] {
        if !(0.0..=1.0).contains(&rate) {
            return Err(Failure::Usage(format!("{name} is a probability, from 0 to 1")));
        }
    }
    let game = Game {
        verifications: words.verifications,
        penalty_rate: words.penalty_rate,
        price: 1.0,
        availability: words.availability,
        determinism: words.determinism,
        benefit: words.benefit,
        verification_cost: words.verification_cost,
        execution_cost: words.execution_cost,
        deception_cost: words.deception_cost,
        mediation_request: words.mediation_request,
        ..Game::default()
    };
    let row = |verifications| {
        let bare = Game { verifications, penalty_rate: 0.0, mediation_request: 0.0, ..game };
        let own = Game { verifications, ..game };
        Optimum {
            verifications,
            without_penalty: bare.best_determinism(1.0),
            with_penalty: own.best_determinism(words.execution),
        }
    };
    let advice = Advice {
        verification_rate: game.verification_rate(),
        execution_rate: game.execution_rate(),
        least_deposit: game.least_deposit(),
        creator_type: game.creator_type(),
        advised_verification: game.advised_verification(),
        best_determinism: RUNS.map(row),
        utilities: game.utilities(),
        warnings: game.warnings(),
        in_words: game.warnings().iter().map(Warning::to_string).collect(),
        game,
    };
    Ok(setting.output.result(&advice)?)
}

#[derive(Debug, Serialize)]
struct Optimum {
    verifications: u32,
    /// `g_m = θ = 0`, `p_e = 1`.
    without_penalty: f64,
    with_penalty: f64,
}

#[derive(Debug, Serialize)]
struct Advice {
    game: Game,
    verification_rate: f64,
    execution_rate: f64,
    least_deposit: f64,
    creator_type: CreatorType,
    advised_verification: Option<f64>,
    best_determinism: [Optimum; 5],
    utilities: Utilities,
    warnings: Vec<Warning>,
    #[serde(skip)]
    in_words: Vec<String>,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "p_v*   {:.4}  from this rate of verifying on a provider gains by executing",
            self.verification_rate
        )?;
        writeln!(
            f,
            "p_e*   {:.4}  where verifying and passing are worth the same to the creator",
            self.execution_rate
        )?;
        writeln!(f, "d_min  {:.2}  the least deposit, in prices", self.least_deposit)?;
        let kind = match self.creator_type {
            CreatorType::First => "1: it always verifies",
            CreatorType::Second => "2: it verifies what was executed",
            CreatorType::Third => "3: it verifies what was not executed",
            CreatorType::Fourth => "4: it never verifies",
        };
        writeln!(f, "creator of type {kind}")?;
        match self.advised_verification {
            Some(rate) => writeln!(f, "advice: verify {rate:.4} of the results")?,
            None => writeln!(f, "advice: take no part; no rate of verifying makes executing pay")?,
        }
        let n = self.game.verifications;
        let theta = self.game.penalty_rate;
        writeln!(f, "\nbest p_a for a creator that would cheat with its job, here θ = {theta}, n = {n}:")?;
        let mut table = Table::new(&["n", "θ = 0, g_m = 0, p_e = 1", "as given"]);
        for row in &self.best_determinism {
            let rates = [row.without_penalty, row.with_penalty].map(|rate| format!("{rate:.4}"));
            table.row(std::iter::once(row.verifications.to_string()).chain(rates));
        }
        table.fmt(f)?;
        for warning in &self.in_words {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}
