//! Control groups, both versions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{TelemetryError, Usage};

/// How long the kernel's account of CPU time runs before a limit counts anew, microseconds.
const PERIOD_US: u64 = 100_000;
/// The least quota the kernel takes, microseconds.
const LEAST_QUOTA_US: u64 = 1_000;

/// Which interface the kernel offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// A hierarchy for each controller.
    V1,
    /// One hierarchy.
    V2,
}

/// Where control groups are mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CgroupRoot {
    path: PathBuf,
    version: Version,
}

impl CgroupRoot {
    /// Looks at a mount point, usually `/sys/fs/cgroup`; `None` where the CPU controller of neither version is there.
    pub fn at(path: &Path) -> Option<Self> {
        let controllers = fs::read_to_string(path.join("cgroup.controllers")).unwrap_or_default();
        let version = if controllers.split_whitespace().any(|name| name == "cpu") {
            Version::V2
        } else if path.join("cpu/cgroup.procs").is_file() && path.join("cpuacct/cpuacct.usage").is_file() {
            Version::V1
        } else {
            return None;
        };
        Some(Self { path: path.to_owned(), version })
    }

    /// Which version it is.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Makes a group.
    pub fn create(&self, name: &str) -> Result<Cgroup, TelemetryError> {
        let controllers: &[&str] = match self.version {
            Version::V1 => &["cpu", "cpuacct", "memory", "blkio"],
            Version::V2 => &[""],
        };
        if self.version == Version::V2 {
            for controller in ["+cpu", "+memory", "+io"] {
                // A controller that cannot be delegated shows when its file is missing.
                let _ = fs::write(self.path.join("cgroup.subtree_control"), controller);
            }
        }
        let mut group = Cgroup { version: self.version, folders: Vec::new() };
        for controller in controllers {
            let folder = self.path.join(controller).join(name);
            match fs::create_dir(&folder) {
                Ok(()) => group.folders.push(folder),
                // CPU is what all depends on; memory and I/O are extras.
                Err(_) if matches!(*controller, "memory" | "blkio") => {}
                Err(source) => return Err(TelemetryError::File { path: folder, source }),
            }
        }
        Ok(group)
    }
}

/// A group of this program's; its folders are removed when it is dropped, if no process is in it any more.
#[derive(Debug)]
pub struct Cgroup {
    version: Version,
    folders: Vec<PathBuf>,
}

impl Cgroup {
    /// The files a process writes its number to, to be in the group.
    pub fn entrances(&self) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| folder.join("cgroup.procs")).collect()
    }

    /// What the group has used. Memory and I/O are 0 where their controllers are not to be had.
    pub fn usage(&self) -> Result<Usage, TelemetryError> {
        let cpu_ns = match self.version {
            Version::V1 => number(&self.file("cpuacct.usage")?)?,
            Version::V2 => 1_000 * field(&self.file("cpu.stat")?, "usage_usec")?,
        };
        let memory = match self.version {
            Version::V1 => self.file("memory.usage_in_bytes"),
            Version::V2 => self.file("memory.current"),
        };
        let io = match self.version {
            Version::V1 => self.file("blkio.throttle.io_service_bytes").map(|path| total(&path, &["Read", "Write"])),
            Version::V2 => self.file("io.stat").map(|path| total(&path, &["rbytes", "wbytes"])),
        };
        let memory_bytes = memory.ok().and_then(|path| number(&path).ok()).unwrap_or(0);
        Ok(Usage { cpu_ns, memory_bytes, io_bytes: io.unwrap_or(0) })
    }

    /// Holds the group to `millicores` thousandths of a core; `None` lifts the limit.
    pub fn limit_cpu(&self, millicores: Option<u32>) -> Result<(), TelemetryError> {
        let quota = millicores.map(|limit| (u64::from(limit) * PERIOD_US / 1_000).max(LEAST_QUOTA_US));
        let (name, text) = match (self.version, quota) {
            (Version::V1, Some(quota)) => ("cpu.cfs_quota_us", quota.to_string()),
            (Version::V1, None) => ("cpu.cfs_quota_us", "-1".to_owned()),
            (Version::V2, Some(quota)) => ("cpu.max", format!("{quota} {PERIOD_US}")),
            (Version::V2, None) => ("cpu.max", format!("max {PERIOD_US}")),
        };
        let path = self.file(name)?;
        fs::write(&path, text).map_err(TelemetryError::file(path))
    }

    /// The processes in it.
    pub fn processes(&self) -> Vec<u32> {
        let text = self.folders.first().and_then(|folder| fs::read_to_string(folder.join("cgroup.procs")).ok());
        text.unwrap_or_default().lines().filter_map(|line| line.trim().parse().ok()).collect()
    }

    /// The file of this name in whichever folder has it.
    fn file(&self, name: &str) -> Result<PathBuf, TelemetryError> {
        let found = self.folders.iter().map(|folder| folder.join(name)).find(|path| path.exists());
        let missing = || self.folders.first().map(|folder| folder.join(name)).unwrap_or_default();
        found.ok_or_else(|| TelemetryError::File { path: missing(), source: std::io::ErrorKind::NotFound.into() })
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        for folder in &self.folders {
            // A group that is still in use stays; the next start with its name says so.
            let _ = fs::remove_dir(folder);
        }
    }
}

