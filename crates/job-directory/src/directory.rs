//! What a directory does: take trees in, give them out, keep them for as long as somebody holds them.

mod keeping;
mod opening;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use jobs::{ContentHash, MOST_MANIFEST_BYTES, Tree};
use tracing::{error, warn};

pub use self::opening::OpenError;
use crate::{
    About, Announced, Held, Holdings, Refusal, Scope, Setting, Token, UptimeAnswer,
    index::{Gone, Hold, Index},
    store::{Incoming, Store, StoreError, key},
    uptime::UptimeRecord,
};

/// Tells the time, milliseconds of Unix time.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// This machine's clock.
pub fn system_clock() -> Clock {
    Arc::new(web::now_ms)
}

/// A file's bytes.
pub type Pieces = BoxStream<'static, Result<Bytes, StoreError>>;

/// A directory. What it holds is a function of what is in its store.
pub struct Directory {
    setting: Setting,
    address: Address,
    clock: Clock,
    store: Store,
    index: Mutex<Index>,
    uptime: Mutex<UptimeRecord>,
    /// Whoever changes what is held and what is stored together has this to itself.
    changes: tokio::sync::Mutex<()>,
    /// When the last round of keeping was finished, and when the store last worked.
    finished_ms: AtomicU64,
    worked_ms: AtomicU64,
}

impl Directory {
    /// Who signs its uptime record.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// What it is set to.
    pub const fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Who it is.
    pub fn about(&self) -> About {
        About { directory: self.address, quotas: self.setting.quotas, time_ms: self.now_ms() }
    }

