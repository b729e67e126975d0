//! `market`: the screen once, or whenever the chain moves.

use std::{
    io::{self, IsTerminal},
    pin::pin,
    time::Duration,
};

use super::screen::Screen;
use crate::{cli::Market, exit::Failure, hosting::until_interrupted, session::Session, setting::Setting};

/// How often the chain is asked whether it moved.
const PAUSE: Duration = Duration::from_secs(1);
/// Clears a terminal and goes to its upper left corner.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// Carries the verb out.
pub async fn run(setting: &Setting, words: &Market) -> Result<(), Failure> {
    if words.watch && setting.output.is_json() {
        let reason = "--watch shows the market again and again, and --json is one document; leave either out";
        return Err(Failure::Usage(reason.into()));
    }
    let session = Session::open(setting).await?;
    let mut view = session.view().await?;
    setting.output.result(&Screen::of(&session.deployment, &view))?;
    if !words.watch {
        return Ok(());
    }
    let mut interrupted = pin!(until_interrupted()?);
    loop {
        tokio::select! {
            () = &mut interrupted => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
        if view.advance().await? {
            if io::stdout().is_terminal() {
                print!("{CLEAR}");
            }
            setting.output.result(&Screen::of(&session.deployment, &view))?;
        }
    }
}
