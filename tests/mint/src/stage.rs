//! A fog server of its own for every test.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use alloy::signers::local::PrivateKeySigner;
use mint::{Acceptance, MinerId, Policy, Sample, Share};
use mint_detector::Parameters;
use mint_fog::{Fog, Setting, Status, router};
use mint_wire::{Client, Signed};
use tempfile::TempDir;
use tokio::net::TcpListener;
use web::now_ms;

pub const TOKEN: &str = "0123456789abcdef";

/// A fog server that listens, with one miner called `miner-1`.
pub struct Stage {
    pub fog: Arc<Mutex<Fog>>,
    pub client: Client,
    pub url: String,
    pub signer: PrivateKeySigner,
    pub fog_signer: PrivateKeySigner,
    folder: TempDir,
}

pub fn miner() -> MinerId {
    "miner-1".parse().unwrap()
}

pub fn open(diary: &Path, signer: &PrivateKeySigner, fog_signer: &PrivateKeySigner) -> Fog {
    let setting = Setting {
        name: "fog-1".parse().unwrap(),
        miners: [(miner(), signer.address())].into(),
        acceptance: Acceptance::default(),
        policy: Policy::default(),
        parameters: Parameters::calibrated(),
        diary: diary.to_owned(),
    };
    Fog::open(setting, fog_signer.clone(), now_ms()).unwrap()
}

impl Stage {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [signer, fog_signer] = [PrivateKeySigner::random(), PrivateKeySigner::random()];
        let fog = Arc::new(Mutex::new(open(&folder.path().join("diary"), &signer, &fog_signer)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(web::serve(listener, router(fog.clone(), TOKEN.to_owned()), std::future::pending()));
        Self { fog, client: Client::new(&url).unwrap(), url, signer, fog_signer, folder }
    }

    pub fn diary(&self) -> PathBuf {
        self.folder.path().join("diary")
    }

    pub fn status(&self) -> Status {
        self.fog.lock().unwrap().status(&miner(), now_ms()).unwrap()
    }

    pub fn signed(&self, sample: Sample) -> Signed<Sample> {
        Signed::new(sample, &self.signer).unwrap()
    }
}

/// A sample of `miner-1` that uses so many per cent.
pub fn sample(sequence: u64, time_ms: u64, percent: u32) -> Sample {
    let cpu = Share::from_ppm(percent * 10_000).unwrap();
    let [gpu, memory, io] = [Share::NONE; 3];
    Sample { miner: miner(), sequence, time_ms, cpu, gpu, memory, io, obeyed: 0 }
}

/// Waits until `holds`, at most `patience`.
pub async fn wait_for(what: &str, patience: Duration, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < patience, "{what} did not come about within {patience:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