    /// Its time, milliseconds of Unix time.
    pub fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        // Nothing that panics leaves half a change behind.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn until(&self, keep: Duration) -> Hold {
        let keep = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
        Hold { until_ms: Some(self.now_ms().saturating_add(keep)) }
    }

    /// Who shows a token, if it is good for this.
    pub fn admit(&self, token: &str, wanted: Scope, tree: Option<ContentHash>) -> Result<Address, Refusal> {
        let token: Token = token.parse()?;
        let account = token.check(self.address, self.now_ms() / 1000, wanted, tree)?;
        if self.setting.admits(account) { Ok(account) } else { Err(Refusal::Stranger(account)) }
    }

    /// An account announces a tree by its manifest, and has room made for all of it.
    pub async fn announce(&self, hash: ContentHash, manifest: &[u8], account: Address) -> Result<Announced, Refusal> {
        let tree = Tree::parse(manifest)?;
        let found = tree.hash();
        if found != hash {
            return Err(Refusal::OtherHash { expected: hash, found });
        }
        let _alone = self.changes.lock().await;
        self.index().check(hash, &tree, account, &self.setting.quotas)?;
        let is_new = self.index().tree_bytes(hash).is_err();
        if is_new {
            self.store.put(&key::tree(hash), manifest.to_vec()).await?;
        }
        let is_whole = self.index().has_all(&tree);
        let former = self.index().hold_of(hash, account).ok();
        let hold = match former {
            Some(pinned @ Hold { until_ms: None }) => pinned,
            _ if is_whole => self.until(self.setting.keep),
            _ => self.until(self.setting.keep_unfinished),
        };
        self.store.put_json(&key::hold(hash, account), &hold).await?;
        let mut index = self.index();
        index.hold(hash, &tree, account, hold);
        Ok(Announced { missing: index.missing(hash), until_ms: hold.until_ms })
    }

    /// Begins to take a file of a tree that the account has announced; `None` where it is there already.
    pub async fn receive(
        &self,
        tree: ContentHash,
        file: ContentHash,
        account: Address,
    ) -> Result<Option<(Incoming, u64)>, Refusal> {
        let size = {
            let mut index = self.index();
            let size = index.size(tree, file)?;
            let hold = index.hold_of(tree, account)?;
            if index.has(file) {
                return Ok(None);
            }
            if hold.until_ms.is_some() {
                index.hold_known(tree, account, self.until(self.setting.keep_unfinished));
            }
            size
        };
        Ok(Some((self.store.receive(file, size).await?, size)))
    }

    /// Keeps a file of which all came. What is whole with it is kept for longer from now on.
    pub async fn finish(&self, tree: ContentHash, file: ContentHash, incoming: Incoming) -> Result<(), Refusal> {
        let _alone = self.changes.lock().await;
        // It may have been given up meanwhile.
        let size = self.index().size(tree, file)?;
        incoming.finish().await?;
        self.index().arrive(file, size);
        let holds = self.index().holds_on_whole_trees_with(file);
        for (tree, account, hold) in holds {
            if hold.until_ms.is_some() {
                let hold = self.until(self.setting.keep);
                self.store.put_json(&key::hold(tree, account), &hold).await?;
                self.index().hold_known(tree, account, hold);
            }
        }
        Ok(())
    }

    /// The manifest of a tree of which all files are there.
    pub async fn manifest(&self, tree: ContentHash) -> Result<Bytes, Refusal> {
        self.index().whole(tree)?;
        Ok(self.store.get(&key::tree(tree), MOST_MANIFEST_BYTES as u64).await?)
    }

    /// The size of a file of a tree, which is there.
    pub fn size(&self, tree: ContentHash, file: ContentHash) -> Result<u64, Refusal> {
        let index = self.index();
        index.whole(tree)?;
        index.size(tree, file)
    }

    /// A file of a tree, or a part of it. Where all of it is read and it is damaged, the last piece is an error.
    pub async fn read(
        self: &Arc<Self>,
        tree: ContentHash,
        file: ContentHash,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<Pieces, Refusal> {
        self.size(tree, file)?;
        if let Some(range) = range {
            let pieces = self.store.read_from(file, range).await?;
            let failed = |source| StoreError::Store { what: "read", source };
            return Ok(pieces.map(move |piece| piece.map_err(failed)).boxed());
        }
        let this = Arc::clone(self);
        let pieces = self.store.read(file).await?.inspect(move |piece| {
            if matches!(piece, Err(StoreError::Damaged(_))) {
                let this = Arc::clone(&this);
                tokio::spawn(async move { this.lose(file).await });
            }
        });
        Ok(pieces.boxed())
    }

    /// A file is not what it is called any more: who still has it may send it again.
    async fn lose(&self, file: ContentHash) {
        let _alone = self.changes.lock().await;
        // Others may have found the same, and somebody may have sent it again since.
        match self.store.is_damaged(file).await {
            Ok(true) => error!("the stored file {file} is damaged, and removed"),
            Ok(false) => return,
            Err(error) => return warn!("whether the file {file} is damaged cannot be found out: {error}"),
        }
        self.index().lose(file);
        if let Err(error) = self.store.delete(&key::file(file)).await {
            warn!("the damaged file {file} cannot be removed: {error}");
        }
    }

    /// Keeps a tree until it is unpinned, on the account's quota; or, unpinned, for as long as any other.
    pub async fn pin(&self, tree: ContentHash, account: Address, is_pinned: bool) -> Result<Held, Refusal> {
        let _alone = self.changes.lock().await;
        self.index().whole(tree)?;
        let bytes = self.index().tree_bytes(tree)?;
        let hold = if is_pinned {
            self.index().check_quotas(tree, bytes, account, &self.setting.quotas)?;
            Hold { until_ms: None }
        } else {
            self.index().hold_of(tree, account)?;
            self.until(self.setting.keep)
        };
        self.store.put_json(&key::hold(tree, account), &hold).await?;
        self.index().hold_known(tree, account, hold);
        Ok(Held { tree, bytes, missing: 0, until_ms: hold.until_ms })
    }

    /// The account holds a tree no longer; what nobody holds is removed.
    pub async fn release(&self, tree: ContentHash, account: Address) -> Result<(), Refusal> {
        let _alone = self.changes.lock().await;
        self.index().hold_of(tree, account)?;
        Ok(self.let_go(tree, account).await?)
    }

    /// Lets go what has had its time. Returns how many holds were; those that the store keeps are tried again.
    pub async fn sweep(&self) -> usize {
        let _alone = self.changes.lock().await;
        let expired = self.index().expired(self.now_ms());
        let mut over = 0;
        for (tree, account) in expired {
            match self.let_go(tree, account).await {
                Ok(()) => over += 1,
                Err(error) => warn!("the hold of {account} on {tree} is over, and stays: {error}"),
            }
        }
        over
    }

    /// Ends a hold; what nobody holds any more is removed. The hold goes first: one that stayed in the store would come
    /// back when the directory is started next, without its tree.
    async fn let_go(&self, tree: ContentHash, account: Address) -> Result<(), StoreError> {
        self.store.delete(&key::hold(tree, account)).await?;
        let gone = self.index().release(tree, account);
        self.remove(gone).await;
        Ok(())
    }

    /// Removes from the store what the index does not hold any more. What cannot be removed now is removed when the
    /// directory is started next.
    async fn remove(&self, gone: Gone) {
        let tree = gone.tree.iter().map(|tree| key::tree(*tree));
        let files = gone.files.iter().map(|file| key::file(*file));
        for key in tree.chain(files) {
            if let Err(error) = self.store.delete(&key).await {
                warn!("{key} cannot be removed: {error}");
            }
        }
    }

    /// What an account has stored.
    pub fn holdings(&self, account: Address) -> Holdings {
        let index = self.index();
        Holdings { account, bytes: index.bytes_of(account), trees: index.holdings(account) }
    }

    /// When it answered, as far as that touches an interval of milliseconds of Unix time.
    pub fn uptime(&self, from_ms: u64, until_ms: u64) -> UptimeAnswer {
        let uptime = self.uptime.lock().unwrap_or_else(PoisonError::into_inner);
        UptimeAnswer { directory: self.address, entries: uptime.between(from_ms, until_ms) }
    }
}

#[cfg(test)]
mod tests {
    use jobs::Bundle;
    use object_store::memory::InMemory;

    use super::*;

    #[tokio::test]
    async fn a_file_that_was_sent_again_is_not_lost_to_who_found_the_damaged_one() {
        let (account, store) = (Address::repeat_byte(1), Store::new(Arc::new(InMemory::new())));
        let (setting, signer) = (Setting::default(), PrivateKeySigner::random());
        let directory = Directory::open(setting, signer, store.clone(), system_clock()).await.unwrap();
        let mut job = Bundle::default();
        job.add_bytes("a".parse().unwrap(), b"whole".to_vec()).unwrap();
        let (tree, file) = (job.tree().hash(), ContentHash::of(b"whole"));
        let send = async || {
            directory.announce(tree, job.tree().to_string().as_bytes(), account).await.unwrap();
            let (mut incoming, _) = directory.receive(tree, file, account).await.unwrap().expect("it is missing");
            incoming.write(b"whole").await.unwrap();
            directory.finish(tree, file, incoming).await.unwrap();
        };
        send().await;
        store.put(&key::file(file), b"wrong".to_vec()).await.unwrap();
        // Two readers find it damaged, and between them it is sent again.
        directory.lose(file).await;
        assert!(matches!(directory.size(tree, file), Err(Refusal::Unfinished { .. })));
        send().await;
        directory.lose(file).await;
        assert_eq!(directory.size(tree, file).unwrap(), 5);
        assert!(!store.is_damaged(file).await.unwrap());
    }
}
