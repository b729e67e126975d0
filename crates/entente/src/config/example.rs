//! Files that explain themselves: every option, with what its help says.

use std::fmt::Write as _;

use clap::Arg;

use super::{
    Agent,
    agent::{key, options},
    file::{AGENT, Entry, File, placeholder},
};

/// Columns of a comment.
const WIDTH: usize = 100;

/// A file for an agent that says what `entries` say, and explains all that could be said.
pub fn example(agent: Agent, entries: &[Entry]) -> String {
    let command = agent.command();
    let mut text = String::new();
    comment(&mut text, &command.get_about().map(ToString::to_string).unwrap_or_default());
    comment(
        &mut text,
        "Each key is an option of the verb. The command line goes before the environment, and that before this file; paths \
         are relative to it. It holds no secrets.",
    );
    let _ = writeln!(text, "{AGENT} = \"{agent}\"");
    let mut all: Vec<&Arg> = options(&command).collect();
    // What must be said comes first.
    all.sort_by_key(|argument| !argument.is_required_set());
    for argument in all {
        let key = key(argument);
        text.push('\n');
        let help = argument.get_long_help().or_else(|| argument.get_help());
        comment(&mut text, &help.map(ToString::to_string).unwrap_or_default());
        if let Some(choices) = choices(argument) {
            comment(&mut text, &format!("One of: {choices}."));
        }
        if let Some(variable) = argument.get_env() {
            comment(&mut text, &format!("Environment: {}.", variable.to_string_lossy()));
        }
        let said = entries.iter().find(|entry| entry.key == key);
        let _ = match said {
            Some(entry) => writeln!(text, "{key} = {}", File::written(entry)),
            None if argument.is_required_set() => writeln!(text, "{key} = {}", placeholder(argument)),
            None => writeln!(text, "#{key} = {}", placeholder(argument)),
        };
    }
    text
}

fn choices(argument: &Arg) -> Option<String> {
    if !argument.get_action().takes_values() {
        return None;
    }
    let names: Vec<_> = argument.get_possible_values().iter().map(|choice| choice.get_name().to_owned()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Writes words as comments.
fn comment(text: &mut String, words: &str) {
    if words.trim().is_empty() {
        return;
    }
    let mut line = String::from("#");
    for word in words.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push_str("\n#");
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    // Clap takes the last one away.
    if !line.ends_with('.') {
        line.push('.');
    }
    text.push_str(&line);
    text.push('\n');
}
