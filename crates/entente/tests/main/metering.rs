//! What meters read, sign and send, and what the DSO accepts.

use std::{fs, path::PathBuf};

use alloy::signers::local::PrivateKeySigner;
use bindings::{Domain, SignedBill};
use chain::anvil::dev_keys;
use serde_json::{Value, json};

use crate::{
    broker::{Broker, Sender},
    world::{World, wait_for},
};

/// Of a market in which alice and bob are registered.
struct Metered {
    world: World,
    genesis: u64,
    now: u64,
}

impl Metered {
    async fn start() -> Self {
        let world = World::with_prosumers().await;
        let file = fs::read_to_string(world.place.path().join("entente.json")).expect("a deployment file");
        let deployment: Value = serde_json::from_str(&file).expect("a deployment");
        let genesis = deployment["params"]["genesis"].as_u64().expect("a time");
        Self { world, genesis, now: genesis }
    }

    /// When an interval starts.
    fn at(&self, interval: u64) -> u64 {
        self.genesis + interval * 900
    }

    /// Lets an interval go on from now on.
    async fn during(&mut self, interval: u64) {
        self.now = self.at(interval) + 1;
        self.world.node.warp_to(self.now).await.expect("the clock moves");
    }

    /// Makes blocks until there are so many bills, and names them in order.
    async fn bills(&mut self, count: usize) -> Vec<String> {
        let folder = self.world.place.path().join("bills");
        for _ in 0..600 {
            let mut files: Vec<PathBuf> =
                fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.expect("a file").path()).collect();
            files.retain(|file| file.extension().is_some_and(|name| name == "json"));
            if files.len() >= count {
                files.sort();
                return files.into_iter().map(|file| file.to_string_lossy().into_owned()).collect();
            }
            self.now += 1;
            self.world.node.warp_to(self.now).await.expect("the clock moves");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{count} bills did not come");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_signed_by_the_meter_and_accepted_once() {
    let mut metered = Metered::start().await;
    metered.during(1).await;
    let place = &metered.world.place;
    place.write("alice.csv", "interval,net_wh\n0,-1000\n1,-500\n");
    let sign = "transax bill --readings alice.csv --sign --out bill.json --wallet";
    place.line(&format!("{sign} meter-alice")).refused(2, "interval 1 has not ended yet");
    metered.during(2).await;
    let place = &metered.world.place;
    place.line(&format!("{sign} alice")).refused(2, "is no meter with a prosumer");
    let signed = place.json(&format!("{sign} meter-alice"));
    let unsigned = place.json("transax bill --readings alice.csv --wallet alice");
    assert_eq!((&signed["bill"]["owed"], &unsigned["owed"]), (&json!(450_000), &json!(450_000)));
    assert_eq!(signed["bill"]["schedule"], unsigned["schedule"]);

    let bill = fs::read_to_string(place.path().join("bill.json")).expect("a bill");
    for (from, to, words) in [
        ("450000", "45000", "its signature is not that of meter"),
        ("\"last\": 1", "\"last\": 2", "its signature is not that of meter"),
        ("\"chain_id\": 31337", "\"chain_id\": 1", "not for this one"),
        ("\"owed\"", "\"colour\"", "unknown field"),
    ] {
        assert!(bill.contains(from), "{bill}");
        place.write("altered.json", &bill.replace(from, to));
        place.line("transax bill verify altered.json").refused(2, words);
    }
    let signed: SignedBill = serde_json::from_str(&bill).expect("a bill");
    let domain = Domain { chain_id: signed.chain_id, market: signed.market };
    let stranger: PrivateKeySigner = dev_keys(4).pop().expect("a key");
    let forged = SignedBill::sign(&stranger, domain, signed.bill).expect("a signature");
    place.write("forged.json", &serde_json::to_string(&forged).expect("plain data"));
    place.line("transax bill verify forged.json").refused(2, "is not the meter of");

    let accepted = place.json("transax bill verify bill.json");
    assert_eq!((&accepted["first"], &accepted["last"], &accepted["owed"]), (&json!(0), &json!(1), &json!(450_000)));
    assert_eq!(accepted["by"], "the market's two prices");
    place.line("transax bill verify bill.json").refused(2, "billed already; the next bill begins with 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn bills_follow_each_other_and_name_a_schedule_that_is_known() {
    let mut metered = Metered::start().await;
    metered.during(5).await;
    let place = &metered.world.place;
    let sign = |readings: &str, more: &str| {
        place.write("bob.csv", readings);
        place.json(&format!("transax bill --readings bob.csv --sign --out bill.json --wallet meter-bob {more}"))
    };
    sign("interval,net_wh\n1,-1000\n", "");
    let accepted = place.line("transax bill verify bill.json --accepted kept");
    assert!(accepted.stdout.contains("owed to the DSO: 0.3 tokens"), "{accepted:?}");
    sign("interval,net_wh\n3,-1000\n", "");
    place.line("transax bill verify bill.json --accepted kept").refused(2, "intervals 2 to 2 are not billed yet");
    let gap = "transax bill --readings bob.csv --sign --out bill.json --wallet meter-bob";
    place.write("bob.csv", "interval,net_wh\n2,-1000\n4,-1000\n");
    place.line(gap).refused(2, "there is no reading of interval 3");

    let dear = r#"{"periods": [{"from": "00:00", "grid": [{"up_to_wh": 600, "price": 300000}, {"price": 400000}],
        "feed_in": [{"price": 80000}]}]}"#;
    place.write("dear.json", dear);
    let signed = sign("interval,net_wh\n2,-1000\n3,1000\n", "--schedule dear.json");
    assert_eq!(signed["bill"]["owed"], 180_000 + 160_000 - 80_000);
    place.line("transax bill verify bill.json --accepted kept").refused(2, "and known are the market's two prices");
    let accepted = place.json("transax bill verify bill.json --accepted kept --schedule dear.json");
    assert_eq!((&accepted["owed"], &accepted["by"]), (&json!(260_000), &json!("dear.json")));
    place.write("silly.json", &dear.replace("80000", "300001"));
    let line = "transax bill --readings bob.csv --schedule silly.json --wallet bob";
    place.line(line).refused(2, "who bought and sold at once would gain");
    place.write("silly.json", &dear.replace("periods", "prices"));
    place.line(line).refused(2, "unknown field");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_bills_what_is_added_to_its_readings_period_by_period() {
    let mut metered = Metered::start().await;
    metered.during(2).await;
    let run =
        "transax meter run --readings alice.csv --bills bills --period 2 --poll-milliseconds 20 --wallet meter-alice";
    let place = &metered.world.place;
    place.line(run).refused(2, "alice.csv cannot be read");
    place.write("alice.csv", "interval,net_wh\n0,-1000\n");
    let meter = place.start(run);
    place.write("alice.csv", "interval,net_wh\n0,-1000\n1,200\n");
    let first = metered.bills(1).await;
    let place = &metered.world.place;
    assert_eq!(place.json(&format!("transax bill verify {}", first[0]))["owed"], 300_000 - 16_000);
    meter.stop();

    metered.during(4).await;
    let place = &metered.world.place;
    place.write("alice.csv", "interval,net_wh\n0,-1\n1,-1\n2,-10\n3,0\n");
    let meter = place.start(run);
    let both = metered.bills(2).await;
    assert_eq!(both[..1], first, "what was signed stays");
    let place = &metered.world.place;
    let accepted = place.json(&format!("transax bill verify {}", both[1]));
    assert_eq!((&accepted["first"], &accepted["owed"]), (&json!(2), &json!(3000)));
    meter.stop();
}

