//! Words about parallel proof of work.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum Pow {
    /// Make a node's key.
    Key(PowKey),
    /// Write the file that all nodes of a chain start from.
    Genesis(PowGenesis),
    /// Run a node: it mines, stands by or manages, as the protocol says.
    Node(PowNode),
    /// Start a cluster on this machine, stop its manager in the middle of a block, and watch.
    Demo(PowDemo),
    /// Measure the ways to mine on a simulated network, and draw the paper's figures.
    Simulate(PowSimulate),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente pow key node.key

The file holds the secret key, readable by its owner only; what is printed is the public one, the node's id. A node
writes its chain and its votes into a folder beside its key: the two belong together. Whoever has lost the folder must
use a new key, since the node would not remember how it voted.")]
pub struct PowKey {
    /// Where the key is written; an existing file is kept.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a chain of three machines; the first command, on each of them, prints the ID of its node
  entente pow key node.key
  entente pow genesis --member ID@192.0.2.1:7000 --member ID@192.0.2.2:7000 --member ID@192.0.2.3:7000

Every node gets the same file. A block counts once more than half of the members accept it: with three of them one may
fail, with five two. Others join later, by starting with the file and a key of their own.")]
pub struct PowGenesis {
    /// A first member: its id, and where the others reach it.
    #[arg(long = "member", value_name = "ID@ADDRESS", required = true, value_parser = member)]
    pub members: Vec<pow_node::Member>,
    /// Leading zero bits of a block's hash; four are a hexadecimal digit, and each doubles the work.
    #[arg(long, default_value_t = 26, value_parser = clap::value_parser!(u8).range(8..=64))]
    pub bits: u8,
    /// Who takes over from a manager that fails.
    #[arg(long, value_enum, default_value_t = ModeName::Backups)]
    pub mode: ModeName,
    /// Where it is written; an existing file is kept.
    #[arg(long, value_name = "FILE", default_value = "genesis.json")]
    pub out: PathBuf,
}

fn member(text: &str) -> Result<pow_node::Member, String> {
    let (id, address) = text.split_once('@').ok_or("expected ID@ADDRESS, such as 3f…@192.0.2.1:7000")?;
    pow_node::parse_id(id).map_err(|error| error.to_string())?;
    let address =
        address.parse().map_err(|_| format!("{address:?} is no address with a port, such as 192.0.2.1:7000"))?;
    Ok(pow_node::Member { id: id.to_ascii_lowercase(), address })
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a node of a chain whose parameters and first members are in genesis.json
  entente pow node --genesis genesis.json --key-file node.key --watch

It runs until it is interrupted, and prints a line for each block; with --json one JSON document a line, also of how it
stands four times a second. A node that is no first member asks to join. Started again with the same words, it goes on
where it stopped.")]
pub struct PowNode {
    /// The chain: its parameters, and its first members with their addresses (JSON).
    #[arg(long, value_name = "FILE")]
    pub genesis: PathBuf,
    /// The node's key, as `entente pow key` wrote it.
    #[arg(long, value_name = "FILE")]
    pub key_file: PathBuf,
    /// Where it listens; its address in the genesis unless given.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// A member that joined later, which this node is to call; of two such nodes only one calls the other.
    #[arg(long = "peer", value_name = "ID@ADDRESS", value_parser = member)]
    pub peers: Vec<pow_node::Member>,
    /// Where it keeps its chain and its votes; beside the key, with the extension `data`, unless given.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Show the chain, the members' rates, leases and roles, on standard error.
    #[arg(long)]
    pub watch: bool,
    /// What it hashes with.
    #[arg(long, value_enum, default_value_t = KernelName::Fastest)]
    pub kernel: KernelName,
    /// At most so many hashes a second; no limit unless given.
    #[arg(long, value_name = "HASHES", value_parser = clap::value_parser!(u64).range(1_000..))]
    pub rate_limit: Option<u64>,
}

/// What hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KernelName {
    /// Lanes on processors with AVX-512, else portable.
    Fastest,
    /// One nonce at a time, by the block function of `sha2`.
    Portable,
    /// Sixteen nonces at a time.
    Lanes,
}

/// Who takes over from a manager that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeName {
    /// A backup that a majority elects.
    Backups,
    /// Nobody: miners go on alone until one of them solves the block.
    Single,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: seven processes, of which the manager is killed in block 7
  entente pow demo --nodes 7 --bits 19 --rate-limit 100000

Example: what backups are worth, twenty times each with and without them, in about ten minutes, with the paper's figures
  entente pow demo --nodes 8 --rate-limit 150000 --bits 20 --blocks 8 --mode backups,single --repetitions 20 --out target/pow

Each node is a process of this program with a key of its own, over TCP on this machine. The limit of the rate gives each
the speed of a small machine, so that more of them fit on this one; 0 is no limit. On a terminal the cluster is shown
while it works.

How long a block takes is mostly luck. So the loss is also measured without it: block 7 takes so many different hashes
whatever becomes of its manager, and is compared with the time that these take at the rate of the other blocks.")]
pub struct PowDemo {
    /// How many nodes; one of them manages.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(3..=32))]
    pub nodes: u8,
    /// Leading zero bits of a block's hash; four are a hexadecimal digit.
    #[arg(long, default_value_t = 19, value_parser = clap::value_parser!(u8).range(8..=40))]
    pub bits: u8,
    /// How many blocks.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub blocks: u32,
    /// In which block the active manager's process is killed; 0 for none.
    #[arg(long, default_value_t = 7, value_name = "BLOCK")]
    pub kill_in_block: u32,
    /// At most so many hashes a second and node.
    #[arg(long, default_value_t = 200_000, value_name = "HASHES")]
    pub rate_limit: u64,
    /// Who takes over; several, separated by commas, are compared.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "backups")]
    pub mode: Vec<ModeName>,
    /// How many clusters are started, one after another, for each way to take over.
    #[arg(long, default_value_t = 1, value_name = "CLUSTERS", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repetitions: u32,
    /// Where the paper's figures are drawn: figure 5 from this cluster, figures 1 to 4 from the simulated network.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente pow simulate --out target/pow --json

It hashes for real on nodes whose rate is simulated: the paper's 339 hashes a second. Figures 1 to 5 of the paper are
written as SVG, with the theoretical lines; the result holds their data, and table III beside the paper's.")]
pub struct PowSimulate {
    /// Where the figures are written.
    #[arg(long, value_name = "DIR", default_value = "target/pow")]
    pub out: PathBuf,
    /// Blocks for each point.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(8..=1000))]
    pub blocks: u32,
    /// Decides chance.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}
