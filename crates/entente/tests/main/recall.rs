//! What verbs read of a market is left for the next one, whatever becomes of it or of the chain.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use alloy::{
    providers::{Provider, ext::AnvilApi},
    rpc::types::anvil::ReorgOptions,
};
use axum::{Json, Router, extract::State, routing::post};
use chain::{
    Client,
    anvil::{Anvil, Options},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::world::{Place, World};

const MARKET: &str = "transax market --json";

/// Passes requests on to a node, and writes down which blocks' logs are asked for; may leave out the first log of all.
#[derive(Clone)]
struct Listener {
    node: Client,
    asked: Arc<Mutex<Vec<Value>>>,
    omits: Arc<AtomicBool>,
}

impl Listener {
    /// Returns its address, too.
    async fn start(node: &Anvil) -> (Self, String) {
        let listener = Self { node: node.client().clone(), asked: Arc::default(), omits: Arc::default() };
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", socket.local_addr().expect("an address"));
        let router = Router::new().route("/", post(Self::pass_on)).with_state(listener.clone());
        tokio::spawn(async { axum::serve(socket, router).await });
        (listener, url)
    }

    async fn pass_on(State(listener): State<Self>, Json(request): Json<Value>) -> Json<Value> {
        let (method, params) = (request["method"].as_str().expect("a method").to_owned(), request["params"].clone());
        let params = if params.is_null() { json!([]) } else { params };
        let asks_for_logs = method == "eth_getLogs";
        if asks_for_logs {
            listener.asked.lock().expect("nobody panics with it").push(params[0].clone());
        }
        let provider = listener.node.provider();
        let mut answer: Value = provider.raw_request(method.into(), params).await.expect("the node answers");
        if asks_for_logs && listener.omits.load(Ordering::Relaxed) {
            answer.as_array_mut().expect("logs").remove(0);
        }
        Json(json!({ "jsonrpc": "2.0", "id": request["id"], "result": answer }))
    }

    /// Of each request for logs since the last call the first block, or the hash of the only one.
    fn asked(&self) -> Vec<Value> {
        let asked = std::mem::take(&mut *self.asked.lock().expect("nobody panics with it"));
        let first = |filter: Value| Some(filter["fromBlock"].clone()).filter(|from| !from.is_null());
        asked.into_iter().map(|filter| first(filter.clone()).unwrap_or_else(|| filter["blockHash"].clone())).collect()
    }
}

/// What a verb says that finds nothing of what verbs before have read.
fn anew(place: &Place, line: &str) -> String {
    let nothing = tempfile::tempdir().expect("a folder");
    let ran = place.line_with(line, &[("ENTENTE_HOME", nothing.path().to_str().expect("text"))]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}");
    ran.stdout
}

/// Runs a verb, which must say what one says that reads everything.
#[track_caller]
fn agrees(place: &Place, line: &str) {
    let ran = place.line(line);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}");
    assert_eq!(ran.stdout, anew(place, line), "{line}");
}

/// The one file in which what was read is left.
fn file(place: &Place) -> PathBuf {
    let found = fs::read_dir(place.path().join("home/journals")).expect("a folder");
    let mut files = found.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some());
    let file = files.next().expect("a file");
    assert_eq!((file.extension().and_then(|kind| kind.to_str()), files.next()), (Some("read"), None));
    file
}

fn add_group(place: &Place) {
    place.json("transax group add 5:5 --wallet dso");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verb_reads_only_what_came_since_the_last_one() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    let (node, url) = Listener::start(&world.node).await;
    let line = format!("{MARKET} --rpc {url}");
    let first: u64 = place.json("")["deployment"]["deployment_block"].as_u64().expect("a block");
    let before = place.line(&line);
    assert_eq!(node.asked(), [json!(format!("{first:#x}"))], "the first one reads everything");
    assert_eq!(place.line(&line).stdout, before.stdout);
    assert_eq!(place.line(&format!("transax offers --all --json --rpc {url}")).code, 0);
    assert!(node.asked().is_empty(), "nothing has happened since");
    let cursor = world.node.client().head().await.expect("a block").block.number;
    for _ in 0..3 {
        add_group(place);
    }
    agrees(place, MARKET);
    add_group(place);
    add_group(place);
    node.asked();
    place.line(&line);
    assert_eq!(node.asked(), [json!(format!("{:#x}", cursor + 4))], "the tail alone");
    agrees(place, MARKET);
    agrees(place, "transax market");
    file(place);
}

