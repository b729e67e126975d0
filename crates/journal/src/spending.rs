//! What accounts spent, day by day.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use sqlx::AnyPool;

use crate::JournalError;

/// How many days are kept: the last one, and one before for a chain that is reorganised around midnight.
const KEPT_DAYS: u64 = 2;

/// What an account spent, by days since 1970 (UTC). One writer.
#[async_trait]
pub trait Spending: Send + Sync {
    /// What was spent on a day, wei; 0 for one that is not kept.
    async fn spent(&self, day: u64) -> Result<u128, JournalError>;

    /// Writes down what was spent on a day in all. Days long before it are forgotten.
    async fn record(&self, day: u64, wei: u128) -> Result<(), JournalError>;
}

/// As long as this program runs.
#[derive(Debug, Default)]
pub struct MemorySpending(Mutex<BTreeMap<u64, u128>>);

#[async_trait]
impl Spending for MemorySpending {
    async fn spent(&self, day: u64) -> Result<u128, JournalError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&day).copied().unwrap_or(0))
    }

    async fn record(&self, day: u64, wei: u128) -> Result<(), JournalError> {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        days.insert(day, wei);
        days.retain(|kept, _| kept.saturating_add(KEPT_DAYS) > day);
        Ok(())
    }
}

/// In a [`Store`](crate::Store).
#[derive(Clone, Debug)]
pub struct SqlSpending {
    pool: AnyPool,
    account: String,
}

impl SqlSpending {
    pub(crate) fn new(pool: AnyPool, account: &str) -> Self {
        Self { pool, account: account.to_owned() }
    }
}

#[async_trait]
impl Spending for SqlSpending {
    async fn spent(&self, day: u64) -> Result<u128, JournalError> {
        let query = "SELECT wei FROM spending WHERE account = $1 AND day = $2";
        let wei: Option<String> =
            sqlx::query_scalar(query).bind(&self.account).bind(number(day)).fetch_optional(&self.pool).await?;
        wei.map_or(Ok(0), |wei| wei.parse().map_err(|error| JournalError::Store(Box::new(error))))
    }

    async fn record(&self, day: u64, wei: u128) -> Result<(), JournalError> {
        let mut transaction = self.pool.begin().await?;
        let upsert = "INSERT INTO spending (account, day, wei) VALUES ($1, $2, $3) \
            ON CONFLICT (account, day) DO UPDATE SET wei = excluded.wei";
        sqlx::query(upsert)
            .bind(&self.account)
            .bind(number(day))
            .bind(wei.to_string())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM spending WHERE account = $1 AND day <= $2")
            .bind(&self.account)
            .bind(number(day.saturating_sub(KEPT_DAYS)))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

/// A day as databases count.
fn number(day: u64) -> i64 {
    i64::try_from(day).unwrap_or(i64::MAX)
}
