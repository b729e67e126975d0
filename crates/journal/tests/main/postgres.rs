//! A PostgreSQL of a test's own, and the conformance of its journals.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use journal::{Place, Store, conformance};
use rustix::process::{Pid, Signal, getuid, kill_process};
use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;

/// A server that lives as long as this value, on a socket in a folder of its own.
pub struct Postgres {
    server: Child,
    folder: TempDir,
    programs: PathBuf,
    user: Option<u32>,
}

impl Postgres {
    /// A new cluster; `None` where PostgreSQL is not installed, which is said.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os("ENTENTE_REQUIRE_ALL").is_none(),
                "nothing may be skipped, and PostgreSQL is missing"
            );
            eprintln!("SKIPPED: PostgreSQL's initdb and postgres are not installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        // PostgreSQL refuses to run as root.
        let user = getuid().is_root().then_some(65_534);
        if let Some(user) = user {
            chown(folder.path(), Some(user), None).expect("the folder is given away");
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("the folder is opened");
        }
        let data = folder.path().join("data");
        let made = command(&programs, "initdb", user)
            .args(["--auth=trust", "--no-sync", "--username=entente", "--encoding=UTF8", "--locale=C", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .expect("initdb runs");
        assert!(made.success(), "no cluster was made");
        let server = serve(&programs, user, folder.path());
        Some(Self { server, folder, programs, user })
    }

    /// Where it answers, once it does.
    pub fn place(&self) -> Place {
        self.url().parse().expect("an address")
    }

    fn url(&self) -> String {
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://entente@{socket}/postgres")
    }

    /// Cuts the connection of everybody who leads, and no other.
    pub async fn cut_leaders(&self) {
        let mut connection = AnyConnection::connect(&self.url()).await.expect("a connection");
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'";
        let cut: Vec<bool> = sqlx::query_scalar(cut).fetch_all(&mut connection).await.expect("asked");
        assert_eq!(cut, [true], "one leads");
    }

    /// Opens its store as soon as it takes connections.
    pub async fn store(&self) -> Store {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            match Store::open(self.place()).await {
                Ok(store) => return store,
                Err(error) => assert!(Instant::now() < deadline, "{error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops it at once, with all its connections, and starts it anew.
    pub fn crash_and_restart(&mut self) {
        kill_process(Pid::from_child(&self.server), Signal::QUIT).expect("it runs");
        self.server.wait().expect("it ends");
        self.server = serve(&self.programs, self.user, self.folder.path());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn serve(programs: &Path, user: Option<u32>, folder: &Path) -> Child {
    let options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=8MB", "-k"];
    let mut server = command(programs, "postgres", user);
    server.args(options).arg(folder).arg("-D").arg(folder.join("data")).stderr(Stdio::null()).spawn().expect("it runs")
}

fn command(programs: &Path, name: &str, user: Option<u32>) -> Command {
    let mut command = Command::new(programs.join(name));
    if let Some(user) = user {
        std::os::unix::process::CommandExt::uid(&mut command, user);
    }
    command
}

/// The folder of the newest version that Debian installed, or of what is on the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.sort();
    found.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    found.into_iter().rev().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

#[tokio::test]
async fn a_postgresql_journal_conforms() {
    let Some(postgres) = Postgres::start() else { return };
    let (store, numbers) = (postgres.store().await, AtomicU32::new(0));
    conformance::check(async || {
        let name = format!("journal {}", numbers.fetch_add(1, Ordering::Relaxed));
        store.journal(&name).await.expect("a journal")
    })
    .await;
}
