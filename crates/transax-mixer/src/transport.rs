//! A participant at a board.

use std::time::Duration;

use coin_shuffle::{Authority, Message, Outcome, Participant, Post};
use mailbox::{Board, Client, ClientError};
use tracing::debug;

/// So often in a row the board may fail before a participant gives up. What it had signed then stays signed.
const MOST_FAILURES: u32 = 30;

/// How often in a row the pause is doubled for failures.
const LONGEST: u32 = 6;

/// Plays a mix to its end: reads the board, says what is to be said, and pauses. What could not be posted is posted again;
/// what others post that is no message, or was not sealed by the circle, is passed over.
///
/// # Errors
/// The board's last failure, where it has failed thirty times in a row.
pub async fn take_part<A: Authority>(
    board: &Client,
    participant: &mut Participant<A>,
    pause: Duration,
) -> Result<Outcome, ClientError> {
    let (mut after, mut failures, mut unsaid) = (0, 0, Vec::new());
    loop {
        match turn(board, participant, &mut after, &mut unsaid).await {
            Ok(()) => failures = 0,
            Err(error) if failures == MOST_FAILURES => return Err(error),
            Err(error) => {
                failures += 1;
                debug!(%error, failures, "the board failed");
            }
        }
        match participant.outcome() {
            Some(outcome) if unsaid.is_empty() => return Ok(outcome.clone()),
            // A board that fails, or is asked too often, is given time.
            _ => tokio::time::sleep(pause * (1 << failures.min(LONGEST))).await,
        }
    }
}

async fn turn<A: Authority>(
    board: &Client,
    participant: &mut Participant<A>,
    after: &mut u64,
    unsaid: &mut Vec<Message>,
) -> Result<(), ClientError> {
    let Board { now, posts } = board.read(*after).await?;
    for posted in posts {
        *after = posted.number;
        let message = board.open(&posted.sealed).and_then(|bytes| postcard::from_bytes(&bytes).ok());
        if let Some(message) = message {
            participant.hear(Post { number: posted.number, at: posted.at, message });
        }
    }
    unsaid.extend(participant.act(now));
    while let Some(message) = unsaid.first() {
        let bytes = postcard::to_allocvec(message).expect("plain data in memory can be written");
        board.post(&bytes).await?;
        unsaid.remove(0);
    }
    Ok(())
}
