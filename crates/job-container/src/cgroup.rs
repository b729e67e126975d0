//! A control group of a job's own, in which the engine puts its container: what is counted there outlives the container,
//! so that the last moments of a job are counted, too.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Where control groups are mounted.
const ROOT: &str = "/sys/fs/cgroup";
/// What Podman names the group of its monitor, which is not the job's.
const MONITOR: &str = "conmon";

/// What a job used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// CPU time, nanoseconds.
    pub cpu_ns: u64,
    /// Memory at its largest, bytes; 0 where the container is not there.
    pub memory_bytes: u64,
    /// Whether the job wanted more memory than it may have.
    pub is_out_of_memory: bool,
}

/// A group, with those of its containers below it; removed with this.
#[derive(Debug)]
pub struct Group {
    root: PathBuf,
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// One tree for each controller.
    First { cpu: PathBuf, memory: PathBuf },
    /// One tree.
    Second { folder: PathBuf },
}

impl Group {
    /// Makes a group with this name, which must be new.
    pub fn create(name: &str) -> io::Result<Self> {
        Self::create_in(Path::new(ROOT), name)
    }

    fn create_in(root: &Path, name: &str) -> io::Result<Self> {
        let controllers = root.join("cgroup.controllers");
        let kind = if controllers.exists() {
            fs::write(root.join("cgroup.subtree_control"), "+cpu +memory +pids")?;
            let folder = root.join(name);
            fs::create_dir(&folder)?;
            fs::write(folder.join("cgroup.subtree_control"), "+cpu +memory +pids")?;
            Kind::Second { folder }
        } else {
            let (cpu, memory) = (root.join("cpuacct").join(name), root.join("memory").join(name));
            fs::create_dir(&cpu)?;
            fs::create_dir(&memory)?;
            Kind::First { cpu, memory }
        };
        Ok(Self { root: root.to_owned(), name: name.to_owned(), kind })
    }

    /// What the engine is told.
    pub fn parent(&self) -> String {
        format!("/{}", self.name)
    }

    /// Whether the kernel can be asked to stop a job that is out of memory, instead of killing one of its processes.
    pub const fn can_pause(&self) -> bool {
        matches!(self.kind, Kind::First { .. })
    }

