//! The demonstration's directory, and how everybody uses it.

use std::{path::Path, sync::Arc, time::Duration};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use job_directory::{Client, Directory, Remote, Setting, Store, serve, system_clock};
use job_storage::{Storage, StorageError};
use jobs::{Bundle, ContentHash};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// How often it asks itself whether it answers; whoever asks for its record waits for so long. A busy machine must not make
/// a break.
const PROBE: Duration = Duration::from_secs(2);

/// A directory that is running.
pub struct Running {
    /// Where it is.
    pub url: String,
    address: Address,
    since: u64,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Starts one that stores in a folder.
    pub async fn start(signer: PrivateKeySigner, folder: &Path) -> anyhow::Result<Self> {
        let address = signer.address();
        let setting = Setting { probe_every: PROBE, ..Setting::default() };
        let directory = Directory::open(setting, signer, Store::in_folder(folder)?, system_clock()).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(directory, listener, stop.clone()));
        // It has answered itself once it has a record.
        let client = Client::new(&url, address, PrivateKeySigner::random())?;
        while client.uptime(0, u64::MAX).await?.entries.is_empty() {
            tokio::time::sleep(PROBE / 20).await;
        }
        Ok(Self { url, address, since: seconds(), stop, serving })
    }

    /// The directory as somebody uses it.
    pub fn used_by(&self, key: PrivateKeySigner) -> anyhow::Result<Arc<dyn Storage>> {
        let remote = Remote::new(Client::new(&self.url, self.address, key)?)?;
        Ok(Arc::new(Elsewhen { remote, since: self.since }))
    }

    /// Ends it.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        Ok(self.serving.await??)
    }
}

/// The chain's time is not the directory's: it stands still while jobs run, and leaps where nobody would want to wait. So
/// the record is asked for all of the time that the demonstration has taken.
struct Elsewhen {
    remote: Remote,
    since: u64,
}

impl Storage for Elsewhen {
    fn put(&self, bundle: &Bundle) -> Result<(), StorageError> {
        self.remote.put(bundle)
    }

    fn get(&self, tree: ContentHash, folder: &Path, most_bytes: u64) -> Result<Bundle, StorageError> {
        self.remote.get(tree, folder, most_bytes)
    }

    fn has(&self, tree: ContentHash) -> Result<bool, StorageError> {
        self.remote.has(tree)
    }

    fn was_up(&self, _: u64, _: u64) -> bool {
        self.remote.was_up(self.since, seconds())
    }
}

/// Unix seconds, rounded up: what came before is in the past.
fn seconds() -> u64 {
    web::now_ms() / 1000 + 1
}
