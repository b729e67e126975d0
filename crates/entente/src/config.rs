//! Files of options: what an agent is told, in one file of its own.
//!
//! A file's keys are the long options of its agent's verb, nothing else. Its values become words of the command line where
//! neither the command line nor the environment says otherwise, so that one parser checks all of them.

mod agent;
mod check;
mod example;
mod file;

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use clap::{
    ArgMatches, CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use thiserror::Error;

pub use self::{
    agent::{AGENTS, Agent},
    check::run,
};
use self::{
    agent::{key, options},
    file::{File, FileError},
};
use crate::cli::Cli;

/// Why words are not understood.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The words themselves.
    #[error(transparent)]
    Words(#[from] clap::Error),
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What was said, all in all.
pub struct Words {
    /// As the program reads it.
    pub cli: Cli,
    /// As clap does: of the verb alone.
    pub verb: ArgMatches,
    /// Who acts, where the verb is an agent's.
    pub agent: Option<Agent>,
    /// By option, the line of the file that says it; only what the file decides.
    lines: BTreeMap<String, usize>,
}

/// Reads the words of a command line, the first of which is the program, and the file that they name.
pub fn read(words: Vec<OsString>) -> Result<Words, ConfigError> {
    let (words, first) = as_told_by_file(words)?;
    let agent = Agent::of(&path(&first));
    let named = first.get_one::<PathBuf>("config").filter(|_| !means_another(&path(&first)));
    let Some(named) = named else {
        return parse(words, BTreeMap::new(), agent);
    };
    let file = File::read(named)?;
    let Some(agent) = agent.filter(|agent| *agent == file.agent) else {
        return Err(file.for_another().into());
    };
    let verb = leaf(&first);
    let command = agent.command();
    let (mut added, mut last, mut lines) = (Vec::new(), Vec::new(), BTreeMap::new());
    for entry in &file.entries {
        let argument = options(&command).find(|argument| key(argument) == entry.key);
        let argument = argument.ok_or_else(|| file.unknown_key(entry, &command))?;
        let said = file.words(entry, argument)?;
        if !matches!(
            verb.value_source(argument.get_id().as_str()),
            Some(ValueSource::CommandLine | ValueSource::EnvVariable)
        ) {
            let place = if argument.is_last_set() { &mut last } else { &mut added };
            place.extend(said);
            lines.insert(entry.key.clone(), entry.line);
        }
    }
    parse(with(words, added, last), lines, Some(agent)).map_err(|error| in_file(&file, error))
}

/// Whether a verb has a configuration of its own, of something else than an agent.
fn means_another(path: &[&str]) -> bool {
    let program = Cli::command();
    let mut verb = &program;
    for name in path {
        let Some(below) = verb.find_subcommand(name) else { return false };
        verb = below;
    }
    !path.is_empty() && verb.get_arguments().any(|argument| argument.get_id() == "config")
}

/// Puts the agent in the place of `run FILE`, where that is the verb.
fn as_told_by_file(words: Vec<OsString>) -> Result<(Vec<OsString>, ArgMatches), ConfigError> {
    let first = leniently(&words)?;
    let Some(file) = first.subcommand_matches("run").and_then(|run| run.get_one::<PathBuf>("file")).cloned() else {
        return Ok((words, first));
    };
    let agent = File::read(&file)?.agent;
    let verb = words.iter().skip(1).position(|word| word == "run").map(|at| at + 1);
    let named = verb.and_then(|verb| words.iter().skip(verb).position(|word| *word == file).map(|at| at + verb));
    let others = words.iter().enumerate().skip(1).filter(|(at, _)| Some(*at) != verb && Some(*at) != named);
    let words: Vec<OsString> = words
        .first()
        .cloned()
        .into_iter()
        .chain(agent.path().map(OsString::from))
        .chain(["--config".into(), file.into_os_string()])
        .chain(others.map(|(_, word)| word.clone()))
        .collect();
    let first = leniently(&words)?;
    Ok((words, first))
}

/// Understands what can be, without what the file has to add.
fn leniently(words: &[OsString]) -> Result<ArgMatches, clap::Error> {
    Cli::command().ignore_errors(true).try_get_matches_from(words)
}

fn parse(words: Vec<OsString>, lines: BTreeMap<String, usize>, agent: Option<Agent>) -> Result<Words, ConfigError> {
    let matches = Cli::command().try_get_matches_from(words)?;
    let (verb, cli) = (leaf(&matches).clone(), Cli::from_arg_matches(&matches)?);
    Ok(Words { cli, verb, agent, lines })
}

/// Adds words; `last` are those that come after `--`.
fn with(mut words: Vec<OsString>, added: Vec<OsString>, last: Vec<OsString>) -> Vec<OsString> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words.splice(end..end, added);
    if !last.is_empty() {
        words.push("--".into());
        words.extend(last);
    }
    words
}

/// The names of the verbs.
fn path(matches: &ArgMatches) -> Vec<&str> {
    let mut path = Vec::new();
    let mut at = matches;
    while let Some((name, below)) = at.subcommand() {
        path.push(name);
        at = below;
    }
    path
}

fn leaf(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, below)| leaf(below))
}

/// Where a value of the file is wrong, says in which line.
fn in_file(file: &File, error: ConfigError) -> ConfigError {
    let ConfigError::Words(error) = error else { return error };
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return error.into();
    }
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.as_str(),
        _ => "",
    };
    let option = argument.split([' ', '=']).next().unwrap_or_default().trim_start_matches("--");
    match file.entries.iter().find(|entry| entry.key == option) {
        Some(entry) => file.refused(entry, &error).into(),
        None => error.into(),
    }
}

/// Whether an option takes no value.
fn is_flag(argument: &clap::Arg) -> bool {
    !argument.get_action().takes_values()
}

/// A file beside another one, unless it says itself where it is.
fn beside(file: &Path, other: &str) -> OsString {
    let folder = file.parent().filter(|folder| *folder != OsStr::new(""));
    folder.map_or_else(|| other.into(), |folder| folder.join(other).into_os_string())
}
