//! The clock: logical time moves on once everybody has done what there was to do.

use std::time::Duration;

use anyhow::bail;
use chain::Client;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use runtime::Status;
use tokio::{
    sync::watch::Receiver,
    time::{Instant, sleep_until, timeout},
};
use units::{IntervalIndex, WattHours};

use super::{
    day::Day,
    endurance::Endurance,
    hosting::Cast,
    stage::{INTERVAL_SECONDS, Stage},
};
use crate::output::Output;

/// How long everybody together may take for an interval before something must be wrong.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// Runs the day: from the interval before the first one's trading, or earlier, to the end of the last and `tail` more.
pub async fn run(
    stage: &Stage,
    day: &Day,
    cast: &mut Cast,
    tail: u32,
    pace: Duration,
    endurance: &mut Endurance,
    output: Output,
) -> anyhow::Result<()> {
    let params = &stage.market.params;
    let end = params.start_of(IntervalIndex(day.last.0 + 1 + tail));
    let mut now = stage.node.client().head().await?.timestamp;
    let bar = bar(output, (end - now) / u64::from(INTERVAL_SECONDS));
    loop {
        let earliest = Instant::now() + pace;
        cast.quiet(stage.node.client()).await?;
        endurance.look();
        if now >= end {
            break;
        }
        sleep_until(earliest).await;
        now += u64::from(INTERVAL_SECONDS);
        stage.node.warp_to(now).await?;
        bar.inc(1);
        let message = message(cast, day);
        // Where no bar can be drawn, a line now and then says as much.
        if bar.is_hidden() && bar.position().is_multiple_of(16) {
            output.progress(format_args!("{}/{} intervals: {message}", bar.position(), bar.length().unwrap_or(0)));
        }
        bar.set_message(message);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Waits until every runtime, by its name, has shown its agents the newest block and they want nothing more.
pub async fn settled(client: &Client, statuses: &[(&'static str, Receiver<Status>)]) -> anyhow::Result<()> {
    let settled = async {
        loop {
            let head = client.head().await?.block.number;
            for (_, status) in statuses {
                status.clone().wait_for(|status| status.idle && status.block >= head).await?;
            }
            if client.head().await?.block.number == head {
                return anyhow::Ok(());
            }
        }
    };
    match timeout(PATIENCE, settled).await {
        Ok(settled) => settled,
        Err(_) => bail!("still busy after {} s: {}", PATIENCE.as_secs(), busy(statuses)),
    }
}

fn busy(statuses: &[(&'static str, Receiver<Status>)]) -> String {
    let busy = statuses.iter().filter(|(_, status)| !status.borrow().idle).map(|(name, _)| *name);
    busy.collect::<Vec<_>>().join(", ")
}

/// A bar of so many intervals on standard error, unless results are JSON.
pub fn bar(output: Output, length: u64) -> ProgressBar {
    let target = if output.is_json() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} intervals, {elapsed}: {msg}");
    ProgressBar::with_draw_target(Some(length), target).with_style(style.expect("the template is well formed"))
}

fn message(cast: &Cast, day: &Day) -> String {
    let snapshot = cast.troupe.snapshots.borrow();
    let WattHours(traded) = snapshot.view.traded();
    let IntervalIndex(next) = snapshot.view.stored_next().min(day.last.next());
    let offers = snapshot.view.offer_count();
    format!("{offers} offers, {:.1} kWh final before interval {next}", kilo(traded))
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn kilo(energy: u64) -> f64 {
    energy as f64 / 1000.0
}
