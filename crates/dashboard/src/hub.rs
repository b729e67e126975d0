//! What listeners are told, and what those missed who lost their connection.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::sync::broadcast;

/// So many messages are kept for those who come back.
const KEPT: usize = 1024;
/// Who falls so many messages behind is told to read everything anew.
const BEHIND: usize = 256;

/// One message. Its id is unique over restarts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where a listener goes on that has heard it.
    pub id: String,
    /// What it is about.
    pub name: &'static str,
    /// JSON.
    pub data: String,
}

/// Passes messages on.
#[derive(Debug)]
pub struct Hub {
    /// Tells this run of the program from others.
    run: u64,
    kept: Mutex<Kept>,
    sender: broadcast::Sender<Arc<Message>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Number of the last message.
    last: u64,
    messages: VecDeque<(u64, Arc<Message>)>,
}

/// What a listener gets first, and where the rest comes from.
pub struct Listening {
    /// To be told at once.
    pub missed: VecDeque<Arc<Message>>,
    /// From then on.
    pub receiver: broadcast::Receiver<Arc<Message>>,
}

impl Hub {
    /// Of a run that is told from others by a number, such as the time.
    pub fn new(run: u64) -> Self {
        Self { run, kept: Mutex::default(), sender: broadcast::Sender::new(BEHIND) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing that panics leaves half a change behind.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, number: u64) -> String {
        format!("{:x}-{number}", self.run)
    }

    /// Tells all listeners.
    pub fn publish(&self, name: &'static str, data: &impl Serialize) {
        // Documents of this crate have string keys and no floats.
        let data = serde_json::to_string(data).unwrap_or_default();
        let mut kept = self.kept();
        kept.last += 1;
        let (number, id) = (kept.last, self.id(kept.last));
        let message = Arc::new(Message { id, name, data });
        kept.messages.push_back((number, Arc::clone(&message)));
        if kept.messages.len() > KEPT {
            kept.messages.pop_front();
        }
        // Nobody may be listening.
        let _ = self.sender.send(message);
    }

    /// What somebody is told who has heard everything up to `last`: what was missed, or `reset` where that is not known
    /// any more. Whoever is new is greeted, and so has an id to come back with.
    pub fn listen(&self, last: Option<&str>) -> Listening {
        let kept = self.kept();
        let receiver = self.sender.subscribe();
        let heard = last.map(|id| {
            let (run, number) = id.split_once('-')?;
            let is_known = u64::from_str_radix(run, 16) == Ok(self.run);
            let number: u64 = number.parse().ok().filter(|number| is_known && *number <= kept.last)?;
            let oldest = kept.messages.front().map_or(kept.last + 1, |(number, _)| *number);
            (number + 1 >= oldest).then_some(number)
        });
        let missed = match heard {
            None => [self.at(&kept, "hello")].into(),
            Some(None) => [self.at(&kept, "reset")].into(),
            Some(Some(number)) => kept
                .messages
                .iter()
                .filter(|(kept, _)| *kept > number)
                .map(|(_, message)| Arc::clone(message))
                .collect(),
        };
        Listening { missed, receiver }
    }

    /// What somebody is told who has fallen behind.
    pub fn reset(&self) -> Arc<Message> {
        self.at(&self.kept(), "reset")
    }

    fn at(&self, kept: &Kept, name: &'static str) -> Arc<Message> {
        Arc::new(Message { id: self.id(kept.last), name, data: "{}".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(listening: &Listening) -> Vec<&str> {
        listening.missed.iter().map(|message| message.name).collect()
    }

    #[test]
    fn whoever_comes_back_is_told_what_was_missed() {
        let hub = Hub::new(7);
        let first = hub.listen(None);
        assert_eq!(names(&first), ["hello"]);
        hub.publish("one", &1);
        hub.publish("two", &2);
        let id = first.missed.front().expect("a greeting").id.clone();
        let back = hub.listen(Some(&id));
        assert_eq!(names(&back), ["one", "two"]);
        let id = back.missed.back().expect("a message").id.clone();
        assert!(hub.listen(Some(&id)).missed.is_empty());
    }

    #[test]
    fn what_is_not_known_any_more_is_read_anew() {
        let hub = Hub::new(7);
        (0..=KEPT).for_each(|number| hub.publish("one", &number));
        assert_eq!(hub.listen(Some("7-1")).missed.len(), KEPT);
        for id in ["7-0", "8-5", "7-99999", "7-", "", "-", "7-1-2", "\u{1f980}"] {
            assert_eq!(names(&hub.listen(Some(id))), ["reset"], "{id}");
        }
    }
}
