//! A node, a folder, and the program in it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use alloy::providers::Provider;
use chain::anvil::{Anvil, Options, dev_keys};
use serde_json::Value;
use tempfile::TempDir;

/// What a call of the program came to.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}

impl Ran {
    /// What ended with this output.
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the program was not killed"),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// The one JSON document it printed.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless it ended with `code` and said `words` on standard error, and nothing on standard output.
    #[track_caller]
    pub fn refused(self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.stderr.contains(words), "{words:?} is not in {self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
    }
}

/// The program, running until it is stopped, or killed when dropped.
pub struct Running {
    child: Option<Child>,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Waits until the program says that it runs.
    fn new(mut child: Child) -> Self {
        let mut stderr = BufReader::new(child.stderr.take().expect("its errors"));
        let mut said = String::new();
        while !said.contains("is running") {
            let read = stderr.read_line(&mut said).expect("text");
            assert!(read > 0, "the program ended early: {said}");
        }
        let said = Arc::new(Mutex::new(said));
        let heard = said.clone();
        // A full pipe would stop it.
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                heard.lock().expect("nobody panics with it").push_str(&(line + "\n"));
            }
        });
        Self { child: Some(child), said }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// What it has said on standard error so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("nobody panics with it").clone()
    }

    /// The address of the first server that it said it has.
    pub fn address(&self) -> String {
        let said = self.said();
        // Warnings name servers of others.
        let mut own = said.lines().filter(|line| !line.contains("WARN"));
        let found = own.find_map(|line| line.split_once("http://"));
        let rest = found.unwrap_or_else(|| panic!("no server: {said}")).1;
        rest.split(['/', ';', ' ', '\n']).next().unwrap_or(rest).to_owned()
    }

    /// Kills it, so that it cannot tidy up.
    pub fn kill(self) {
        drop(self);
    }

    /// Asks it to end and reads what it says then.
    #[track_caller]
    pub fn stop(self) -> String {
        let child = self.child.as_ref().expect("it is stopped once");
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
        assert!(asked.success());
        self.end()
    }

    /// Waits until it ends by itself, and reads what it says then.
    #[track_caller]
    pub fn end(mut self) -> String {
        let child = self.child.take().expect("it ends once");
        let ran = Ran::of(child.wait_with_output().expect("the program ends"));
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.stdout
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A folder with a password and a home of its own.
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty one.
    pub fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a folder") };
        place.write("password", "correct horse\n");
        place
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("written");
    }

    /// Runs the program with these words.
    pub fn run(&self, words: &[&str]) -> Ran {
        self.run_with_input(words, "")
    }

    /// The program with these words, to be started.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
        let ours = [
            "ENTENTE_DEPLOYMENT",
            "ENTENTE_JOURNAL",
            "ENTENTE_LOG_FORMAT",
            "ENTENTE_MODICUM",
            "ENTENTE_PASSWORD",
            "ENTENTE_RPC",
            "ENTENTE_SOLIDWORX",
            "ENTENTE_STORE",
            "ENTENTE_WALLET",
        ];
        for variable in ours.into_iter().chain(["RUST_LOG"]) {
            command.env_remove(variable);
        }
        command.args(words).current_dir(self.path());
        command.env("ENTENTE_HOME", self.path().join("home")).env("ENTENTE_PASSWORD_FILE", "password");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts the program with the words of a line, and leaves it running.
    pub fn start(&self, line: &str) -> Running {
        self.start_with(line, &[])
    }

    /// The same with these variables in its environment.
    pub fn start_with(&self, line: &str, environment: &[(&str, &str)]) -> Running {
        let environment = environment.iter().copied();
        Running::new(self.command(&words(line)).envs(environment).spawn().expect("the program starts"))
    }

    /// Runs the program with the words of a line and these variables in its environment.
    pub fn line_with(&self, line: &str, environment: &[(&str, &str)]) -> Ran {
        let mut command = self.command(&words(line));
        Ran::of(command.envs(environment.iter().copied()).output().expect("the program runs"))
    }

    /// Runs the program with these words and this standard input.
    pub fn run_with_input(&self, words: &[&str], input: &str) -> Ran {
        let mut child = self.command(words).spawn().expect("the program starts");
        // A program that does not read its input may close it first.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        Ran::of(child.wait_with_output().expect("the program ends"))
    }

    /// Runs the program with the words of a line, which must succeed, and reads what it says as JSON.
    #[track_caller]
    pub fn json(&self, line: &str) -> Value {
        let ran = self.run(&words(&format!("{line} --json")));
        assert_eq!(ran.code, 0, "entente {line}: {ran:?}");
        assert_eq!(ran.stderr, "", "entente {line}");
        ran.json()
    }

    /// Runs the program with the words of a line.
    pub fn line(&self, line: &str) -> Ran {
        self.run(&words(line))
    }
}

/// A folder of the checkout. Read when the test runs: several checkouts may share what was built.
pub fn checkout(folder: &str) -> PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    Path::new(&here).join("../..").join(folder)
}

/// What a server answers to a request for `address/path`: status and body.
pub fn fetch(place: &str) -> (u16, String) {
    let (address, path) = place.split_once('/').expect("an address and a path");
    let mut stream = TcpStream::connect(address).unwrap_or_else(|error| panic!("no server at {address}: {error}"));
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {address}\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, body.to_owned())
}

/// Looks again and again until `condition` holds.
pub async fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !condition() {
        assert!(Instant::now() < deadline, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A node whose clock stands still, and a folder with wallets of accounts that hold ether: `dso`, `alice`, `bob`.
pub struct World {
    /// The node.
    pub node: Anvil,
    /// The folder.
    pub place: Place,
}

impl World {
    /// A node without a market.
    pub async fn start() -> Self {
        let node = Anvil::start(Options::default()).await.expect("a node");
        let place = Place::new();
        for (name, key) in ["dso", "alice", "bob"].into_iter().zip(dev_keys(3)) {
            let ran = place.run_with_input(&["wallet", "import", name, "--key-file", "-"], &key.to_bytes().to_string());
            assert_eq!(ran.code, 0, "{ran:?}");
        }
        Self { node, place }
    }

    /// Puts other code at an address.
    pub async fn set_code(&self, address: &str, code: &str) {
        let provider = self.node.client().provider();
        let set = provider.raw_request::<_, ()>("anvil_setCode".into(), (address, code));
        set.await.expect("the node does so");
    }

    /// A market whose interval 0 starts 1000 seconds after the first block, and lasts 900; alice and bob are registered.
    pub async fn with_prosumers() -> Self {
        let world = Self::start().await;
        let place = &world.place;
        place.json(&format!("deploy --rpc {} --wallet dso --genesis +1000 --group 20000:5000", world.node.url()));
        for name in ["alice", "bob"] {
            place.json(&format!("wallet new meter-{name}"));
            place.json(&format!(
                "transax meter add meter-{name} --group 0 --production-limit-wh 2500 --consumption-limit-wh 5000 --wallet dso"
            ));
            place.json(&format!("transax certify {name} meter-{name} --wallet dso --output {name}.json"));
            place.json(&format!("transax register --certificate {name}.json --wallet {name}"));
        }
        world
    }
}
