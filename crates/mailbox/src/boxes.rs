//! What is posted, and for how long.

use std::collections::BTreeMap;

use alloy_primitives::{B256, Bytes};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Names a box. It says nothing about what the box is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BoxId(pub B256);

/// A post as everybody reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posted {
    /// Its place in the box, from 1.
    pub number: u64,
    /// When it came, milliseconds of the board's clock.
    pub at: u64,
    /// What was posted.
    pub sealed: Bytes,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes in all.
    pub total_bytes: usize,
    /// Bytes a box.
    pub box_bytes: usize,
    /// How long a box is kept after its first post, milliseconds.
    pub keep_ms: u64,
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Full {
    /// In the box.
    #[error("this box is full; agree on another")]
    Box,
    /// Anywhere.
    #[error("the board is full; try again in a while, or use another board")]
    Board,
}

#[derive(Debug, Default)]
struct Contents {
    opened: u64,
    bytes: usize,
    posts: Vec<Posted>,
}

/// All boxes.
#[derive(Debug)]
pub struct Boxes {
    room: Room,
    bytes: usize,
    by_id: BTreeMap<BoxId, Contents>,
}

impl Boxes {
    /// Empty.
    pub const fn new(room: Room) -> Self {
        Self { room, bytes: 0, by_id: BTreeMap::new() }
    }

    /// Takes a post at `now` (milliseconds); returns its number.
    pub fn post(&mut self, id: BoxId, sealed: Bytes, now: u64) -> Result<u64, Full> {
        if self.bytes + sealed.len() > self.room.total_bytes {
            self.forget(now);
        }
        if self.bytes + sealed.len() > self.room.total_bytes {
            return Err(Full::Board);
        }
        // Before the box is made: whoever is refused must not fill the board with empty ones.
        if self.by_id.get(&id).map_or(0, |contents| contents.bytes) + sealed.len() > self.room.box_bytes {
            return Err(Full::Box);
        }
        let contents = self.by_id.entry(id).or_insert_with(|| Contents { opened: now, ..Contents::default() });
        contents.bytes += sealed.len();
        self.bytes += sealed.len();
        let number = contents.posts.last().map_or(1, |last| last.number + 1);
        // Times never run backwards within a box, whatever the clock does.
        let at = contents.posts.last().map_or(now, |last| last.at.max(now));
        contents.posts.push(Posted { number, at, sealed });
        Ok(number)
    }

    /// Posts of a box after number `after`, in order.
    pub fn read(&self, id: &BoxId, after: u64) -> Vec<Posted> {
        let posts = self.by_id.get(id).map_or(&[][..], |contents| &contents.posts);
        let from = posts.partition_point(|post| post.number <= after);
        posts[from..].to_vec()
    }

    fn forget(&mut self, now: u64) {
        let keep_ms = self.room.keep_ms;
        self.by_id.retain(|_, contents| now.saturating_sub(contents.opened) < keep_ms);
        self.bytes = self.by_id.values().map(|contents| contents.bytes).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { total_bytes: 100, box_bytes: 60, keep_ms: 1000 };

    fn id(number: u8) -> BoxId {
        BoxId(B256::repeat_byte(number))
    }

    fn bytes(size: usize) -> Bytes {
        vec![0; size].into()
    }

    #[test]
    fn posts_are_numbered_and_stamped() {
        let mut boxes = Boxes::new(ROOM);
        assert_eq!(boxes.post(id(1), bytes(1), 5), Ok(1));
        assert_eq!(boxes.post(id(1), bytes(2), 3), Ok(2));
        assert_eq!(boxes.post(id(2), bytes(3), 9), Ok(1));
        assert_eq!(boxes.read(&id(1), 1), [Posted { number: 2, at: 5, sealed: bytes(2) }]);
        assert_eq!(boxes.read(&id(3), 0), []);
    }

    #[test]
    fn room_is_bounded_and_comes_back_with_time() {
        let mut boxes = Boxes::new(ROOM);
        assert_eq!(boxes.post(id(1), bytes(60), 0), Ok(1));
        assert_eq!(boxes.post(id(1), bytes(1), 0), Err(Full::Box));
        assert_eq!(boxes.post(id(2), bytes(41), 999), Err(Full::Board));
        assert_eq!(boxes.read(&id(1), 0).len(), 1);
        assert_eq!(boxes.post(id(2), bytes(41), 1000), Ok(1));
        assert_eq!(boxes.read(&id(1), 0), []);
    }

    #[test]
    fn what_is_refused_leaves_no_box() {
        let mut boxes = Boxes::new(ROOM);
        assert_eq!(boxes.post(id(1), bytes(61), 0), Err(Full::Box));
        assert!(boxes.by_id.is_empty(), "{boxes:?}");
        // The time of a box begins with its first post.
        assert_eq!(boxes.post(id(1), bytes(60), 900), Ok(1));
        assert_eq!(boxes.post(id(2), bytes(60), 1000), Err(Full::Board));
        assert_eq!(boxes.read(&id(1), 0).len(), 1);
    }
}
