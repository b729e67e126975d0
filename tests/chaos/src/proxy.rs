//! A connection to a node, on which things go wrong by chance.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::random::Random;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is lost on the way there.
    LoseRequest,
    /// It arrives, and its answer is lost.
    LoseAnswer,
    /// Its answer comes late.
    Delay,
    /// Its answer comes twice.
    Duplicate,
    /// Half of its answer comes.
    Truncate,
    /// It is one too many.
    TooMany,
    /// The node fails.
    Broken,
}

impl Fault {
    pub const ALL: [Self; 7] = [
        Self::LoseRequest,
        Self::LoseAnswer,
        Self::Delay,
        Self::Duplicate,
        Self::Truncate,
        Self::TooMany,
        Self::Broken,
    ];
}

#[derive(Debug)]
struct State {
    faults: Vec<Fault>,
    /// How many of a thousand requests have one.
    per_mille: u64,
    random: Random,
    is_cut: bool,
}

/// Passes requests on.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
    injected: Arc<AtomicU64>,
}

impl Proxy {
    pub async fn start(node: &str, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let node = node.trim_start_matches("http://").to_owned();
        let state = State { faults: Vec::new(), per_mille: 0, random: Random::new(seed), is_cut: false };
        let (state, injected) = (Arc::new(Mutex::new(state)), Arc::default());
        let proxy = Self { port, state: Arc::clone(&state), injected: Arc::clone(&injected) };
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                tokio::spawn(pass_on(caller, node.clone(), Arc::clone(&state), Arc::clone(&injected)));
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Spoils so many of a thousand requests from now on.
    pub fn spoil(&self, faults: &[Fault], per_mille: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.faults, state.per_mille) = (faults.to_vec(), per_mille);
    }

    /// Answers nothing, or everything again.
    pub fn cut(&self, is_cut: bool) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_cut = is_cut;
    }

    /// How many requests were spoilt.
    pub fn injected(&self) -> u64 {
        self.injected.load(Ordering::Relaxed)
    }
}

/// What is to go wrong with the next request; an error where the connection is cut.
fn chance(state: &Mutex<State>) -> Result<Option<Fault>, ()> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    if state.is_cut {
        return Err(());
    }
    if state.faults.is_empty() || state.random.below(1000) >= state.per_mille {
        return Ok(None);
    }
    let count = state.faults.len() as u64;
    let place = state.random.below(count);
    Ok(usize::try_from(place).ok().and_then(|place| state.faults.get(place).copied()))
}

async fn pass_on(mut caller: TcpStream, node: String, state: Arc<Mutex<State>>, injected: Arc<AtomicU64>) {
    let Ok(mut upstream) = TcpStream::connect(node).await else { return };
    while let Some(request) = message(&mut caller).await {
        let Ok(fault) = chance(&state) else {
            injected.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if fault.is_some() {
            injected.fetch_add(1, Ordering::Relaxed);
        }
        let status = match fault {
            Some(Fault::LoseRequest) => return,
            Some(Fault::TooMany) => Some("429 Too Many Requests"),
            Some(Fault::Broken) => Some("500 Internal Server Error"),
            _ => None,
        };
        if let Some(status) = status {
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            if caller.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
            continue;
        }
        if upstream.write_all(&request).await.is_err() {
            return;
        }
        let Some(mut answer) = message(&mut upstream).await else { return };
        match fault {
            Some(Fault::LoseAnswer) => return,
            Some(Fault::Delay) => tokio::time::sleep(Duration::from_millis(150)).await,
            Some(Fault::Duplicate) => answer.extend_from_within(..),
            Some(Fault::Truncate) => answer.truncate(answer.len() / 2),
            _ => {}
        }
        if caller.write_all(&answer).await.is_err() || fault == Some(Fault::Truncate) {
            return;
        }
    }
}

/// One HTTP message: its head, and as many bytes as it says.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        if stream.read_buf(&mut message).await.ok()? == 0 {
            return None;
        }
        let Some(head) = message.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&message[..head]).to_lowercase();
        let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
        if message.len() >= head + 4 + length.unwrap_or(0) {
            return Some(message);
        }
    }
}
