//! What running a job costs beyond running its module, after section 3.7.1 of the dissertation: the module in the engine with
//! the same settings and nothing around it (`bare`), `entente job run` as people call it (`platform`), and a provider's whole
//! process from the offer of a stranger's job until its result is accepted (`provider`). All three are processes of their
//! own, one after the other, again and again, each time in the other order. Prints one JSON document; times are of CPU and of
//! the clock, seconds; memory is the most that a process ever had, KiB, and the most of it that was its own, and no file's
//! pages, as it was seen.
//!
//! `ENTENTE_OVERHEAD_MILLIONS` and `ENTENTE_OVERHEAD_RUNS` make runs shorter or more.

mod bare;
mod provider;
mod taken;
#[expect(dead_code, reason = "tests do more with a world")]
#[path = "../../tests/main/world.rs"]
mod world;

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use provider::Market;
use taken::{Taken, json};
use world::Place;

/// Of the job `spin`: about thirty seconds.
const MILLIONS: &str = "10500";
const RUNS: usize = 5;
/// Beyond what any run needs.
const INSTRUCTIONS: &str = "10000000000000";

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    if let [word, module, rest @ ..] = words.as_slice()
        && word == "bare"
    {
        return bare::run(Path::new(module), rest);
    }
    let millions = env::var("ENTENTE_OVERHEAD_MILLIONS").unwrap_or_else(|_| MILLIONS.to_owned());
    let runs = env::var("ENTENTE_OVERHEAD_RUNS").map_or(RUNS, |runs| runs.parse().expect("a number of runs"));
    let market = Market::open();
    let place = market.place();
    place.json(&format!("job samples --out samples --spin-millions {millions}"));
    let contenders: [&dyn Fn(usize) -> Taken; 3] =
        [&|_| alone(place, &millions), &|_| by_hand(place), &|run| market.have_run(run)];
    let mut taken: [Vec<Taken>; 3] = Default::default();
    for run in 1..=runs {
        let mut order = [0, 1, 2];
        // Machines slow down and speed up: nobody is always the first.
        if run % 2 == 0 {
            order.reverse();
        }
        for at in order {
            taken[at].push(contenders[at](run));
        }
        eprintln!("run {run} of {runs}: {:?}", taken.each_ref().map(|taken| taken.last()));
    }
    let [bare, platform, provider] = taken.each_ref().map(|taken| json(taken));
    println!(
        "{{\"millions\":{millions},\"runs\":{runs},\"bare\":{bare},\"platform\":{platform},\"provider\":{provider}}}"
    );
}

/// The module in the engine.
fn alone(place: &Place, millions: &str) -> Taken {
    let mut alone = Command::new(env::current_exe().expect("this program"));
    alone.arg("bare").arg(place.path().join("samples/spin/module.wasm")).arg(millions);
    taken::whole(alone.stdout(Stdio::null()).spawn().expect("the program starts"))
}

/// `entente job run`.
fn by_hand(place: &Place) -> Taken {
    let result = place.path().join("result");
    let mut whole = Command::new(env!("CARGO_BIN_EXE_entente"));
    whole.args(["job", "run", "--instructions", INSTRUCTIONS, "--patience", "3600"]);
    whole.arg(place.path().join("samples/spin")).arg("--out").arg(&result);
    let taken = taken::whole(whole.stdout(Stdio::null()).spawn().expect("the program starts"));
    fs::remove_dir_all(&result).expect("the result");
    taken
}
