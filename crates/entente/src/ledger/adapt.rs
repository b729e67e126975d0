//! `ledger adapt`: which protocol, as conditions change.

use std::{fmt, path::Path, time::Instant};

use ledger_charts::Bar;
use ledger_simulator::ConfigError;
use protocol_choice::{Outcome, Strategy, Study, follow, train, weather};
use serde::Serialize;
use simulation::{Random, Summary, replicas};

use super::system::{self, usage};
use crate::{
    cli::Adapt,
    exit::Failure,
    output::{Output, Table},
    setting::Setting,
};

/// What comes of one system: the training, and each strategy.
type Course = (Vec<f64>, Vec<Outcome>);

/// Lets all strategies choose.
pub fn run(setting: &Setting, words: &Adapt) -> Result<(), Failure> {
    let mut study = match &words.study {
        Some(file) => {
            let read = Study::from_toml(&system::read(file)?);
            read.map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?
        }
        None => Study::paper(),
    };
    study.evolved_intervals = words.intervals.unwrap_or(study.evolved_intervals);
    let seeds: Vec<u64> = (0..u64::from(words.seeds)).collect();
    let bar = system::progress(setting.output, seeds.len(), "choosing");
    let done = |done: usize| bar.set_position(done as u64);
    let courses = replicas(&seeds, words.threads as usize, |seed| course(&study, *seed), done);
    bar.finish_and_clear();
    let courses = courses.into_iter().collect::<Result<Vec<_>, _>>().map_err(|error| usage(&error))?;
    let adapted = Adapted::new(&study, words.seeds, &courses);
    if let Some(folder) = &words.charts {
        adapted.draw(setting.output, folder)?;
    }
    Ok(setting.output.result(&adapted)?)
}

fn course(study: &Study, seed: u64) -> Result<Course, ConfigError> {
    let nodes = study.system.nodes;
    let wl1 = weather(&study.wl1, nodes, study.training_intervals, &mut Random::stream(seed, "wl1"));
    let wl2 = weather(&study.wl2, nodes, study.evolved_intervals, &mut Random::stream(seed, "wl2"));
    let (agent, training) = train(study, &wl1, seed)?;
    let begun = Instant::now();
    let clock = || begun.elapsed().as_secs_f64();
    let choose = |strategy| follow(study, &wl2, strategy, &mut agent.clone(), seed, &clock);
    Ok((training, Strategy::ALL.into_iter().map(choose).collect::<Result<_, _>>()?))
}

#[derive(Serialize)]
struct Adapted {
    seeds: u32,
    intervals: u32,
    interval_seconds: f64,
    strategies: Vec<Row>,
    /// Mean latency of the agent in each episode on WL1, seconds.
    training: Vec<f64>,
    /// What agent+ costs of what-if at every step: simulated events, per cent.
    decision_events_percent: f64,
    /// The same in time measured.
    decision_time_percent: f64,
}

/// A strategy on WL2.
#[derive(Serialize)]
struct Row {
    strategy: Strategy,
    /// Mean latency, seconds.
    latency: Summary,
    /// Of one system's latency under agent+ and this strategy: agent+ is better where it is below 0.
    agent_plus_minus_this: Summary,
    simulated_steps: Summary,
    decision_events: Summary,
    decision_seconds: Summary,
    left: usize,
    conflicts: usize,
}

impl Adapted {
    fn new(study: &Study, seeds: u32, courses: &[Course]) -> Self {
        let place = |strategy| Strategy::ALL.iter().position(|known| *known == strategy).unwrap_or(0);
        let of = |index: usize, figure: &dyn Fn(&Outcome) -> f64| {
            courses.iter().map(|(_, outcomes)| figure(&outcomes[index])).collect::<Vec<_>>()
        };
        let plus = of(place(Strategy::AgentPlus), &|outcome| outcome.latency);
        let strategies: Vec<_> = Strategy::ALL
            .into_iter()
            .enumerate()
            .map(|(index, strategy)| {
                let latency = of(index, &|outcome| outcome.latency);
                let difference: Vec<_> = plus.iter().zip(&latency).map(|(plus, this)| plus - this).collect();
                let outcomes = courses.iter().map(|(_, outcomes)| &outcomes[index]);
                Row {
                    strategy,
                    latency: Summary::of(&latency),
                    agent_plus_minus_this: Summary::of(&difference),
                    simulated_steps: Summary::of(&of(index, &|outcome| count(outcome.simulated_steps as u64))),
                    decision_events: Summary::of(&of(index, &|outcome| count(outcome.decision_events))),
                    decision_seconds: Summary::of(&of(index, &|outcome| outcome.decision_seconds)),
                    left: outcomes.clone().map(|outcome| outcome.left).sum(),
                    conflicts: outcomes.map(|outcome| outcome.conflicts).sum(),
                }
            })
            .collect();
        let episodes = 0..study.episodes as usize;
        let training = episodes.map(|episode| {
            Summary::of(&courses.iter().map(|(training, _)| training[episode]).collect::<Vec<_>>()).mean
        });
        let (plus, always) = (&strategies[place(Strategy::AgentPlus)], &strategies[place(Strategy::WhatIf)]);
        Self {
            seeds,
            intervals: study.evolved_intervals,
            interval_seconds: study.interval_seconds,
            training: training.collect(),
            decision_events_percent: plus.decision_events.mean / always.decision_events.mean * 100.0,
            decision_time_percent: plus.decision_seconds.mean / always.decision_seconds.mean * 100.0,
            strategies,
        }
    }

    fn draw(&self, output: Output, folder: &Path) -> Result<(), Failure> {
        let bars = |figure: fn(&Row) -> Summary, rows: &mut dyn Iterator<Item = &Row>| -> Vec<Bar> {
            let bar = |row: &Row| {
                let Summary { mean, confidence, .. } = figure(row);
                Bar { name: row.strategy.to_string(), mean, confidence }
            };
            rows.map(bar).collect()
        };
        let latencies = bars(|row| row.latency, &mut self.strategies.iter());
        let levels: Vec<_> = Vec::new();
        let mut choosing = self.strategies.iter().filter(|row| row.decision_events.mean > 0.0);
        let times = bars(|row| row.decision_seconds, &mut choosing);
        for (name, chart) in [
            ("latency", ledger_charts::bars("mean latency on WL2", "seconds", &latencies)),
            ("decision-time", ledger_charts::bars("time taken to choose on WL2", "seconds", &times)),
            ("training", ledger_charts::curve("mean latency by episode on WL1", "seconds", &self.training, &levels)),
        ] {
            system::draw(output, &folder.join(format!("{name}.svg")), chart)?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "for a mean")]
fn count(number: u64) -> f64 {
    number as f64
}

impl fmt::Display for Adapted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["strategy", "latency s", "± 95 %", "agent+ minus it", "± 95 %", "steps simulated", "choosing s"];
        let mut table = Table::new(&header);
        for row in &self.strategies {
            let (latency, difference) = (row.latency, row.agent_plus_minus_this);
            table.row([
                row.strategy.to_string(),
                format!("{:.4}", latency.mean),
                format!("{:.4}", latency.confidence),
                format!("{:+.4}", difference.mean),
                format!("{:.4}", difference.confidence),
                format!("{:.1}", row.simulated_steps.mean),
                format!("{:.4}", row.decision_seconds.mean),
            ]);
        }
        let Self { seeds, intervals, decision_events_percent: events, decision_time_percent: time, .. } = self;
        writeln!(f, "{table}{seeds} systems, {intervals} choices each")?;
        write!(f, "agent+ simulates {events:.2} % of the events of what-if at every step, in {time:.2} % of its time")
    }
}
