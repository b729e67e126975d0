//! A connection to a node that fails on request.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It is lost on the way there.
    LoseRequest,
    /// It arrives, and its answer is lost.
    LoseAnswer,
    /// It is never answered.
    Hold,
    /// It is answered with an error.
    Refuse,
    /// It is answered with an empty list.
    Empty,
}

/// Passes requests on, but for those it was told to spoil.
pub struct Proxy {
    port: u16,
    faults: Arc<Mutex<Vec<(String, Fault)>>>,
    most_blocks: Arc<Mutex<u64>>,
    state: Arc<Mutex<State>>,
}

/// How all requests fare.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Whether none is answered.
    is_cut: bool,
    /// The HTTP status that all are answered with.
    status: Option<u16>,
    /// The block that the node has stopped at.
    stuck_at: Option<u64>,
}

impl Proxy {
    pub async fn start(node: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let node = node.trim_start_matches("http://").to_owned();
        let (faults, most_blocks) = (Arc::default(), Arc::new(Mutex::new(u64::MAX)));
        let state: Arc<Mutex<State>> = Arc::default();
        let (spoilt, most, shown) = (Arc::clone(&faults), Arc::clone(&most_blocks), Arc::clone(&state));
        let proxy = Self { port, faults, most_blocks, state };
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                tokio::spawn(pass_on(caller, node.clone(), Arc::clone(&spoilt), Arc::clone(&most), Arc::clone(&shown)));
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Loses the next request of `method` before it arrives.
    pub fn lose_request(&self, method: &str) {
        self.spoil(method, Fault::LoseRequest);
    }

    /// Loses the answer to the next request of `method`.
    pub fn lose_answer(&self, method: &str) {
        self.spoil(method, Fault::LoseAnswer);
    }

    /// Leaves the next request of `method` without an answer.
    pub fn hold(&self, method: &str) {
        self.spoil(method, Fault::Hold);
    }

    /// Answers the next request of `method` with an error.
    pub fn refuse(&self, method: &str) {
        self.spoil(method, Fault::Refuse);
    }

    /// Answers the next request of `method` with an empty list.
    pub fn leave_out(&self, method: &str) {
        self.spoil(method, Fault::Empty);
    }

    /// Refuses logs of more blocks than this, as public nodes do.
    pub fn allow_blocks(&self, most: u64) {
        *self.most_blocks.lock().unwrap() = most;
    }

    /// Answers nothing from now on.
    pub fn cut(&self) {
        self.state.lock().unwrap().is_cut = true;
    }

    /// Answers everything with this HTTP status from now on.
    pub fn answer_status(&self, status: u16) {
        self.state.lock().unwrap().status = Some(status);
    }

    /// Knows nothing past block `number` from now on, but passes transactions on.
    pub fn stick_at(&self, number: u64) {
        self.state.lock().unwrap().stuck_at = Some(number);
    }

    /// Serves again as it should.
    pub fn restore(&self) {
        *self.state.lock().unwrap() = State::default();
    }

    fn spoil(&self, method: &str, fault: Fault) {
        self.faults.lock().unwrap().push((method.to_owned(), fault));
    }
}

async fn pass_on(
    mut caller: TcpStream,
    node: String,
    faults: Arc<Mutex<Vec<(String, Fault)>>>,
    most_blocks: Arc<Mutex<u64>>,
    state: Arc<Mutex<State>>,
) {
    let mut upstream = TcpStream::connect(node).await.unwrap();
    while let Some(request) = message(&mut caller).await {
        let State { is_cut, status, stuck_at } = *state.lock().unwrap();
        if is_cut {
            return;
        }
        if let Some(status) = status {
            let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
            caller.write_all(answer.as_bytes()).await.unwrap();
            continue;
        }
        let request = stuck_at.map_or(request.clone(), |block| asked_of_a_stuck_node(&request, block));
        let text = String::from_utf8_lossy(&request).into_owned();
        if blocks(&text) > *most_blocks.lock().unwrap() {
            caller.write_all(refusal(&text, "too many blocks").as_bytes()).await.unwrap();
            continue;
        }
        let fault = take_fault(&faults, &text);
        match fault {
            Some(Fault::LoseRequest) => return,
            Some(Fault::Hold) => std::future::pending().await,
            Some(Fault::Refuse) => {
                caller.write_all(refusal(&text, "not now").as_bytes()).await.unwrap();
                continue;
            }
            Some(Fault::Empty) => {
                caller.write_all(answer(&text, r#""result":[]"#).as_bytes()).await.unwrap();
                continue;
            }
            Some(Fault::LoseAnswer) | None => {}
        }
        upstream.write_all(&request).await.unwrap();
        let Some(answer) = message(&mut upstream).await else { return };
        let answer = stuck_at.map_or(answer.clone(), |block| told_by_a_stuck_node(&text, &answer, block));
        if fault.is_some() || caller.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// The answer to `request` by a node that will not.
fn refusal(request: &str, words: &str) -> String {
    answer(request, &format!(r#""error":{{"code":-32005,"message":"{words}"}}"#))
}

/// An answer to `request` with this result or error.
fn answer(request: &str, outcome: &str) -> String {
    let id = number_after(request, "\"id\":");
    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},{outcome}}}"#);
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn take_fault(faults: &Mutex<Vec<(String, Fault)>>, request: &str) -> Option<Fault> {
    let mut faults = faults.lock().unwrap();
    let place = faults.iter().position(|(method, _)| request.contains(&format!("\"{method}\"")))?;
    Some(faults.remove(place).1)
}

/// One HTTP message: its head, and as many bytes as it says.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        if stream.read_buf(&mut message).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&message).to_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let body = number_after(head, "content-length:");
            if message.len() as u64 >= head.len() as u64 + 4 + body {
                return Some(message);
            }
        }
    }
}

fn number_after(text: &str, name: &str) -> u64 {
    let digits = text.split(name).nth(1).unwrap_or("0").trim_start();
    digits.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// How many blocks a request for logs spans.
fn blocks(request: &str) -> u64 {
    let bound = |name: &str| {
        let hex = request.split(&format!("\"{name}\":\"0x")).nth(1)?.split('"').next()?;
        u64::from_str_radix(hex, 16).ok()
    };
    bound("toBlock").zip(bound("fromBlock")).map_or(0, |(to, from)| to - from + 1)
}

/// The body of a message.
fn body(message: &[u8]) -> Value {
    let text = String::from_utf8_lossy(message);
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn with_body(head: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!("{head}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A request, with what is newest replaced by what was newest then.
fn asked_of_a_stuck_node(request: &[u8], block: u64) -> Vec<u8> {
    let newest = format!("\"{block:#x}\"");
    let asked = body(request).to_string().replace("\"latest\"", &newest).replace("\"pending\"", &newest);
    with_body("POST / HTTP/1.1\r\nhost: node", &serde_json::from_str(&asked).unwrap())
}

/// An answer, without what came later.
fn told_by_a_stuck_node(request: &str, answer: &[u8], block: u64) -> Vec<u8> {
    let mut told = body(answer);
    let number = |value: &Value| u64::from_str_radix(value.as_str()?.trim_start_matches("0x"), 16).ok();
    if request.contains("\"eth_blockNumber\"") {
        told["result"] = json!(format!("{block:#x}"));
    }
    let of = number(&told["result"]["blockNumber"]).or_else(|| number(&told["result"]["number"]));
    if of.is_some_and(|of| of > block) {
        told["result"] = Value::Null;
    }
    with_body("HTTP/1.1 200 OK", &told)
}
