//! Which of several programs acts.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    path::PathBuf,
};

use alloy_primitives::keccak256;
use sqlx::{Any, AnyPool, pool::PoolConnection};

use crate::{JournalError, Place};

/// A candidate for the leadership of a name, which at most one of all that share a database has at a time. It ends with
/// the process that has it, however that ends.
#[derive(Debug)]
pub struct Leadership {
    place: Place,
    pool: AnyPool,
    name: String,
}

/// Leadership, until it is dropped.
#[derive(Debug)]
pub struct Lead {
    held: Held,
}

#[derive(Debug)]
enum Held {
    /// A lock of the operating system on a file beside the database.
    File(#[expect(dead_code, reason = "its lock is what counts")] File),
    /// A lock of a connection of its own, which is never used for anything else.
    Connection(PoolConnection<Any>),
}

impl Leadership {
    pub(crate) fn new(place: Place, pool: AnyPool, name: &str) -> Self {
        Self { place, pool, name: name.to_owned() }
    }

    /// Takes the lead, unless another has it.
    pub async fn take(&self) -> Result<Option<Lead>, JournalError> {
        let number = i64::from_be_bytes(keccak256(&self.name).0[..8].try_into().expect("eight bytes"));
        match &self.place {
            Place::File(file) => {
                let mut name = OsString::from(file);
                name.push(format!(".{number:016x}.lead"));
                take_file(name.into())
            }
            Place::Postgres(_) => {
                let mut connection = self.pool.acquire().await?;
                let lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(number);
                let is_taken: bool = lock.fetch_one(&mut *connection).await?;
                Ok(is_taken.then_some(Lead { held: Held::Connection(connection) }))
            }
        }
    }
}

fn take_file(path: PathBuf) -> Result<Option<Lead>, JournalError> {
    let failed = |error: std::io::Error| JournalError::Store(error.into());
    let file = File::options().create(true).append(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lead { held: Held::File(file) })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

impl Lead {
    /// Whether the lead is still held: a connection that was lost has lost its lock, too.
    pub async fn is_held(&mut self) -> bool {
        match &mut self.held {
            Held::File(_) => true,
            Held::Connection(connection) => sqlx::query("SELECT 1").execute(&mut **connection).await.is_ok(),
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        // A connection that went back to its pool would keep the lock.
        if let Held::Connection(connection) = &mut self.held {
            connection.close_on_drop();
        }
    }
}
