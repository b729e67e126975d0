//! How many requests are answered at a time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use alloy::primitives::Address;

/// Of all turns, one in so many is the most that a single account has, so that nobody keeps the others out.
const SHARE: usize = 4;

/// Turns that can be taken.
#[derive(Debug)]
pub struct Turns {
    most: usize,
    taken: Mutex<BTreeMap<Address, usize>>,
}

/// A turn that was taken; given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    account: Address,
}

impl Turns {
    /// So many for all.
    pub const fn new(most: usize) -> Self {
        Self { most, taken: Mutex::new(BTreeMap::new()) }
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<Address, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one, if there is one left.
    pub fn take(self: &Arc<Self>, account: Address) -> Option<Turn> {
        let mut taken = self.taken();
        let own = taken.get(&account).copied().unwrap_or_default();
        if taken.values().sum::<usize>() >= self.most || own >= self.most.div_ceil(SHARE) {
            return None;
        }
        taken.insert(account, own + 1);
        Some(Turn { turns: Arc::clone(self), account })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut taken = self.turns.taken();
        if let Some(own) = taken.get_mut(&self.account) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_turns_and_dropped_ones_can_be_taken_again() {
        let turns = Arc::new(Turns::new(8));
        let account = Address::repeat_byte;
        let mut held: Vec<_> = (0..4).flat_map(|who| [turns.take(account(who)), turns.take(account(who))]).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(turns.take(account(9)).is_none(), "all are taken");
        held.pop();
        assert!(turns.take(account(0)).is_none(), "it has its share");
        assert!(turns.take(account(9)).is_some());
        drop(held);
        assert!(turns.taken().is_empty());
    }
}
