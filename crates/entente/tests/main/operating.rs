//! What `deploy/` holds, run and read as it is: units, containers, alerts and the board.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, process::Command};

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::{
    agents::with_offers,
    world::{Running, checkout, fetch, wait_for},
};

fn read(file: &str) -> String {
    fs::read_to_string(checkout("deploy").join(file)).expect("a file")
}

fn yaml(file: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(documents.len(), 1, "{file}");
    documents.remove(0)
}

/// The values of a key of the unit.
fn unit(key: &str) -> Vec<String> {
    let unit = read("systemd/entente@.service");
    let found: Vec<_> =
        unit.lines().filter_map(|line| Some(line.strip_prefix(key)?.strip_prefix('=')?.to_owned())).collect();
    assert!(!found.is_empty(), "the unit has no {key}");
    found
}

/// How a container of the compose file is started.
fn command(service: &str) -> String {
    let compose = yaml("compose.yaml");
    let words = compose["services"][service]["command"].as_vec().expect("a command").clone();
    words.iter().map(|word| word.as_str().expect("text")).collect::<Vec<_>>().join(" ")
}

/// Names of metrics that an expression uses.
fn metrics_in(expression: &str) -> impl Iterator<Item = String> {
    let words = expression.split(|at: char| !at.is_ascii_alphanumeric() && at != '_');
    words.filter(|word| word.starts_with("entente_")).map(|word| word.trim_end_matches("_bucket").to_owned())
}

