//! What is refused: on its way in, at rest, and on its way out.

use std::fs;

use alloy::signers::local::PrivateKeySigner;
use axum::{Router, body::Body, routing::get};
use futures_util::stream;
use job_directory::{Client, ClientError, Quotas, Scope, Setting, Token};
use jobs::{Bundle, ContentHash, Source, Tree};
use reqwest::Method;
use tokio::net::TcpListener;

use crate::stage::{Stage, bundle, noise, setting, status, until};

const MOST: u64 = 1 << 30;

/// Announces a manifest as it is.
async fn announce(stage: &Stage, manifest: impl Into<String>) -> u16 {
    let manifest = manifest.into();
    let tree = ContentHash::of(manifest.as_bytes());
    stage.client().announce(tree, manifest).await.map_or_else(|error| status::<()>(Err(error)), |_| 200)
}

#[tokio::test]
async fn a_manifest_with_a_path_that_climbs_out_or_is_there_twice_is_refused() {
    let stage = Stage::new().await;
    let good = bundle(&[("abc", b"x")]).tree().to_string();
    assert_eq!(announce(&stage, good.clone()).await, 200);
    for path in ["../c", "/bc", "a/../../c", "a//c", "a\\c", "./c", "..", "a\0c"] {
        assert_eq!(announce(&stage, good.replace("abc", path)).await, 400, "{path}");
    }
    let line = good.lines().nth(1).unwrap();
    for more in [line.to_owned(), line.replace("abc", "abc/d"), line.replace("plain", "link")] {
        assert_eq!(announce(&stage, format!("{good}{more}\n")).await, 400, "{more}");
    }
    for other in ["", "PK\u{3}\u{4}", "entente tree 2\n", "entente tree 1"] {
        assert_eq!(announce(&stage, other).await, 400, "{other}");
    }
    let elsewhere = stage.client().announce(ContentHash::of(b"another name"), good).await;
    assert_eq!(status(elsewhere), 422);
}

#[tokio::test]
async fn a_tree_that_would_be_too_large_is_refused_before_a_byte_of_it_comes() {
    let quotas = Quotas { account_bytes: 1 << 20, account_trees: 10, total_bytes: 3 << 19 };
    let stage = Stage::with(Setting { quotas, ..setting() }).await;
    let hash = ContentHash::of(b"a bomb");
    for size in [1 << 20, 1 << 40, u64::MAX] {
        assert_eq!(announce(&stage, format!("entente tree 1\nplain {size} {hash} bomb\n")).await, 413, "{size}");
    }
    let many = format!("plain {0} {hash} a\nplain {0} {hash} b\n", u64::MAX);
    assert_eq!(announce(&stage, format!("entente tree 1\n{many}")).await, 400, "sizes that overflow");
    let endless = "x".repeat(jobs::MOST_MANIFEST_BYTES + 1);
    assert_eq!(announce(&stage, endless).await, 413);
    assert_eq!(stage.stored(), 0);
}

#[tokio::test]
async fn a_corrupted_byte_is_refused_and_nothing_is_kept() {
    let stage = Stage::new().await;
    let (client, good) = (stage.client(), noise(6 << 20));
    let job = bundle(&[("a", &good)]);
    let (tree, file) = (job.tree().hash(), ContentHash::of(&good));
    client.announce(tree, job.tree().to_string()).await.unwrap();
    let mut bad = good.clone();
    bad[5 << 20] ^= 1;
    let size = good.len() as u64;
    assert_eq!(status(client.put_file(tree, file, size, &Source::Bytes(bad)).await), 422);
    let half = Source::Bytes(good[..1 << 20].to_vec());
    assert_eq!(status(client.put_file(tree, file, 1 << 20, &half).await), 422);
    until(async || stage.stored() == 0).await;
    client.put_file(tree, file, size, &Source::Bytes(good)).await.unwrap();
    assert_eq!(stage.stored(), 1);
}

