//! Processes, and what they say.

use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ::pow::{Keys, Params};
use anyhow::{Context, anyhow};
use pow_node::{Genesis, Member, print_id};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use crate::{
    cli::{ModeName, PowDemo},
    exit::Failure,
    output::{Output, Table},
    pow::node::{Said, write_key},
};

/// Within which time a block must be decided.
const PATIENCE: Duration = Duration::from_mins(5);

/// A block as it was decided first.
#[derive(Clone, Debug)]
pub struct Decided {
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Its hash.
    pub hash: String,
    /// Who composed it.
    pub manager: String,
    /// In which term.
    pub term: u32,
}

/// What became of an attempt to kill.
pub enum Killed {
    /// This one is dead.
    Manager(String),
    /// The block was decided before.
    TooLate,
}

/// What a node had hashed.
#[derive(Clone, Copy, Default)]
struct Hashes {
    all: u64,
    /// Of these, in ranges that every miner searches.
    alone: u64,
}

/// A process, and the task that reads what it says.
struct Process {
    child: Child,
    reader: JoinHandle<()>,
}

/// Nodes that are processes of this program.
pub struct Cluster {
    nodes: BTreeMap<String, Process>,
    said: mpsc::UnboundedReceiver<(String, Said)>,
    status: BTreeMap<String, Said>,
    decided: BTreeMap<u32, Decided>,
    /// By height and node: what it had hashed when it learnt of the block.
    hashes: BTreeMap<u32, BTreeMap<String, Hashes>>,
    output: Output,
    is_shown: bool,
}

impl Cluster {
    /// Starts them, with keys of their own and a genesis that names them all.
    pub fn start(
        folder: &Path,
        words: &PowDemo,
        mode: ModeName,
        output: Output,
        is_shown: bool,
    ) -> Result<Self, Failure> {
        let params = Params { mode: mode.mode(), ..Params::new(words.bits) };
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
            let process = start(command, &member.id, &tell)?;
            nodes.insert(member.id, process);
        }
        let (status, decided, hashes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { nodes, said, status, decided, hashes, output, is_shown })
    }

    /// How many different hashes all nodes had computed when a block was decided, those included that were killed since:
    /// ranges that every miner searches count once.
    pub fn different_hashes(&self, height: u32) -> u64 {
        let mut last: BTreeMap<&str, Hashes> = BTreeMap::new();
        for by_node in self.hashes.range(..=height).map(|(_, by_node)| by_node) {
            last.extend(by_node.iter().map(|(node, hashes)| (node.as_str(), *hashes)));
        }
        let leased = last.values().map(|hashes| hashes.all - hashes.alone).sum::<u64>();
        leased + last.values().map(|hashes| hashes.alone).max().unwrap_or(0)
    }

    /// Until every node is connected to every other; when that was, milliseconds since 1970.
    pub async fn wait_until_connected(&mut self) -> Result<u64, Failure> {
        let (deadline, others) = (Instant::now() + PATIENCE, self.nodes.len() - 1);
        let is_up = |said: &Said| matches!(said, Said::Status { connected, .. } if *connected == others);
        while self.status.values().filter(|said| is_up(said)).count() <= others && self.decided.is_empty() {
            self.listen(deadline).await?;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
    }

    /// Until all nodes that run have decided a block.
    pub async fn wait_for(&mut self, height: u32) -> Result<Decided, Failure> {
        let deadline = Instant::now() + PATIENCE;
        while self.hashes.get(&height).is_none_or(|said| self.nodes.keys().any(|node| !said.contains_key(node))) {
            self.listen(deadline).await.with_context(|| format!("block {height} was not decided"))?;
            self.show();
        }
        Ok(self.decided[&height].clone())
    }

    /// Kills who manages a height by its own account, once it has leased a range.
    pub async fn kill_manager(&mut self, at: u32) -> Result<Killed, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.decided.contains_key(&at) {
                return Ok(Killed::TooLate);
            }
            let manages = |said: &Said| {
                matches!(said, Said::Status { role, height, leases, .. }
                    if *height == at && role == "active manager" && *leases > 0)
            };
            if let Some(id) = self.status.iter().find(|(_, said)| manages(said)).map(|(id, _)| id.clone()) {
                self.kill(&id).await?;
                let is_late = self.decided.contains_key(&at);
                return Ok(if is_late { Killed::TooLate } else { Killed::Manager(id) });
            }
            self.listen(deadline).await?;
        }
    }

    /// Ends all of them.
    pub async fn stop(mut self) -> Result<(), Failure> {
        for node in self.nodes.values_mut() {
            node.child.kill().await?;
        }
        Ok(())
    }

    /// Kills a node, and hears what it said to its end.
    async fn kill(&mut self, id: &str) -> Result<(), Failure> {
        if let Some(mut node) = self.nodes.remove(id) {
            node.child.kill().await?;
            node.reader.await.map_err(anyhow::Error::from)?;
        }
        while let Ok((id, said)) = self.said.try_recv() {
            self.hear(id, said);
        }
        self.status.remove(id);
        Ok(())
    }

    async fn listen(&mut self, deadline: Instant) -> anyhow::Result<()> {
        let heard = timeout_at(deadline, self.said.recv()).await.ok().flatten();
        let (id, said) = heard.ok_or_else(|| anyhow!("the nodes said nothing more within {PATIENCE:?}"))?;
        self.hear(id, said);
        Ok(())
    }

    fn hear(&mut self, id: String, said: Said) {
        match said {
            Said::Decided { height, hash, manager, term, at_ms, hashes, hashes_alone } => {
                let first = self.decided.entry(height).or_insert(Decided { at_ms, hash, manager, term });
                first.at_ms = first.at_ms.min(at_ms);
                self.hashes.entry(height).or_default().insert(id, Hashes { all: hashes, alone: hashes_alone });
            }
            said @ Said::Status { .. } => {
                self.status.insert(id, said);
            }
        }
    }

    /// The cluster, on a terminal.
    fn show(&self) {
        let mut stderr = std::io::stderr().lock();
        if !self.is_shown || self.output.is_json() || !stderr.is_terminal() {
            return;
        }
        let mut table = Table::new(&["node", "role", "height", "term", "leases", "hashes"]);
        for (id, said) in &self.status {
            let Said::Status { role, height, term, hashes, leases, .. } = said else { continue };
            let cells = [height.to_string(), term.to_string(), leases.to_string(), hashes.to_string()];
            table.row([id.chars().take(8).collect(), role.clone()].into_iter().chain(cells));
        }
        let tip = self.decided.last_key_value().map_or_else(String::new, |(height, decided)| {
            format!("block {height} {} in term {}", decided.hash, decided.term)
        });
        // A view that cannot be shown is no failure.
        let _ = write!(stderr, "\x1b[H\x1b[2J{table}\n{tip}\n");
    }
}

fn start(mut command: Command, id: &str, tell: &mpsc::UnboundedSender<(String, Said)>) -> Result<Process, Failure> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().context("a node cannot be started")?;
    let stdout = child.stdout.take().expect("it was asked for");
    let (id, tell) = (id.to_owned(), tell.clone());
    let reader = tokio::spawn(async move {
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Ok(said) = serde_json::from_str(&line)
                && tell.send((id.clone(), said)).is_err()
            {
                return;
            }
        }
    });
    Ok(Process { child, reader })
}
