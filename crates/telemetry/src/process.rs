//! What `/proc` says of a process, where there are no control groups.

use std::{fs, path::Path};

use crate::{TelemetryError, Usage};

/// Of the process `pid` with its threads and the children it has waited for; children that run are not counted.
pub fn usage(pid: u32) -> Result<Usage, TelemetryError> {
    let folder = Path::new("/proc").join(pid.to_string());
    let path = folder.join("stat");
    let stat = fs::read_to_string(&path).map_err(TelemetryError::file(&path))?;
    let ticks = cpu_ticks(&stat).ok_or(TelemetryError::Figure { path })?;
    let tick_ns = 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1);
    let resident = fs::read_to_string(folder.join("statm")).ok().and_then(|text| resident_pages(&text)).unwrap_or(0);
    let io = fs::read_to_string(folder.join("io")).map_or(0, |text| io_bytes(&text));
    Ok(Usage { cpu_ns: ticks * tick_ns, memory_bytes: resident * rustix::param::page_size() as u64, io_bytes: io })
}

/// utime, stime, cutime and cstime; the fields follow the name, which is in parentheses and may hold anything.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let times: Vec<u64> = fields.split_whitespace().skip(11).take(4).map(str::parse).collect::<Result<_, _>>().ok()?;
    (times.len() == 4).then(|| times.iter().sum())
}

fn resident_pages(statm: &str) -> Option<u64> {
    statm.split_whitespace().nth(1)?.parse().ok()
}

fn io_bytes(text: &str) -> u64 {
    let of = |line: &str| {
        let (name, figure) = line.split_once(": ")?;
        matches!(name, "read_bytes" | "write_bytes").then(|| figure.trim().parse::<u64>().ok())?
    };
    text.lines().filter_map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "42 (a (b) c) R 1 2 3 4 5 6 7 8 9 10 100 20 3 4 20 0 1 0 5";
        assert_eq!(cpu_ticks(stat), Some(127));
        assert_eq!(cpu_ticks("42 (short) R 1"), None);
        assert_eq!(cpu_ticks(""), None);
    }

    #[test]
    fn this_process_uses_something() {
        let found = usage(std::process::id()).unwrap();
        assert!(found.memory_bytes > 0);
        assert!(usage(u32::MAX).is_err());
    }

    #[test]
    fn bytes_read_and_written_are_added() {
        assert_eq!(io_bytes("rchar: 5\nread_bytes: 7\nwrite_bytes: 8\ncancelled_write_bytes: 9\n"), 15);
    }
}
