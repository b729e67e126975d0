//! `/api/events`: what happens, as it happens, by server-sent events.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures_util::stream;
use runtime::Snapshot;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    hub::{Hub, Listening, Message},
    query::{Query, Refusal},
    serving::Shared,
    watched::{Chronicle, News, Seen},
};

/// Passes on what is new in a market, until it is followed no longer. A chain that was reorganised is to be read anew.
pub async fn announce<P: Chronicle>(
    mut snapshots: watch::Receiver<Snapshot<Seen<P::View, P::History>>>,
    hub: Arc<Hub>,
) {
    let mut last: Option<(u64, News)> = None;
    let mut is_new = true;
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        let Some(head) = snapshot.head else { continue };
        let told = last.as_ref().map_or(0, |(number, _)| *number);
        let mut news = snapshot.view.news().skip_while(|(number, _)| *number < told).peekable();
        let is_continued = match &last {
            Some((number, last)) => news.next_if(|(at, news)| (at, *news) == (number, last)).is_some(),
            None => news.peek().is_none_or(|(first, _)| *first == 1),
        };
        let has_news = news.peek().is_some();
        if !is_continued || is_new {
            hub.publish("reset", &json!({ "system": P::SYSTEM }));
        } else {
            news.for_each(|(_, news)| hub.publish("news", news));
        }
        is_new = false;
        last = snapshot.view.news().next_back().map(|(number, news)| (number, news.clone()));
        let (block, time) = (head.block.number, head.timestamp);
        hub.publish("block", &json!({ "system": P::SYSTEM, "block": block, "time": time, "has_news": has_news }));
    }
}

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/api/events", get(listen))
}

/// Somebody who listens.
struct Listener {
    hub: Arc<Hub>,
    stopping: CancellationToken,
    missed: VecDeque<Arc<Message>>,
    receiver: broadcast::Receiver<Arc<Message>>,
    /// A seat among those who may listen, for as long as this lives.
    _permit: OwnedSemaphorePermit,
}

impl Listener {
    async fn next(&mut self) -> Option<Arc<Message>> {
        if let Some(missed) = self.missed.pop_front() {
            return Some(missed);
        }
        match self.stopping.run_until_cancelled(self.receiver.recv()).await? {
            Ok(message) => Some(message),
            Err(broadcast::error::RecvError::Lagged(_)) => {
                self.receiver = self.receiver.resubscribe();
                Some(self.hub.reset())
            }
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

async fn listen(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    Query::parse(query.as_deref(), &[])?;
    let permit = Arc::clone(&shared.listeners).try_acquire_owned().map_err(|_| {
        Refusal(
            StatusCode::TOO_MANY_REQUESTS,
            "as many listen as may; come back later, or close other pages".to_owned(),
        )
    })?;
    let last = headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default());
    let Listening { missed, receiver } = shared.hub.listen(last);
    let stopping = shared.stopping.clone();
    let listener = Listener { hub: Arc::clone(&shared.hub), stopping, missed, receiver, _permit: permit };
    let events = stream::unfold(listener, async |mut listener| {
        let message = listener.next().await?;
        let event = Event::default().id(&message.id).event(message.name).data(&message.data);
        Some((Ok::<_, Infallible>(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(shared.heartbeat).text("alive")).into_response())
}
