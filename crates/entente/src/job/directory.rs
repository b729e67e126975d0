//! Storing jobs and results in a directory, and running one.

use std::{
    fmt,
    path::PathBuf,
    time::{Duration, Instant},
};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use job_directory::{Client, ClientError, Directory, Holdings, Store, covers, serve, system_clock};
use jobs::ContentHash;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{Asking, DirectoryRun, DirectoryUptime, DirectoryVerb, JobGet, JobPut},
    exit::Failure,
    hosting::{STOPPING, until_interrupted},
    output::{Table, time},
    setting::Setting,
};

/// Runs one of the verbs.
pub async fn run(setting: &Setting, verb: DirectoryVerb) -> Result<(), Failure> {
    let output = setting.output;
    match verb {
        DirectoryVerb::Run(words) => host(setting, words).await,
        DirectoryVerb::Holdings(words) => {
            let holdings = client(setting, &words.asking).await?.holdings().await.map_err(failure)?;
            Ok(output.result(&Shown(holdings))?)
        }
        DirectoryVerb::Release(words) => {
            client(setting, &words.asking).await?.release(words.tree).await.map_err(failure)?;
            Ok(output.result(&Released { released: words.tree })?)
        }
        DirectoryVerb::Uptime(words) => uptime(setting, &words).await,
    }
}

/// Where a directory listens and who it is.
#[derive(Serialize)]
struct Listening {
    url: String,
    address: Address,
    folder: PathBuf,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a directory at {}, signing as {}, stores in {}", self.url, self.address, self.folder.display())
    }
}

async fn host(setting: &Setting, words: DirectoryRun) -> Result<(), Failure> {
    let interrupted = until_interrupted()?;
    let (signer, own) = (setting.unlock(&words.signer)?, words.setting());
    let (address, folder) = (signer.address(), words.folder);
    let store = Store::in_folder(&folder).map_err(anyhow::Error::from)?;
    let directory = Directory::open(own, signer, store, system_clock()).await.map_err(anyhow::Error::from)?;
    let listener = TcpListener::bind(words.listen).await?;
    let url = format!("http://{}", listener.local_addr()?);
    setting.output.progress(format_args!("the directory {address} is running at {url}; Ctrl-C stops it"));
    setting.output.result(&Listening { url, address, folder })?;
    let stop = CancellationToken::new();
    let mut serving = tokio::spawn(serve(directory, listener, stop.clone()));
    let served = tokio::select! {
        served = &mut serving => served,
        () = interrupted => {
            setting.output.progress(STOPPING);
            stop.cancel();
            serving.await
        }
    };
    Ok(served.map_err(anyhow::Error::from)??)
}

async fn client(setting: &Setting, asking: &Asking) -> Result<Client, Failure> {
    let signer = setting.unlock(&asking.signer)?;
    client_of(&asking.directory, asking.directory_address, signer).await
}

async fn client_of(url: &str, address: Option<Address>, signer: PrivateKeySigner) -> Result<Client, Failure> {
    let client = match address {
        Some(address) => Client::new(url, address, signer),
        None => Client::discover(url, signer).await,
    };
    client.map_err(failure)
}

fn failure(error: ClientError) -> Failure {
    match error {
        ClientError::NotEmpty(_) => Failure::Usage(error.to_string()),
        error => Failure::Other(error.into()),
    }
}

/// A tree that is stored.
#[derive(Serialize)]
struct Stored {
    hash: ContentHash,
    files: usize,
    /// With the manifest.
    bytes: u64,
    /// Until when it is kept, milliseconds of Unix time; for as long as it is pinned where there is none.
    until_ms: Option<u64>,
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "stored  {}", self.hash)?;
        writeln!(f, "files   {}, {} bytes", self.files, self.bytes)?;
        write!(f, "kept    {}", kept(self.until_ms))
    }
}

fn kept(until_ms: Option<u64>) -> String {
    until_ms.map_or_else(|| "until it is released".to_owned(), |until| format!("until {}", time(until / 1000)))
}

/// Stores a job, or another folder.
pub async fn put(setting: &Setting, words: JobPut) -> Result<(), Failure> {
    // Hashing takes as long as reading does.
    let source = words.source;
    let bundle = tokio::task::spawn_blocking(move || super::read(&source)).await.map_err(anyhow::Error::from)??;
    let client = client(setting, &words.asking).await?;
    let mut until_ms = client.put(&bundle).await.map_err(failure)?.until_ms;
    let (hash, files, bytes) = (bundle.tree().hash(), bundle.tree().len(), bundle.tree().transfer_bytes());
    if words.pin {
        until_ms = client.pin(hash).await.map_err(failure)?.until_ms;
    }
    Ok(setting.output.result(&Stored { hash, files, bytes, until_ms })?)
}

/// A tree that is here now.
#[derive(Serialize)]
struct Fetched {
    hash: ContentHash,
    files: usize,
    /// With the manifest.
    bytes: u64,
    seconds: f64,
    folder: PathBuf,
}

impl fmt::Display for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "fetched  {}", self.hash)?;
        writeln!(f, "files    {}, {} bytes in {:.1} s", self.files, self.bytes, self.seconds)?;
        write!(f, "folder   {}", self.folder.display())
    }
}

/// Fetches a tree into a folder.
pub async fn get(setting: &Setting, words: JobGet) -> Result<(), Failure> {
    let client = client(setting, &words.asking).await?;
    let began = Instant::now();
    let tree = client.get(words.tree, &words.out, words.most_bytes).await.map_err(failure)?;
    let (files, bytes, seconds) = (tree.len(), tree.transfer_bytes(), began.elapsed().as_secs_f64());
    Ok(setting.output.result(&Fetched { hash: words.tree, files, bytes, seconds, folder: words.out })?)
}

#[derive(Serialize)]
struct Released {
    released: ContentHash,
}

impl fmt::Display for Released {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "released {}", self.released)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Holdings);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Holdings { account, bytes, trees } = &self.0;
        writeln!(f, "{account} has stored {bytes} bytes in {} trees", trees.len())?;
        let mut table = Table::new(&["tree", "bytes", "missing files", "kept"]);
        for held in trees {
            let missing = held.missing.to_string();
            table.row([held.tree.to_string(), held.bytes.to_string(), missing, kept(held.until_ms)]);
        }
        if trees.is_empty() { Ok(()) } else { table.fmt(f) }
    }
}

/// What a directory's record says of a time.
#[derive(Serialize)]
struct Covered {
    directory: Address,
    from: u64,
    until: u64,
    /// Whether it was up all the time.
    is_up: bool,
    entries: usize,
}

impl fmt::Display for Covered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.is_up { "covers" } else { "does not cover" };
        write!(f, "the record of {} {verb} {} to {}", self.directory, time(self.from), time(self.until))
    }
}

async fn uptime(setting: &Setting, words: &DirectoryUptime) -> Result<(), Failure> {
    let DirectoryUptime { directory: url, directory_address, from, until } = words;
    // Reading the record takes no signature.
    let client = client_of(url, *directory_address, PrivateKeySigner::random()).await?;
    let milliseconds = |seconds: &u64| u64::try_from(Duration::from_secs(*seconds).as_millis()).unwrap_or(u64::MAX);
    let (from_ms, until_ms) = (milliseconds(from), milliseconds(until));
    let entries = client.uptime(from_ms, until_ms).await.map_err(failure)?.entries;
    let is_up = covers(&entries, client.directory(), from_ms, until_ms);
    let (from, until, entries) = (*from, *until, entries.len());
    Ok(setting.output.result(&Covered { directory: client.directory(), from, until, is_up, entries })?)
}