fn text(path: &Path) -> Result<String, TelemetryError> {
    fs::read_to_string(path).map_err(TelemetryError::file(path))
}

fn number(path: &Path) -> Result<u64, TelemetryError> {
    text(path)?.trim().parse().map_err(|_| TelemetryError::Figure { path: path.to_owned() })
}

/// The figure behind a name at the beginning of a line.
fn field(path: &Path, name: &str) -> Result<u64, TelemetryError> {
    let text = text(path)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|figure| figure.trim().parse().ok()).ok_or_else(|| TelemetryError::Figure { path: path.to_owned() })
}

/// The sum of all figures behind these names, be it `Read 5` or `rbytes=5`.
fn total(path: &Path, names: &[&str]) -> u64 {
    let text = text(path).unwrap_or_default();
    let words: Vec<&str> = text.split([' ', '\n', '=']).collect();
    words.windows(2).filter(|pair| names.contains(&pair[0])).filter_map(|pair| pair[1].parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }

    #[test]
    fn version_two_is_read_and_limited() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "cgroup.controllers", "cpuset cpu io memory pids\n");
        let found = CgroupRoot::at(root.path()).unwrap();
        assert_eq!(found.version(), Version::V2);
        let group = found.create("miner").unwrap();
        let folder = root.path().join("miner");
        write(&folder, "cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n");
        write(&folder, "memory.current", "4096\n");
        write(&folder, "io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2\n");
        write(&folder, "cpu.max", "max 100000\n");
        assert_eq!(group.usage().unwrap(), Usage { cpu_ns: 1_500_000, memory_bytes: 4096, io_bytes: 33 });
        group.limit_cpu(Some(250)).unwrap();
        assert_eq!(fs::read_to_string(folder.join("cpu.max")).unwrap(), "25000 100000");
        group.limit_cpu(None).unwrap();
        assert_eq!(fs::read_to_string(folder.join("cpu.max")).unwrap(), "max 100000");
    }

    #[test]
    fn version_one_is_read_and_limited() {
        let root = tempfile::tempdir().unwrap();
        let at = |controller: &str| root.path().join(controller);
        write(&at("cpu"), "cgroup.procs", "");
        write(&at("cpuacct"), "cpuacct.usage", "0");
        write(&at("memory"), "cgroup.procs", "");
        write(&at("blkio"), "cgroup.procs", "");
        let found = CgroupRoot::at(root.path()).unwrap();
        assert_eq!(found.version(), Version::V1);
        let group = found.create("miner").unwrap();
        write(&at("cpuacct").join("miner"), "cpuacct.usage", "123\n");
        write(&at("memory").join("miner"), "memory.usage_in_bytes", "77\n");
        let served = "8:0 Read 5\n8:0 Write 6\n8:0 Sync 11\n8:0 Total 11\nTotal 11\n";
        write(&at("blkio").join("miner"), "blkio.throttle.io_service_bytes", served);
        write(&at("cpu").join("miner"), "cpu.cfs_quota_us", "-1\n");
        assert_eq!(group.usage().unwrap(), Usage { cpu_ns: 123, memory_bytes: 77, io_bytes: 11 });
        group.limit_cpu(Some(1)).unwrap();
        let quota = || fs::read_to_string(at("cpu").join("miner/cpu.cfs_quota_us")).unwrap();
        assert_eq!(quota(), "1000");
        group.limit_cpu(None).unwrap();
        assert_eq!(quota(), "-1");
    }

    #[test]
    fn a_machine_without_control_groups_is_told_from_one_with() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(CgroupRoot::at(root.path()), None);
        write(root.path(), "cgroup.controllers", "hugetlb\n");
        assert_eq!(CgroupRoot::at(root.path()), None);
    }

    #[test]
    fn a_file_that_says_something_else_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "cgroup.controllers", "cpu\n");
        let group = CgroupRoot::at(root.path()).unwrap().create("miner").unwrap();
        assert!(matches!(group.usage(), Err(TelemetryError::File { .. })));
        write(&root.path().join("miner"), "cpu.stat", "usage_usec many\n");
        assert!(matches!(group.usage(), Err(TelemetryError::Figure { .. })));
    }
}
