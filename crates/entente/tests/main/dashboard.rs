//! The page's server as a process: what it tells of a market in which somebody trades.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use crate::world::{World, fetch, wait_for};

const DASHBOARD: &str = "dashboard --listen 127.0.0.1:0 --poll-milliseconds 20";

fn document(address: &str, path: &str) -> Value {
    let (status, body) = fetch(&format!("{address}/{path}"));
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
}

/// Reads events until a line begins so.
fn listen_for(address: &str, line: &str, meanwhile: impl FnOnce()) -> String {
    let mut stream = TcpStream::connect(address).expect("a server");
    stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a limit");
    write!(stream, "GET /api/events HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("a request");
    let mut lines = BufReader::new(stream).lines().map(|line| line.expect("an event in time"));
    lines.find(|line| line == "event: hello").expect("a greeting");
    meanwhile();
    lines.find(|heard| heard.contains(line)).expect("the event")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_told_as_it_is_traded() {
    let world = World::with_prosumers().await;
    let place = &world.place;
    place.json("token mint bob 1 --wallet dso");
    place.json("transax credits deposit 1 --wallet bob");
    place.json("transax withdraw-assets sell --first 1 --last 2 --energy-wh 500 --wallet alice");
    place.json("transax withdraw-assets buy --first 1 --last 1 --energy-wh 400 --wallet bob");
    let page = place.start(&format!("{DASHBOARD} --journal page.sqlite"));
    let address = page.address();
    wait_for("the past", || fetch(&format!("{address}/ready")).0 == 200).await;
    assert!(fetch(&format!("{address}/")).1.contains("<title>Entente</title>"));
    let news = listen_for(&address, "would sell", || {
        place.json("transax offer sell --energy-wh 500 --price 0.10 --from 1 --to 2 --wallet alice");
    });
    assert!(news.contains(r#""kind":"offer""#), "{news}");
    place.json("transax offer buy --energy-wh 400 --price 0.20 --from 1 --wallet bob");
    let row = |interval: usize| document(&address, "api/day")["intervals"][interval].clone();
    wait_for("bob's offer", || row(1)["asked_wh"] == 400).await;
    assert_eq!((&row(1)["offered_wh"], &row(2)["offered_wh"]), (&500.into(), &500.into()));

    let solver = place.start("transax solver run --wallet bob --poll-milliseconds 20");
    wait_for("a plan", || !document(&address, "api/competition")["candidate"].is_null()).await;
    let competition = document(&address, "api/competition");
    assert_eq!(
        (&competition["candidate"]["value_wh"], &competition["solvers"][0]["solutions"]),
        (&400.into(), &1.into())
    );
    assert_eq!((&row(1)["state"], &row(1)["sold_wh"]), (&"open".into(), &400.into()));
    solver.stop();
    let genesis = place.json("")["deployment"]["params"]["genesis"].as_u64().expect("a time");
    world.node.warp_to(genesis).await.expect("the clock moves");
    let dso = place.start("transax dso run --wallet dso --poll-milliseconds 20");
    wait_for("interval 1 to be final", || row(1)["state"] == "final").await;
    dso.stop();
    assert_eq!(
        (&row(0)["state"], &row(1)["bought_wh"], &row(2)["offered_wh"]),
        (&"lapsed".into(), &400.into(), &100.into())
    );
    let trades = document(&address, "api/trades");
    assert_eq!(
        (trades["trades"].as_array().map(Vec::len), &trades["trades"][0]["payment_base_units"]),
        (Some(2), &"60000".into())
    );
    let changes = document(&address, "api/competition")["changes"].clone();
    let values: Vec<_> =
        changes.as_array().into_iter().flatten().map(|change| (&change["cause"], &change["value_wh"])).collect();
    assert_eq!(values, [(&"posted".into(), &400.into()), (&"final".into(), &0.into())]);

    let second = place.run(&["dashboard", "--listen", &address]);
    second.refused(2, "cannot listen");
    assert!(page.stop().contains("it shows TRANSAX"));
    let again = place.start(&format!("{DASHBOARD} --journal page.sqlite"));
    let address = again.address();
    wait_for("the past", || fetch(&format!("{address}/ready")).0 == 200).await;
    assert_eq!(document(&address, "api/trades"), trades, "what was kept says the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_and_cycles_are_shown_where_they_are_written_down() {
    let world = World::start().await;
    let (place, url) = (&world.place, world.node.url());
    place.line("dashboard --listen 127.0.0.1:0").refused(6, "no deployment file");
    place.line("dashboard --listen 127.0.0.1:0 --modicum nowhere.json").refused(6, "nowhere.json");
    place.json(&format!("modicum deploy --rpc {url} --wallet dso"));
    place.json(&format!("solidworx deploy --rpc {url} --wallet dso --num-types 3 --max-quantity 10"));
    let page = place.start(DASHBOARD);
    let address = page.address();
    wait_for("the past", || fetch(&format!("{address}/ready")).0 == 200).await;
    assert!(document(&address, "api/market")["transax"].is_null());
    assert_eq!(fetch(&format!("{address}/api/day")).0, 404);
    let jobs = document(&address, "api/modicum");
    assert_eq!((&jobs["open_jobs"], &jobs["held_base_units"]), (&0.into(), &"0".into()));
    let cycles = document(&address, "api/solidworx");
    assert_eq!((&cycles["cycle"], &cycles["state"]), (&1.into(), &"receive".into()));
    let news = document(&address, "api/news");
    assert!(news["news"].to_string().contains("cycle 1 takes offers"), "{news}");
}
