//! A journal in a database: a file of SQLite, or PostgreSQL.

pub(crate) mod rows;

use alloy_primitives::keccak256;
use async_trait::async_trait;
use sqlx::{AnyConnection, AnyPool};

use crate::{
    Batch, BlockRef, Entry, Journal, JournalError, KEPT_BLOCKS, KeptView, Position, check_order, check_settled,
};

/// One journal of a [`Store`](crate::Store).
#[derive(Clone, Debug)]
pub struct SqlJournal {
    pool: AnyPool,
    id: i64,
}

impl SqlJournal {
    /// The journal of this name, made where there is none yet.
    pub(crate) async fn open(pool: AnyPool, name: &str) -> Result<Self, JournalError> {
        // Eight bytes of a hash tell names apart; that they do is checked.
        let id = i64::from_be_bytes(keccak256(name).0[..8].try_into().expect("eight bytes"));
        sqlx::query("INSERT INTO journals (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(name)
            .execute(&pool)
            .await?;
        let known: String =
            sqlx::query_scalar("SELECT name FROM journals WHERE id = $1").bind(id).fetch_one(&pool).await?;
        if known != name {
            return Err(JournalError::Store(format!("journals {known} and {name} have the same number").into()));
        }
        Ok(Self { pool, id })
    }

    async fn cursor(&self, connection: &mut AnyConnection) -> Result<Option<u64>, JournalError> {
        let cursor = "SELECT number FROM blocks WHERE journal = $1 ORDER BY number DESC LIMIT 1";
        let number: Option<i64> = sqlx::query_scalar(cursor).bind(self.id).fetch_optional(connection).await?;
        number.map(rows::unsigned).transpose()
    }

    async fn cut_back(&self, connection: &mut AnyConnection, kept: Option<u64>) -> Result<(), JournalError> {
        let kept = kept.map_or(Ok(-1), rows::signed)?;
        for table in [
            "DELETE FROM blocks WHERE journal = $1 AND number > $2",
            "DELETE FROM entries WHERE journal = $1 AND block > $2",
            "DELETE FROM views WHERE journal = $1 AND block > $2",
        ] {
            sqlx::query(table).bind(self.id).bind(kept).execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn add(&self, connection: &mut AnyConnection, batch: &Batch) -> Result<(), JournalError> {
        rows::insert_blocks(connection, self.id, &batch.blocks).await?;
        rows::insert_entries(connection, self.id, &batch.entries).await?;
        let surplus = "DELETE FROM blocks WHERE journal = $1 AND number <= \
            (SELECT number FROM blocks WHERE journal = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)";
        sqlx::query(surplus)
            .bind(self.id)
            .bind(i64::try_from(KEPT_BLOCKS).unwrap_or(i64::MAX))
            .execute(connection)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Journal for SqlJournal {
    async fn recent(&self) -> Result<Vec<BlockRef>, JournalError> {
        let blocks = "SELECT number, hash FROM blocks WHERE journal = $1 ORDER BY number";
        let found = sqlx::query(blocks).bind(self.id).fetch_all(&self.pool).await?;
        found.iter().map(rows::block).collect()
    }

    async fn append(&self, batch: Batch) -> Result<(), JournalError> {
        let mut transaction = self.pool.begin().await?;
        check_order(self.cursor(&mut transaction).await?, &batch)?;
        self.add(&mut transaction, &batch).await?;
        Ok(transaction.commit().await?)
    }

    async fn replace(&self, kept: Option<u64>, batch: Batch) -> Result<(), JournalError> {
        check_order(kept, &batch)?;
        let mut transaction = self.pool.begin().await?;
        self.cut_back(&mut transaction, kept).await?;
        self.add(&mut transaction, &batch).await?;
        Ok(transaction.commit().await?)
    }

    async fn entries(&self, after: Option<Position>, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let (block, log_index) = match after {
            Some(Position { block, log_index }) => (rows::signed(block)?, rows::signed(log_index)?),
            None => (-1, -1),
        };
        let entries = "SELECT block, log_index, hash, tx, address, topics, data FROM entries \
            WHERE journal = $1 AND (block > $2 OR (block = $2 AND log_index > $3)) ORDER BY block, log_index LIMIT $4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sqlx::query(entries).bind(self.id).bind(block).bind(log_index).bind(limit);
        query.fetch_all(&self.pool).await?.iter().map(rows::entry).collect()
    }

    async fn view(&self) -> Result<Option<KeptView>, JournalError> {
        let kept = "SELECT form, block, bytes FROM views WHERE journal = $1";
        let kept = sqlx::query(kept).bind(self.id).fetch_optional(&self.pool).await?;
        kept.as_ref().map(rows::view).transpose()
    }

    async fn keep(&self, view: KeptView) -> Result<(), JournalError> {
        let mut transaction = self.pool.begin().await?;
        let oldest = "SELECT number FROM blocks WHERE journal = $1 ORDER BY number LIMIT 1";
        let before = "SELECT block FROM views WHERE journal = $1";
        let mut found = [None; 2];
        for (found, query) in found.iter_mut().zip([oldest, before]) {
            let number: Option<i64> = sqlx::query_scalar(query).bind(self.id).fetch_optional(&mut *transaction).await?;
            *found = number.map(rows::unsigned).transpose()?;
        }
        check_settled(found[0], found[1], view.block)?;
        let block = rows::signed(view.block)?;
        for forgotten in [
            "DELETE FROM views WHERE journal = $1 AND block <= $2",
            "DELETE FROM entries WHERE journal = $1 AND block <= $2",
        ] {
            sqlx::query(forgotten).bind(self.id).bind(block).execute(&mut *transaction).await?;
        }
        sqlx::query("INSERT INTO views (journal, form, block, bytes) VALUES ($1, $2, $3, $4)")
            .bind(self.id)
            .bind(i64::from(view.form))
            .bind(block)
            .bind(view.bytes)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn clear(&self) -> Result<(), JournalError> {
        let mut transaction = self.pool.begin().await?;
        self.cut_back(&mut transaction, None).await?;
        Ok(transaction.commit().await?)
    }
}
