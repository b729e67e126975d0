//! `pow key` and `pow node`.

use std::{fmt, fs, io::Write, path::Path, time::Instant};

use ::pow::{Digest, Keys, NodeId};
use anyhow::Context;
use pow_node::{Decision, Event, Genesis, LogError, NodeError, NodeKeys, Options, Snapshot, print_id};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::view::{View, role};
use crate::{
    cli::{KernelName, PowKey, PowNode},
    exit::Failure,
    hosting::Interrupt,
    output::Output,
    setting::Setting,
};

/// A node's id.
#[derive(Debug, Serialize)]
struct Key {
    id: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)
    }
}

/// Makes a key.
pub fn key(setting: &Setting, words: &PowKey) -> Result<(), Failure> {
    let keys = write_key(&words.file)?;
    Ok(setting.output.result(&Key { id: print_id(keys.id()) })?)
}

/// Writes a new key where there is no file yet.
pub fn write_key(path: &Path) -> Result<NodeKeys, Failure> {
    let keys = NodeKeys::generate().map_err(anyhow::Error::from)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| writeln!(file, "{}", Digest(keys.to_secret())));
    written.with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(keys)
}

fn read_key(path: &Path) -> Result<NodeKeys, Failure> {
    let wrong = |why: String| Failure::Usage(format!("{} holds no key: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    // A secret key has the form of a public one; a message about a wrong one must not repeat it.
    let secret = pow_node::parse_id(text.trim()).map_err(|_| wrong("expected 64 hexadecimal digits".to_owned()))?;
    Ok(NodeKeys::from_secret(&secret.0))
}

/// What a node says, a line each.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Said {
    /// A block was decided.
    Decided {
        /// Its height.
        height: u32,
        /// Its hash.
        hash: String,
        /// Who composed it.
        manager: String,
        /// In which term.
        term: u32,
        /// When it was decided here, milliseconds since 1970.
        at_ms: u64,
        /// What this node had hashed by then.
        hashes: u64,
        /// Of these, in ranges that every miner searches.
        hashes_alone: u64,
    },
    /// How the node stands.
    Status {
        /// Its role.
        role: String,
        /// What it works on.
        height: u32,
        /// In which term.
        term: u32,
        /// What it has hashed.
        hashes: u64,
        /// Connections that are up.
        connected: usize,
        /// Ranges that are out, of the active manager.
        leases: usize,
    },
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decided { height, hash, term, manager, .. } => {
                let manager = manager.get(..8).unwrap_or(manager);
                write!(f, "block {height}  {hash}  managed by {manager} in term {term}")
            }
            Self::Status { role, height, connected, .. } => {
                write!(f, "{role} at height {height}, {connected} connections")
            }
        }
    }
}

impl Said {
    fn of(event: Event) -> Self {
        match event {
            Event::Decided(decision) => {
                let Decision { block, at_ms, hashes, hashes_alone } = *decision;
                Self::Decided {
                    height: block.header.index,
                    hash: block.hash().to_string(),
                    manager: print_id(block.body.manager),
                    term: block.body.term,
                    at_ms,
                    hashes,
                    hashes_alone,
                }
            }
            Event::Snapshot(snapshot) => {
                let Snapshot { status, hashes, connected, .. } = *snapshot;
                Self::Status {
                    role: role(status.role).to_owned(),
                    height: status.height,
                    term: status.term,
                    hashes,
                    connected,
                    leases: status.leases.len(),
                }
            }
        }
    }
}

/// Runs a node until it is interrupted, or nobody reads what it says.
pub async fn run(setting: &Setting, words: PowNode) -> Result<(), Failure> {
    if words.watch && setting.output.is_json() {
        return Err(Failure::Usage("--watch shows a view for people; leave it out with --json".to_owned()));
    }
    let wrong = |why: String| Failure::Usage(format!("{} is no genesis: {why}", words.genesis.display()));
    let text = fs::read_to_string(&words.genesis).map_err(|error| wrong(error.to_string()))?;
    let genesis: Genesis = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let keys = read_key(&words.key_file)?;
    let id = print_id(keys.id());
    let own = genesis.members.iter().find(|member| member.id == id).map(|member| member.address);
    let address = words.listen.or(own).ok_or_else(|| {
        Failure::Usage(format!("{id} is no first member; say where it listens with --listen, such as 127.0.0.1:7000"))
    })?;
    let mut interrupt = Interrupt::listen()?;
    let listener = TcpListener::bind(address).await.with_context(|| format!("nothing can listen at {address}"))?;
    let folder = words.data.unwrap_or_else(|| words.key_file.with_extension("data"));
    let kernel = match words.kernel {
        KernelName::Fastest => pow_kernel::fastest(),
        KernelName::Portable => Box::new(pow_kernel::Portable),
        KernelName::Lanes => Box::new(pow_kernel::Lanes),
    };
    let output = setting.output;
    let place = format!("node {id} is running at {}, with its records in {}", listener.local_addr()?, folder.display());
    let mut voice =
        Voice { node: keys.id(), output, is_watched: words.watch, greeting: Some(place), last: (Instant::now(), 0) };
    let (peers, rate_limit) = (words.peers, words.rate_limit);
    let options = Options { genesis, peers, keys, folder, listener, kernel, rate_limit };
    let node = pow_node::run(options, move |event| voice.say(event).is_ok());
    tokio::select! {
        ended = node => ended.map_err(|error| match error {
            NodeError::Genesis(error) => wrong(error.to_string()),
            NodeError::Log(error @ LogError::Io { .. }) => Failure::Other(error.into()),
            NodeError::Log(error) => Failure::Usage(error.to_string()),
            error @ NodeError::Records(_) => Failure::Other(error.into()),
        }),
        interrupted = interrupt.heard() => Ok(interrupted?),
    }
}

/// Says what happens in a node.
struct Voice {
    node: NodeId,
    output: Output,
    is_watched: bool,
    /// What is said once the node runs.
    greeting: Option<String>,
    /// When the last view was shown, and how much was hashed by then.
    last: (Instant, u64),
}

impl Voice {
    fn say(&mut self, event: Event) -> std::io::Result<()> {
        if let (Event::Snapshot(snapshot), Some(greeting)) = (&event, self.greeting.take()) {
            let height = snapshot.status.height;
            self.output.progress(format_args!("{greeting}; it works on block {height}"));
        }
        let mut stdout = std::io::stdout().lock();
        match &event {
            Event::Snapshot(snapshot) if self.is_watched => return self.show(snapshot),
            _ if self.output.is_json() => writeln!(stdout, "{}", serde_json::to_string(&Said::of(event))?)?,
            Event::Decided(_) if !self.is_watched => writeln!(stdout, "{}", Said::of(event))?,
            _ => return Ok(()),
        }
        stdout.flush()
    }

    /// A few times a second, so that people can read it.
    fn show(&mut self, snapshot: &Snapshot) -> std::io::Result<()> {
        let (at, hashes) = self.last;
        let ms = at.elapsed().as_millis();
        if ms < 200 {
            return Ok(());
        }
        let rate = u64::try_from(u128::from(snapshot.hashes.saturating_sub(hashes)) * 1_000 / ms).unwrap_or(u64::MAX);
        self.last = (Instant::now(), snapshot.hashes);
        let view = View { node: self.node, snapshot, rate };
        // To the top left, and nothing below remains.
        write!(std::io::stderr(), "\x1b[H\x1b[J{view}")
    }
}
