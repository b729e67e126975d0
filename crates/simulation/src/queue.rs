//! The event queue.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

use serde::{Deserialize, Serialize};

use crate::Micros;

/// Events by time; those of one time in the order in which they were pushed.
///
/// A binary heap: pushing and popping take O(log n).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(serialize = "E: Serialize", deserialize = "E: Deserialize<'de>"))]
pub struct EventQueue<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    pushed: u64,
}

/// An event with what orders it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Entry<E> {
    time: Micros,
    sequence: u64,
    event: E,
}

impl<E> EventQueue<E> {
    /// An empty queue with room for so many events.
    pub fn with_capacity(events: usize) -> Self {
        Self { heap: BinaryHeap::with_capacity(events), pushed: 0 }
    }

    /// Schedules an event.
    #[inline]
    pub fn push(&mut self, time: Micros, event: E) {
        self.heap.push(Reverse(Entry { time, sequence: self.pushed, event }));
        self.pushed += 1;
    }

    /// The next event and its time.
    #[inline]
    pub fn pop(&mut self) -> Option<(Micros, E)> {
        self.heap.pop().map(|Reverse(entry)| (entry.time, entry.event))
    }

    /// When the next event is due.
    #[inline]
    pub fn next_time(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse(entry)| entry.time)
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<E> Entry<E> {
    #[inline]
    fn key(&self) -> u128 {
        u128::from(self.time.0) << 64 | u128::from(self.sequence)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn events_leave_by_time_and_then_by_arrival(times in proptest::collection::vec(0_u64..20, 0..200)) {
            let mut queue = EventQueue::default();
            times.iter().enumerate().for_each(|(index, time)| queue.push(Micros(*time), index));
            let mut expected: Vec<_> = times.iter().copied().map(Micros).zip(0..).collect();
            expected.sort();
            prop_assert_eq!(std::iter::from_fn(|| queue.pop()).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_copy_goes_on_as_the_original() {
        let mut queue = EventQueue::default();
        (0..100_u64).for_each(|event| queue.push(Micros(event * 7 % 13), event));
        let mut copy = queue.clone();
        while let Some(event) = queue.pop() {
            assert_eq!(copy.pop(), Some(event));
            assert_eq!(copy.next_time(), queue.next_time());
        }
        assert!(copy.is_empty());
    }
}
