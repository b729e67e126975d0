//! A directory in a folder of its own, with a clock that tests can set.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use job_directory::{Client, ClientError, Clock, Directory, Setting, Store, serve, system_clock};
use jobs::Bundle;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use web::AskError;

/// A directory that answers.
pub struct Stage {
    pub url: String,
    pub folder: TempDir,
    pub directory: Arc<Directory>,
    signer: PrivateKeySigner,
    ahead_ms: Arc<AtomicU64>,
    stop: CancellationToken,
    serving: Option<JoinHandle<std::io::Result<()>>>,
    setting: Setting,
}

/// Quick rounds, so that tests need not wait.
pub fn setting() -> Setting {
    Setting { probe_every: Duration::from_millis(50), ..Setting::default() }
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(setting()).await
    }

    pub async fn with(setting: Setting) -> Self {
        // For requests that tests make themselves; another test may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (folder, signer) = (tempfile::tempdir().unwrap(), PrivateKeySigner::random());
        let ahead_ms = Arc::new(AtomicU64::new(0));
        let (directory, url, stop, serving) = start(folder.path(), &signer, &setting, &ahead_ms).await;
        Self { url, folder, directory, signer, ahead_ms, stop, serving: Some(serving), setting }
    }

    /// Lets time pass, for the directory and the clients made here.
    pub fn pass(&self, time: Duration) {
        self.ahead_ms.fetch_add(time.as_millis().try_into().unwrap(), Ordering::Relaxed);
    }

    /// Ends the process, as far as that can be done here, and starts another one on the same folder.
    pub async fn restart(&mut self) {
        self.stop().await;
        let (directory, url, stop, serving) =
            start(self.folder.path(), &self.signer, &self.setting, &self.ahead_ms).await;
        (self.directory, self.url, self.stop, self.serving) = (directory, url, stop, Some(serving));
    }

    pub async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(serving) = self.serving.take() {
            serving.await.unwrap().unwrap();
        }
    }

    pub fn address(&self) -> Address {
        self.directory.address()
    }

    /// Somebody new.
    pub fn client(&self) -> Client {
        self.client_of(PrivateKeySigner::random())
    }

    pub fn client_of(&self, signer: PrivateKeySigner) -> Client {
        Client::new(&self.url, self.address(), signer).unwrap().with_clock(clock(&self.ahead_ms))
    }

    /// How many files are in the storage, manifests and others not counted.
    pub fn stored(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("files")).map_or(0, Iterator::count)
    }

    pub fn stored_file(&self, file: jobs::ContentHash) -> PathBuf {
        self.folder.path().join("files").join(file.to_string())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// This machine's, and so much ahead.
fn clock(ahead_ms: &Arc<AtomicU64>) -> Clock {
    let (ahead_ms, now) = (Arc::clone(ahead_ms), system_clock());
    Arc::new(move || now() + ahead_ms.load(Ordering::Relaxed))
}

async fn start(
    folder: &Path,
    signer: &PrivateKeySigner,
    setting: &Setting,
    ahead_ms: &Arc<AtomicU64>,
) -> (Arc<Directory>, String, CancellationToken, JoinHandle<std::io::Result<()>>) {
    let store = Store::in_folder(folder).unwrap();
    let directory = Directory::open(setting.clone(), signer.clone(), store, clock(ahead_ms)).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let serving = tokio::spawn(serve(Arc::clone(&directory), listener, stop.clone()));
    (directory, url, stop, serving)
}

/// A tree of these files.
pub fn bundle(files: &[(&str, &[u8])]) -> Bundle {
    let mut bundle = Bundle::default();
    for (path, bytes) in files {
        bundle.add_bytes(path.parse().unwrap(), bytes.to_vec()).unwrap();
    }
    bundle
}

/// Bytes that are not all the same, and the same in each run.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

/// The HTTP status of a refusal.
#[track_caller]
pub fn status<T: std::fmt::Debug>(refused: Result<T, ClientError>) -> u16 {
    match refused {
        Err(ClientError::Ask(AskError::Refused { status, .. })) => status,
        other => panic!("no refusal: {other:?}"),
    }
}

/// Waits until something is so; far longer than it should take.
pub async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("it is never so");
}
