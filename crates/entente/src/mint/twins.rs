//! `mint twins`: the live view.

use std::{
    fmt,
    io::{self, Write},
    pin::pin,
    time::Duration,
};

use mint_fog::Status;
use mint_wire::Client;
use serde::Serialize;
use tokio::time::interval;

use super::token;
use crate::{cli::MintTwins, exit::Failure, hosting::until_interrupted, output::Table, setting::Setting};

/// Shows them.
pub async fn run(setting: &Setting, words: &MintTwins) -> Result<(), Failure> {
    let client = Client::new(&words.fog).map_err(anyhow::Error::from)?;
    let token = token(&words.token_file)?;
    let read = || async { client.read("/v1/twins", &token).await.map(Twins).map_err(anyhow::Error::from) };
    if !words.watch {
        return Ok(setting.output.result(&read().await?)?);
    }
    let mut interrupted = pin!(until_interrupted()?);
    let mut turns = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = &mut interrupted => return Ok(()),
            _ = turns.tick() => {}
        }
        let twins = read().await?;
        // To the top left, and nothing below remains.
        write!(io::stderr(), "\x1b[H\x1b[J{twins}")?;
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Twins(Vec<Status>);

impl fmt::Display for Twins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["miner", "cpu", "memory", "io", "W", "samples", "refused", "state", "order"]);
        for twin in &self.0 {
            let share =
                |of: fn(&mint::Sample) -> mint::Share| twin.last.as_ref().map_or("–".into(), |s| of(s).to_string());
            table.row([
                twin.miner.to_string(),
                share(|sample| sample.cpu),
                share(|sample| sample.memory),
                share(|sample| sample.io),
                twin.point.map_or_else(|| "–".into(), |point| format!("{:.3}", point.cusum)),
                twin.taken.to_string(),
                twin.refused.to_string(),
                state(twin).to_owned(),
                order(twin),
            ]);
        }
        table.fmt(f)
    }
}

fn state(twin: &Status) -> &'static str {
    match twin {
        Status { is_silent: true, .. } => "silent",
        Status { is_flagged: true, .. } => "flagged",
        Status { is_over: true, .. } => "over cap",
        Status { point: Some(point), .. } if point.is_alarm => "changed",
        Status { point: None, .. } => "learning",
        _ => "fair",
    }
}

fn order(twin: &Status) -> String {
    let due = if twin.is_obeyed { "" } else { ", due" };
    twin.order.as_ref().map_or_else(|| "–".into(), |order| format!("{}{due}", order.action.name()))
}