#[tokio::test]
async fn a_body_that_never_ends_is_refused_when_it_is_longer_than_was_announced() {
    let stage = Stage::new().await;
    let signer = PrivateKeySigner::random();
    let job = bundle(&[("a", b"short")]);
    let (tree, file) = (job.tree().hash(), ContentHash::of(b"short"));
    stage.client_of(signer.clone()).announce(tree, job.tree().to_string()).await.unwrap();
    let expires_at = stage.directory.now_ms() / 1000 + 60;
    let token = Token::sign(&signer, stage.address(), Scope::Write, Some(tree), expires_at).unwrap();
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0_u8; 1 << 16]));
    let body = reqwest::Body::wrap(SyncBody(std::sync::Mutex::new(Body::from_stream(endless))));
    let url = format!("{}/v1/trees/{tree}/files/{file}", stage.url);
    let sent = reqwest::Client::new().request(Method::PUT, url).bearer_auth(token).body(body).send().await;
    // The directory answers and hangs up; which of them is seen first is the connection's affair.
    assert!(sent.is_err() || sent.is_ok_and(|answer| answer.status() == 422));
    until(async || stage.stored() == 0).await;
}

/// A body that reqwest takes.
struct SyncBody(std::sync::Mutex<Body>);

impl http_body::Body for SyncBody {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, axum::Error>>> {
        std::pin::Pin::new(self.get_mut().0.get_mut().unwrap()).poll_frame(context)
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_at_rest_reaches_nobody_and_can_be_sent_again() {
    let stage = Stage::new().await;
    let (client, bytes, to) = (stage.client(), noise(1 << 20), tempfile::tempdir().unwrap());
    let job = bundle(&[("a", &bytes)]);
    let (tree, file) = (job.tree().hash(), ContentHash::of(&bytes));
    client.put(&job).await.unwrap();
    let mut damaged = bytes.clone();
    damaged[1000] ^= 1;
    fs::write(stage.stored_file(file), damaged).unwrap();
    client.get(tree, &to.path().join("a"), MOST).await.unwrap_err();
    until(async || stage.stored() == 0).await;
    assert!(client.get(tree, &to.path().join("b"), MOST).await.unwrap_err().is_not_found());
    client.put(&job).await.unwrap();
    client.get(tree, &to.path().join("c"), MOST).await.unwrap();
    assert_eq!(Bundle::of_folder(&to.path().join("c")).unwrap().tree().hash(), tree);
}

#[tokio::test]
async fn a_client_takes_no_more_than_it_wants_and_leaves_what_is_there_alone() {
    let stage = Stage::new().await;
    let (client, to) = (stage.client(), tempfile::tempdir().unwrap());
    let job = bundle(&[("a", &[7; 1000])]);
    let tree = job.tree().hash();
    client.put(&job).await.unwrap();
    let refused = client.get(tree, &to.path().join("x"), 1000).await;
    assert!(matches!(refused, Err(ClientError::TooLarge { most: 1000, .. })));
    fs::write(to.path().join("mine"), "x").unwrap();
    let refused = client.get(tree, to.path(), MOST).await;
    assert!(matches!(refused, Err(ClientError::NotEmpty(_))));
    assert_eq!(fs::read_to_string(to.path().join("mine")).unwrap(), "x");
}

/// A directory that answers every request for a tree with `manifest`, and for a file with `file`, for ever if it may.
async fn liar(manifest: String, file: &'static [u8]) -> Client {
    let endless = move || Body::from_stream(stream::repeat_with(move || Ok::<_, std::io::Error>(file)));
    let app = Router::new()
        .route("/v1/trees/{tree}", get(|| async move { manifest }))
        .route("/v1/trees/{tree}/files/{file}", get(move || async move { endless() }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    Client::new(&url, alloy::primitives::Address::ZERO, PrivateKeySigner::random()).unwrap()
}

#[tokio::test]
async fn a_directory_that_lies_is_found_out() {
    let to = tempfile::tempdir().unwrap();
    let folder = to.path().join("x");
    let good = bundle(&[("abc", b"x")]);
    let climbing = good.tree().to_string().replace("abc", "../c");
    let name = ContentHash::of(climbing.as_bytes());
    let refused = liar(climbing, b"x").await.get(name, &folder, MOST).await;
    assert!(matches!(refused, Err(ClientError::Manifest { .. })), "{refused:?}");
    let another = liar(Tree::default().to_string(), b"x").await.get(good.tree().hash(), &folder, MOST).await;
    assert!(matches!(another, Err(ClientError::Corrupted { .. })), "{another:?}");
    let longer = liar(good.tree().to_string(), b"x").await.get(good.tree().hash(), &folder, MOST).await;
    assert!(matches!(longer, Err(ClientError::TooLarge { .. })), "{longer:?}");
    assert!(!folder.exists());
}
