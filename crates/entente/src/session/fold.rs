//! Everything a market ever emitted.

use std::sync::Arc;

use chain::{Client, FollowSettings, Follower, Head, Progress};
use journal::{Entry, Journal, MemoryJournal};
use runtime::Protocol;

use crate::exit::Failure;

/// All logs of a market up to the newest block, which is returned with them.
pub async fn logs<P: Protocol>(client: &Client, protocol: &P) -> Result<(Vec<Entry>, Head), Failure> {
    let journal = Arc::new(MemoryJournal::default());
    let settings = FollowSettings::new(protocol.contracts(), protocol.first_block());
    let mut follower = Follower::open(client.clone(), journal.clone(), settings).await?;
    loop {
        let reached = match follower.step().await? {
            Progress::None { head } | Progress::Replaced { head, .. } => Some(head),
            Progress::Appended { reached, .. } => reached,
        };
        if let Some(head) = reached {
            return Ok((journal.entries(None, usize::MAX).await?, head));
        }
    }
}

/// Folds all logs of a market into its view, up to the newest block, which is returned with it.
pub async fn fold<P: Protocol>(client: &Client, protocol: &P) -> Result<(P::View, Head), Failure> {
    let (entries, head) = logs(client, protocol).await?;
    let mut view = protocol.view();
    for entry in &entries {
        protocol.apply(&mut view, entry).map_err(|error| Failure::Other(anyhow::anyhow!(error)))?;
    }
    Ok((view, head))
}