    /// What the container with this id used so far.
    pub fn read(&self, container: &str) -> io::Result<Reading> {
        match &self.kind {
            Kind::First { cpu, memory } => {
                let total = number(&cpu.join("cpuacct.usage"))?;
                let monitor = gone(number(&cpu.join(MONITOR).join("cpuacct.usage")))?.unwrap_or(0);
                let (mut memory_bytes, mut is_out_of_memory) = (0, false);
                if let Some(own) = below(memory, container)? {
                    memory_bytes = gone(number(&own.join("memory.max_usage_in_bytes")))?.unwrap_or(0);
                    is_out_of_memory = gone(field(&own.join("memory.oom_control"), "under_oom"))?.unwrap_or(0) > 0;
                }
                Ok(Reading { cpu_ns: total.saturating_sub(monitor), memory_bytes, is_out_of_memory })
            }
            Kind::Second { folder } => {
                let total = field(&folder.join("cpu.stat"), "usage_usec")?;
                let monitor = gone(field(&folder.join(MONITOR).join("cpu.stat"), "usage_usec"))?.unwrap_or(0);
                let memory_bytes = match below(folder, container)? {
                    Some(own) => gone(number(&own.join("memory.peak")))?.unwrap_or(0),
                    None => 0,
                };
                let is_out_of_memory = field(&folder.join("memory.events"), "oom_kill")? > 0;
                let cpu_ns = total.saturating_sub(monitor).saturating_mul(1_000);
                Ok(Reading { cpu_ns, memory_bytes, is_out_of_memory })
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Err(error) = remove_in(&self.root, &self.name) {
            tracing::warn!(%error, group = self.name, "a control group that is needed no more stays");
        }
    }
}

/// Names of groups that begin so.
pub fn names(prefix: &str) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for tree in trees(Path::new(ROOT))? {
        for found in fs::read_dir(tree)? {
            names.extend(found?.file_name().into_string().ok().filter(|name| name.starts_with(prefix)));
        }
    }
    Ok(names)
}

/// Removes a group with those below it, from all trees: engines make groups of controllers that are not read here.
pub fn remove(name: &str) -> io::Result<()> {
    remove_in(Path::new(ROOT), name)
}

fn remove_in(root: &Path, name: &str) -> io::Result<()> {
    trees(root)?
        .iter()
        .map(|tree| tree.join(name))
        .filter(|group| group.exists())
        .try_for_each(|group| remove_tree(&group))
}

/// The trees of groups: one, or one for each controller.
fn trees(root: &Path) -> io::Result<Vec<PathBuf>> {
    if root.join("cgroup.controllers").exists() {
        return Ok(vec![root.to_owned()]);
    }
    let mut trees = Vec::new();
    for found in fs::read_dir(root)? {
        let found = found?;
        // Some controllers share a tree, and have links to it.
        if found.file_type()?.is_dir() {
            trees.push(found.path());
        }
    }
    Ok(trees)
}

/// Groups are removed from below; their files go with them.
fn remove_tree(group: &Path) -> io::Result<()> {
    for found in fs::read_dir(group)? {
        let found = found?;
        if found.file_type()?.is_dir() {
            remove_tree(&found.path())?;
        }
    }
    fs::remove_dir(group)
}

/// The group of a container, once the engine has made it.
fn below(folder: &Path, container: &str) -> io::Result<Option<PathBuf>> {
    let is_its = |name: &str| name.contains(container) && !name.contains(MONITOR);
    for found in fs::read_dir(folder)? {
        let found = found?;
        if found.file_name().to_str().is_some_and(is_its) {
            return Ok(Some(found.path()));
        }
    }
    Ok(None)
}

/// `None` of a group that was removed meanwhile.
fn gone(read: io::Result<u64>) -> io::Result<Option<u64>> {
    match read {
        Ok(number) => Ok(Some(number)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // The kernel's answer for a file that was open while its group went.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn number(path: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(path)?;
    text.trim().parse().map_err(|_| unexpected(path, &text))
}

fn field(path: &Path, name: &str) -> io::Result<u64> {
    let text = fs::read_to_string(path)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok());
    value.ok_or_else(|| unexpected(path, &text))
}

fn unexpected(path: &Path, text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} holds {text:?}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    #[test]
    fn the_first_version_is_read_without_the_monitor() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[("cpuacct/tasks", ""), ("memory/tasks", "")]);
        let group = Group::create_in(root.path(), "job").unwrap();
        write(root.path(), &[("cpuacct/job/cpuacct.usage", "5000\n"), ("cpuacct/job/conmon/cpuacct.usage", "900\n")]);
        assert_eq!(group.read("abc").unwrap(), Reading { cpu_ns: 4_100, ..Reading::default() });
        write(
            root.path(),
            &[
                ("memory/job/libpod-conmon-abc/memory.max_usage_in_bytes", "1\n"),
                ("memory/job/libpod-abc/memory.max_usage_in_bytes", "77\n"),
                ("memory/job/libpod-abc/memory.oom_control", "oom_kill_disable 1\nunder_oom 1\noom_kill 0\n"),
            ],
        );
        let reading = Reading { cpu_ns: 4_100, memory_bytes: 77, is_out_of_memory: true };
        assert_eq!(group.read("abc").unwrap(), reading);
    }

    #[test]
    fn the_second_version_is_read_without_the_monitor() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[("cgroup.controllers", "cpu memory pids\n")]);
        let group = Group::create_in(root.path(), "job").unwrap();
        assert_eq!(fs::read_to_string(root.path().join("job/cgroup.subtree_control")).unwrap(), "+cpu +memory +pids");
        write(
            root.path(),
            &[
                ("job/cpu.stat", "usage_usec 70\nuser_usec 60\n"),
                ("job/conmon/cpu.stat", "usage_usec 30\n"),
                ("job/memory.events", "low 0\noom 2\noom_kill 0\n"),
                ("job/libpod-abc.scope/memory.peak", "88\n"),
            ],
        );
        let reading = Reading { cpu_ns: 40_000, memory_bytes: 88, is_out_of_memory: false };
        assert_eq!(group.read("abc").unwrap(), reading);
        write(root.path(), &[("job/memory.events", "oom_kill 1\n")]);
        assert!(group.read("abc").unwrap().is_out_of_memory);
    }

    #[test]
    fn a_group_goes_from_every_tree_with_those_below_it() {
        let root = tempfile::tempdir().unwrap();
        let groups = ["cpuacct/job/libpod-abc", "memory/job", "pids/job/libpod-abc"].map(|path| root.path().join(path));
        fs::create_dir_all(root.path().join("cpuacct")).unwrap();
        fs::create_dir_all(root.path().join("memory")).unwrap();
        let group = Group::create_in(root.path(), "job").unwrap();
        for path in &groups {
            fs::create_dir_all(path).unwrap();
        }
        fs::create_dir(root.path().join("memory/other")).unwrap();
        drop(group);
        for tree in ["cpuacct", "memory", "pids"] {
            assert!(!root.path().join(tree).join("job").exists(), "{tree}");
        }
        assert!(root.path().join("memory/other").exists());
    }

    #[test]
    fn what_is_no_number_is_said() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[("cpu", "many\n")]);
        assert!(number(&root.path().join("cpu")).unwrap_err().to_string().contains("many"));
        assert!(field(&root.path().join("cpu"), "usage_usec").is_err());
    }
}
