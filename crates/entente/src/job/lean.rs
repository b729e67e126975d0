//! Running jobs in a program of their own, which takes no more memory than that needs.

use std::ffi::OsString;

/// The verbs that may run for long.
const VERBS: [&str; 2] = ["run", "meter"];

/// Lets `entente-job` take this process over where a job is to be run and that program stands beside this one. Otherwise, and
/// where it cannot be started, this one goes on and does the same.
#[cfg(unix)]
pub fn give_way(words: &[OsString]) {
    use std::os::unix::process::CommandExt as _;
    let Some(rest) = to_be_run(words) else { return };
    let Ok(program) = std::env::current_exe().map(|program| program.with_file_name("entente-job")) else { return };
    if program.is_file() {
        let error = std::process::Command::new(&program).args(rest).exec();
        tracing::debug!(%error, program = %program.display(), "the job runs in this program");
    }
}

/// Elsewhere a process cannot become another.
#[cfg(not(unix))]
pub fn give_way(_: &[OsString]) {}

/// The words after `job`, where they are of running one, and of no file of options, which jobs have none of.
fn to_be_run(words: &[OsString]) -> Option<&[OsString]> {
    let [_, first, rest @ ..] = words else { return None };
    let runs = first == "job" && VERBS.iter().any(|verb| rest.first().is_some_and(|word| word == verb));
    let is_told_by_file = rest.iter().any(|word| word.to_string_lossy().starts_with("--config"));
    (runs && !is_told_by_file).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_a_job_is_told_from_all_else() {
        let rest = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            to_be_run(&words).map(<[OsString]>::len)
        };
        assert_eq!(rest(&["entente", "job", "run", "spin", "--out", "result"]), Some(4));
        assert_eq!(rest(&["entente", "job", "meter", "spin"]), Some(2));
        assert_eq!(rest(&["entente", "job", "put", "spin"]), None);
        assert_eq!(rest(&["entente", "job"]), None);
        assert_eq!(rest(&["entente", "modicum", "run"]), None);
        assert_eq!(rest(&["entente", "job", "run", "--config=agent.toml"]), None);
    }
}
