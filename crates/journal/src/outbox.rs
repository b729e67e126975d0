//! What accounts have sent, from before it is sent until it is known what became of it.

use std::sync::{Mutex, PoisonError};

use alloy_primitives::B256;
use async_trait::async_trait;
use sqlx::{AnyPool, Row, any::AnyRow};

use crate::{JournalError, sql::rows};

/// A transaction that an account signed, and whatever took its place since. All of it is for everybody to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// What it is to do.
    pub intent: String,
    /// Its nonce, which all of them have.
    pub nonce: u64,
    /// From when on it is worth nothing, Unix seconds by the chain's clock.
    pub deadline: Option<u64>,
    /// As it was signed first.
    pub original: Vec<u8>,
    /// As it was signed last.
    pub newest: Vec<u8>,
    /// Hashes of all but the newest, the oldest first.
    pub replaced: Vec<B256>,
    /// Which of all of them do nothing, to take it back.
    pub empty: Vec<B256>,
}

/// Where an account writes down what it is about to send: one transaction at a time. One writer.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// The one of which it is not known what became.
    async fn read(&self) -> Result<Option<Outgoing>, JournalError>;

    /// Writes one down, in place of what was there.
    async fn write(&self, outgoing: &Outgoing) -> Result<(), JournalError>;

    /// It is known what became of it.
    async fn clear(&self) -> Result<(), JournalError>;
}

/// As long as this program runs.
#[derive(Debug, Default)]
pub struct MemoryOutbox(Mutex<Option<Outgoing>>);

#[async_trait]
impl Outbox for MemoryOutbox {
    async fn read(&self) -> Result<Option<Outgoing>, JournalError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn write(&self, outgoing: &Outgoing) -> Result<(), JournalError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(outgoing.clone());
        Ok(())
    }

    async fn clear(&self) -> Result<(), JournalError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }
}

/// In a [`Store`](crate::Store).
#[derive(Clone, Debug)]
pub struct SqlOutbox {
    pool: AnyPool,
    account: String,
}

impl SqlOutbox {
    pub(crate) fn new(pool: AnyPool, account: &str) -> Self {
        Self { pool, account: account.to_owned() }
    }
}

#[async_trait]
impl Outbox for SqlOutbox {
    async fn read(&self) -> Result<Option<Outgoing>, JournalError> {
        let query = "SELECT intent, nonce, deadline, original, newest, replaced, empty FROM outbox WHERE account = $1";
        let found = sqlx::query(query).bind(&self.account).fetch_optional(&self.pool).await?;
        found.as_ref().map(outgoing).transpose()
    }

    async fn write(&self, outgoing: &Outgoing) -> Result<(), JournalError> {
        let Outgoing { intent, nonce, deadline, original, newest, replaced, empty } = outgoing;
        let upsert = "INSERT INTO outbox (account, intent, nonce, deadline, original, newest, replaced, empty) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account) DO UPDATE SET intent = excluded.intent, \
            nonce = excluded.nonce, deadline = excluded.deadline, original = excluded.original, \
            newest = excluded.newest, replaced = excluded.replaced, empty = excluded.empty";
        sqlx::query(upsert)
            .bind(&self.account)
            .bind(intent)
            .bind(rows::signed(*nonce)?)
            .bind(deadline.map(rows::signed).transpose()?)
            .bind(original.clone())
            .bind(newest.clone())
            .bind(joined(replaced))
            .bind(joined(empty))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn clear(&self) -> Result<(), JournalError> {
        sqlx::query("DELETE FROM outbox WHERE account = $1").bind(&self.account).execute(&self.pool).await?;
        Ok(())
    }
}

fn outgoing(row: &AnyRow) -> Result<Outgoing, JournalError> {
    Ok(Outgoing {
        intent: row.try_get("intent")?,
        nonce: rows::unsigned(row.try_get("nonce")?)?,
        deadline: row.try_get::<Option<i64>, _>("deadline")?.map(rows::unsigned).transpose()?,
        original: row.try_get("original")?,
        newest: row.try_get("newest")?,
        replaced: rows::hashes(row, "replaced")?,
        empty: rows::hashes(row, "empty")?,
    })
}

fn joined(hashes: &[B256]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}
