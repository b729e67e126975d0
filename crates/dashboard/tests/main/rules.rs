//! Who may ask, what is answered, and what a browser may do with it.

use dashboard::Settings;
use web::Rate;

use crate::stage::{Stage, settings};

#[tokio::test]
async fn the_page_and_what_it_needs_are_served_under_a_strict_policy() {
    let stage = Stage::new(settings()).await;
    let page = stage.get("/").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let page = page.text().await.unwrap();
    let linked: Vec<_> = page.split('"').filter(|word| word.starts_with('/') && word.len() > 1).collect();
    assert!(linked.len() >= 4, "{linked:?}");
    for path in linked.into_iter().chain(["/ethers.js", "/wallet.js", "/chart.js"]) {
        let file = stage.get(path).await;
        assert_eq!(file.status(), 200, "{path}");
        assert_eq!(file.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(!file.bytes().await.unwrap().is_empty(), "{path}");
    }
    // Nothing inline, nothing from elsewhere.
    for inline in ["<style", " style=", "onclick=", "javascript:", "http://", "https://", "<script>"] {
        assert!(!page.contains(inline), "{inline}");
    }
}

#[tokio::test]
async fn a_foreign_name_and_one_in_a_hurry_are_refused() {
    let named = Settings { names: vec!["grid.example".to_owned()], ..settings() };
    let stage = Stage::new(named).await;
    let asked = async |host: &str| {
        let request = stage.client.get(format!("{}/api/market", stage.url)).header("host", host);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!([asked("evil.example").await, asked("grid.example").await, asked("localhost:1").await], [421, 200, 200]);
    drop(stage);
    let hurried = Stage::new(Settings { rate: Rate { burst: 3000, per_second: 1 }, ..settings() }).await;
    for _ in 0..6000 {
        if hurried.get("/live").await.status() == 429 {
            return;
        }
    }
    panic!("nothing was ever refused");
}

#[tokio::test]
async fn documents_say_what_the_market_is_and_what_a_refusal_means() {
    let stage = Stage::new(settings()).await;
    let market = stage.json("/api/market").await;
    assert_eq!((&market["chain_id"], &market["transax"]["token_decimals"]), (&31_337.into(), &6.into()));
    assert!(market["modicum"].is_null() && stage.get("/api/modicum").await.status() == 404);
    let day = stage.json("/api/day?group=0").await;
    assert_eq!((&day["internal_limit_wh"], &day["intervals"][0]["state"]), (&20_000.into(), &"open".into()));
    assert_eq!(day["intervals"].as_array().map(Vec::len), Some(96));
    assert_eq!(stage.get("/api/day?group=1").await.status(), 404);
    let abi = stage.json("/api/abi").await;
    let names: Vec<_> = abi.as_array().unwrap().iter().filter_map(|item| item["name"].as_str()).collect();
    for needed in ["postOffer", "cancelOffer", "OfferPosted", "InsufficientAssets"] {
        assert!(names.contains(&needed), "{needed} is not in {names:?}");
    }
    // ZeroEnergy(): the first four bytes of the hash of its name.
    let reason = stage.json("/api/refusal?data=0x9a1bd3e5").await;
    assert!(reason["reason"].is_string(), "{reason}");
    let unregistered = "0x".to_owned() + &"00".repeat(3000);
    assert_eq!(stage.get(&format!("/api/refusal?data={unregistered}")).await.status(), 400);
    let error = stage.json("/api/offers?state=gone").await;
    assert_eq!(error["error"], "state: open or all");
}
