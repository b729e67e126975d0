//! Keys that stay in hardware wallets.

use std::process::Command;

use alloy::{providers::Provider, signers::local::PrivateKeySigner};
use chain::anvil::dev_keys;
use serde_json::Value;

use crate::{
    trezor::Trezor,
    world::{Place, Ran, World},
};

/// A machine without USB, whatever this one has; on one with USB and nothing connected, there is a bus as well.
const WITHOUT_USB: &str = "mount -t tmpfs none /sys && mount -t tmpfs none /dev && exec \"$@\"";
const WITH_USB: &str =
    "mount -t tmpfs none /sys && mount -t tmpfs none /dev && mkdir -p /dev/bus/usb/empty && exec \"$@\"";

/// Runs the program on such a machine.
fn on(machine: &str, place: &Place, line: &str) -> Ran {
    let program = place.command(&line.split_whitespace().collect::<Vec<_>>());
    let mut shell = Command::new("unshare");
    shell.args(["--map-root-user", "--mount", "sh", "-c", machine, "sh"]);
    shell.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    Ran::of(shell.current_dir(place.path()).output().expect("unshare runs"))
}

/// Whether this machine lets a process have devices of its own.
fn has_namespaces() -> bool {
    let mut shell = Command::new("unshare");
    let tried = shell.args(["--map-root-user", "--mount", "sh", "-c", WITH_USB, "sh", "true"]).status();
    tried.is_ok_and(|status| status.success())
}

#[track_caller]
fn json(place: &Place, line: &str) -> Value {
    let ran = on(WITH_USB, place, &format!("{line} --json"));
    assert_eq!(ran.code, 0, "entente {line}: {ran:?}");
    ran.json()
}

// One test: an emulator has one place to be at.
#[tokio::test(flavor = "multi_thread")]
async fn a_dso_signs_on_its_device() {
    if !has_namespaces() {
        assert!(std::env::var_os("ENTENTE_REQUIRE_ALL").is_none(), "there are no namespaces of mounts");
        eprintln!("skipped: signing on a device needs namespaces of mounts (unshare)");
        return;
    }
    let world = World::start().await;
    let (place, dso) = (&world.place, dev_keys(1).remove(0));
    on(WITHOUT_USB, place, "wallet connect safe trezor").refused(5, "over USB, and this machine has none");
    on(WITH_USB, place, "wallet connect safe trezor").refused(5, "no Trezor answers; connect it, unlock it");
    on(WITH_USB, place, "wallet connect safe ledger").refused(5, "open its Ethereum app");
    place.line("wallet connect safe trezor --path 44/60").refused(2, "m/44'/60'/0'/0/0");

    let trezor = Trezor::holding(&dso);
    let connected = json(place, "wallet connect safe trezor");
    assert_eq!(connected["address"], dso.address().to_string().to_lowercase());
    on(WITH_USB, place, "wallet connect safe trezor").refused(5, "there is a wallet safe already");
    let listed = place.json("wallet list");
    let safe = listed["wallets"].as_array().expect("a list").iter().find(|wallet| wallet["name"] == "safe");
    assert_eq!(safe.expect("it is listed")["path"], "m/44'/60'/0'/0/0");

    let sending = |line: &str| {
        let asked = trezor.asked();
        let ran = on(WITH_USB, place, line);
        assert_eq!(ran.code, 0, "{ran:?}");
        (ran, trezor.asked() - asked)
    };
    let deploying = format!("deploy --rpc {} --wallet safe --genesis +1000 --group 20000:5000", world.node.url());
    let (deployed, asked) = sending(&deploying);
    assert_eq!(asked, 3, "a token, a market, a group: {deployed:?}");
    assert!(
        deployed.stderr.contains("confirm on the Trezor: a new contract, nonce 0, fees of at most"),
        "{deployed:?}"
    );
    let file = std::fs::read_to_string(place.path().join("entente.json")).expect("a deployment file");
    let deployment: Value = serde_json::from_str(&file).expect("JSON");
    assert_eq!(deployment["params"]["dso"], connected["address"]);
    assert_eq!(sending("token mint alice 25 --wallet safe").1, 1);

    let nonce =
        || async { world.node.client().provider().get_transaction_count(dso.address()).await.expect("a nonce") };
    let before = nonce().await;
    on(WITH_USB, place, "transax certify alice bob --wallet safe").refused(1, "only transactions can be signed");
    trezor.decline();
    on(WITH_USB, place, "token mint alice 25 --wallet safe").refused(1, "was not signed");
    trezor.exchange_before_signing(PrivateKeySigner::random());
    on(WITH_USB, place, "token mint alice 25 --wallet safe").refused(1, "is it another one?");
    trezor.exchange(PrivateKeySigner::random());
    on(WITH_USB, place, "token mint alice 25 --wallet safe").refused(5, "connect the right one");
    assert_eq!(nonce().await, before);
    drop(trezor);

    place.line("transax dso run --wallet safe").refused(5, "name a wallet with a keystore");
    let examined = |words: &str| place.line(&format!("doctor {words} --json")).stdout;
    assert!(examined("--wallet safe").contains("stays in its Trezor\""));
    place.write("dso.toml", "agent = \"transax dso\"\nwallet = \"safe\"\n");
    assert!(examined("dso.toml").contains("stays in its Trezor, and an agent signs on its own"));
}
