//! Blocks and entries as rows, and back.

use std::fmt::Write;

use alloy_primitives::{Address, B256, LogData};
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row, any::AnyRow, query::Query};

use crate::{BlockRef, Entry, JournalError, KeptView};

/// How many rows a statement inserts; their values are far fewer than either database allows.
const ROWS: usize = 500;

pub async fn insert_blocks(
    connection: &mut AnyConnection,
    journal: i64,
    blocks: &[BlockRef],
) -> Result<(), JournalError> {
    for blocks in blocks.chunks(ROWS) {
        let statement = insertion("blocks (journal, number, hash)", 3, blocks.len());
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for BlockRef { number, hash } in blocks {
            query = query.bind(journal).bind(signed(*number)?).bind(hash.to_vec());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

pub async fn insert_entries(
    connection: &mut AnyConnection,
    journal: i64,
    entries: &[Entry],
) -> Result<(), JournalError> {
    let columns = "entries (journal, block, log_index, hash, tx, address, topics, data)";
    for entries in entries.chunks(ROWS) {
        let mut query = sqlx::query(AssertSqlSafe(insertion(columns, 8, entries.len())));
        for entry in entries {
            query = bind(query.bind(journal), entry)?;
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

type Inserting<'q> = Query<'q, Any, sqlx::any::AnyArguments>;

fn bind<'q>(query: Inserting<'q>, entry: &Entry) -> Result<Inserting<'q>, JournalError> {
    let Entry { block, log_index, transaction, address, log } = entry;
    let topics: Vec<u8> = log.topics().iter().flat_map(|topic| topic.0).collect();
    let query = query.bind(signed(block.number)?).bind(signed(*log_index)?).bind(block.hash.to_vec());
    Ok(query.bind(transaction.to_vec()).bind(address.to_vec()).bind(topics).bind(log.data.to_vec()))
}

/// `INSERT INTO table VALUES ($1, $2), ($3, $4)`: numbered, since PostgreSQL knows no other placeholders.
fn insertion(table: &str, columns: usize, rows: usize) -> String {
    let mut statement = format!("INSERT INTO {table} VALUES ");
    for row in 0..rows {
        let separator = if row == 0 { "(" } else { ", (" };
        statement.push_str(separator);
        for column in 1..=columns {
            let comma = if column == 1 { "" } else { ", " };
            write!(statement, "{comma}${}", row * columns + column).expect("a string takes all");
        }
        statement.push(')');
    }
    statement
}

pub fn block(row: &AnyRow) -> Result<BlockRef, JournalError> {
    Ok(BlockRef { number: unsigned(row.try_get("number")?)?, hash: hash(row, "hash")? })
}

pub fn entry(row: &AnyRow) -> Result<Entry, JournalError> {
    let block = BlockRef { number: unsigned(row.try_get("block")?)?, hash: hash(row, "hash")? };
    let address: Vec<u8> = row.try_get("address")?;
    let data: Vec<u8> = row.try_get("data")?;
    let log = LogData::new(hashes(row, "topics")?, data.into()).ok_or_else(|| damaged("topics"))?;
    Ok(Entry {
        block,
        log_index: unsigned(row.try_get("log_index")?)?,
        transaction: hash(row, "tx")?,
        address: Address::try_from(address.as_slice()).map_err(|_| damaged("address"))?,
        log,
    })
}

pub fn view(row: &AnyRow) -> Result<KeptView, JournalError> {
    let form = u32::try_from(row.try_get::<i64, _>("form")?).map_err(|error| JournalError::Store(error.into()))?;
    Ok(KeptView { form, block: unsigned(row.try_get("block")?)?, bytes: row.try_get("bytes")? })
}

fn hash(row: &AnyRow, column: &str) -> Result<B256, JournalError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    B256::try_from(bytes.as_slice()).map_err(|_| damaged(column))
}

/// Hashes one after another.
pub fn hashes(row: &AnyRow, column: &str) -> Result<Vec<B256>, JournalError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    let hashes: Option<Vec<B256>> = bytes.chunks(32).map(|hash| B256::try_from(hash).ok()).collect();
    hashes.ok_or_else(|| damaged(column))
}

/// As databases count.
pub fn signed(number: u64) -> Result<i64, JournalError> {
    i64::try_from(number).map_err(|error| JournalError::Store(error.into()))
}

pub fn unsigned(number: i64) -> Result<u64, JournalError> {
    u64::try_from(number).map_err(|error| JournalError::Store(error.into()))
}

fn damaged(column: &str) -> JournalError {
    JournalError::Store(format!("a row's {column} is of the wrong size").into())
}
