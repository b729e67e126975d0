//! Trees together with where their bytes are.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::{
    BadPath, ContentHash, DESCRIPTION_PATH, Description, Entry, Hasher, INPUT_FOLDER, MODULE_PATH, Mode, Tree,
    TreeError, TreePath, Undescribed,
};

/// Where a file's bytes are.
#[derive(Clone, Debug)]
pub enum Source {
    /// In a file.
    File(PathBuf),
    /// Here.
    Bytes(Vec<u8>),
}

impl Source {
    /// Opens it.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(match self {
            Self::File(path) => Box::new(File::open(path)?),
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        })
    }

    /// Reads all of it.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// A tree, and the bytes of its files.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    tree: Tree,
    sources: BTreeMap<TreePath, Source>,
}

/// Why files make no tree.
#[derive(Debug, Error)]
pub enum BundleError {
    /// Reading failed.
    #[error("{path} cannot be read")]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A link, a device, a pipe.
    #[error("{path} is neither a file nor a folder")]
    NotAFile {
        /// What.
        path: PathBuf,
    },
    /// A name is no UTF-8.
    #[error("the name of {path} is not UTF-8")]
    Name {
        /// What.
        path: PathBuf,
    },
    /// A name cannot be in a tree.
    #[error(transparent)]
    Path(#[from] BadPath),
    /// Files cannot be together in a tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl Bundle {
    /// All files below a folder.
    pub fn of_folder(folder: &Path) -> Result<Self, BundleError> {
        let mut bundle = Self::default();
        bundle.add_folder(folder, "")?;
        Ok(bundle)
    }

    /// A tree whose files are all below a folder. Whether they are what the tree says is the caller's to know.
    pub fn of_tree(tree: Tree, folder: &Path) -> Self {
        let at = |path: &TreePath| Source::File(path.under(folder));
        let sources = tree.entries().map(|(path, _)| (path.clone(), at(path))).collect();
        Self { tree, sources }
    }

    /// A WASM job: a module, what it is told, and the folder that it can read.
    pub fn of_module(module: &Path, arguments: Vec<String>, input: Option<&Path>) -> Result<Self, BundleError> {
        let mut bundle = Self::of_description(&Description::wasm(arguments), input)?;
        bundle.add_file(MODULE_PATH.parse()?, module, Mode::Plain)?;
        Ok(bundle)
    }

    /// A job that is described elsewhere than in a folder.
    pub fn of_description(description: &Description, input: Option<&Path>) -> Result<Self, BundleError> {
        let mut bundle = Self::default();
        bundle.add_bytes(DESCRIPTION_PATH.parse()?, description.to_json())?;
        if let Some(input) = input {
            bundle.add_folder(input, &format!("{INPUT_FOLDER}/"))?;
        }
        Ok(bundle)
    }

    /// What the job says of itself. The outer error is the machine's, the inner one the job's.
    pub fn description(&self) -> io::Result<Result<Description, Undescribed>> {
        let Some(source) = self.source(&DESCRIPTION_PATH.parse().expect("a name is a path")) else {
            return Ok(Err(Undescribed::Missing));
        };
        Ok(Description::from_json(&source.read()?).map_err(Undescribed::Senseless))
    }

    /// Adds a file that is here.
    pub fn add_bytes(&mut self, path: TreePath, bytes: Vec<u8>) -> Result<(), BundleError> {
        let entry = Entry { mode: Mode::Plain, size: bytes.len() as u64, hash: ContentHash::of(&bytes) };
        self.tree.insert(path.clone(), entry)?;
        self.sources.insert(path, Source::Bytes(bytes));
        Ok(())
    }

    /// The same files, but for one of them.
    #[must_use]
    pub fn replacing(&self, path: &TreePath, bytes: Vec<u8>) -> Self {
        let mut bundle = self.clone();
        let mode = self.tree.get(path).map_or(Mode::Plain, |entry| entry.mode);
        let entry = Entry { mode, size: bytes.len() as u64, hash: ContentHash::of(&bytes) };
        if bundle.tree.replace(path, entry) {
            bundle.sources.insert(path.clone(), Source::Bytes(bytes));
        }
        bundle
    }

    /// What the files make together.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Where a file's bytes are.
    pub fn source(&self, path: &TreePath) -> Option<&Source> {
        self.sources.get(path)
    }

    /// All files with where their bytes are.
    pub fn sources(&self) -> impl Iterator<Item = (&TreePath, &Entry, &Source)> {
        let sources = self.sources.iter();
        sources.filter_map(|(path, source)| Some((path, self.tree.get(path)?, source)))
    }

    fn add_file(&mut self, at: TreePath, path: &Path, mode: Mode) -> Result<(), BundleError> {
        let read = |source| BundleError::Read { path: path.to_owned(), source };
        let (size, hash) = File::open(path).and_then(|mut file| Hasher::default().read(&mut file)).map_err(read)?;
        self.tree.insert(at.clone(), Entry { mode, size, hash })?;
        self.sources.insert(at, Source::File(path.to_owned()));
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path, prefix: &str) -> Result<(), BundleError> {
        let read = |source| BundleError::Read { path: folder.to_owned(), source };
        for found in fs::read_dir(folder).map_err(read)? {
            let found = found.map_err(read)?;
            let path = found.path();
            let name = found.file_name().into_string().map_err(|_| BundleError::Name { path: path.clone() })?;
            let at = format!("{prefix}{name}");
            // Of the thing itself: a link is not followed.
            let about = fs::symlink_metadata(&path).map_err(read)?;
            if about.is_dir() {
                self.add_folder(&path, &format!("{at}/"))?;
            } else if about.is_file() {
                self.add_file(at.parse()?, &path, Mode::of(&about))?;
            } else {
                return Err(BundleError::NotAFile { path });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_hash_whatever_its_times() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, names) in [(&first, ["a", "b"]), (&second, ["b", "a"])] {
            fs::create_dir_all(folder.path().join("empty")).unwrap();
            fs::create_dir_all(folder.path().join("sub")).unwrap();
            for name in names {
                let file = File::create(folder.path().join("sub").join(name)).unwrap();
                file.set_modified(std::time::UNIX_EPOCH).unwrap();
            }
        }
        File::open(first.path().join("sub/a")).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
        let hash = |folder: &tempfile::TempDir| Bundle::of_folder(folder.path()).unwrap().tree().hash();
        assert_eq!(hash(&first), hash(&second));
        fs::write(first.path().join("sub/a"), "x").unwrap();
        assert_ne!(hash(&first), hash(&second));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("a")).unwrap();
        assert!(matches!(Bundle::of_folder(folder.path()), Err(BundleError::NotAFile { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn an_executable_file_is_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "x").unwrap();
        let plain = Bundle::of_folder(folder.path()).unwrap().tree().hash();
        Mode::Executable.apply(&file).unwrap();
        assert_ne!(Bundle::of_folder(folder.path()).unwrap().tree().hash(), plain);
    }
}
