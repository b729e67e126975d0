//! Files of any size take constant memory: a directory in a process of its own, watched while a large job is stored and
//! fetched. `ENTENTE_STREAM_MIB` makes it larger; the figures are printed as JSON.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use job_directory::{Client, Directory, Quotas, Setting, Store, serve, system_clock};
use jobs::Bundle;
use tokio_util::sync::CancellationToken;

/// The service may grow by so much while it moves a large job, having moved a small one before.
const MOST_GROWTH_KIB: u64 = 32 << 10;
const SMALL_MIB: u64 = 8;
const LARGE_MIB: u64 = 128;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut words = env::args().skip(1);
    match (words.next().as_deref(), words.next()) {
        (Some("serve"), Some(folder)) => runtime.block_on(serve_in(Path::new(&folder))),
        // The harness's own words, such as a filter, which this test has no use for.
        _ => runtime.block_on(watch()),
    }
}

async fn serve_in(folder: &Path) {
    let signer = PrivateKeySigner::random();
    let quotas = Quotas { account_bytes: u64::MAX, total_bytes: u64::MAX, ..Quotas::default() };
    let setting = Setting { quotas, ..Setting::default() };
    let address = signer.address();
    let store = Store::in_folder(folder).unwrap();
    let directory = Directory::open(setting, signer, store, system_clock()).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{} {address}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let ended = stop.clone();
    // It ends with whoever started it.
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_line(&mut String::new());
        ended.cancel();
    });
    serve(directory, listener, stop).await.unwrap();
}

/// A service, ended when this goes.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Service {
    fn peak_kib(&self) -> u64 {
        peak_kib(&self.0.id().to_string())
    }
}

/// The most memory that a process ever had, KiB.
fn peak_kib(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

async fn watch() {
    if !Path::new("/proc/self/status").exists() {
        println!("skipped: without /proc the memory of a process cannot be read");
        return;
    }
    let mib: u64 = env::var("ENTENTE_STREAM_MIB").map_or(LARGE_MIB, |mib| mib.parse().unwrap());
    let place = tempfile::tempdir().unwrap();
    let stored = place.path().join("stored");
    let mut service = Command::new(env::current_exe().unwrap());
    let service = service.arg("serve").arg(&stored).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut service = Service(service.unwrap());
    let mut line = String::new();
    BufReader::new(service.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (url, address) = line.trim().split_once(' ').unwrap();
    let address: Address = address.parse().unwrap();
    let client = Client::new(url, address, PrivateKeySigner::random()).unwrap();
    move_job(&client, place.path(), SMALL_MIB).await;
    let before = service.peak_kib();
    let (put, get) = move_job(&client, place.path(), mib).await;
    let after = service.peak_kib();
    let own = peak_kib("self");
    println!(
        "{{\"mib\":{mib},\"serviceMemoryKib\":{after},\"serviceGrowthKib\":{},\"clientMemoryKib\":{own},\
         \"putSeconds\":{put:.3},\"getSeconds\":{get:.3}}}",
        after - before
    );
    assert!(after - before <= MOST_GROWTH_KIB, "the service grew from {before} KiB to {after} KiB");
}

/// Stores and fetches a job of one file of this size. Returns how long each took, seconds.
async fn move_job(client: &Client, place: &Path, mib: u64) -> (f64, f64) {
    let (from, to) = (place.join(format!("from-{mib}")), place.join(format!("to-{mib}")));
    fs::create_dir(&from).unwrap();
    let mut file = fs::File::create(from.join("large")).unwrap();
    let mut state = mib;
    for _ in 0..mib {
        let piece: Vec<u8> = (0..1 << 17).flat_map(|_| next(&mut state).to_le_bytes()).collect();
        file.write_all(&piece).unwrap();
    }
    drop(file);
    let job = Bundle::of_folder(&from).unwrap();
    let began = Instant::now();
    client.put(&job).await.unwrap();
    let put = began.elapsed().as_secs_f64();
    let began = Instant::now();
    client.get(job.tree().hash(), &to, u64::MAX).await.unwrap();
    let get = began.elapsed().as_secs_f64();
    assert_eq!(Bundle::of_folder(&to).unwrap().tree(), job.tree());
    client.release(job.tree().hash()).await.unwrap();
    fs::remove_dir_all(from).unwrap();
    fs::remove_dir_all(to).unwrap();
    (put, get)
}

fn next(state: &mut u64) -> u64 {
    // Steele and Vigna's SplitMix64.
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