#[tokio::test(flavor = "multi_thread")]
async fn verbs_at_the_same_time_all_say_what_is_so() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    for _ in 0..4 {
        let right = anew(place, MARKET);
        thread::scope(|scope| {
            let verbs: Vec<_> = (0..6).map(|_| scope.spawn(|| place.line(MARKET))).collect();
            for verb in verbs {
                let ran = verb.join().expect("it ends");
                assert_eq!((ran.code, ran.stderr.as_str(), ran.stdout.as_str()), (0, "", right.as_str()));
            }
        });
        add_group(place);
    }
    agrees(place, MARKET);
    file(place);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_undoes_between_two_verbs_is_forgotten() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    add_group(place);
    add_group(place);
    agrees(place, MARKET);
    let groups = || place.json("transax market")["groups"].as_array().map(Vec::len);
    assert_eq!(groups(), Some(3));
    let provider = world.node.client().provider();
    provider.anvil_reorg(ReorgOptions { depth: 2, tx_block_pairs: Vec::new() }).await.expect("other blocks");
    agrees(place, MARKET);
    assert_eq!(groups(), Some(1));
    // A node that is behind shows no more than it has.
    add_group(place);
    agrees(place, MARKET);
    provider.anvil_rollback(Some(1)).await.expect("fewer blocks");
    agrees(place, MARKET);
    assert_eq!(groups(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_was_wiped_and_begun_anew_is_read_anew() {
    let mut world = World::with_prosumers().await;
    for _ in 0..80 {
        world.node.mine().await.expect("a block");
    }
    agrees(&world.place, MARKET);
    let old = file(&world.place);
    let options = Options::default();
    // The same accounts deploy to the same addresses.
    world.node = Anvil::start(Options { timestamp: options.timestamp + 60, ..options }).await.expect("a node");
    let deploy = format!("deploy --force --rpc {} --wallet dso --genesis +2000 --group 7:5", world.node.url());
    world.place.json(&deploy);
    agrees(&world.place, MARKET);
    let market = world.place.json("transax market");
    assert_eq!((market["prosumers"].as_u64(), &market["groups"][0]["internal_limit_wh"]), (Some(0), &json!(7)));
    assert_eq!(file(&world.place), old, "to a verb it is the same market");
    // Past where the old chain ended.
    for _ in 0..200 {
        world.node.mine().await.expect("a block");
    }
    agrees(&world.place, MARKET);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_once_left_out_is_not_missed_for_ever() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    add_group(place);
    let (node, url) = Listener::start(&world.node).await;
    let line = format!("{MARKET} --rpc {url}");
    node.omits.store(true, Ordering::Relaxed);
    assert_eq!(place.line(&line).code, 1, "there is a second group, and no first one");
    node.omits.store(false, Ordering::Relaxed);
    agrees(place, &line);
    node.asked();
    assert_eq!(place.line(&line).code, 0);
    assert!(node.asked().is_empty(), "what was read anew is left to the next one");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_left_verbs_read_everything() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    place.write("home/journals", "no folder");
    agrees(place, MARKET);
    add_group(place);
    agrees(place, MARKET);
    agrees(place, "transax market");
    assert_eq!(fs::read_to_string(place.path().join("home/journals")).expect("as it was"), "no folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_told_once_and_written_anew() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    agrees(place, MARKET);
    let file = file(place);
    let whole = fs::read(&file).expect("a file");
    for damaged in [&whole[..whole.len() / 2], b"", b"not what a verb writes"] {
        fs::write(&file, damaged).expect("written");
        let ran = place.line("transax market");
        assert_eq!((ran.code, ran.stderr.lines().count()), (0, 1), "{ran:?}");
        assert!(ran.stderr.contains("is damaged"), "{ran:?}");
        assert_eq!(ran.stdout, anew(place, "transax market"));
        assert_eq!(fs::read(&file).expect("a file"), whole);
        agrees(place, "transax market");
    }
    fs::write(&file, &whole[1..]).expect("written");
    agrees(place, MARKET);
    fs::remove_file(&file).expect("it may be deleted at any time");
    agrees(place, MARKET);
    assert_eq!(fs::read(&file).expect("a file"), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_market_is_left_to_the_next_verb() {
    let world = World::start().await;
    let place = &world.place;
    place.json(&format!("modicum deploy --rpc {} --wallet dso", world.node.url()));
    place.json(&format!("solidworx deploy --rpc {} --wallet dso --num-types 3 --max-quantity 10", world.node.url()));
    let (node, url) = Listener::start(&world.node).await;
    for verb in ["modicum status", "solidworx status"] {
        let line = format!("{verb} --json --rpc {url}");
        agrees(place, &line);
        assert_eq!(node.asked().len(), 2, "{verb}: once, and once by whoever recalls nothing");
        assert_eq!(place.line(&line).code, 0);
        assert!(node.asked().is_empty(), "{verb}: nothing has happened since");
    }
    assert_eq!(fs::read_dir(place.path().join("home/journals")).expect("a folder").count(), 2);
}
