//! `entente doctor`: whether all is there that an agent needs, and what to do where it is not.

mod chain;
mod keys;
mod place;

use std::{ffi::OsString, fmt, path::PathBuf};

use ::chain::Client;
use clap::ArgMatches;
use serde::Serialize;

use crate::{
    cli::{Doctor, Signer},
    config::{self, Agent, ConfigError, Words},
    exit::Failure,
    setting::Setting,
};

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It runs, and somebody should look.
    Warn,
    /// It will not run.
    Fail,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    level: Level,
    check: &'static str,
    found: String,
    /// What to do; absent where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// All that was found so far.
#[derive(Debug, Default, Serialize)]
pub struct Findings {
    agent: Option<String>,
    checks: Vec<Finding>,
}

impl Findings {
    fn ok(&mut self, check: &'static str, found: impl Into<String>) {
        self.checks.push(Finding { level: Level::Ok, check, found: found.into(), remedy: None });
    }

    fn warn(&mut self, check: &'static str, found: impl Into<String>, remedy: impl Into<String>) {
        self.bad(Level::Warn, check, found, remedy);
    }

    fn fail(&mut self, check: &'static str, found: impl Into<String>, remedy: impl Into<String>) {
        self.bad(Level::Fail, check, found, remedy);
    }

    fn bad(&mut self, level: Level, check: &'static str, found: impl Into<String>, remedy: impl Into<String>) {
        self.checks.push(Finding { level, check, found: found.into(), remedy: Some(remedy.into()) });
    }

    fn count(&self, level: Level) -> usize {
        self.checks.iter().filter(|finding| finding.level == level).count()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(agent) = &self.agent {
            writeln!(f, "what {agent} needs")?;
        }
        for Finding { level, check, found, remedy } in &self.checks {
            let level = match level {
                Level::Ok => "ok",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            writeln!(f, "{level:4}  {check:10}  {found}")?;
            if let Some(remedy) = remedy {
                writeln!(f, "                  {remedy}")?;
            }
        }
        writeln!(f, "warnings: {}, failures: {}", self.count(Level::Warn), self.count(Level::Fail))
    }
}

/// Who is examined: an agent by its words, or whoever uses the energy market.
pub struct Patient {
    agent: Option<Agent>,
    setting: Setting,
    verb: Option<ArgMatches>,
    signer: Signer,
}

impl Patient {
    /// The value of an option, where the agent's verb has it and somebody says it.
    fn option<T: Clone + Send + Sync + 'static>(&self, name: &str) -> Option<T> {
        self.verb.as_ref()?.try_get_one::<T>(name).ok().flatten().cloned()
    }

    /// Whether its verb signs.
    fn has_key(&self) -> bool {
        self.verb.as_ref().is_none_or(|verb| verb.try_contains_id("wallet").is_ok())
    }

    fn system(&self) -> &str {
        self.agent.map_or("transax", Agent::system)
    }
}

/// Carries the verb out.
pub async fn run(setting: &Setting, words: Doctor) -> Result<(), Failure> {
    let output = setting.output;
    let mut findings = Findings::default();
    let patient = match words.file {
        None => Some(Patient { agent: None, setting: setting.clone(), verb: None, signer: words.signer }),
        Some(file) => described(&mut findings, output.is_json(), file, words.signer),
    };
    if let Some(patient) = patient {
        findings.agent = patient.agent.map(|agent| agent.to_string());
        let account = keys::examine(&mut findings, &patient);
        let market = chain::examine(&mut findings, &patient, account).await;
        let is_led = place::journal(&mut findings, &patient, market.as_ref(), account).await;
        place::ports(&mut findings, &patient, is_led);
    }
    let failures = findings.count(Level::Fail);
    output.result(&findings)?;
    if failures == 0 { Ok(()) } else { Err(Failure::Other(anyhow::anyhow!("{failures} of the checks failed"))) }
}

/// The agent of a file.
fn described(findings: &mut Findings, json: bool, file: PathBuf, signer: Signer) -> Option<Patient> {
    let name = file.display().to_string();
    let words: Vec<OsString> = vec!["entente".into(), "run".into(), file.into_os_string()];
    match config::read(words) {
        Ok(Words { cli, verb, agent, .. }) => {
            findings.ok("config", format!("{name} is right"));
            let mut global = cli.global;
            global.json = json;
            let wallet = signer.wallet.or_else(|| verb.try_get_one("wallet").ok().flatten().cloned());
            Some(Patient { agent, setting: Setting::new(global), verb: Some(verb), signer: Signer { wallet } })
        }
        Err(error @ ConfigError::File(_)) => {
            findings.fail("config", Failure::from(error).message(), "correct it; entente config check says the same");
            None
        }
        Err(ConfigError::Words(error)) => {
            let text = error.to_string();
            let reason = text.trim_start_matches("error: ").split("\n\nUsage").next().unwrap_or_default();
            let lines: Vec<_> = reason.split_whitespace().collect();
            findings.fail("config", lines.join(" "), format!("say it in {name}"));
            None
        }
    }
}

/// The node that the patient is to use.
async fn connect(patient: &Patient, written: &str) -> Result<Client, Failure> {
    Ok(patient.setting.connect(written).await?)
}
