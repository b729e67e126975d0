//! A participant at a board.

use std::time::Duration;

use coin_shuffle::{Authority, Content, MemberId, Message, Millis, Outcome, Output, Participant, Post, Settings};
use mailbox::{Board, Client, ClientError, Posted};
use tracing::debug;

/// So often in a row the board may fail before a participant gives up. What it had signed then stays signed.
const MOST_FAILURES: u32 = 30;

/// How often in a row the pause is doubled for failures.
const LONGEST: u32 = 6;

/// Takes part in a mix that begins with whoever joins first, so that nobody needs to tell the time by the board's clock
/// beforehand; `settings.start` is not used. `seed` and `outputs` are those of [`Participant::new`]; with the same ones, and on
/// the same terms, it goes on where it was after a restart.
///
/// # Errors
/// The board's last failure, where it has failed thirty times in a row.
pub async fn gather<A: Authority>(
    board: &Client,
    settings: Settings,
    (me, authority): (MemberId, A),
    seed: [u8; 32],
    outputs: impl FnMut(u32) -> Output + Send + 'static,
    pause: Duration,
) -> Result<Outcome, ClientError> {
    let start = opening(board, &settings, me, &authority, pause).await?;
    let mut participant = Participant::new(Settings { start, ..settings }, me, authority, seed, outputs);
    take_part(board, &mut participant, pause).await
}

/// When the first participant joined; where nobody has, this one does.
async fn opening(
    board: &Client,
    settings: &Settings,
    me: MemberId,
    authority: &impl Authority,
    pause: Duration,
) -> Result<Millis, ClientError> {
    let is_joining = |message: &Message| {
        let is_of_this = message.session == settings.session && message.run == 0 && message.content == Content::Join;
        is_of_this && message.is_authentic(authority)
    };
    let (mut after, mut failures) = (0, 0);
    loop {
        match first_of(board, &mut after, is_joining).await {
            Ok(Some(at)) => return Ok(at),
            Ok(None) => {
                let join = Message::signed(settings.session, 0, me, Content::Join, authority);
                if let Err(error) = board.post(&encoded(&join)).await {
                    debug!(%error, "the board did not take the joining");
                }
            }
            Err(error) if failures == MOST_FAILURES => return Err(error),
            Err(error) => debug!(%error, failures, "the board failed"),
        }
        failures += 1;
        tokio::time::sleep(pause * (1 << failures.min(LONGEST))).await;
    }
}

async fn first_of(
    board: &Client,
    after: &mut u64,
    is_wanted: impl Fn(&Message) -> bool,
) -> Result<Option<Millis>, ClientError> {
    for posted in board.read(*after).await?.posts {
        *after = posted.number;
        if read(board, &posted).is_some_and(|message| is_wanted(&message)) {
            return Ok(Some(posted.at));
        }
    }
    Ok(None)
}

fn read(board: &Client, posted: &Posted) -> Option<Message> {
    postcard::from_bytes(&board.open(&posted.sealed)?).ok()
}

fn encoded(message: &Message) -> Vec<u8> {
    postcard::to_allocvec(message).expect("plain data in memory can be written")
}

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
        if let Some(message) = read(board, &posted) {
            participant.hear(Post { number: posted.number, at: posted.at, message });
        }
    }
    unsaid.extend(participant.act(now));
    while let Some(message) = unsaid.first() {
        board.post(&encoded(message)).await?;
        unsaid.remove(0);
    }
    Ok(())
}
