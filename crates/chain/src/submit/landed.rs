//! Which intents were carried out.

use std::collections::{HashMap, VecDeque};

use crate::Receipt;

/// How many are remembered. A view shows what an intent did long before that many others follow, and whoever runs a hundred
/// agents holds a hundred of these.
const REMEMBERED: usize = 256;

/// The intents of one key that were carried out last.
#[derive(Debug, Default)]
pub(super) struct Landed {
    receipts: HashMap<String, Receipt>,
    order: VecDeque<String>,
}

impl Landed {
    pub(super) fn get(&self, key: &str) -> Option<Receipt> {
        self.receipts.get(key).copied()
    }

    pub(super) fn insert(&mut self, key: &str, receipt: Receipt) {
        if self.receipts.insert(key.to_owned(), receipt).is_none() {
            self.order.push_back(key.to_owned());
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.receipts.remove(&oldest);
        }
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.receipts.remove(key);
        self.order.retain(|known| known != key);
    }
}