/// Readings that the meter of alice has on its disk.
fn kept(metered: &Metered) -> usize {
    let folder = metered.world.place.path().join("home").join("readings");
    let files = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("a file").path());
    files.map(|file| fs::read_to_string(file).expect("text").matches("\"reading\"").count()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reading_is_lost_though_broker_and_meter_are_killed() {
    let Some(mut broker) = Broker::start().await else {
        assert!(std::env::var_os("ENTENTE_REQUIRE_ALL").is_none(), "nothing may be skipped, and mosquitto is missing");
        println!("skipped: mosquitto is not installed");
        return;
    };
    let mut metered = Metered::start().await;
    metered.world.place.write("login", "home\ncorrect horse\n");
    let run = format!(
        "transax meter run --mqtt mqtt://127.0.0.1:{}/home/meter --mqtt-login login --bills bills --period 4 \
         --poll-milliseconds 20 --wallet meter-alice",
        broker.port()
    );
    let genesis = metered.genesis;
    // Every five minutes 100 Wh come; in the last of the four intervals 30 Wh go besides.
    let reading = |place: u64| {
        let export = 50_000 + if place > 9 { (place - 9) * 10 } else { 0 };
        json!({ "time": genesis + place * 300, "import_wh": 7000 + place * 100, "export_wh": export, "volts": 231.5 })
            .to_string()
    };
    let mut sender = Sender::new(broker.port());
    let meter = metered.world.place.start(&run);
    wait_for("the meter to listen", || broker.has_subscriber()).await;
    for place in 0..4 {
        sender.send(&reading(place)).await;
    }
    wait_for("four readings", || kept(&metered) == 4).await;

    // The broker dies; what is sent meanwhile goes out when it is back.
    broker.kill();
    for place in 4..7 {
        sender.send(&reading(place)).await;
    }
    broker.run().await;
    wait_for("seven readings", || kept(&metered) == 7).await;

    // The meter dies; the broker keeps what comes meanwhile, and is restarted besides.
    meter.kill();
    for place in [8, 7, 9] {
        sender.send(&reading(place)).await;
    }
    sender.arrived().await;
    broker.stop();
    broker.run().await;
    let meter = metered.world.place.start(&run);
    wait_for("ten readings", || kept(&metered) == 10).await;

    // Nonsense and repetition change nothing.
    for text in ["", "{}", "{\"time\": 1, \"import_wh\": 0, \"export_wh\": 0}", &reading(9), &reading(3)] {
        sender.send(text).await;
    }
    for place in 10..13 {
        sender.send(&reading(place)).await;
    }
    wait_for("thirteen readings", || kept(&metered) == 13).await;
    metered.during(4).await;
    let bills = metered.bills(1).await;
    let accepted = metered.world.place.json(&format!("transax bill verify {}", bills[0]));
    assert_eq!((&accepted["first"], &accepted["last"]), (&json!(0), &json!(3)));
    // 300 Wh in each of three intervals, 270 in the fourth, at 0.3 a kWh.
    assert_eq!(accepted["owed"], 3 * 90_000 + 81_000);
    let said = meter.said();
    assert!(said.contains("this is no reading") && said.contains("out of all bounds"), "{said}");
    meter.stop();
}
