//! A local node for tests and demonstrations, whose clock stands still until it is moved.
//!
//! By itself anvil (1.7) mines a block for each transaction and stamps it with its own clock, which runs on from the last
//! timestamp that was set: within one second many blocks share a timestamp, and each second of real time moves it on by
//! one. A day of logical time would then end whenever the machine is slow. With a timestamp interval of zero every block
//! repeats the timestamp of the one before, for any number of blocks and however long they take, calls see the same, and
//! `evm_setNextBlockTimestamp` still moves it. [`Clock::Still`] sets that up, and [`Anvil::warp_to`] moves on.
//!
//! Anvil copies its whole state with every block, so a block for each transaction gets slower the longer a chain lives:
//! 330 a second at first, 150 after 3,000 transactions that each write a word, when blocks of 16 still take 550 a second.
//! [`Mining::Batched`] is for whoever sends thousands.

mod binary;
mod keys;
mod mining;

use std::{io, path::PathBuf, process::Stdio, time::Duration};

use alloy::providers::ext::AnvilApi;
pub use binary::{ANVIL_VARIABLE, find};
pub use keys::dev_keys;
use thiserror::Error;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinSet,
};

use crate::{Client, ClientError, Settings};

/// How a node tells the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// Each block has the timestamp of the one before, until the clock is moved.
    #[default]
    Still,
    /// The clock runs on with real time.
    Running,
}

/// When a node mines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mining {
    /// A block for each transaction, at once.
    #[default]
    Each,
    /// After each such time a block of all that came, if anything came. From this process: it ends with the [`Anvil`].
    Batched(Duration),
}

/// How to start a node.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many accounts hold ether, see [`dev_keys`].
    pub accounts: u32,
    /// Timestamp of the first block, Unix seconds.
    pub timestamp: u64,
    /// How it tells the time.
    pub clock: Clock,
    /// When it mines.
    pub mining: Mining,
    /// The program; found by [`find`] unless given.
    pub binary: Option<PathBuf>,
    /// How long it may take to answer.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            accounts: 10,
            timestamp: 1_700_000_000,
            clock: Clock::default(),
            mining: Mining::default(),
            binary: None,
            patience: Duration::from_secs(30),
        }
    }
}

/// Why there is no local node.
#[derive(Debug, Error)]
pub enum AnvilError {
    /// The program is nowhere.
    #[error("anvil was not found; run `npm ci` in the checkout, or set {ANVIL_VARIABLE} to the program")]
    NotFound,
    /// It cannot be run.
    #[error("{} cannot be run", binary.display())]
    Spawn {
        /// The program.
        binary: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It ended, or was silent for too long.
    #[error("{} did not come up", binary.display())]
    Silent {
        /// The program.
        binary: PathBuf,
    },
    /// It does not answer as it should.
    #[error("the local node does not answer")]
    Client(#[from] ClientError),
    /// It refuses to be told the time or to mine.
    #[error("the local node refuses {method}")]
    Control {
        /// The request.
        method: &'static str,
        /// Why.
        #[source]
        source: alloy::transports::TransportError,
    },
}

/// A running node, ended when dropped.
#[derive(Debug)]
pub struct Anvil {
    // Ends the process when dropped.
    _process: Child,
    port: u16,
    client: Client,
    // Stops mining when dropped.
    _miner: JoinSet<()>,
}

impl Anvil {
    /// Starts a node on a free port of this machine and waits until it answers.
    pub async fn start(options: Options) -> Result<Self, AnvilError> {
        let binary = options.binary.clone().or_else(find).ok_or(AnvilError::NotFound)?;
        let mut process = spawn(&binary, &options)?;
        let output = process.stdout.take().expect("the standard output is piped");
        let mut lines = BufReader::new(output).lines();
        let port = tokio::time::timeout(options.patience, listening_port(&mut lines)).await.ok().flatten();
        let port = port.ok_or(AnvilError::Silent { binary })?;
        // A full pipe would stop the node.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let client = Client::connect(&format!("http://127.0.0.1:{port}"), Settings::default()).await?;
        control("anvil_setLoggingEnabled", client.provider().anvil_set_logging(false)).await?;
        if options.clock == Clock::Still {
            let stopped = client.provider().anvil_set_block_timestamp_interval(0);
            control("anvil_setBlockTimestampInterval", stopped).await?;
        }
        let mut miner = JoinSet::new();
        if let Mining::Batched(period) = options.mining {
            control("evm_setAutomine", client.provider().anvil_set_auto_mine(false)).await?;
            miner.spawn(mining::mine_batches(client.clone(), period));
        }
        Ok(Self { _process: process, port, client, _miner: miner })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A client of it.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Gives the next block, whenever it is mined, this timestamp, Unix seconds; not before that of the last one.
    pub async fn set_next_timestamp(&self, timestamp: u64) -> Result<(), AnvilError> {
        let set = self.client.provider().anvil_set_next_block_timestamp(timestamp);
        control("evm_setNextBlockTimestamp", set).await
    }

    /// Mines a block and returns its number.
    pub async fn mine(&self) -> Result<u64, AnvilError> {
        control("evm_mine", self.client.provider().evm_mine(None)).await?;
        Ok(self.client.head().await?.block.number)
    }

    /// Mines a block of this timestamp, Unix seconds, and returns its number.
    pub async fn warp_to(&self, timestamp: u64) -> Result<u64, AnvilError> {
        self.set_next_timestamp(timestamp).await?;
        self.mine().await
    }
}

fn spawn(binary: &PathBuf, options: &Options) -> Result<Child, AnvilError> {
    let (accounts, timestamp) = (options.accounts.to_string(), options.timestamp.to_string());
    Command::new(binary)
        .args(["--host", "127.0.0.1", "--port", "0", "--enable-tx-gas-limit"])
        .args(["--accounts", &accounts, "--timestamp", &timestamp])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| AnvilError::Spawn { binary: binary.clone(), source })
}

async fn listening_port(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<u16> {
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with("Listening on") {
            return line.rsplit(':').next()?.trim().parse().ok();
        }
    }
    None
}

async fn control<T>(
    method: &'static str,
    asked: impl Future<Output = alloy::transports::TransportResult<T>>,
) -> Result<T, AnvilError> {
    asked.await.map_err(|source| AnvilError::Control { method, source })
}
