//! Files of options: strict, without secrets, and explained.

use std::{collections::BTreeSet, ffi::OsString, fs};

use crate::world::{Place, Ran, checkout};

/// Every agent there is, as the program lists them.
fn agents(place: &Place) -> Vec<String> {
    let ran = place.line("config example nobody");
    assert_eq!(ran.code, 2, "{ran:?}");
    let list = ran.stderr.trim().rsplit_once(": ").expect("a list").1;
    list.split(", ").map(str::to_owned).collect()
}

/// What `config check` says of an option: its value, and where it is from.
fn said(ran: &Ran, option: &str) -> (String, String) {
    let row = ran.json()["options"].as_array().expect("a list").iter().find(|row| row["option"] == option).cloned();
    let row = row.unwrap_or_else(|| panic!("{option} is not in {ran:?}"));
    (row["value"].as_str().unwrap_or_default().to_owned(), row["from"].to_string())
}

#[test]
fn every_agent_has_a_file_that_is_right_and_explains_every_option() {
    let place = Place::new();
    let folder = checkout("config");
    let mut found: BTreeSet<_> =
        fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("a file").file_name()).collect();
    for agent in agents(&place) {
        let name = format!("{}.toml", agent.replace(' ', "-"));
        assert!(found.remove(&OsString::from(&name)), "{agent} has no file {name}");
        let file = folder.join(&name);
        let file = file.to_str().expect("text");
        let ran = place.line(&format!("config check {file} --json"));
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.json()["agent"], agent.as_str());
        let ran = place.line(&format!("config example --from {file}"));
        let written = fs::read_to_string(file).expect("a file");
        assert_eq!(ran.stdout, written, "{name} is not what `entente config example --from` makes of it");
    }
    assert_eq!(found, BTreeSet::new(), "no agent of these names");
}

#[test]
fn an_example_begins_a_file_that_can_be_read() {
    let place = Place::new();
    for agent in agents(&place) {
        let ran = place.line(&format!("config example {agent}"));
        assert_eq!(ran.code, 0, "{ran:?}");
        place.write("agent.toml", &ran.stdout);
        // What has no default is left to fill in; whatever is refused then is such a value, or one of several that do.
        let checked = place.line("config check agent.toml");
        let is_left = |reason| checked.stderr.contains(reason);
        let needs_more = is_left("does not fit") || is_left("required arguments were not provided");
        assert!(checked.code == 0 || needs_more, "{agent}: {checked:?}");
        // Each option that is commented out is one, too.
        let keys: Vec<_> = ran.stdout.lines().filter_map(|line| line.strip_prefix('#')?.split_once(" = ")).collect();
        assert!(keys.iter().any(|(key, _)| *key == "password-file"), "{agent}: {keys:?}");
    }
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
    let place = Place::new();
    let file = "agent = \"transax solver\"\nwallet = \"filed\"\nmargin-wh = 7\njournal = \"kept.sqlite\"\n";
    fs::create_dir(place.path().join("etc")).expect("a folder");
    place.write("etc/solver.toml", file);
    let check = "config check etc/solver.toml --json";
    let ran = place.line(check);
    assert_eq!(said(&ran, "wallet"), ("filed".into(), r#"{"line":2}"#.into()));
    assert_eq!(said(&ran, "margin-wh"), ("7".into(), r#"{"line":3}"#.into()));
    assert_eq!(said(&ran, "journal").0, "etc/kept.sqlite", "a path is relative to the file");
    assert_eq!(said(&ran, "deadline"), ("20".into(), "\"default\"".into()));
    assert_eq!(said(&ran, "horizon"), (String::new(), "\"nobody\"".into()));
    let environment = [("ENTENTE_WALLET", "environed"), ("ENTENTE_JOURNAL", "postgres://me:secret@db/x")];
    let ran = place.line_with(check, &environment);
    assert_eq!(said(&ran, "wallet"), ("environed".into(), r#"{"environment":"ENTENTE_WALLET"}"#.into()));
    assert!(!ran.stdout.contains("secret"), "{ran:?}");
    // The wallet that is named is the one that is missed.
    place.write("etc/directory.toml", "agent = \"job directory\"\nwallet = \"filed\"\nfolder = \"store\"\n");
    let environment = [("ENTENTE_WALLET", "environed")];
    let missed = |line: &str, environment: &[(&str, &str)], wallet: &str| {
        place.line_with(line, environment).refused(5, &format!("there is no wallet {wallet} "));
    };
    missed("run etc/directory.toml", &[], "filed");
    missed("run etc/directory.toml", &environment, "environed");
    missed("run etc/directory.toml --wallet said", &environment, "said");
    missed("job directory run --wallet said --config etc/directory.toml", &environment, "said");
}

#[test]
fn what_a_file_may_not_say_is_refused_with_its_line_and_a_hint() {
    let place = Place::new();
    let key = "1".repeat(64);
    for (line, words) in [
        (
            "pol-milliseconds = 5",
            "solver.toml:3: transax solver has no option \"pol-milliseconds\"; did you mean \"poll-milliseconds\"?",
        ),
        ("poll_milliseconds = 50", "did you mean \"poll-milliseconds\"?"),
        ("zzz = 5", "has no option \"zzz\"\n"),
        ("profile = \"homes\"", "has no option \"profile\""),
        ("config = \"other.toml\"", "has no option \"config\""),
        ("password = \"x\"", "keys stay in keystores"),
        ("private-key = \"x\"", "keys stay in keystores"),
        (&format!("wallet = \"0x{key}\""), "looks like a private key"),
        ("rpc = \"https://node.example/v3/0123abc\"", "solver.toml:3: rpc may hold a password or a provider's key"),
        (
            "rpc = \"http://127.0.0.1:8545, https://node.example/v3/0123abc\"",
            "solver.toml:3: rpc may hold a password or a provider's key",
        ),
        ("journal = \"postgres://me:word@db/x\"", "say it in ENTENTE_JOURNAL"),
        ("poll-milliseconds = 5", "solver.toml:3: poll-milliseconds does not fit"),
        ("deadline = \"soon\"", "solver.toml:3: deadline does not fit"),
        ("backend = \"abacus\"", "solver.toml:3: backend does not fit"),
        ("metrics = [\"127.0.0.1:1\"]", "is one value, not a list"),
        ("json = \"yes\"", "is either true or false"),
        ("[margin-wh]\nx = 1", "is a value, not a table"),
        ("wallet = \"a\"\nwallet = \"b\"", "is no TOML"),
        ("agent = \"transax dso\"", "is no TOML"),
    ] {
        place.write("solver.toml", &format!("# a solver\nagent = \"transax solver\"\n{line}\n"));
        place.line("config check solver.toml").refused(2, words);
        let ran = place.line("transax solver run --config solver.toml");
        assert_eq!(ran.code, 2, "{line}: {ran:?}");
        assert!(!ran.stderr.contains(&key) && !ran.stderr.contains("0123abc"), "{ran:?}");
    }
    place.write("solver.toml", "wallet = \"a\"\n");
    place.line("run solver.toml").refused(2, "does not say whose it is");
    place.write("solver.toml", "agent = \"transax sovler\"\n");
    place
        .line("run solver.toml")
        .refused(2, "solver.toml:1: there is no agent \"transax sovler\"; did you mean \"transax solver\"?");
    place.write("solver.toml", "agent = \"transax solver\"\n");
    place.line("transax dso run --config solver.toml").refused(2, "solver.toml is for transax solver");
    place.line("wallet list --config solver.toml").refused(2, "solver.toml is for transax solver");
    place.line("run missing.toml").refused(2, "missing.toml cannot be read");
}
