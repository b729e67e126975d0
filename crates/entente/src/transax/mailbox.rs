//! `mailbox run`: a board for those who mix.

use std::fmt;

use mailbox::{Room, router};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::{
    cli::MailboxRun,
    exit::Failure,
    hosting::{serve, until_interrupted},
    setting::Setting,
};

/// Enough for a hundred mixes of fifteen at once, and a mix cannot take it all.
const ROOM: Room = Room { total_bytes: 1 << 29, box_bytes: 1 << 24, keep_ms: 3_600_000 };

/// Where a board listens.
#[derive(Debug, Serialize)]
struct Listening {
    url: String,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mailbox listens at {}", self.url)
    }
}

/// Serves until interrupted.
pub async fn run(setting: &Setting, words: &MailboxRun) -> Result<(), Failure> {
    let interrupted = until_interrupted()?;
    let listener = TcpListener::bind(words.listen).await?;
    let url = format!("http://{}", listener.local_addr()?);
    setting.output.progress(format_args!("the mailbox is running at {url}/; Ctrl-C stops it"));
    setting.output.result(&Listening { url })?;
    serve(setting.output, listener, router(ROOM), interrupted).await
}
