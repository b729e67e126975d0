//! `pow demo`: a cluster of processes on this machine, whose manager is killed.

use std::{
    collections::BTreeMap,
    fmt,
    io::{IsTerminal, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use ::pow::{Keys, Mode, Params};
use anyhow::Context;
use pow_node::{Genesis, Member, print_id};
use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

use super::node::{Said, write_key};
use crate::{
    cli::{ModeName, PowDemo},
    exit::Failure,
    output::{Output, Table},
    setting::Setting,
};

/// Within which time a block must be decided.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the demonstration came to.
#[derive(Debug, Serialize)]
struct Report {
    nodes: u8,
    bits: u8,
    rate_limit: u64,
    mode: &'static str,
    killed_in_block: Option<u32>,
    blocks: Vec<BlockFigures>,
    /// The median of the blocks without a failure, seconds.
    median_seconds: f64,
    /// Hashes a second of all nodes, over the blocks without a failure.
    rate: f64,
    /// By how much longer the block with the failure took than its hashes take at that rate, seconds.
    lost_seconds: Option<f64>,
}

/// One block.
#[derive(Clone, Debug, Serialize)]
struct BlockFigures {
    height: u32,
    seconds: f64,
    /// What all nodes hashed meanwhile.
    hashes: u64,
    manager: String,
    term: u32,
    hash: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["block", "seconds", "hashes", "manager", "term", "hash"]);
        for block in &self.blocks {
            let killed = if self.killed_in_block == Some(block.height) { " (its manager was killed)" } else { "" };
            table.row([
                format!("{}{killed}", block.height),
                format!("{:.2}", block.seconds),
                block.hashes.to_string(),
                block.manager.chars().take(8).collect(),
                block.term.to_string(),
                block.hash.chars().take(12).collect(),
            ]);
        }
        writeln!(f, "{table}")?;
        writeln!(
            f,
            "{} nodes, {}: median block {:.2} s, {:.0} hashes/s",
            self.nodes, self.mode, self.median_seconds, self.rate
        )?;
        match self.lost_seconds {
            Some(lost) => write!(f, "the loss of the manager cost {lost:.2} s"),
            None => write!(f, "no manager was lost"),
        }
    }
}

/// Runs it.
pub async fn run(setting: &Setting, words: &PowDemo) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let mut cluster = Cluster::start(folder.path(), words)?;
    setting.output.progress(format_args!("{} nodes are running, each a process", words.nodes));
    let mut blocks = Vec::new();
    let (mut began_ms, mut hashed) = (cluster.wait_until_connected().await?, cluster.hashes());
    for height in 1..=words.blocks {
        if words.kill_in_block == height {
            let killed = cluster.kill_manager(height).await?;
            setting.output.progress(format_args!("block {height}: the active manager {killed} is killed"));
        }
        let (said, at_ms) = cluster.wait_for(height, setting.output).await?;
        let Said::Decided { hash, manager, term, .. } = said else { continue };
        let total = cluster.hashes();
        let seconds = seconds(at_ms.saturating_sub(began_ms));
        blocks.push(BlockFigures { height, seconds, hashes: total - hashed, manager, term, hash });
        (began_ms, hashed) = (at_ms, total);
    }
    Ok(setting.output.result(&report(words, blocks))?)
}

