//! `ledger observe`: what can be known of a real chain by RPC.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use alloy::{
    consensus::BlockHeader,
    eips::BlockNumberOrTag,
    primitives::{Address, B256, U256},
    providers::Provider,
    transports::TransportResult,
};
use chain::{Client, ClientError};
use serde::Serialize;
use simulation::Summary;

use crate::{
    cli::Observe,
    exit::Failure,
    output::{Output, Table},
    setting::Setting,
};

/// How often a node is asked for what is new.
const POLL: Duration = Duration::from_millis(200);

/// Observes.
pub async fn run(setting: &Setting, words: &Observe) -> Result<(), Failure> {
    let Some(rpc) = &setting.rpc else {
        return Err(Failure::Usage("name the node to observe with --rpc or ENTENTE_RPC".to_owned()));
    };
    let client = Client::connect_all(&rpc.expose(), chain::Settings::default()).await?;
    let latency = watch(&client, setting.output, Duration::from_secs(words.watch)).await?;
    let head = client.head().await?.block.number;
    let first = head.saturating_sub(words.blocks - 1);
    let mut blocks = Vec::new();
    for number in first..=head {
        blocks.extend(block(&client, number).await?);
    }
    Ok(setting.output.result(&Observed::new(client.chain_id(), &blocks, &latency))?)
}

/// What a block says.
struct Block {
    number: u64,
    timestamp: u64,
    proposer: Address,
    transactions: Vec<B256>,
}

async fn ask<T>(method: &'static str, answer: impl Future<Output = TransportResult<T>>) -> Result<T, ClientError> {
    answer.await.map_err(|source| ClientError::Request { method, source })
}

async fn block(client: &Client, number: u64) -> Result<Option<Block>, ClientError> {
    let tag = BlockNumberOrTag::Number(number);
    let answer = ask("eth_getBlockByNumber", async { client.provider().get_block_by_number(tag).await }).await?;
    Ok(answer.map(|block| Block {
        number: block.header.number(),
        timestamp: block.header.timestamp(),
        proposer: block.header.beneficiary(),
        transactions: block.transactions.hashes().collect(),
    }))
}

/// Times transactions from when the node hears of them until it has their block, seconds.
async fn watch(client: &Client, output: Output, time: Duration) -> Result<Vec<f64>, ClientError> {
    let mut latencies = Vec::new();
    if time.is_zero() {
        return Ok(latencies);
    }
    output.progress(format!("timing pending transactions for {} s", time.as_secs()));
    let provider = client.provider();
    let filter = ask("eth_newPendingTransactionFilter", provider.new_pending_transactions_filter(false)).await?;
    let mut pending = BTreeMap::new();
    let mut next = client.head().await?.block.number + 1;
    let begun = Instant::now();
    while begun.elapsed() < time {
        for hash in heard(client, filter).await? {
            pending.entry(hash).or_insert_with(Instant::now);
        }
        while let Some(block) = block(client, next).await? {
            let timed = block.transactions.iter().filter_map(|hash| pending.remove(hash));
            latencies.extend(timed.map(|heard| heard.elapsed().as_secs_f64()));
            next = block.number + 1;
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(latencies)
}

async fn heard(client: &Client, filter: U256) -> Result<Vec<B256>, ClientError> {
    ask("eth_getFilterChanges", client.provider().get_filter_changes::<B256>(filter)).await
}

/// A chain in figures. Times in seconds.
#[derive(Debug, Serialize)]
struct Observed {
    chain_id: u64,
    first_block: u64,
    last_block: u64,
    block_time: Summary,
    transactions: usize,
    throughput: f64,
    proposers: BTreeMap<Address, u32>,
    /// Among those who proposed any block; who did not cannot be seen.
    gini: f64,
    /// Of the transactions that were watched.
    latency: Summary,
}

impl Observed {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn new(chain_id: u64, blocks: &[Block], latencies: &[f64]) -> Self {
        let gaps: Vec<_> =
            blocks.windows(2).map(|pair| pair[1].timestamp.saturating_sub(pair[0].timestamp) as f64).collect();
        // The first block's transactions came before its time.
        let transactions: usize = blocks.iter().skip(1).map(|block| block.transactions.len()).sum();
        let mut proposers = BTreeMap::new();
        for block in blocks {
            *proposers.entry(block.proposer).or_insert(0_u32) += 1;
        }
        let seconds: f64 = gaps.iter().sum();
        Self {
            chain_id,
            first_block: blocks.first().map_or(0, |block| block.number),
            last_block: blocks.last().map_or(0, |block| block.number),
            block_time: Summary::of(&gaps),
            transactions,
            throughput: if seconds > 0.0 { transactions as f64 / seconds } else { 0.0 },
            gini: ledger_simulator::gini(&proposers.values().copied().collect::<Vec<_>>()),
            proposers,
            latency: Summary::of(latencies),
        }
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain_id, first_block, last_block, block_time, latency, .. } = self;
        writeln!(f, "chain         {chain_id}, blocks {first_block} to {last_block}")?;
        let [_, median, _] = block_time.quartiles;
        writeln!(f, "block time    {:.2} s in the mean, {median:.2} s the median", block_time.mean)?;
        writeln!(f, "transactions  {}, {:.2} a second", self.transactions, self.throughput)?;
        if latency.count == 0 {
            writeln!(f, "latency       none was watched; --watch SECONDS times pending transactions")?;
        } else {
            let Summary { count, mean, confidence, .. } = latency;
            writeln!(f, "latency       {mean:.2} ± {confidence:.2} s, of {count} watched")?;
        }
        writeln!(f, "proposers     {}, Gini {:.4}", self.proposers.len(), self.gini)?;
        let mut table = Table::new(&["proposer", "blocks"]);
        for (proposer, blocks) in &self.proposers {
            table.row([proposer.to_string(), blocks.to_string()]);
        }
        write!(f, "{table}")
    }
}
