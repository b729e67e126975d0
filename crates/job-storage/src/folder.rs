//! A folder that several reach.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use jobs::{Bundle, ContentHash, Entry, Hasher, Mode, Tree};
use tempfile::NamedTempFile;

use crate::{Storage, StorageError};

/// Keeps trees in a folder.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The store in this folder, which is made where there is none.
    pub fn open(root: &Path) -> Result<Self, StorageError> {
        let storage = Self { root: root.to_owned() };
        for part in ["trees", "blobs"] {
            let path = root.join(part);
            fs::create_dir_all(&path).map_err(local(&path))?;
        }
        Ok(storage)
    }

    fn tree(&self, hash: ContentHash) -> PathBuf {
        self.root.join("trees").join(hash.to_string())
    }

    fn blob(&self, hash: ContentHash) -> PathBuf {
        self.root.join("blobs").join(hash.to_string())
    }

    /// Writes a file whole or not at all, unless it is there. Everybody who reaches the folder may read it.
    fn keep(&self, path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), StorageError> {
        if path.exists() {
            return Ok(());
        }
        let written = NamedTempFile::new_in(&self.root).and_then(|mut file| {
            fill(file.as_file_mut())?;
            Mode::Plain.apply(file.path())?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)
        });
        written.map(drop).map_err(outage)
    }
}

fn local(path: &Path) -> impl FnOnce(io::Error) -> StorageError {
    let path = path.to_owned();
    move |source| StorageError::Local { path, source }
}

fn outage(source: io::Error) -> StorageError {
    StorageError::Unavailable(source.into())
}

impl Storage for Folder {
    fn put(&self, bundle: &Bundle) -> Result<(), StorageError> {
        for (path, entry, source) in bundle.sources() {
            let mut bytes = source.open().map_err(local(path.as_str().as_ref()))?;
            self.keep(&self.blob(entry.hash), |file| io::copy(&mut bytes, file).map(drop))?;
        }
        let tree = bundle.tree();
        self.keep(&self.tree(tree.hash()), |file| file.write_all(tree.to_string().as_bytes()))
    }

    fn get(&self, tree: ContentHash, folder: &Path, most_bytes: u64) -> Result<Bundle, StorageError> {
        check_empty(folder)?;
        let manifest = match fs::read(self.tree(tree)) {
            Ok(manifest) => manifest,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.root.join("trees").is_dir() => {
                return Err(StorageError::Missing { tree });
            }
            Err(error) => return Err(outage(error)),
        };
        let corrupt = StorageError::Corrupt { hash: tree };
        let Some(read) = Tree::parse(&manifest).ok().filter(|read| read.hash() == tree) else { return Err(corrupt) };
        let bytes = read.transfer_bytes();
        if bytes > most_bytes {
            return Err(StorageError::TooLarge { tree, bytes, most: most_bytes });
        }
        let beside = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(beside).map_err(local(beside))?;
        // Dropped with all that is in it, whatever happens.
        let partial = tempfile::Builder::new().prefix(".partial-").tempdir_in(beside).map_err(local(beside))?;
        let made = partial.path().join("tree");
        fs::create_dir(&made).map_err(local(&made))?;
        for (path, entry) in read.entries() {
            if !fetch(&self.blob(entry.hash), &path.under(&made), entry)? {
                return Err(corrupt);
            }
        }
        put_in_place(&made, folder).map_err(local(folder))?;
        Ok(Bundle::of_tree(read, folder))
    }

    fn was_up(&self, _: u64, _: u64) -> bool {
        self.root.join("trees").is_dir()
    }
}

