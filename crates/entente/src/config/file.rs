//! The file itself: strict, and without secrets.

use std::{
    any::TypeId,
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Arg, Command};
use journal::Place;
use thiserror::Error;
use toml::{Spanned, Value};
use url::Url;

use super::{
    AGENTS, Agent,
    agent::{key, options, value_name},
    beside, is_flag,
};
use crate::{cli::StoreAt, rpc::RpcUrl};

/// The key that says whose file it is.
pub const AGENT: &str = "agent";

/// Why a file is refused.
#[derive(Debug, Error)]
pub enum FileError {
    #[error("the file {} cannot be read", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("{}:{line}: this is no TOML: {reason}", file.display())]
    Syntax { file: PathBuf, line: usize, reason: String },
    #[error("{} does not say whose it is; begin it with agent = \"transax solver\", or one of: {}", file.display(), AGENTS.join(", "))]
    NoAgent { file: PathBuf },
    #[error("{}:{line}: there is no agent {agent:?}{hint}", file.display())]
    UnknownAgent { file: PathBuf, line: usize, agent: String, hint: String },
    #[error("{} is for {agent}; entente run {} starts that", file.display(), file.display())]
    OtherAgent { file: PathBuf, agent: Agent },
    #[error("{}:{line}: {agent} has no option {key:?}{hint}", file.display())]
    UnknownKey { file: PathBuf, line: usize, key: String, agent: Agent, hint: String },
    #[error("{}:{line}: {key} {reason}", file.display())]
    Value { file: PathBuf, line: usize, key: String, reason: String },
}

/// A line of a file.
#[derive(Debug)]
pub struct Entry {
    /// The option.
    pub key: String,
    /// Where it is said.
    pub line: usize,
    value: Value,
}

/// What a file says.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    /// Whose it is.
    pub agent: Agent,
    /// In the order of their lines.
    pub entries: Vec<Entry>,
}

impl File {
    /// Reads a file, and finds out whose it is.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let file = || path.to_owned();
        let text = fs::read_to_string(path).map_err(|source| FileError::Unreadable { file: file(), source })?;
        let line_of = |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let read: BTreeMap<Spanned<String>, Spanned<Value>> = toml::from_str(&text).map_err(|error| {
            // Without the line itself, which may hold what should not be in it.
            let (line, reason) = (error.span().map_or(1, |span| line_of(span.start)), error.message().to_owned());
            FileError::Syntax { file: file(), line, reason }
        })?;
        let mut entries: Vec<_> = read
            .into_iter()
            .map(|(key, value)| Entry {
                line: line_of(key.span().start),
                key: key.into_inner(),
                value: value.into_inner(),
            })
            .collect();
        entries.sort_by_key(|entry| entry.line);
        let said = entries.iter().position(|entry| entry.key == AGENT).map(|at| entries.remove(at));
        let said = said.ok_or_else(|| FileError::NoAgent { file: file() })?;
        let name = said.value.as_str().unwrap_or_default();
        let agent = Agent::named(name).ok_or_else(|| {
            let hint =
                nearest(name, AGENTS).map_or_else(|| format!("; there are: {}", AGENTS.join(", ")), did_you_mean);
            FileError::UnknownAgent { file: file(), line: said.line, agent: name.to_owned(), hint }
        })?;
        Ok(Self { path: file(), agent, entries })
    }

    /// The words that say what an entry says; an error where it may not, or cannot be.
    pub fn words(&self, entry: &Entry, argument: &Arg) -> Result<Vec<OsString>, FileError> {
        if is_flag(argument) {
            return match entry.value {
                Value::Boolean(true) => Ok(vec![format!("--{}", entry.key).into()]),
                Value::Boolean(false) => Ok(Vec::new()),
                _ => Err(self.value(entry, "is either true or false".to_owned())),
            };
        }
        self.texts(entry, argument)?
            .iter()
            .map(|text| {
                if let Some(reason) = secret_in(&entry.key, text) {
                    return Err(self.value(entry, reason));
                }
                let option = argument.get_long().map(|option| format!("--{option}="));
                let mut word = OsString::from(option.unwrap_or_default());
                word.push(if is_place(argument, text) { beside(&self.path, text) } else { text.into() });
                Ok(word)
            })
            .collect()
    }

    /// The values of an entry, as text.
    fn texts(&self, entry: &Entry, argument: &Arg) -> Result<Vec<String>, FileError> {
        let is_list = is_list(argument);
        let text = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Integer(number) => Ok(number.to_string()),
            Value::Float(number) => Ok(number.to_string()),
            Value::Boolean(truth) => Ok(truth.to_string()),
            Value::Datetime(time) => Ok(time.to_string()),
            Value::Array(_) if is_list => Err(self.value(entry, "is a list of plain values".to_owned())),
            Value::Array(_) => Err(self.value(entry, "is one value, not a list".to_owned())),
            Value::Table(_) => Err(self.value(entry, "is a value, not a table; a file has no tables".to_owned())),
        };
        match &entry.value {
            Value::Array(values) if is_list => values.iter().map(text).collect(),
            value => Ok(vec![text(value)?]),
        }
    }

    /// The entry's value as the file has it.
    pub fn written(entry: &Entry) -> String {
        entry.value.to_string()
    }

    /// Another verb was named than the file is for.
    pub fn for_another(&self) -> FileError {
        FileError::OtherAgent { file: self.path.clone(), agent: self.agent }
    }

    /// A value is refused by the parser of the command line.
    pub fn refused(&self, entry: &Entry, error: &clap::Error) -> FileError {
        let text = error.to_string();
        let reason = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
        self.value(entry, format!("does not fit: {}", reason.trim()))
    }

    /// There is no such option.
    pub fn unknown_key(&self, entry: &Entry, command: &Command) -> FileError {
        let known = options(command).map(key);
        let hint = if is_named_like_a_secret(&entry.key) {
            "; keys stay in keystores (entente wallet import) and passwords in a file of their own (password-file)"
                .to_owned()
        } else {
            nearest(&entry.key, known).map_or_else(String::new, did_you_mean)
        };
        let Entry { key, line, .. } = entry;
        FileError::UnknownKey { file: self.path.clone(), line: *line, key: key.clone(), agent: self.agent, hint }
    }

    fn value(&self, entry: &Entry, reason: String) -> FileError {
        FileError::Value { file: self.path.clone(), line: entry.line, key: entry.key.clone(), reason }
    }
}

