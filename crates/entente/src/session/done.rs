//! What a verb that changed something says.

use std::fmt;

use alloy::primitives::B256;
use chain::Receipt;
use serde::Serialize;
use serde_json::Value;

/// A sentence for people, the figures for programs, and the transactions.
#[derive(Debug, Serialize)]
pub struct Done {
    #[serde(skip)]
    sentence: String,
    #[serde(skip)]
    next: Option<String>,
    #[serde(flatten)]
    figures: Value,
    transactions: Vec<Mined>,
}

#[derive(Debug, Serialize)]
struct Mined {
    transaction: B256,
    block: u64,
    gas_used: u64,
}

impl Done {
    /// `figures` is a JSON object.
    pub fn new(sentence: impl Into<String>, figures: Value, receipts: &[Receipt]) -> Self {
        let mined = |receipt: &Receipt| Mined {
            transaction: receipt.transaction,
            block: receipt.block.number,
            gas_used: receipt.gas_used,
        };
        let transactions = receipts.iter().map(mined).collect();
        Self { sentence: sentence.into(), next: None, figures, transactions }
    }

    /// Adds the next useful command.
    #[must_use]
    pub fn then(mut self, command: impl Into<String>) -> Self {
        self.next = Some(command.into());
        self
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.sentence)?;
        for mined in &self.transactions {
            writeln!(f, "  transaction {} in block {}, {} gas", mined.transaction, mined.block, mined.gas_used)?;
        }
        if let Some(next) = &self.next {
            writeln!(f, "next: {next}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_for_people_and_figures_for_programs() {
        let done = Done::new("group 0 was added", json!({ "group": 0 }), &[]).then("entente transax market");
        assert_eq!(done.to_string(), "group 0 was added\nnext: entente transax market\n");
        let value = serde_json::to_value(&done).expect("a value");
        assert_eq!(value, json!({ "group": 0, "transactions": [] }));
    }
}
