//! A folder that several reach.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use jobs::{Bundle, ContentHash, Mode, Tree};
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
            fs::create_dir_all(&path).map_err(|source| StorageError::Local { path, source })?;
        }
        Ok(storage)
    }

    fn tree(&self, hash: ContentHash) -> PathBuf {
        self.root.join("trees").join(hash.to_string())
    }

    fn blob(&self, hash: ContentHash) -> PathBuf {
        self.root.join("blobs").join(hash.to_string())
    }

    /// Writes a file whole or not at all, unless it is there.
    fn keep(&self, path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), StorageError> {
        if path.exists() {
            return Ok(());
        }
        let written = NamedTempFile::new_in(&self.root).and_then(|mut file| {
            fill(file.as_file_mut())?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)
        });
        written.map(drop).map_err(outage)
    }
}

fn outage(source: io::Error) -> StorageError {
    StorageError::Unavailable(source.into())
}

impl Storage for Folder {
    fn put(&self, bundle: &Bundle) -> Result<(), StorageError> {
        for (path, entry, source) in bundle.sources() {
            let local = |source| StorageError::Local { path: path.as_str().into(), source };
            let mut bytes = source.open().map_err(local)?;
            self.keep(&self.blob(entry.hash), |file| io::copy(&mut bytes, file).map(drop))?;
        }
        let tree = bundle.tree();
        self.keep(&self.tree(tree.hash()), |file| file.write_all(tree.to_string().as_bytes()))
    }

    fn get(&self, tree: ContentHash, folder: &Path) -> Result<Bundle, StorageError> {
        let manifest = match fs::read(self.tree(tree)) {
            Ok(manifest) => manifest,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.root.join("trees").is_dir() => {
                return Err(StorageError::Missing { tree });
            }
            Err(error) => return Err(outage(error)),
        };
        let corrupt = StorageError::Corrupt { hash: tree };
        let Ok(read) = Tree::parse(&manifest) else { return Err(corrupt) };
        fs::create_dir_all(folder).map_err(|source| StorageError::Local { path: folder.to_owned(), source })?;
        for (path, entry) in read.entries() {
            fetch(&self.blob(entry.hash), &path.under(folder), entry.mode)?;
        }
        let bundle = Bundle::of_folder(folder)?;
        if bundle.tree().hash() == tree { Ok(bundle) } else { Err(corrupt) }
    }

    fn was_up(&self, _: u64, _: u64) -> bool {
        self.root.join("trees").is_dir()
    }
}

fn fetch(from: &Path, to: &Path, mode: Mode) -> Result<(), StorageError> {
    let local = |source| StorageError::Local { path: to.to_owned(), source };
    let mut bytes = File::open(from).map_err(outage)?;
    fs::create_dir_all(to.parent().expect("it is in a folder")).map_err(local)?;
    let mut file = File::create(to).map_err(local)?;
    io::copy(&mut bytes, &mut file).map_err(local)?;
    set_mode(&file, mode).map_err(local)
}

#[cfg(unix)]
fn set_mode(file: &File, mode: Mode) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let bits = if mode == Mode::Executable { 0o755 } else { 0o644 };
    file.set_permissions(fs::Permissions::from_mode(bits))
}

#[cfg(not(unix))]
const fn set_mode(_: &File, _: Mode) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let fetched = storage.get(bundle.tree().hash(), &place.path().join("x"));
        assert!(matches!(fetched, Err(StorageError::Corrupt { .. })), "{fetched:?}");
    }

    #[test]
    fn a_manifest_that_is_none_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        let (storage, bundle) = (Folder::open(place.path()).unwrap(), bundle(b"one"));
        storage.put(&bundle).unwrap();
        let hash = bundle.tree().hash();
        fs::write(storage.tree(hash), "entente tree 1\nplain 1 00 ../a\n").unwrap();
        assert!(storage.get(hash, &place.path().join("x")).unwrap_err().is_absence());
    }

    #[test]
    fn a_folder_that_went_away_is_an_outage() {
        let place = tempfile::tempdir().unwrap();
        let storage = Folder::open(&place.path().join("store")).unwrap();
        assert!(storage.was_up(0, 1));
        fs::remove_dir_all(place.path().join("store")).unwrap();
        assert!(!storage.was_up(0, 1));
        assert!(storage.get(ContentHash::of(b""), &place.path().join("x")).unwrap_err().is_outage());
        assert!(storage.put(&bundle(b"one")).unwrap_err().is_outage());
    }
}
