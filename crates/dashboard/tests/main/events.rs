//! Listening to what happens.

use std::{num::NonZeroUsize, time::Duration};

use alloy::{providers::ext::AnvilApi, rpc::types::anvil::ReorgOptions};
use dashboard::Settings;
use reqwest::Response;

use crate::stage::{SOON, Stage, settings};

/// Somebody who listens.
struct Ear {
    response: Response,
    heard: String,
}

impl Ear {
    async fn open(stage: &Stage, last: Option<&str>) -> Self {
        let request = stage.client.get(format!("{}/api/events", stage.url));
        let request = last.into_iter().fold(request, |request, id| request.header("last-event-id", id));
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.headers()["content-type"].as_bytes()),
            (200, &b"text/event-stream"[..])
        );
        Self { response, heard: String::new() }
    }

    /// Everything up to and including a line that begins so, and what follows it.
    async fn until(&mut self, line: &str) -> &str {
        let listening = async {
            while !self.heard.lines().any(|heard| heard.starts_with(line)) || !self.heard.ends_with("\n\n") {
                let piece = self.response.chunk().await.unwrap().expect("the stream goes on");
                self.heard.push_str(std::str::from_utf8(&piece).unwrap());
            }
        };
        tokio::time::timeout(SOON, listening).await.unwrap_or_else(|_| panic!("{line:?} was not heard"));
        &self.heard
    }
}

/// The id of the last event that begins so.
fn id_before(heard: &str, event: &str) -> String {
    let message = heard.rsplit("\n\n").find(|message| message.contains(event)).expect("an event");
    message.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id").to_owned()
}

#[tokio::test]
async fn whoever_listens_is_told_and_whoever_comes_back_is_told_what_was_missed() {
    let mut stage = Stage::new(settings()).await;
    let mut ear = Ear::open(&stage, None).await;
    let id = id_before(ear.until("event: hello").await, "event: hello");
    stage.add_group().await;
    assert!(ear.until("event: news").await.contains("group 1 was added"));
    assert!(ear.until("event: block").await.contains(r#""has_news":true"#));
    drop(ear);
    stage.add_group().await;
    let mut back = Ear::open(&stage, Some(&id)).await;
    let heard = back.until(r#"data: {"system":"transax","kind":"group","block":5"#).await;
    let (first, second) = (heard.find("group 1 was added"), heard.find("group 2 was added"));
    assert!(first.is_some() && first < second && !heard.contains("event: hello"), "{heard}");
    for id in ["ffff-1", "nonsense"] {
        assert!(Ear::open(&stage, Some(id)).await.until("event: ").await.contains("event: reset"));
    }
}

#[tokio::test]
async fn after_a_reorganisation_everything_is_to_be_read_anew() {
    let mut stage = Stage::new(settings()).await;
    stage.add_group().await;
    let groups = async |stage: &Stage| {
        let market = stage.json("/api/market").await;
        market["transax"]["groups"].as_array().map_or(0, Vec::len)
    };
    stage.wait_for("the group", async |stage| groups(stage).await == 2).await;
    let mut ear = Ear::open(&stage, None).await;
    ear.until("event: hello").await;
    let options = ReorgOptions { depth: 1, tx_block_pairs: Vec::new() };
    stage.anvil.client().provider().anvil_reorg(options).await.unwrap();
    let heard = ear.until("event: reset").await;
    assert!(!heard.contains("event: news"), "{heard}");
    assert_eq!(groups(&stage).await, 1);
}

#[tokio::test]
async fn listeners_are_bounded_kept_alive_and_sent_home_at_the_end() {
    let bounds =
        Settings { listeners: NonZeroUsize::new(1).unwrap(), heartbeat: Duration::from_millis(50), ..settings() };
    let stage = Stage::new(bounds).await;
    let mut ear = Ear::open(&stage, None).await;
    assert_eq!(stage.get("/api/events").await.status(), 429);
    ear.until(": alive").await;
    drop(ear);
    stage.wait_for("a free seat", async |stage| stage.get("/api/events").await.status() == 200).await;
    let mut last = Ear::open(&stage, None).await;
    stage.stop().await;
    // Its heartbeats would go on for ever.
    let ending = async { while last.response.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(SOON, ending).await.expect("the stream ends with the server");
}