fn did_you_mean(known: &str) -> String {
    format!("; did you mean {known:?}?")
}

/// What was probably meant.
fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.into_iter().map(|known| (strsim::jaro_winkler(word, known), known));
    near.filter(|(likeness, _)| *likeness > 0.75).max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known)
}

fn is_named_like_a_secret(key: &str) -> bool {
    ["password", "passphrase", "private", "mnemonic", "seed", "key", "secret", "token"]
        .iter()
        .any(|word| key.contains(word))
}

/// Why a value must not be in a file, if it must not: it is, or may be, a secret.
fn secret_in(key: &str, text: &str) -> Option<String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some("looks like a private key; keep it in a keystore: entente wallet import NAME".to_owned());
    }
    // Several nodes are named with commas between.
    let mut addresses = text.split(',').map(str::trim).filter(|part| part.contains("://"));
    let holds_secret = |address: &str| {
        let of_node = || address.parse::<RpcUrl>().is_ok_and(|url| url.may_hold_secret());
        Url::parse(address).is_ok_and(|url| url.password().is_some()) || (key == "rpc" && of_node())
    };
    if !addresses.any(holds_secret) {
        return None;
    }
    let instead = match key {
        "rpc" => "ENTENTE_RPC",
        "journal" => "ENTENTE_JOURNAL",
        _ => "the environment",
    };
    Some(format!("may hold a password or a provider's key, which a file must not; say it in {instead}"))
}

/// Whether an option may be given several times.
fn is_list(argument: &Arg) -> bool {
    matches!(argument.get_action(), clap::ArgAction::Append)
}

/// Whether a value names something beside the file.
fn is_place(argument: &Arg, text: &str) -> bool {
    let of = argument.get_value_parser().type_id();
    of == TypeId::of::<PathBuf>()
        || of == TypeId::of::<Place>() && matches!(text.parse(), Ok(Place::File(_)))
        || of == TypeId::of::<StoreAt>() && matches!(text.parse(), Ok(StoreAt::Folder(_)))
}

/// How an option is written where nobody has said anything: its default, or what it takes.
pub fn placeholder(argument: &Arg) -> String {
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    match defaults.as_slice() {
        _ if is_flag(argument) => "true".to_owned(),
        [] if is_list(argument) => format!("[{:?}]", value_name(argument)),
        [] => format!("{:?}", value_name(argument)),
        [value] if value.parse::<i64>().is_ok() => value.to_string(),
        [value, ..] => format!("{value:?}"),
    }
}
