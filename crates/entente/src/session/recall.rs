//! What verbs remember of a market between two calls.

use std::{path::PathBuf, sync::Arc};

use chain::{Client, FollowSettings, Follower, Head, Progress};
use journal::{Entry, Journal, JournalFile, JournalFileError, MemoryJournal};
use runtime::Protocol;
use tracing::debug;

use crate::{exit::Failure, output::Output};

/// How many entries are read from a journal at once.
const PAGE: usize = 10_000;

/// Where verbs leave what they have read of markets, so that the next one reads no more than what came since. By default
/// nowhere.
#[derive(Clone, Debug, Default)]
pub struct Recall {
    kept: Option<(PathBuf, Output)>,
}

/// A market that is read up to the newest block, and can be read on from there.
pub struct CaughtUp {
    /// Everything that it emitted.
    pub journal: Arc<MemoryJournal>,
    /// Reads on.
    pub follower: Follower,
    /// The newest block.
    pub head: Head,
}

impl Recall {
    /// In files in `folder`; `output` is told of those that are damaged.
    pub const fn kept_in(folder: PathBuf, output: Output) -> Self {
        Self { kept: Some((folder, output)) }
    }

    /// Reads a market up to the newest block, and lets `fold` make something of its logs.
    pub async fn read<P: Protocol, V>(
        &self,
        client: &Client,
        protocol: &P,
        fold: impl AsyncFn(&MemoryJournal) -> Result<V, Failure>,
    ) -> Result<(V, CaughtUp), Failure> {
        let recalled = self.recalled(client, protocol).await?;
        let is_anew = recalled.recent().await?.is_empty();
        let caught_up = self.catch_up(client, protocol, recalled).await?;
        match fold(&caught_up.journal).await {
            Ok(folded) => Ok((folded, caught_up)),
            Err(failure) if is_anew => Err(failure),
            Err(_) => {
                // A node may once have told too little: what it left out is not missed for ever.
                let anew = self.catch_up(client, protocol, MemoryJournal::default()).await?;
                Ok((fold(&anew.journal).await?, anew))
            }
        }
    }

    /// What was read of a market before, for whoever follows it on from there; nothing where it does not fold.
    pub async fn begin<P: Protocol>(&self, client: &Client, protocol: &P) -> Result<MemoryJournal, Failure> {
        let recalled = self.recalled(client, protocol).await?;
        let folds = folded(protocol, &recalled).await.is_ok();
        Ok(if folds { recalled } else { MemoryJournal::default() })
    }

    /// What is kept of a market, as far as the chain reaches, whichever chain that is now: the follower tells.
    async fn recalled<P: Protocol>(&self, client: &Client, protocol: &P) -> Result<MemoryJournal, Failure> {
        let Some((file, output)) = self.file(client, protocol) else { return Ok(MemoryJournal::default()) };
        match file.read(client.head().await?.block.number) {
            Ok(found) => return Ok(found.unwrap_or_default()),
            Err(error @ JournalFileError::Damaged { .. }) => {
                output.progress(format_args!("{error}; the market is read from its beginning"));
            }
            Err(error) => debug!(%error, "nothing is recalled"),
        }
        Ok(MemoryJournal::default())
    }

    /// Reads on up to the newest block, and keeps what is new.
    async fn catch_up<P: Protocol>(
        &self,
        client: &Client,
        protocol: &P,
        journal: MemoryJournal,
    ) -> Result<CaughtUp, Failure> {
        let before = journal.recent().await?;
        let journal = Arc::new(journal);
        let settings = FollowSettings::new(protocol.contracts(), protocol.first_block());
        let mut follower = Follower::open(client.clone(), journal.clone(), settings).await?;
        let head = loop {
            match follower.step().await? {
                Progress::None { head }
                | Progress::Replaced { head, .. }
                | Progress::Appended { reached: Some(head), .. } => break head,
                Progress::Appended { reached: None, .. } => {}
            }
        };
        if let Some((file, _)) = self.file(client, protocol)
            && journal.recent().await? != before
            && let Err(error) = file.write(&journal)
        {
            // The next verb reads again what this one has read.
            debug!(%error, "nothing is kept");
        }
        Ok(CaughtUp { journal, follower, head })
    }

    /// The file of a market. Its logs are the same whoever reads them, and whatever kind of market it is.
    fn file<P: Protocol>(&self, client: &Client, protocol: &P) -> Option<(JournalFile, Output)> {
        let (folder, output) = self.kept.as_ref()?;
        let (chain, contracts, first) = (client.chain_id(), protocol.contracts(), protocol.first_block());
        let market = contracts.first().copied().unwrap_or_default();
        let path = folder.join("journals").join(format!("{chain}-{market:#x}-{first}.read"));
        let subject = format!("chain {chain} from block {first}, contracts {contracts:?}");
        Some((JournalFile::new(path, subject), *output))
    }
}

/// Everything that a journal holds, folded into the market's view.
pub async fn folded<P: Protocol>(protocol: &P, journal: &MemoryJournal) -> Result<P::View, Failure> {
    let mut view = protocol.view();
    let apply =
        |entry: &Entry| protocol.apply(&mut view, entry).map_err(|error| Failure::Other(anyhow::anyhow!(error)));
    for_each(journal, apply).await?;
    Ok(view)
}

/// Shows `look` everything that a journal holds, in order.
pub async fn for_each(
    journal: &MemoryJournal,
    mut look: impl FnMut(&Entry) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = journal.entries(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.position());
        page.iter().try_for_each(&mut look)?;
    }
}
