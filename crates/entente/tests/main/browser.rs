//! The page in a real browser: looked at on a phone and on a desk, in the light and in the dark, and traded on.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use chain::anvil::dev_keys;

use crate::world::{World, fetch, wait_for};

/// Debian's Chromium, or the one that is named.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("ENTENTE_CHROMIUM").map(PathBuf::from);
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let usual = || std::env::split_paths(&folders).map(|folder| folder.join("chromium")).find(|file| file.is_file());
    named.or_else(usual)
}

/// Intervals of a market in which `alice` sells and `bob` buys; some are final, some are planned.
async fn traded() -> World {
    let world = World::with_prosumers().await;
    let place = &world.place;
    place.json("token mint bob 100 --wallet dso");
    place.json("transax credits deposit 50 --wallet bob");
    place.json("transax withdraw-assets sell --first 1 --last 60 --energy-wh 2500 --wallet alice");
    place.json("transax withdraw-assets buy --first 1 --last 60 --energy-wh 2500 --wallet bob");
    for (energy, price, from, to) in
        [(700, "0.09", 1, 4), (1000, "0.11", 3, 12), (700, "0.10", 8, 20), (500, "0.14", 20, 40)]
    {
        place.json(&format!(
            "transax offer sell --energy-wh {energy} --price {price} --from {from} --to {to} --wallet alice"
        ));
    }
    for (energy, price, from, to) in
        [(300, "0.24", 1, 1), (450, "0.22", 2, 3), (500, "0.20", 4, 6), (380, "0.21", 7, 9)]
    {
        place.json(&format!(
            "transax offer buy --energy-wh {energy} --price {price} --from {from} --to {to} --wallet bob"
        ));
    }
    let url = world.node.url();
    place.json(&format!("modicum deploy --rpc {url} --wallet dso"));
    place.json(&format!("solidworx deploy --rpc {url} --wallet dso --num-types 3 --max-quantity 10"));
    let solver = place.start("transax solver run --wallet bob --poll-milliseconds 20");
    let dso = place.start("transax dso run --wallet dso --poll-milliseconds 20");
    wait_for("a plan", || !place.json("transax market")["candidate"].is_null()).await;
    let genesis = place.json("")["deployment"]["params"]["genesis"].as_u64().expect("a time");
    for interval in 1..4 {
        // A plan for what is left, before the clock moves on.
        wait_for("an interval's plan", || {
            let planned = place.json("transax market")["candidate"]["intervals"][0]["interval"].clone();
            planned.as_u64() >= Some(interval)
        })
        .await;
        world.node.warp_to(genesis + (interval - 1) * 900).await.expect("the clock moves");
        wait_for("the interval to be final", || place.json("transax market")["next_interval"] == interval + 1).await;
    }
    wait_for("another plan", || !place.json("transax market")["candidate"].is_null()).await;
    dso.stop();
    solver.stop();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_seen_and_traded_on_in_a_browser() {
    let Some(chromium) = chromium() else {
        assert!(std::env::var_os("ENTENTE_REQUIRE_ALL").is_none(), "nothing may be skipped, and Chromium is missing");
        // Past what the test's runner keeps to itself.
        let why =
            "skipped: there is no Chromium here; script/setup.sh installs Debian's, ENTENTE_CHROMIUM names another";
        writeln!(io::stderr(), "{why}").expect("errors can be written");
        return;
    };
    let world = traded().await;
    let page = world.place.start("dashboard --listen 127.0.0.1:0 --poll-milliseconds 20");
    let address = page.address();
    wait_for("the past", || fetch(&format!("{address}/ready")).0 == 200).await;
    // Read when the test runs: several checkouts may share what was built.
    let crates = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let built = std::env::current_exe().expect("a test is a program");
    let target = built.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).unwrap_or(Path::new("target"));
    let pictures = target.join("dashboard");
    let looked = Command::new("node")
        .arg(Path::new(&crates).join("../dashboard/tests/browser/look.mjs"))
        .env("PAGE", format!("http://{address}"))
        .env("NODE", world.node.url())
        .env("ACCOUNT", dev_keys(2)[1].address().to_string())
        .env("CHROMIUM", chromium)
        .env("PICTURES", &pictures)
        .output()
        .expect("node runs");
    let (said, failed) = (String::from_utf8_lossy(&looked.stdout), String::from_utf8_lossy(&looked.stderr));
    assert!(looked.status.success() && said.contains("seen"), "{said}{failed}\nthe server said: {}", page.said());
}
