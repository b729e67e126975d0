//! Everything a market ever emitted.

use chain::{Client, Head};
use journal::{Entry, Journal};
use runtime::Protocol;

use super::recall::{Recall, folded};
use crate::exit::Failure;

/// All logs of a market up to the newest block.
pub async fn logs<P: Protocol>(client: &Client, protocol: &P) -> Result<Vec<Entry>, Failure> {
    let all = async |journal: &journal::MemoryJournal| Ok(journal.entries(None, usize::MAX).await?);
    Ok(Recall::default().read(client, protocol, all).await?.0)
}

/// Folds all logs of a market into its view, up to the newest block, which is returned with it.
pub async fn fold<P: Protocol>(recall: &Recall, client: &Client, protocol: &P) -> Result<(P::View, Head), Failure> {
    let (view, read) = recall.read(client, protocol, async |journal| folded(protocol, journal).await).await?;
    Ok((view, read.head))
}