/// Names of metrics that an agent serves.
fn served(agent: &Running) -> BTreeSet<String> {
    let text = fetch(&format!("{}/metrics", agent.address())).1;
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn unit_and_container_start_agents_that_serve_what_alerts_and_board_ask_for() {
    let world = with_offers().await;
    let place = &world.place;
    let agents = place.path().join("agents");
    fs::create_dir(&agents).expect("a folder");
    let agent = |name: &str, wallet: &str| {
        let text = format!(
            "agent = \"transax {name}\"\nwallet = \"{wallet}\"\ndeployment = \"../entente.json\"\n\
             poll-milliseconds = 20\n"
        );
        place.write(&format!("agents/{name}.toml"), &text);
    };
    agent("dso", "dso");
    agent("solver", "bob");
    let agents = agents.to_str().expect("text");
    let program = |line: &str| line.strip_prefix("/usr/bin/entente ").expect("the program").to_owned();
    let by_unit = program(&unit("ExecStart").remove(0)).replace("/etc/entente/%i.toml", &format!("{agents}/dso.toml"));
    let by_compose =
        command("solver").replace("/agents/", &format!("{agents}/")).replace("0.0.0.0:9100", "127.0.0.1:0");
    let dso = place.start(&format!("{by_unit} --metrics 127.0.0.1:0"));
    // Endpoints are compared where there are several, and failures counted where one fails.
    let solver = place.start(&format!("{by_compose} --rpc {},http://127.0.0.1:1", world.node.url()));

    let mut asked = BTreeSet::new();
    let alerts = yaml("prometheus/alerts.yml");
    let rules = alerts["groups"][0]["rules"].as_vec().expect("rules").clone();
    for rule in &rules {
        let expression = rule["expr"].as_str().expect("an expression");
        for (open, close) in ["()", "[]", "{}"].map(|pair| pair.split_at(1)) {
            assert_eq!(expression.matches(open).count(), expression.matches(close).count(), "{expression}");
        }
        for text in [&rule["annotations"]["summary"], &rule["annotations"]["action"], &rule["labels"]["severity"]] {
            assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{rule:?}");
        }
        asked.extend(metrics_in(expression));
    }
    let board: Value = serde_json::from_str(&read("grafana/entente.json")).expect("JSON");
    let panels = board["panels"].as_array().expect("panels");
    for panel in panels {
        let targets = panel["targets"].as_array().expect("targets");
        assert!(!targets.is_empty() && panel["title"].is_string() && panel["gridPos"].is_object(), "{panel}");
        for target in targets {
            let named: Vec<_> = metrics_in(target["expr"].as_str().expect("an expression")).collect();
            assert!(!named.is_empty(), "{target}");
            asked.extend(named);
        }
    }
    assert!(rules.len() > 8 && panels.len() > 8);
    let all = || served(&dso).union(&served(&solver)).cloned().collect::<BTreeSet<_>>();
    wait_for("every metric to be served", || asked.is_subset(&all())).await;
    assert!(solver.stop().contains("stopped at block") && dso.stop().contains("stopped at block"));
}

#[test]
fn the_unit_is_understood_and_hardened() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("entente");
    fs::write(&program, "#!/bin/sh\n").expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("made a program");
    let unit = read("systemd/entente@.service");
    for hardening in [
        "LimitCORE=0",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "UMask=0077",
        "Restart=always",
        "LoadCredential=password:/etc/entente/%i.password",
        "Environment=ENTENTE_PASSWORD_FILE=%d/password",
        "User=entente",
    ] {
        assert!(unit.lines().any(|line| line == hardening), "{hardening}");
    }
    // Longer than a transaction is waited for.
    let patience = chain::SubmitSettings::default().patience.as_secs();
    let seconds: u64 = self::unit("TimeoutStopSec").remove(0).parse().expect("seconds");
    assert!(seconds > patience);
    let grace = read("compose.yaml");
    assert!(grace.contains(&format!("stop_grace_period: {seconds}s")));
    let copy = folder.path().join("entente@.service");
    fs::write(&copy, unit.replace("/usr/bin/entente", program.to_str().expect("text"))).expect("written");
    let instance = folder.path().join("entente@solver.service");
    let Ok(verified) = Command::new("systemd-analyze").arg("verify").arg("--man=no").arg(&instance).output() else {
        // There is no systemd here; the lines above are all that can be told.
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    // What older ones do not know they ignore, and say so.
    let newer = ["RestartSteps", "RestartMaxDelaySec"];
    let complaints = said.lines().filter(|line| line.contains("entente@"));
    let complaints: Vec<_> = complaints.filter(|line| !newer.iter().any(|key| line.contains(key))).collect();
    assert!(complaints.is_empty(), "{said}");
}

#[test]
fn containers_hold_no_secret_and_little_power() {
    let compose = yaml("compose.yaml");
    let base = &compose["x-agent"];
    assert_eq!(base["read_only"], Yaml::Boolean(true));
    assert_eq!(base["cap_drop"][0].as_str(), Some("ALL"));
    assert_eq!(base["ulimits"]["core"].as_i64(), Some(0));
    for service in ["dso", "solver"] {
        let service_at = &compose["services"][service];
        let password = service_at["environment"]["ENTENTE_PASSWORD_FILE"].as_str().expect("a file");
        let name = password.strip_prefix("/run/secrets/").expect("a secret");
        assert_eq!(service_at["secrets"][0].as_str(), Some(name));
        assert!(compose["secrets"][name]["file"].as_str().is_some());
    }
    let container = read("Containerfile");
    assert!(container.contains("ENTRYPOINT [\"/usr/bin/entente\"]") && container.contains("USER entente"));
    let scraped = yaml("prometheus/prometheus.yml");
    let jobs = scraped["scrape_configs"].as_vec().expect("jobs");
    for job in jobs {
        let target = job["static_configs"][0]["targets"][0].as_str().expect("a target");
        let (host, port) = target.split_once(':').expect("a port");
        assert!(command(host).contains(&format!("0.0.0.0:{port}")), "{target}");
    }
    assert_eq!(scraped["rule_files"][0].as_str(), Some("alerts.yml"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_json_tells_which_intent_it_is_about_and_memory_is_closed() {
    let world = with_offers().await;
    let place = &world.place;
    place.json("wallet new poor");
    let solver = place.start("transax solver run --wallet poor --poll-milliseconds 20 --log-format json");
    let about = |line: &str| serde_json::from_str::<Value>(line).ok().filter(|line| line["level"] == "WARN");
    wait_for("a warning", || solver.said().lines().any(|line| about(line).is_some())).await;
    let said = solver.said();
    let warning = said.lines().find_map(about).expect("a warning");
    let span =
        warning["spans"].as_array().and_then(|spans| spans.first()).unwrap_or_else(|| panic!("{warning}")).clone();
    assert!(
        span["name"] == "intent" && span["intent"].as_str().is_some_and(|name| name.contains("interval")),
        "{span}"
    );
    assert!(span["interval"].is_u64(), "{span}");
    if cfg!(target_os = "linux") {
        let limits = fs::read_to_string(format!("/proc/{}/limits", solver.id())).expect("limits");
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    }
    solver.stop();
}
