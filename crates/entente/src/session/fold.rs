//! Everything a market ever emitted.

use std::sync::Arc;

use chain::{Client, FollowSettings, Follower, Head, Progress};
use journal::MemoryJournal;
use runtime::Protocol;

use crate::exit::Failure;

/// Folds all logs of a market into its view, up to the newest block, which is returned with it.
pub async fn fold<P: Protocol>(client: &Client, protocol: &P) -> Result<(P::View, Head), Failure> {
    let journal = Arc::new(MemoryJournal::default());
    let settings = FollowSettings::new(protocol.contracts(), protocol.first_block());
    loop {
        let mut follower = Follower::open(client.clone(), journal.clone(), settings.clone()).await?;
        let mut view = protocol.view();
        loop {
            let (entries, reached) = match follower.step().await? {
                Progress::None { head } => return Ok((view, head)),
                Progress::Appended { entries, reached } => (entries, reached),
                // Begin anew, on the chain that there is now.
                Progress::Replaced { .. } => break,
            };
            for entry in &entries {
                protocol.apply(&mut view, entry).map_err(|error| Failure::Other(anyhow::anyhow!(error)))?;
            }
            if let Some(head) = reached {
                return Ok((view, head));
            }
        }
    }
}