/// Fails where something is in a folder already.
fn check_empty(folder: &Path) -> Result<(), StorageError> {
    match fs::read_dir(folder).map(|mut found| found.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(StorageError::NotEmpty(folder.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(local(folder)(source)),
    }
}

/// Copies a file to where it was not. Whether it is what the tree says.
fn fetch(from: &Path, to: &Path, entry: &Entry) -> Result<bool, StorageError> {
    let mut bytes = File::open(from).map_err(outage)?;
    fs::create_dir_all(to.parent().expect("it is in a folder")).map_err(local(to))?;
    let mut file = File::create_new(to).map_err(local(to))?;
    io::copy(&mut bytes, &mut file).map_err(local(to))?;
    entry.mode.apply(to).map_err(local(to))?;
    let (size, hash) = File::open(to).and_then(|mut file| Hasher::default().read(&mut file)).map_err(local(to))?;
    Ok((size, hash) == (entry.size, entry.hash))
}

/// Puts a folder where none is, or an empty one.
fn put_in_place(made: &Path, target: &Path) -> io::Result<()> {
    if target.exists() {
        fs::remove_dir(target)?;
    }
    fs::rename(made, target)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u64 = 1 << 20;

    fn bundle(bytes: &[u8]) -> Bundle {
        let mut bundle = Bundle::default();
        bundle.add_bytes("output/a".parse().unwrap(), bytes.to_vec()).unwrap();
        bundle.add_bytes("stdout".parse().unwrap(), b"done".to_vec()).unwrap();
        bundle
    }

    #[test]
    fn a_byte_that_changed_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        let (storage, bundle) = (Folder::open(place.path()).unwrap(), bundle(b"one"));
        storage.put(&bundle).unwrap();
        storage.put(&bundle).unwrap();
        fs::write(storage.blob(ContentHash::of(b"one")), "two").unwrap();
        let fetched = storage.get(bundle.tree().hash(), &place.path().join("x"), MOST);
        assert!(matches!(fetched, Err(StorageError::Corrupt { .. })), "{fetched:?}");
    }

    #[test]
    fn a_folder_gets_all_of_a_tree_or_nothing() {
        let place = tempfile::tempdir().unwrap();
        let (storage, bundle) = (Folder::open(&place.path().join("store")).unwrap(), bundle(b"one"));
        storage.put(&bundle).unwrap();
        fs::write(storage.blob(ContentHash::of(b"done")), "gone").unwrap();
        let out = place.path().join("new/out");
        assert!(storage.get(bundle.tree().hash(), &out, MOST).unwrap_err().is_absence());
        assert_eq!(fs::read_dir(place.path().join("new")).unwrap().count(), 0, "half of it is left");
        fs::write(storage.blob(ContentHash::of(b"done")), "done").unwrap();
        fs::create_dir_all(&out).unwrap();
        let fetched = storage.get(bundle.tree().hash(), &out, MOST).unwrap();
        assert_eq!(Bundle::of_folder(&out).unwrap().tree(), bundle.tree());
        assert!(fetched.sources().all(|(_, entry, source)| ContentHash::of(&source.read().unwrap()) == entry.hash));
    }

    #[test]
    fn nothing_is_mixed_with_what_is_there() {
        let place = tempfile::tempdir().unwrap();
        let (storage, bundle) = (Folder::open(&place.path().join("store")).unwrap(), bundle(b"one"));
        storage.put(&bundle).unwrap();
        let out = place.path().join("out");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("mine"), "mine").unwrap();
        let refused = storage.get(bundle.tree().hash(), &out, MOST).unwrap_err();
        assert!(matches!(&refused, StorageError::NotEmpty(folder) if *folder == out), "{refused:?}");
        assert!(!refused.is_outage() && !refused.is_absence());
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn another_account_of_the_machine_may_read_what_is_stored() {
        use std::os::unix::fs::PermissionsExt;

        let place = tempfile::tempdir().unwrap();
        let (storage, bundle) = (Folder::open(place.path()).unwrap(), bundle(b"one"));
        storage.put(&bundle).unwrap();
        for stored in [storage.tree(bundle.tree().hash()), storage.blob(ContentHash::of(b"one"))] {
            assert_eq!(fs::metadata(&stored).unwrap().permissions().mode() & 0o777, 0o644, "{}", stored.display());
        }
    }

    #[test]
    fn a_manifest_that_is_none_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        let (storage, bundle) = (Folder::open(place.path()).unwrap(), bundle(b"one"));
        storage.put(&bundle).unwrap();
        let hash = bundle.tree().hash();
        fs::write(storage.tree(hash), "entente tree 1\nplain 1 00 ../a\n").unwrap();
        assert!(storage.get(hash, &place.path().join("x"), MOST).unwrap_err().is_absence());
    }

    #[test]
    fn a_folder_that_went_away_is_an_outage() {
        let place = tempfile::tempdir().unwrap();
        let storage = Folder::open(&place.path().join("store")).unwrap();
        assert!(storage.was_up(0, 1));
        fs::remove_dir_all(place.path().join("store")).unwrap();
        assert!(!storage.was_up(0, 1));
        assert!(storage.get(ContentHash::of(b""), &place.path().join("x"), MOST).unwrap_err().is_outage());
        assert!(storage.put(&bundle(b"one")).unwrap_err().is_outage());
    }

    #[test]
    fn a_tree_that_is_too_large_is_not_fetched() {
        let place = tempfile::tempdir().unwrap();
        let (storage, bundle) = (Folder::open(place.path()).unwrap(), bundle(b"one"));
        storage.put(&bundle).unwrap();
        let (hash, bytes, out) = (bundle.tree().hash(), bundle.tree().transfer_bytes(), place.path().join("x"));
        let refused = storage.get(hash, &out, bytes - 1).unwrap_err();
        assert!(matches!(refused, StorageError::TooLarge { bytes: found, .. } if found == bytes), "{refused}");
        assert!(!refused.is_absence() && !refused.is_outage() && !out.exists());
        storage.get(hash, &out, bytes).unwrap();
    }
}
