//! Starting with what an earlier process left in the store.

use thiserror::Error;

use super::{
    Address, Arc, AtomicU64, Clock, ContentHash, Directory, Hold, Index, MOST_MANIFEST_BYTES, Mutex, PrivateKeySigner,
    Setting, Store, StoreError, Tree, UptimeRecord, key, warn,
};
use crate::UptimeEntry;

/// Why a directory does not start.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The storage fails.
    #[error("the directory's storage cannot be read")]
    Store(#[from] StoreError),
}

impl Directory {
    /// Starts with what is in the store. What an earlier process was interrupted in is removed: manifests that nobody
    /// holds, files that no manifest names, and records that make no sense.
    pub async fn open(
        setting: Setting,
        signer: PrivateKeySigner,
        store: Store,
        clock: Clock,
    ) -> Result<Arc<Self>, OpenError> {
        let index = load(&store).await?;
        let entries = load_uptime(&store, signer.address()).await?;
        let longest_gap = setting.probe_every * 2 + setting.probe_every / 2;
        Ok(Arc::new(Self {
            address: signer.address(),
            uptime: Mutex::new(UptimeRecord::new(signer, longest_gap, entries)),
            setting,
            clock,
            store,
            index: Mutex::new(index),
            changes: tokio::sync::Mutex::new(()),
            finished_ms: AtomicU64::new(0),
            worked_ms: AtomicU64::new(0),
        }))
    }
}

async fn load(store: &Store) -> Result<Index, StoreError> {
    let mut index = Index::default();
    for (name, _) in store.list(key::HOLDS).await? {
        if let Err(error) = load_hold(store, &name, &mut index).await? {
            warn!("the hold {name} is removed: {error}");
            store.delete(&format!("{}/{name}", key::HOLDS).into()).await?;
        }
    }
    for (name, _) in store.list(key::TREES).await? {
        if !name.parse().is_ok_and(|tree: ContentHash| index.tree_bytes(tree).is_ok()) {
            store.delete(&format!("{}/{name}", key::TREES).into()).await?;
        }
    }
    for (name, size) in store.list(key::FILES).await? {
        match name.parse::<ContentHash>().ok().filter(|file| index.expects(*file, size)) {
            Some(file) => index.arrive(file, size),
            None => store.delete(&format!("{}/{name}", key::FILES).into()).await?,
        }
    }
    Ok(index)
}

/// Takes one hold in, or says why it makes no sense.
async fn load_hold(store: &Store, name: &str, index: &mut Index) -> Result<Result<(), String>, StoreError> {
    let Some((tree, account)) = name.split_once('/') else { return Ok(Err("it has no name of a hold".to_owned())) };
    let (Ok(hash), Ok(account)) = (tree.parse::<ContentHash>(), account.parse::<Address>()) else {
        return Ok(Err("it has no name of a hold".to_owned()));
    };
    let hold: Hold = match store.get_json(&key::hold(hash, account)).await {
        Ok(hold) => hold,
        Err(StoreError::Record(record)) => return Ok(Err(format!("{record} cannot be read"))),
        Err(error) => return Err(error),
    };
    if index.tree_bytes(hash).is_ok() {
        index.hold_known(hash, account, hold);
        return Ok(Ok(()));
    }
    let manifest = match store.get(&key::tree(hash), MOST_MANIFEST_BYTES as u64).await {
        Ok(manifest) => manifest,
        Err(StoreError::Store { source: object_store::Error::NotFound { .. }, .. }) => {
            return Ok(Err("its manifest is not there".to_owned()));
        }
        Err(error) => return Err(error),
    };
    match Tree::parse(&manifest) {
        Ok(tree) if tree.hash() == hash => index.hold(hash, &tree, account, hold),
        _ => return Ok(Err("its manifest is damaged".to_owned())),
    }
    Ok(Ok(()))
}

async fn load_uptime(store: &Store, directory: Address) -> Result<Vec<UptimeEntry>, StoreError> {
    let mut entries = Vec::new();
    for (name, _) in store.list(key::UPTIME).await? {
        let Ok(from_ms) = name.parse() else { continue };
        match store.get_json::<UptimeEntry>(&key::uptime(from_ms)).await {
            // With another wallet it is another directory.
            Ok(entry) if entry.from_ms == from_ms && entry.is_by(directory) => entries.push(entry),
            Ok(_) | Err(StoreError::Record(_)) => warn!("the uptime record's entry {name} is passed over"),
            Err(error) => return Err(error),
        }
    }
    Ok(entries)
}
