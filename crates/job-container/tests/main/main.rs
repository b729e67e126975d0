//! Container jobs in an engine of the tests' own: Podman, with its pictures and its socket in a temporary folder.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod podman;

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use job_container::{Contained, meter_id};
use job_runtime::{Machine, RunError};
use jobs::{Bundle, Description, Limits, Outcome, Status};

use podman::Podman;

const MEBIBYTE: u64 = 1 << 20;
const LIMITS: Limits = Limits {
    instructions: 20_000_000_000,
    memory_bytes: 64 * MEBIBYTE,
    storage_bytes: 4 * MEBIBYTE,
    bandwidth_bytes: 16 * MEBIBYTE,
    image: None,
};

struct Place {
    podman: Podman,
    machine: Contained,
}

impl Place {
    /// `None`, said plainly, where this machine has no engine.
    fn new(test: &str) -> Option<Self> {
        let podman = match Podman::start() {
            Ok(podman) => podman,
            Err(reason) => {
                assert!(std::env::var_os("ENTENTE_REQUIRE_ALL").is_none(), "nothing may be skipped: {reason}");
                println!("skipped {test}: {reason}");
                return None;
            }
        };
        let machine = Contained::connect(Some(&podman.address()), Duration::from_mins(2)).expect("it answers");
        Some(Self { podman, machine })
    }

    fn job(&self, script: &str) -> Bundle {
        let command = ["/bin/busybox", "sh", "-c", script].map(str::to_owned).into();
        let description = Description::Container { image: self.podman.image().to_owned(), command };
        let mut job = Bundle::of_description(&description, None).unwrap();
        job.add_bytes("input/folder/note".parse().unwrap(), b"hello\n".to_vec()).unwrap();
        job
    }

    fn run(&self, script: &str, limits: Limits, out: &Path) -> Result<Outcome, RunError> {
        self.machine.run(&self.job(script), limits, out)
    }

    fn ends(&self, script: &str, limits: Limits) -> Outcome {
        let out = tempfile::tempdir().unwrap();
        let outcome = self.run(script, limits, out.path()).unwrap();
        assert_eq!(self.podman.containers(), "", "no container is left");
        outcome
    }
}

#[test]
fn a_container_sees_its_input_and_nothing_else_and_its_result_is_kept() {
    let Some(place) = Place::new("a_container_sees_its_input_and_nothing_else_and_its_result_is_kept") else { return };
    let out = tempfile::tempdir().unwrap();
    let script = "cat /input/folder/note; printf 'a\\0b' >&2; mkdir /output/deep; cat /input/folder/note > /output/deep/copy; \
                  (echo x > /input/y) 2>/dev/null && exit 3; (echo x > /etc/y) 2>/dev/null && exit 4; \
                  test \"$(cat /proc/net/dev | grep -c :)\" = 1 || exit 5; test \"$(id -u)\" = 0 && exit 6; \
                  grep -q 'CapEff:.*[1-9a-f]' /proc/self/status && exit 7; exit 0";
    let outcome = place.run(&applets(script), LIMITS, out.path()).unwrap();
    assert_eq!((outcome.status, outcome.exit_code), (Status::Completed, Some(0)), "{outcome:?}");
    let read = |path: &str| fs::read(out.path().join(path)).unwrap();
    assert_eq!(read("stdout"), b"hello\n");
    assert_eq!(read("stderr"), b"a\0b");
    assert_eq!(read("output/deep/copy"), b"hello\n");
    assert_eq!(outcome.result, Bundle::of_folder(out.path()).unwrap().tree().hash());
    assert!(outcome.usage.instructions > 1_000_000 && outcome.usage.memory_bytes > 100_000, "{outcome:?}");
    assert_eq!(outcome.usage.storage_bytes, 6 + 3 + 6);
    assert_eq!(place.podman.containers(), "");
    assert_eq!(place.machine.meter(), meter_id());
    assert_ne!(meter_id(), job_runtime::meter_id());
}

