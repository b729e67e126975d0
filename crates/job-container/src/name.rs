//! Names of containers and control groups, which say whose they are, so that what a killed program left is found.

use std::{fs, io, path::Path};

use crate::{Engine, EngineError, cgroup};

const PREFIX: &str = "entente-job-";

/// A name that nothing else has.
#[derive(Debug)]
pub struct Name(String);

impl Name {
    /// Of this process.
    pub fn new() -> io::Result<Self> {
        let process = std::process::id();
        let since = started(process)?.ok_or_else(|| io::Error::other("this process is not in /proc"))?;
        let mut chance = [0; 8];
        getrandom::fill(&mut chance).map_err(io::Error::other)?;
        Ok(Self(format!("{PREFIX}{process}-{since}-{:016x}", u64::from_le_bytes(chance))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the process that gave this name is no more. Other names are nobody's business here.
fn is_left(name: &str) -> io::Result<bool> {
    let Some(rest) = name.strip_prefix(PREFIX) else { return Ok(false) };
    let mut numbers = rest.split('-').map(str::parse);
    let (Some(Ok(process)), Some(Ok(since))) = (numbers.next(), numbers.next()) else { return Ok(false) };
    let process = u32::try_from(process).unwrap_or(u32::MAX);
    Ok(started(process)? != Some(since))
}

/// When a process began, in ticks of the kernel since it did: a number that is used again is told by it.
fn started(process: u32) -> io::Result<Option<u64>> {
    let text = match fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // The program's name, in parentheses, may hold anything; it is the second field, and this the 22nd.
    let after = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    Ok(after.split_whitespace().nth(19).and_then(|number| number.parse().ok()))
}

/// Ends and removes what processes left that are no more.
pub async fn sweep(engine: &Engine) -> Result<(), EngineError> {
    for name in engine.names().await? {
        if is_left(&name)? {
            tracing::info!(name, "a container that a program left is removed");
            engine.remove(&name).await?;
        }
    }
    for name in cgroup::names(PREFIX)? {
        if is_left(&name)? {
            cgroup::remove(&name)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_processes_that_are_no_more_are_told() {
        let name = Name::new().unwrap();
        assert!(!is_left(name.as_str()).unwrap());
        let (mine, since) = (std::process::id(), started(std::process::id()).unwrap().unwrap());
        assert!(is_left(&format!("{PREFIX}{mine}-{}-0", since + 1)).unwrap(), "the number is used again");
        assert!(is_left(&format!("{PREFIX}{}-7-0", u32::MAX)).unwrap());
        for other in ["web", "entente-job-", "entente-job-x-1-2"] {
            assert!(!is_left(other).unwrap(), "{other}");
        }
        assert_ne!(Name::new().unwrap().as_str(), name.as_str());
    }
}
