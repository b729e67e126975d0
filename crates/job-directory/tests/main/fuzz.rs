//! Requests that make no sense, thousands of them, the same in each run.

use alloy::{primitives::B256, signers::local::PrivateKeySigner};
use job_directory::{Scope, Token};
use jobs::{Bundle, ContentHash};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::stage::{Stage, bundle};

const REQUESTS: usize = 5000;

struct Fuzzer {
    chance: ChaCha8Rng,
    tokens: Vec<String>,
    names: Vec<String>,
    manifest: Vec<u8>,
}

impl Fuzzer {
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.chance.next_u32()).unwrap() % most
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// Bytes, few of them changed, some cut off.
    fn spoil(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..self.below(4) {
            if let Some(place) = (!bytes.is_empty()).then(|| self.below(bytes.len())) {
                bytes[place] = self.chance.next_u32().to_le_bytes()[0];
            }
        }
        if self.below(4) == 0 {
            let length = self.below(bytes.len() + 1);
            bytes.truncate(length);
        }
        bytes
    }

    fn name(&mut self) -> String {
        let name = self.below(self.names.len());
        let name = self.names[name].clone();
        match self.below(4) {
            0 => String::from_utf8_lossy(&self.spoil(name.as_bytes())).replace(|c: char| c.is_control(), "%00"),
            1 => self.pick(&["", "..", "%2e%2e", "%ff", "0", "*", "%00", "a/b/c", "🦀"]).to_owned(),
            _ => name,
        }
    }

    fn path(&mut self) -> String {
        let good = (self.names[0].clone(), self.names[1].clone());
        let (tree, file) = if self.below(2) == 0 { good } else { (self.name(), self.name()) };
        match self.below(10) {
            0 => "/live".to_owned(),
            1 => "/ready".to_owned(),
            2 => format!("/uptime/{tree}/{file}"),
            3 => format!("/uptime/{}/{}", self.chance.next_u64(), self.chance.next_u64()),
            4 => self.pick(&["/", "/uptime", "/v1/holdings", "/v1/about", "/v2", "//", "/v1/trees//files/"]).to_owned(),
            5 | 6 => format!("/v1/trees/{tree}"),
            7 => format!("/v1/trees/{tree}/pin"),
            _ => format!("/v1/trees/{tree}/files/{file}"),
        }
    }

    fn token(&mut self) -> String {
        let token = self.below(self.tokens.len());
        let token = self.tokens[token].clone();
        match self.below(3) {
            0 => self.spoil(token.as_bytes()).iter().filter(|b| b.is_ascii_graphic()).map(|b| char::from(*b)).collect(),
            _ => token,
        }
    }

    fn body(&mut self) -> Vec<u8> {
        match self.below(4) {
            0 => Vec::new(),
            1 => b"file".to_vec(),
            2 => self.manifest.clone(),
            _ => {
                let manifest = self.manifest.clone();
                self.spoil(&manifest)
            }
        }
    }
}

/// Whose tokens are good.
fn signer() -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).unwrap()
}

fn job() -> Bundle {
    bundle(&[("a", b"file"), ("b/c", b"")])
}

async fn fuzzer(stage: &Stage) -> Fuzzer {
    let (job, signer) = (job(), signer());
    stage.client_of(signer.clone()).put(&job).await.unwrap();
    let expires_at = stage.directory.now_ms() / 1000 + 3600;
    let token = |scope| Token::sign(&signer, stage.address(), scope, None, expires_at).unwrap().to_string();
    let file = ContentHash::of(b"file");
    Fuzzer {
        chance: ChaCha8Rng::seed_from_u64(5),
        tokens: vec![token(Scope::Write), token(Scope::Write), token(Scope::Read), String::new()],
        names: vec![
            job.tree().hash().to_string(),
            file.to_string(),
            format!("0x{file}"),
            ContentHash::of(b"").to_string(),
        ],
        manifest: job.tree().to_string().into_bytes(),
    }
}

#[tokio::test]
async fn no_request_is_answered_by_a_fault_of_the_server() {
    let stage = Stage::new().await;
    let mut fuzzer = fuzzer(&stage).await;
    let (client, mut seen) = (reqwest::Client::new(), std::collections::BTreeMap::<u16, usize>::new());
    for _ in 0..REQUESTS {
        let method = fuzzer.pick(&["GET", "GET", "GET", "PUT", "PUT", "DELETE", "HEAD", "POST", "PATCH", "BREW"]);
        let (path, body) = (fuzzer.path(), fuzzer.body());
        let mut request =
            client.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", stage.url));
        request = request.header("authorization", format!("Bearer {}", fuzzer.token())).body(body.clone());
        if fuzzer.below(2) == 0 {
            let range =
                ["bytes=0-1", "bytes=9-", "bytes=-1", "bytes=3-1", "bytes=-", "bytes=0-18446744073709551616", "x"];
            request = request.header("range", fuzzer.pick(&range));
        }
        if let Ok(answer) = request.send().await {
            let status = answer.status().as_u16();
            *seen.entry(status).or_default() += 1;
            let is_known = status < 500 || (status == 503 && matches!(path.as_str(), "/live" | "/ready"));
            assert!(is_known, "{status} to {method} {path} {body:?}");
            if method == "DELETE" && status == 200 {
                stage.client_of(signer()).put(&job()).await.unwrap();
            }
            // To its end: a body may fail as well.
            answer.bytes().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        }
    }
    for status in [200, 206, 400, 401, 403, 404, 405, 416, 422] {
        assert!(seen.contains_key(&status), "the fuzzer never came to {status}: {seen:?}");
    }
}

#[tokio::test]
async fn what_is_no_http_at_all_does_no_harm() {
    let stage = Stage::new().await;
    let mut fuzzer = fuzzer(&stage).await;
    let address = stage.url.strip_prefix("http://").unwrap().to_owned();
    let (token, tree) = (fuzzer.tokens[0].clone(), fuzzer.names[0].clone());
    let good = format!(
        "PUT /v1/trees/{tree} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{}",
        fuzzer.manifest.len(),
        String::from_utf8_lossy(&fuzzer.manifest)
    );
    for _ in 0..300 {
        let request = fuzzer.spoil(good.as_bytes());
        let mut connection = TcpStream::connect(&address).await.unwrap();
        // A server that hangs up early is right to.
        let _ = connection.write_all(&request).await;
        let _ = connection.shutdown().await;
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer).await;
        let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
        assert!(!line.contains(" 50"), "{line} to {}", String::from_utf8_lossy(&request));
    }
    stage.client().about().await.unwrap();
}
