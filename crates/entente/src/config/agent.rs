//! Who runs until it is interrupted.

use std::fmt;

use clap::{Arg, Command, CommandFactory};

use super::is_flag;
use crate::cli::Cli;

/// Verbs that go on until they are interrupted, acting by themselves; each without a last `run`.
pub const AGENTS: [&str; 18] = [
    "transax dso",
    "transax solver",
    "transax prosumer",
    "transax meter",
    "transax relay",
    "transax mailbox",
    "solidworx directory",
    "solidworx solver",
    "solidworx prosumer",
    "modicum rp",
    "modicum mediator",
    "modicum solver",
    "modicum jc submit",
    "job directory",
    "dashboard",
    "mint edge",
    "mint fog",
    "mint cloud",
];

/// An agent, by its verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent(&'static str);

impl Agent {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        AGENTS.into_iter().find(|agent| *agent == name).map(Self)
    }

    /// Whose verb this is.
    pub fn of(path: &[&str]) -> Option<Self> {
        let words = path.strip_suffix(&["run"]).unwrap_or(path);
        Self::named(&words.join(" "))
    }

    /// The system that it belongs to.
    pub fn system(self) -> &'static str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// The names of its verbs.
    pub fn path(self) -> impl Iterator<Item = &'static str> {
        let run = Self::leaf(&Cli::command(), self.0).find_subcommand("run").is_some();
        self.0.split(' ').chain(run.then_some("run"))
    }

    /// Its verb, with the options that all verbs have.
    pub fn command(self) -> Command {
        let mut program = Cli::command();
        program.build();
        let path: Vec<_> = self.path().collect();
        Self::leaf(&program, &path.join(" ")).clone()
    }

    fn leaf<'a>(program: &'a Command, path: &str) -> &'a Command {
        path.split(' ').fold(program, |command, name| command.find_subcommand(name).expect("an agent's verb is one"))
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What an option, or a word that is none, is called in a file.
pub fn key(argument: &Arg) -> &str {
    argument.get_long().unwrap_or_else(|| argument.get_id().as_str())
}

/// What a file can set.
pub fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|argument| {
        let is_meta = matches!(argument.get_id().as_str(), "help" | "version" | "config");
        !is_meta && !argument.is_hide_set()
    })
}

/// What an option is given, in a word.
pub fn value_name(argument: &Arg) -> String {
    if is_flag(argument) {
        return "true".to_owned();
    }
    let names = argument.get_value_names().unwrap_or_default();
    names.first().map_or_else(|| "VALUE".to_owned(), ToString::to_string)
}
