//! A node's view of its chain, on a terminal.

use std::fmt;

use ::pow::{Lease, NodeId, Role};
use pow_node::{Recent, Snapshot, Standing};

use crate::output::Table;

/// A role in words.
pub const fn role(role: Role) -> &'static str {
    match role {
        Role::Active => "active manager",
        Role::Backup => "backup manager",
        Role::Miner => "miner",
        Role::Outside => "outside",
    }
}

/// What is shown: the node, the chain, the members with their roles, rates and leases.
pub struct View<'a> {
    /// Whose view it is.
    pub node: NodeId,
    /// How it stands.
    pub snapshot: &'a Snapshot,
    /// What it hashed a second, since the view before.
    pub rate: u64,
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Snapshot { status, connected, members, recent, .. } = self.snapshot;
        writeln!(
            f,
            "node {}: {} at height {}, term {}; {}; {connected} connections\n",
            self.node,
            role(status.role),
            status.height,
            status.term,
            rate(Some(self.rate)),
        )?;
        let mut table = Table::new(&["block", "hash", "manager", "term", "payments", "seconds"]);
        let before = recent.iter().map(Some);
        for (block, before) in recent.iter().zip(std::iter::once(None).chain(before)) {
            table.row(cells(block, before));
        }
        writeln!(f, "{table}")?;
        let mut table = Table::new(&["member", "role", "proved", "balance", "lease from", "nonces"]);
        for Standing { id, role: is, is_connected, rate: proved, balance, lease } in members {
            let name = if *id == self.node { format!("{id} (this)") } else { id.to_string() };
            let is = if *is_connected { role(*is) } else { "not connected" };
            let part = |of: fn(&Lease) -> u64| lease.as_ref().map_or_else(|| "–".to_owned(), |l| of(l).to_string());
            table.row([
                name,
                is.to_owned(),
                rate(*proved),
                balance.to_string(),
                part(|lease| lease.first),
                part(|lease| lease.count),
            ]);
        }
        write!(f, "{table}")
    }
}

fn cells(block: &Recent, before: Option<&Recent>) -> [String; 6] {
    let took = before.map(|before| block.time_ms.saturating_sub(before.time_ms));
    [
        block.height.to_string(),
        block.hash.to_string().chars().take(16).collect(),
        block.manager.to_string(),
        block.term.to_string(),
        block.payments.to_string(),
        took.map_or_else(|| "–".to_owned(), |ms| format!("{}.{:01}", ms / 1_000, ms % 1_000 / 100)),
    ]
}

/// Hashes a second, as people read them.
fn rate(hashes: Option<u64>) -> String {
    match hashes {
        None => "–".to_owned(),
        Some(large) if large >= 10_000_000 => format!("{} MH/s", large / 1_000_000),
        Some(middle) if middle >= 10_000 => format!("{} kH/s", middle / 1_000),
        Some(small) => format!("{small} H/s"),
    }
}

#[cfg(test)]
mod tests {
    use ::pow::{Digest, Status};

    use super::*;

    #[test]
    fn the_view_shows_the_chain_rates_leases_and_roles() {
        let id = |number| NodeId([number; 32]);
        let standing = |number, role, rate, lease| Standing {
            id: id(number),
            role,
            is_connected: number < 4,
            rate,
            balance: 70,
            lease,
        };
        let lease = Lease { first: 512, count: 100_000, share_bits: 3 };
        let status =
            Status { role: Role::Active, height: 3, term: 1, manager: None, leases: Vec::new(), searching: None };
        let block =
            |height, time_ms| Recent { height, hash: Digest([5; 32]), manager: id(2), term: 0, time_ms, payments: 9 };
        let snapshot = Snapshot {
            status,
            hashes: 0,
            connected: 2,
            members: vec![
                standing(1, Role::Active, None, None),
                standing(2, Role::Backup, Some(12_345_678), None),
                standing(3, Role::Miner, Some(99_999), Some(lease)),
                standing(4, Role::Miner, Some(7), None),
            ],
            recent: vec![block(1, 1_000), block(2, 3_450)],
        };
        let text = View { node: id(1), snapshot: &snapshot, rate: 0 }.to_string();
        for words in [
            "01010101: active manager at height 3, term 1",
            "01010101 (this)",
            "backup manager",
            "not connected",
            "12 MH/s",
            "99 kH/s",
            "100000",
            "0505050505050505",
            "2.4",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
    }
}
