//! What is seen of a node from outside.

use pow::{Lease, Node, NodeId, Role, Status};

use crate::{Miner, peers::Peers};

/// How many of the last blocks a snapshot holds.
const RECENT: usize = 8;

/// How a node stands, and what it knows of the others.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its role, height, manager, leases.
    pub status: Status,
    /// Hashes computed so far.
    pub hashes: u64,
    /// Connections that are up.
    pub connected: usize,
    /// All members, in the order in which they would manage this height.
    pub members: Vec<Standing>,
    /// The last blocks, the last one last.
    pub recent: Vec<Recent>,
}

/// A member, as a node sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub id: NodeId,
    /// What it does.
    pub role: Role,
    /// Whether a connection to it is up, or it is this node.
    pub is_connected: bool,
    /// Hashes a second that its shares prove, over the last blocks; none while there are fewer than two.
    pub rate: Option<u64>,
    /// What it owns, units of account.
    pub balance: u64,
    /// The range that is out to it: known to the manager, to backups, and to itself.
    pub lease: Option<Lease>,
}

/// A block, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recent {
    /// Its height.
    pub height: u32,
    /// Its hash.
    pub hash: pow::Digest,
    /// Who composed it.
    pub manager: NodeId,
    /// In which term.
    pub term: u32,
    /// When it was composed, milliseconds since 1970.
    pub time_ms: u64,
    /// How many payments it holds.
    pub payments: usize,
}

impl Snapshot {
    pub(crate) fn of(node: &Node, peers: &Peers, miner: &Miner) -> Self {
        let status = node.status();
        let order = node.chain().order().iter();
        let members = order.map(|id| standing(*id, node, &status, peers)).collect();
        let blocks = node.chain().blocks();
        let recent = blocks[blocks.len().saturating_sub(RECENT)..].iter().map(|decided| {
            let (header, body) = (&decided.block.header, &decided.block.body);
            Recent {
                height: header.index,
                hash: header.hash(),
                manager: body.manager,
                term: body.term,
                time_ms: header.time_ms,
                payments: body.transactions.len(),
            }
        });
        let recent = recent.collect();
        Self { status, hashes: miner.hashes(), connected: peers.connected(), members, recent }
    }
}

fn standing(id: NodeId, node: &Node, status: &Status, peers: &Peers) -> Standing {
    let is_this = id == node.id();
    let role = match () {
        () if is_this => status.role,
        () if status.manager == Some(id) => Role::Active,
        () if node.chain().team().contains(&id) => Role::Backup,
        () => Role::Miner,
    };
    let own = status.searching.filter(|_| is_this).map(|(_, lease)| lease);
    Standing {
        id,
        role,
        is_connected: is_this || peers.is_connected(id),
        rate: proved_rate(node, id),
        balance: node.chain().account(id).balance,
        lease: own.or_else(|| status.leases.iter().find(|(miner, _)| *miner == id).map(|(_, lease)| *lease)),
    }
}

/// Hashes a second that a node's shares proved between the first and the last of the recent blocks.
fn proved_rate(node: &Node, id: NodeId) -> Option<u64> {
    let blocks = node.chain().blocks();
    let (first, rest) = blocks[blocks.len().saturating_sub(RECENT)..].split_first()?;
    let last = rest.last()?;
    let work = rest.iter().flat_map(|decided| &decided.block.body.work).filter(|(worker, _)| *worker == id);
    let hashes = work.map(|(_, hashes)| u128::from(*hashes)).sum::<u128>();
    let ms = last.block.header.time_ms.saturating_sub(first.block.header.time_ms).max(1);
    u64::try_from(hashes * 1_000 / u128::from(ms)).ok()
}