fn report(words: &PowDemo, blocks: Vec<BlockFigures>) -> Report {
    let killed = (1..=words.blocks).contains(&words.kill_in_block).then_some(words.kill_in_block);
    // The first block includes getting to know each other's rates.
    let calm = || blocks.iter().filter(|block| Some(block.height) != killed && block.height > 1);
    let mut times: Vec<f64> = calm().map(|block| block.seconds).collect();
    times.sort_by(f64::total_cmp);
    let rate = calm().map(|block| exact(block.hashes)).sum::<f64>() / times.iter().sum::<f64>();
    let hit = blocks.iter().find(|block| Some(block.height) == killed);
    Report {
        nodes: words.nodes,
        bits: words.bits,
        rate_limit: words.rate_limit,
        mode: match words.mode {
            ModeName::Backups => "managed with backups",
            ModeName::Single => "single manager",
        },
        killed_in_block: killed,
        median_seconds: times.get(times.len() / 2).copied().unwrap_or(0.0),
        rate,
        lost_seconds: hit.map(|block| block.seconds - exact(block.hashes) / rate),
        blocks,
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
const fn exact(number: u64) -> f64 {
    number as f64
}

fn seconds(ms: u64) -> f64 {
    exact(ms) / 1_000.0
}

/// Processes, and what they said last.
struct Cluster {
    nodes: BTreeMap<String, Child>,
    said: mpsc::UnboundedReceiver<(String, Said)>,
    status: BTreeMap<String, Said>,
    decided: BTreeMap<u32, (Said, u64)>,
    hashes: BTreeMap<String, u64>,
}

impl Cluster {
    fn start(folder: &Path, words: &PowDemo) -> Result<Self, Failure> {
        let mut params = Params::new(words.bits);
        if words.mode == ModeName::Single {
            params.mode = Mode::SingleManager;
        }
        let (mut members, mut files) = (Vec::new(), Vec::new());
        // All ports are held until all are known.
        let held: Vec<TcpListener> =
            (0..words.nodes).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
        for (number, listener) in held.iter().enumerate() {
            let file = folder.join(format!("{number}.key"));
            let address: SocketAddr = listener.local_addr()?;
            members.push(Member { id: print_id(write_key(&file)?.id()), address });
            files.push(file);
        }
        let genesis = folder.join("genesis.json");
        let text =
            serde_json::to_vec_pretty(&Genesis { params, members: members.clone() }).map_err(anyhow::Error::from)?;
        std::fs::write(&genesis, text)?;
        drop(held);
        let (tell, said) = mpsc::unbounded_channel();
        let mut nodes = BTreeMap::new();
        for (member, file) in members.into_iter().zip(files) {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["pow", "node", "--json", "--genesis"]).arg(&genesis).arg("--key-file").arg(file);
            if words.rate_limit > 0 {
                command.arg(format!("--rate-limit={}", words.rate_limit.max(1_000)));
            }
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
            let mut child = command.spawn().context("a node cannot be started")?;
            let stdout = child.stdout.take().expect("it was asked for");
            let (id, tell) = (member.id.clone(), tell.clone());
            tokio::spawn(async move {
                let mut lines = BufReader::new(stdout).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    if let Ok(said) = serde_json::from_str(&line)
                        && tell.send((id.clone(), said)).is_err()
                    {
                        return;
                    }
                }
            });
            nodes.insert(member.id, child);
        }
        Ok(Self { nodes, said, status: BTreeMap::new(), decided: BTreeMap::new(), hashes: BTreeMap::new() })
    }

    /// What all nodes have hashed, by what they said last.
    fn hashes(&self) -> u64 {
        self.hashes.values().sum()
    }

    async fn listen(&mut self) -> Result<(), Failure> {
        let heard = tokio::time::timeout(PATIENCE, self.said.recv()).await;
        let (id, said) = heard.ok().flatten().ok_or_else(|| anyhow::anyhow!("the nodes do not say anything"))?;
        match &said {
            Said::Decided { height, at_ms, hashes, .. } => {
                self.hashes.insert(id, *hashes);
                let at_ms = *at_ms;
                let first = self.decided.entry(*height).or_insert_with(|| (said.clone(), at_ms));
                first.1 = first.1.min(at_ms);
            }
            Said::Status { hashes, .. } => {
                self.hashes.insert(id.clone(), *hashes);
                self.status.insert(id, said);
            }
        }
        Ok(())
    }

    /// Until every node is connected to every other; when that was, milliseconds since 1970.
    async fn wait_until_connected(&mut self) -> Result<u64, Failure> {
        let others = self.nodes.len() - 1;
        let is_up = |said: &Said| matches!(said, Said::Status { connected, .. } if *connected == others);
        while self.status.values().filter(|said| is_up(said)).count() <= others && self.decided.is_empty() {
            self.listen().await?;
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
    }

    /// Until somebody decided a block, and all that run have said so.
    async fn wait_for(&mut self, height: u32, output: Output) -> Result<(Said, u64), Failure> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.decided.contains_key(&height) {
            if tokio::time::Instant::now() > deadline {
                return Err(anyhow::anyhow!("block {height} was not decided within {PATIENCE:?}").into());
            }
            self.listen().await?;
            self.show(output);
        }
        Ok(self.decided[&height].clone())
    }

    /// Kills who manages a height by its own account, once it does.
    async fn kill_manager(&mut self, at: u32) -> Result<String, Failure> {
        loop {
            let manages = |said: &Said| {
                matches!(said, Said::Status { role, height, leases, .. }
                    if *height == at && role == "active manager" && *leases > 0)
            };
            let found = self.status.iter().find(|(_, said)| manages(said)).map(|(id, _)| id.clone());
            if let Some(id) = found {
                if let Some(mut node) = self.nodes.remove(&id) {
                    node.kill().await?;
                }
                self.status.remove(&id);
                return Ok(id.chars().take(8).collect());
            }
            if self.decided.contains_key(&at) {
                return Err(
                    anyhow::anyhow!("block {at} was solved before its manager could be killed; try more bits").into()
                );
            }
            self.listen().await?;
        }
    }

    /// The cluster, on a terminal.
    fn show(&self, output: Output) {
        let mut stderr = std::io::stderr().lock();
        if output.is_json() || !stderr.is_terminal() {
            return;
        }
        let mut table = Table::new(&["node", "role", "height", "term", "leases", "hashes"]);
        for (id, said) in &self.status {
            let Said::Status { role, height, term, hashes, leases, .. } = said else { continue };
            let cells = [height.to_string(), term.to_string(), leases.to_string(), hashes.to_string()];
            table.row([id.chars().take(8).collect(), role.clone()].into_iter().chain(cells));
        }
        let tip = self.decided.last_key_value().map_or_else(String::new, |(_, (said, _))| said.to_string());
        // A view that cannot be shown is no failure.
        let _ = write!(stderr, "\x1b[H\x1b[2J{table}\n{tip}\n");
    }
}
