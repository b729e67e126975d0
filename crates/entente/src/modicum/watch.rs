//! `watch`: every step of every match, as it happens.

use std::{collections::BTreeMap, fmt, pin::pin, time::Duration};

use ::modicum::View;
use alloy::primitives::B256;
use journal::MemoryJournal;
use runtime::{Runtime, Settings};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{
    session::Session,
    status::{Moment, steps, timeline, times},
};
use crate::{
    cli::WatchModicum,
    exit::Failure,
    hosting::until_interrupted,
    output::time,
    session::{CaughtUp, folded},
    setting::Setting,
};

/// Carries the verb out, until it is interrupted or all that was asked for has happened.
pub async fn run(setting: &Setting, words: &WatchModicum) -> Result<(), Failure> {
    let mut interrupted = pin!(until_interrupted()?);
    let session = Session::open(setting, &words.at).await?;
    let settings = Settings { poll: Duration::from_millis(words.poll_milliseconds), ..Settings::default() };
    let read = async |journal: &MemoryJournal| folded(&session.protocol, journal).await;
    let (_, CaughtUp { journal, .. }) = session.recall.read(&session.client, &session.protocol, read).await?;
    let follower = Runtime::new(session.client.clone(), session.protocol.clone(), journal, settings);
    let mut snapshots = follower.snapshots();
    let stop = CancellationToken::new();
    let mut following = tokio::spawn(follower.run(stop.clone()));
    setting.output.progress("the watch is running; Ctrl-C stops it");
    let mut told: Option<BTreeMap<B256, usize>> = words.all.then(BTreeMap::new);
    loop {
        tokio::select! {
            () = &mut interrupted => break,
            ended = &mut following => return Ok(ended.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?),
            changed = snapshots.changed() => changed.map_err(anyhow::Error::from)?,
        }
        let snapshot = snapshots.borrow_and_update().clone();
        if snapshot.head.is_none() {
            continue;
        }
        // What was there before is not news.
        let known = told.get_or_insert_with(|| of_interest(&snapshot.view, words.id).collect());
        let news = news(&session, &snapshot.view, words.id, known).await?;
        for step in &news {
            setting.output.line(step)?;
        }
        known.extend(of_interest(&snapshot.view, words.id));
        let is_over = |id| snapshot.view.course(id).is_some_and(|course| course.closing.is_some());
        if words.id.is_some_and(is_over) {
            break;
        }
    }
    stop.cancel();
    Ok(following.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?)
}

/// How many steps each match has taken.
fn of_interest(view: &View, only: Option<B256>) -> impl Iterator<Item = (B256, usize)> {
    let courses = view.courses().filter(move |(id, _)| only.is_none_or(|only| only == *id));
    courses.map(|(id, course)| (id, steps(course).len()))
}

/// What happened since; after a reorganisation only what is more than before.
async fn news(
    session: &Session,
    view: &View,
    only: Option<B256>,
    known: &BTreeMap<B256, usize>,
) -> Result<Vec<Step>, Failure> {
    let mut news = Vec::new();
    for (id, count) in of_interest(view, only) {
        let before = known.get(&id).copied().unwrap_or(0);
        let Some(course) = view.course(id).filter(|_| count > before) else { continue };
        let times = times(session, [course]).await?;
        let moments = timeline(course, &times, session.known.token_decimals).into_iter().skip(before);
        news.extend(moments.map(|moment| Step { id, moment }));
    }
    news.sort_by_key(|step| step.moment.block);
    Ok(news)
}

/// One step of one match.
#[derive(Debug, Serialize)]
struct Step {
    #[serde(rename = "match")]
    id: B256,
    #[serde(flatten)]
    moment: Moment,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, moment: Moment { time: at, what, .. } } = self;
        // Enough of the name to tell matches apart.
        let id = id.to_string();
        write!(f, "{} {} {what}", time(*at), id.get(..10).unwrap_or(&id))
    }
}