#[test]
fn whoever_exceeds_a_limit_has_no_result() {
    let Some(place) = Place::new("whoever_exceeds_a_limit_has_no_result") else { return };
    let short = Limits { instructions: 300_000_000, ..LIMITS };
    let endless = place.ends("while :; do :; done", short);
    assert_eq!(
        (endless.status, endless.usage.instructions),
        (Status::InstructionsExceeded, 300_000_000),
        "{endless:?}"
    );
    for (script, limits, status) in [
        ("x=a; while :; do x=$x$x; done", LIMITS, Status::MemoryExceeded),
        ("dd if=/dev/zero of=/output/one bs=1M count=5 2>/dev/null; exit 0", LIMITS, Status::StorageExceeded),
        (
            "for n in 1 2 3 4 5; do dd if=/dev/zero of=/output/$n bs=1M count=1 2>/dev/null; done",
            LIMITS,
            Status::StorageExceeded,
        ),
        ("dd if=/dev/zero bs=1M count=5 2>/dev/null", LIMITS, Status::StorageExceeded),
        ("dd if=/dev/zero of=/output/one bs=1M count=4 2>/dev/null", LIMITS, Status::Completed),
        (
            "dd if=/dev/zero of=/output/one bs=1M count=2 2>/dev/null",
            Limits { bandwidth_bytes: MEBIBYTE, ..LIMITS },
            Status::BandwidthExceeded,
        ),
        ("true", Limits { memory_bytes: 1, ..LIMITS }, Status::MemoryExceeded),
        ("exit 9", LIMITS, Status::ExceptionOccurred),
        ("ln -s /etc /output/link", LIMITS, Status::ExceptionOccurred),
    ] {
        let outcome = place.ends(&applets(script), limits);
        assert_eq!(outcome.status, status, "{script}: {outcome:?}");
        let is_empty = outcome.result == jobs::Tree::default().hash();
        assert_eq!(is_empty, !matches!(status, Status::Completed | Status::ExceptionOccurred), "{script}: {outcome:?}");
    }
}

#[test]
fn what_is_this_machines_fault_is_no_status() {
    let Some(place) = Place::new("what_is_this_machines_fault_is_no_status") else { return };
    let impatient = Contained::connect(Some(&place.podman.address()), Duration::from_millis(200)).unwrap();
    let out = tempfile::tempdir().unwrap();
    let error = impatient.run(&place.job("/bin/busybox sleep 60"), LIMITS, out.path()).unwrap_err();
    assert!(matches!(error, RunError::TooSlow(_)), "{error:?}");
    assert_eq!(place.podman.containers(), "");
    let description = |image: String| {
        Bundle::of_description(&Description::Container { image, command: vec!["/bin/true".into()] }, None).unwrap()
    };
    let out = tempfile::tempdir().unwrap();
    let absent = description(format!("sha256:{}", "7".repeat(64)));
    assert!(matches!(place.machine.run(&absent, LIMITS, out.path()), Err(RunError::NoImage(_))));
    let out = tempfile::tempdir().unwrap();
    let unnamed = place.machine.run(&description("localhost/busybox:latest".into()), LIMITS, out.path()).unwrap();
    assert_eq!(unnamed.status, Status::JobDescriptionError, "a tag may be another image elsewhere");
}

#[test]
fn what_a_killed_program_left_running_is_ended() {
    let Some(place) = Place::new("what_a_killed_program_left_running_is_ended") else { return };
    let left = "entente-job-4294967295-1-0";
    let mine = format!("entente-job-{}-x-0", std::process::id());
    for name in [left, &mine] {
        place.podman.run(&[
            "run",
            "--detach",
            "--network",
            "none",
            "--label",
            "entente.job=",
            "--name",
            name,
            place.podman.image(),
            "/bin/busybox",
            "sleep",
            "60",
        ]);
    }
    let _again = Contained::connect(Some(&place.podman.address()), Duration::from_secs(1)).unwrap();
    assert_eq!(place.podman.containers(), mine);
    place.podman.run(&["rm", "--force", "--time", "0", &mine]);
}

#[test]
fn an_engine_that_is_not_there_is_said() {
    for (address, word) in [("unix:///nowhere/at.all", "nowhere"), ("tcp://127.0.0.1:1", "no socket of this machine")] {
        let error = Contained::connect(Some(address), Duration::from_secs(1)).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

/// The shell's own words, since the image holds nothing else.
fn applets(script: &str) -> String {
    let words = ["cat", "mkdir", "printf", "grep", "id", "dd", "ln", "test", "true"];
    let functions = words.map(|word| format!("{word}() {{ /bin/busybox {word} \"$@\"; }}; "));
    functions.concat() + script
}
