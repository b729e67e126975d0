//! Who may ask its machine what time it is.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What tells the time of the machine. Durations are measured by other clocks.
const CLOCKS: [&str; 6] =
    ["SystemTime::now", "Utc::now", "Local::now", "OffsetDateTime::now", "now_ms()", "system_clock()"];

/// Folders of crates whose work is about that time, and what they need it for. Whoever acts in a market decides by the
/// chain's.
const ALLOWED: [(&str, &str); 8] = [
    ("crates/web", "tells it to the crates below, and to nobody else"),
    ("crates/job-directory", "tokens end, stored trees are kept for a while, and its uptime is a record of real time"),
    ("crates/dashboard", "shows people how old something is"),
    ("crates/mint-edge", "a sample bears the time at which it was taken"),
    ("crates/mint-fog", "whose sensor was silent for too long is a matter of real time"),
    ("crates/mint-cloud", "a share is worth something while its job is new"),
    ("crates/pow-node", "miners' clocks are part of the protocol"),
    ("crates/entente", "examines clocks, and starts the services above"),
];

/// Sources below a workspace's crates that read a clock and may not, and folders that may and do not.
pub fn clock_faults(root: &Path) -> io::Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut sources = Vec::new();
    find_sources(&root.join("crates"), &mut sources)?;
    let mut reading = Vec::new();
    for source in sources {
        let path = source.strip_prefix(root).unwrap_or(&source).to_owned();
        for found in clocks_of(&fs::read_to_string(&source)?) {
            match ALLOWED.iter().find(|(folder, _)| path.starts_with(folder)) {
                Some((folder, _)) => reading.push(*folder),
                None => faults.push(format!("{} asks {found} for the machine's time", path.display())),
            }
        }
    }
    let idle = ALLOWED.iter().filter(|(folder, _)| !reading.contains(folder));
    faults.extend(idle.map(|(folder, _)| format!("{folder} may ask for the machine's time, and does not")));
    Ok(faults)
}

/// What a program reads its time from, tests at its end left out.
fn clocks_of(source: &str) -> impl Iterator<Item = &'static str> {
    let program = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines: Vec<_> = program.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    CLOCKS.into_iter().filter(move |clock| lines.iter().any(|line| reads(line, clock)))
}

/// Whether a line has those words, and not of a clock that was handed in.
fn reads(line: &str, clock: &str) -> bool {
    line.match_indices(clock).any(|(place, _)| !line[..place].ends_with('.') && !line[..place].ends_with("fn "))
}

fn find_sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_test = path.ends_with("tests") || path.ends_with("target") || path.ends_with("tests.rs");
        if path.is_dir() && !is_test {
            find_sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_a_clock_is_found_and_who_is_handed_one_is_not() {
        let found = |source: &str| clocks_of(source).collect::<Vec<_>>();
        assert_eq!(found("let now = SystemTime::now();"), ["SystemTime::now"]);
        assert_eq!(found("let at = web::now_ms() / 1000;"), ["now_ms()"]);
        assert!(found("let at = self.now_ms();\n// SystemTime::now\n").is_empty());
        assert!(found("fn f() {}\n#[cfg(test)]\nmod tests {\n    SystemTime::now();\n}\n").is_empty());
    }
}
