//! Downloads that go on where they were cut.

use std::{fs, sync::atomic::Ordering};

use alloy::signers::local::PrivateKeySigner;
use job_directory::Client;
use jobs::{Bundle, ContentHash};

use crate::{
    proxy::Proxy,
    stage::{Stage, bundle, noise},
};

const MOST: u64 = 1 << 30;

#[tokio::test]
async fn a_download_that_is_cut_again_and_again_goes_on_and_fetches_nothing_twice() {
    let stage = Stage::new().await;
    let (bytes, to) = (noise(4 << 20), tempfile::tempdir().unwrap());
    let job = bundle(&[("large", &bytes), ("small", b"x")]);
    stage.client().put(&job).await.unwrap();
    let proxy = Proxy::of(&stage.url, 1 << 20).await;
    let client = Client::new(&proxy.url, stage.address(), PrivateKeySigner::random()).unwrap();
    let folder = to.path().join("x");
    client.get(job.tree().hash(), &folder, MOST).await.unwrap();
    assert_eq!(Bundle::of_folder(&folder).unwrap().tree(), job.tree());
    assert!(proxy.cuts.load(Ordering::Relaxed) >= 4);
    let passed = proxy.passed.load(Ordering::Relaxed);
    // What was on its way when a connection was cut may be lost, and each answer has a head.
    assert!(passed < (4 << 20) + (1 << 20), "{passed} bytes for {}", 4 << 20);
}

#[tokio::test]
async fn another_process_goes_on_with_what_is_there_and_trusts_none_of_it() {
    let stage = Stage::new().await;
    let (bytes, to) = (noise(2 << 20), tempfile::tempdir().unwrap());
    let job = bundle(&[("a", &bytes), ("b", b"b")]);
    let (tree, file) = (job.tree().hash(), ContentHash::of(&bytes));
    stage.client().put(&job).await.unwrap();
    let mut torn = bytes[..(2 << 20) - 1000].to_vec();
    for (name, is_good) in [("good", true), ("torn", false)] {
        if !is_good {
            torn[10] ^= 1;
        }
        let partial = to.path().join(format!(".{name}.partial")).join(tree.to_string());
        fs::create_dir_all(&partial).unwrap();
        fs::write(partial.join(format!("{file}.part")), &torn).unwrap();
        fs::write(partial.join(ContentHash::of(b"b").to_string()), "not b").unwrap();
        let proxy = Proxy::of(&stage.url, usize::MAX).await;
        let client = Client::new(&proxy.url, stage.address(), PrivateKeySigner::random()).unwrap();
        let folder = to.path().join(name);
        client.get(tree, &folder, MOST).await.unwrap();
        assert_eq!(Bundle::of_folder(&folder).unwrap().tree().hash(), tree);
        let passed = proxy.passed.load(Ordering::Relaxed);
        assert_eq!(passed < 100_000, is_good, "{name}: {passed} bytes");
    }
    assert_eq!(fs::read_dir(to.path()).unwrap().count(), 2, "nothing is left beside");
}

#[tokio::test]
async fn parts_are_given_as_the_standard_has_it() {
    let stage = Stage::new().await;
    let job = bundle(&[("a", b"0123456789")]);
    stage.client().put(&job).await.unwrap();
    let (tree, file) = (job.tree().hash(), ContentHash::of(b"0123456789"));
    let signer = PrivateKeySigner::random();
    let expires_at = stage.directory.now_ms() / 1000 + 60;
    let token = job_directory::Token::sign(&signer, stage.address(), job_directory::Scope::Read, None, expires_at);
    let token = token.unwrap().to_string();
    let ask = async |headers: &[(&str, &str)]| {
        let url = format!("{}/v1/trees/{tree}/files/{file}", stage.url);
        let mut request = reqwest::Client::new().get(url).bearer_auth(&token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let range = answer.headers().get("content-range").map(|range| range.to_str().unwrap().to_owned());
        (answer.status().as_u16(), range.unwrap_or_default(), answer.text().await.unwrap())
    };
    let part = (206, "bytes 3-5/10".to_owned(), "345".to_owned());
    assert_eq!(ask(&[("range", "bytes=3-5")]).await, part);
    assert_eq!(ask(&[("range", "bytes=3-5"), ("if-range", &format!("\"{file}\""))]).await, part);
    let all = (200, String::new(), "0123456789".to_owned());
    assert_eq!(ask(&[]).await, all);
    assert_eq!(ask(&[("range", "bytes=3-5"), ("if-range", "\"another\"")]).await, all);
    let (status, range, _) = ask(&[("range", "bytes=10-")]).await;
    assert_eq!((status, range.as_str()), (416, "bytes */10"));
}
