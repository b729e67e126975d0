//! `entente config`: what a file comes to, and how one begins.

use std::{
    fmt::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::{Arg, parser::ValueSource};
use serde::Serialize;

use super::{
    AGENTS, Agent, ConfigError, Words,
    agent::{key, options},
    example::example,
    file::{Entry, File},
    is_flag, read,
};
use crate::{
    cli::Config,
    exit::Failure,
    output::{Output, print},
    setting::Setting,
};

/// Carries a verb out.
pub fn run(setting: &Setting, verb: Config) -> Result<(), Failure> {
    match verb {
        Config::Check { file } => check(setting.output, file),
        Config::Example { agent, from } => show(&agent, from.as_deref()),
    }
}

/// Every value of an agent, and where it is from.
#[derive(Debug, Serialize)]
struct Checked {
    file: PathBuf,
    agent: String,
    options: Vec<Effective>,
}

#[derive(Debug, Serialize)]
struct Effective {
    option: String,
    /// Absent where nobody says anything and there is no default.
    value: Option<String>,
    from: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Origin {
    Nobody,
    Default,
    Environment(String),
    Line(usize),
}

fn check(output: Output, file: PathBuf) -> Result<(), Failure> {
    let agent = File::read(&file).map_err(ConfigError::from)?.agent;
    let words = ["entente".into()].into_iter().chain(agent.path().map(Into::into));
    let words = words.chain(["--config".into(), file.clone().into_os_string()]).collect();
    let words = read(words)?;
    let command = agent.command();
    let options = options(&command).map(|argument| effective(&words, argument)).collect();
    Ok(output.result(&Checked { file, agent: agent.to_string(), options })?)
}

fn effective(words: &Words, argument: &Arg) -> Effective {
    let (id, option) = (argument.get_id().as_str(), key(argument).to_owned());
    let from = match words.verb.value_source(id) {
        _ if words.lines.contains_key(&option) => Origin::Line(words.lines[&option]),
        Some(ValueSource::EnvVariable) => {
            Origin::Environment(argument.get_env().unwrap_or_default().to_string_lossy().into_owned())
        }
        Some(_) if !is_flag(argument) || words.verb.get_flag(id) => Origin::Default,
        _ => Origin::Nobody,
    };
    let raw = words.verb.get_raw(id).map(|values| values.map(|value| value.to_string_lossy()).collect::<Vec<_>>());
    let is_secret = argument.is_hide_env_values_set() && matches!(from, Origin::Environment(_));
    let value = match raw {
        Some(_) if is_secret => Some("(not shown)".to_owned()),
        Some(values) if from != Origin::Nobody => Some(values.join(", ")),
        _ => None,
    };
    Effective { option, value, from }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} is a file for {}", self.file.display(), self.agent)?;
        let column = |of: fn(&Effective) -> usize| self.options.iter().map(of).max().unwrap_or(0);
        let keys = column(|option| option.option.len());
        let values = column(|option| option.value.as_deref().unwrap_or("-").chars().count()).min(40);
        for Effective { option, value, from } in &self.options {
            let value = value.as_deref().unwrap_or("-");
            let mut origin = String::new();
            match from {
                Origin::Nobody => {}
                Origin::Default => origin.push_str("default"),
                Origin::Environment(variable) => origin.push_str(variable),
                Origin::Line(line) => write!(origin, "line {line}")?,
            }
            writeln!(f, "{}", format!("  {option:keys$}  {value:values$}  {origin}").trim_end())?;
        }
        Ok(())
    }
}

/// Prints a file to start from; it is TOML in any case.
fn show(name: &[String], from: Option<&Path>) -> Result<(), Failure> {
    let file = from.map(File::read).transpose().map_err(ConfigError::from)?;
    let name = name.join(" ");
    let agent = match &file {
        Some(file) if name.is_empty() => Some(file.agent),
        _ => Agent::named(&name),
    };
    let agent = agent.ok_or_else(|| Failure::Usage(format!("name one of these agents: {}", AGENTS.join(", "))))?;
    if let Some(file) = file.as_ref().filter(|file| file.agent != agent) {
        return Err(ConfigError::from(file.for_another()).into());
    }
    let command = agent.command();
    let known = |entry: &Entry| options(&command).any(|argument| key(argument) == entry.key);
    if let Some((file, entry)) =
        file.as_ref().and_then(|file| Some((file, file.entries.iter().find(|entry| !known(entry))?)))
    {
        return Err(ConfigError::from(file.unknown_key(entry, &command)).into());
    }
    let text = example(agent, file.as_ref().map_or(&[], |file| &file.entries));
    Ok(print(&text)?)
}
