//! What a day takes of this machine where journals are kept in files, as agents that run for months keep them: memory,
//! size on disk, and how long one that starts again is busy with the past.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use journal::{Journal, Place, Store};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{
    hosting::{self, RUNTIMES},
    privacy::Privacy,
    stage::Stage,
    troupe,
};

/// Within which a restart must be through.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where journals are kept.
pub struct Folder(PathBuf);

impl Folder {
    /// Begins anew in a folder, which is made where there is none.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let folder = path.join("journals");
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self(folder))
    }

    /// The journal of a runtime, by its name.
    pub async fn journal(&self, name: &str) -> anyhow::Result<Arc<dyn Journal>> {
        Ok(Arc::new(Store::open(Place::File(self.file(name))).await?.journal(name).await?))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{}.sqlite", name.replace(' ', "-")))
    }

    /// Bytes of a journal's files.
    fn size(&self, name: &str) -> u64 {
        let file = self.file(name).into_os_string();
        let files = ["", "-wal", "-shm"].map(|suffix| {
            let mut file = file.clone();
            file.push(suffix);
            fs::metadata(file).map_or(0, |file| file.len())
        });
        files.iter().sum()
    }
}

/// What a day took.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Endurance {
    /// This program's memory after each interval, KiB: every agent of the day, and no node. Empty where the system does not
    /// tell.
    pub memory_kib: Vec<u64>,
    /// By runtime, bytes of its journal at the end.
    pub journal_bytes: BTreeMap<String, u64>,
    /// By runtime, seconds from a start with that journal until it is up to date.
    pub restart_seconds: BTreeMap<String, f64>,
}

impl Endurance {
    /// Looks at the memory once more.
    pub fn look(&mut self) {
        self.memory_kib.extend(memory_kib());
    }

    /// Starts each runtime again as it was, one after another, and waits until it has caught up.
    pub async fn restart(&mut self, stage: &Stage, folder: &Folder, privacy: Option<&Privacy>) -> anyhow::Result<()> {
        for name in RUNTIMES {
            self.journal_bytes.insert(name.to_owned(), folder.size(name));
            let begun = Instant::now();
            let journal = folder.journal(name).await?;
            let market = hosting::market(name, stage, privacy);
            let runtime = troupe::with_journal(stage.node.client(), market, journal, 0, usize::MAX);
            let (mut snapshots, stop) = (runtime.snapshots(), CancellationToken::new());
            let running = tokio::spawn(runtime.run(stop.clone()));
            let ready = snapshots.wait_for(|snapshot| snapshot.head.is_some());
            tokio::time::timeout(PATIENCE, ready).await.with_context(|| format!("{name} does not catch up"))??;
            self.restart_seconds.insert(name.to_owned(), begun.elapsed().as_secs_f64());
            stop.cancel();
            running.await??;
        }
        Ok(())
    }

    /// By how much memory grew from the middle of the day to its end, in percent.
    pub fn growth_percent(&self) -> Option<f64> {
        let middle = *self.memory_kib.get(self.memory_kib.len() / 2)?;
        let end = *self.memory_kib.last()?;
        Some((kib(end) / kib(middle) - 1.0) * 100.0)
    }
}

impl fmt::Display for Endurance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(end), Some(growth)) = (self.memory_kib.last(), self.growth_percent()) {
            let mebibytes = kib(*end) / 1024.0;
            writeln!(f, "memory of all agents: {mebibytes:.1} MiB, {growth:.1} % more than half-way")?;
        }
        for (name, bytes) in &self.journal_bytes {
            let seconds = self.restart_seconds.get(name).copied().unwrap_or_default();
            writeln!(f, "{name}: {} kB of journal, up to date {seconds:.2} s after a restart", bytes / 1000)?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn kib(kib: u64) -> f64 {
    kib as f64
}

fn memory_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
