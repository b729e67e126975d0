//! A table to which lines are added while it is read.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use thiserror::Error;
use units::IntervalIndex;

use crate::{Readings, table};

/// How often the file is looked at.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a table cannot be followed.
#[derive(Debug, Error)]
pub enum FollowError {
    /// It cannot be read.
    #[error("the readings {} cannot be read", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It does not make sense.
    #[error("the readings {}: {reason}", file.display())]
    Malformed {
        /// Which.
        file: PathBuf,
        /// Its line, and what is wrong.
        reason: String,
    },
}

/// Reads a table, and goes on reading it for as long as what is returned second is polled; it never ends. A last line
/// without an end is not read yet. While the table cannot be read, or makes no sense, what was read before stays.
pub async fn follow(file: PathBuf) -> Result<(Readings, impl Future<Output = std::convert::Infallible>), FollowError> {
    let first = read(&file).await?;
    let readings = Readings::of_table(first.clone());
    let followed = readings.clone();
    let go_on = async move {
        let (mut known, mut told) = (first, None);
        loop {
            tokio::time::sleep(PAUSE).await;
            match read(&file).await {
                Ok(table) if table == known => told = None,
                Ok(table) => {
                    followed.replace(table.clone());
                    (known, told) = (table, None);
                }
                Err(error) => {
                    let message = error.to_string();
                    if told.as_ref() != Some(&message) {
                        tracing::warn!(error = &error as &dyn std::error::Error, "what was read before stays");
                        told = Some(message);
                    }
                }
            }
        }
    };
    Ok((readings, go_on))
}

async fn read(file: &Path) -> Result<BTreeMap<IntervalIndex, i64>, FollowError> {
    let text = tokio::fs::read_to_string(file).await;
    let text = text.map_err(|source| FollowError::Read { file: file.to_owned(), source })?;
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let rows = table::rows(whole).map_err(|reason| FollowError::Malformed { file: file.to_owned(), reason })?;
    Ok(rows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNTIL: IntervalIndex = IntervalIndex(9);

    fn net(readings: &Readings) -> Vec<(u32, i64)> {
        let net = readings.net_energy(UNTIL, 0).expect("there is no file of its own");
        net.into_iter().map(|(interval, net)| (interval.0, net)).collect()
    }

    async fn until(condition: impl Fn() -> bool) {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn lines_count_once_they_are_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("readings.csv");
        let write = |text: &str| std::fs::write(&file, text).expect("written");
        write("interval,net_wh\n3,-250\n4,1");
        let (readings, go_on) = follow(file.clone()).await.expect("a table");
        let following = tokio::spawn(go_on);
        assert_eq!(net(&readings), [(3, -250)]);
        write("interval,net_wh\n3,-250\n4,100\n9,1\n");
        until(|| readings.changes() == 1).await;
        assert_eq!(net(&readings), [(3, -250), (4, 100)]);
        write("interval,net_wh\n3,-250\n4,100\n5,7\n");
        until(|| readings.changes() > 1).await;
        assert_eq!(net(&readings), [(3, -250), (4, 100), (5, 7)]);
        following.abort();
    }

    #[tokio::test]
    async fn a_table_is_sound_from_the_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("readings.csv");
        assert!(matches!(follow(file.clone()).await.err(), Some(FollowError::Read { .. })));
        std::fs::write(&file, "interval,net_wh\n3,x\n").expect("written");
        let error = follow(file.clone()).await.err().expect("refused").to_string();
        assert!(error.contains("line 2"), "{error}");
        std::fs::write(&file, "interval,net_wh\n").expect("written");
        assert_eq!(net(&follow(file).await.expect("an empty table").0), []);
    }
}
