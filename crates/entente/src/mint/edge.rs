//! `mint edge`.

use std::{fmt, time::Duration};

use mint_edge::{Allotment, Edge, Ended, Told};
use mint_wire::Client;
use serde::Serialize;
use telemetry::{Mechanism, Supervisor};
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{MechanismName, MintEdge},
    exit::Failure,
    hosting::until_interrupted,
    setting::Setting,
};

/// How it ended.
#[derive(Serialize)]
struct Outcome {
    ended: &'static str,
    reason: Option<String>,
    mechanism: String,
    samples: u64,
    samples_taken_in: u64,
    orders: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ended, reason, mechanism, samples, samples_taken_in, orders } = self;
        writeln!(f, "ended      {ended}")?;
        if let Some(reason) = reason {
            writeln!(f, "reason     {reason}")?;
        }
        writeln!(f, "held by    {mechanism}")?;
        writeln!(f, "samples    {samples}, of which {samples_taken_in} were taken in")?;
        write!(f, "orders     {orders}")
    }
}

/// Supervises until the miner ends.
pub async fn run(setting: &Setting, words: MintEdge) -> Result<(), Failure> {
    let interrupted = until_interrupted()?;
    let signer = setting.unlock(&words.signer)?;
    let client = Client::new(&words.fog).map_err(anyhow::Error::from)?;
    let mechanism = match words.mechanism {
        MechanismName::Auto => None,
        MechanismName::CgroupV2 => Some(Mechanism::CgroupV2),
        MechanismName::CgroupV1 => Some(Mechanism::CgroupV1),
        MechanismName::Signals => Some(Mechanism::Signals),
    };
    let supervisor = Supervisor::start(&words.command, words.miner.as_str(), mechanism).map_err(anyhow::Error::from)?;
    let mechanism = supervisor.mechanism();
    setting.output.progress(format_args!("process {} is measured and held by {mechanism}", supervisor.pid()));
    if words.capped {
        supervisor.limit_cpu(Some(words.cpu_millicores)).map_err(anyhow::Error::from)?;
    }
    let allotment = Allotment {
        millicores: words.cpu_millicores,
        memory_bytes: words.memory_mib * 1024 * 1024,
        io_bytes_per_second: words.io_kib * 1024,
    };
    let period = Duration::from_millis(words.period_ms);
    let edge = Edge { miner: words.miner, allotment, period, signer, fog: words.fog_address };
    let done = CancellationToken::new();
    let cancel = done.clone();
    tokio::spawn(async move {
        interrupted.await;
        cancel.cancel();
    });
    let (mut samples, mut samples_taken_in, mut orders) = (0, 0, 0);
    let told = |told: Told<'_>| match told {
        Told::Sample(_, was_taken_in) => {
            samples += 1;
            samples_taken_in += u64::from(was_taken_in);
        }
        Told::Obeyed(order) => {
            orders += 1;
            setting.output.progress(format_args!("ordered to {}: {}", order.action.name(), order.reason));
        }
    };
    let ended = edge.run(supervisor, &client, done, told).await.map_err(anyhow::Error::from)?;
    let (ended, reason) = match ended {
        Ended::Stopped(order) => ("by order", Some(order.reason)),
        Ended::Exited => ("by itself", None),
        Ended::Interrupted => ("interrupted", None),
    };
    let mechanism = mechanism.to_string();
    Ok(setting.output.result(&Outcome { ended, reason, mechanism, samples, samples_taken_in, orders })?)
}
