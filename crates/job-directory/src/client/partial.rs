//! What is here already of a tree that is being fetched.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use jobs::{ContentHash, Hasher, Tree};
use tokio::{sync::mpsc, task::JoinHandle};

use super::ClientError;

/// Pieces that wait to be written.
const PIECES_AHEAD: usize = 16;

/// A folder beside the one that the tree is to be in; what is whole and verified in it has its hash for a name, what is
/// not ends with `.part`.
pub struct Partial {
    folder: PathBuf,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ClientError {
    let path = path.to_owned();
    move |source| ClientError::File { path, source }
}

/// Runs what waits for the disk where it keeps nobody waiting.
async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ClientError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(failed(path))
}

impl Partial {
    /// Of a tree that is to be in `folder`, which must not be there, or be empty.
    pub fn beside(folder: &Path, tree: ContentHash) -> Result<Self, ClientError> {
        match fs::read_dir(folder).map(|mut found| found.next().is_none()) {
            Ok(true) => {}
            Ok(false) => return Err(ClientError::NotEmpty(folder.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(folder)(source)),
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.with_file_name(format!(".{name}.partial"));
        let own = beside.join(tree.to_string());
        // Of another tree that was once to be here there is no more need.
        if beside.exists() && !own.exists() {
            fs::remove_dir_all(&beside).map_err(failed(&beside))?;
        }
        fs::create_dir_all(&own).map_err(failed(&own))?;
        Ok(Self { folder: own })
    }

    fn whole(&self, file: ContentHash) -> PathBuf {
        self.folder.join(file.to_string())
    }

    fn part(&self, file: ContentHash) -> PathBuf {
        self.folder.join(format!("{file}.part"))
    }

    /// How much of a file is here that is not verified.
    pub fn length(&self, file: ContentHash) -> u64 {
        fs::metadata(self.part(file)).map_or(0, |about| fs::Metadata::len(&about))
    }

    /// Whether a file is here, whole. One that an earlier process left is verified again, since it may never have
    /// reached the disk.
    pub async fn has(&self, file: ContentHash) -> Result<bool, ClientError> {
        let whole = self.whole(file);
        if !whole.exists() {
            return Ok(false);
        }
        fs::rename(&whole, self.part(file)).map_err(failed(&whole))?;
        match self.verify(file).await {
            Ok(()) => Ok(true),
            Err(ClientError::Corrupted { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes after the first `length` bytes of what is here.
    pub fn append(&self, file: ContentHash, length: u64) -> Result<Writer, ClientError> {
        let path = self.part(file);
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        let opened = opened.and_then(|opened| opened.set_len(length).map(|()| opened)).map_err(failed(&path))?;
        let (pieces, received) = mpsc::channel(PIECES_AHEAD);
        let task = tokio::task::spawn_blocking(move || write_all(opened, received));
        Ok(Writer { path, pieces, task })
    }

    /// Names a file that is here by its hash, if that is what it is; what is something else is removed.
    pub async fn verify(&self, file: ContentHash) -> Result<(), ClientError> {
        let (part, whole) = (self.part(file), self.whole(file));
        let path = part.clone();
        let found = blocking(&part, move || {
            let (_, found) = Hasher::default().read(&mut File::open(&path)?)?;
            if found == file {
                fs::rename(&path, &whole)?;
            } else {
                fs::remove_file(&path)?;
            }
            Ok(found)
        });
        let found = found.await?;
        if found == file { Ok(()) } else { Err(ClientError::Corrupted { wanted: file, found }) }
    }

    /// Makes the tree of files that are all here, and moves it to where it is to be.
    pub async fn put_together(self, tree: &Tree, folder: &Path) -> Result<(), ClientError> {
        let (tree, target, own) = (tree.clone(), folder.to_owned(), self.folder.clone());
        blocking(folder, move || put_together(&tree, &own, &target)).await
    }
}

fn put_together(tree: &Tree, own: &Path, target: &Path) -> io::Result<()> {
    let made = own.join("tree");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    fs::create_dir(&made)?;
    let mut linked = BTreeSet::new();
    for (path, entry) in tree.entries() {
        let (from, to) = (own.join(entry.hash.to_string()), path.under(&made));
        fs::create_dir_all(to.parent().expect("it is in a folder"))?;
        // The first path gets the file itself, others copies; a mode or a change must not be several paths' at once.
        if !linked.insert(entry.hash) || fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to)?;
        }
        entry.mode.apply(&to)?;
    }
    if target.exists() {
        fs::remove_dir(target)?;
    } else if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(&made, target)?;
    fs::remove_dir_all(own.parent().expect("it is in the folder beside"))
}

/// Writes a file elsewhere than where it is received.
pub struct Writer {
    path: PathBuf,
    pieces: mpsc::Sender<Bytes>,
    task: JoinHandle<io::Result<()>>,
}

impl Writer {
    /// Takes the next piece, once there is room for it.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), ClientError> {
        if self.pieces.send(piece).await.is_ok() {
            return Ok(());
        }
        // It stopped taking pieces because it failed.
        let ended = (&mut self.task).await.unwrap_or_else(|error| Err(io::Error::other(error)));
        let source = ended.err().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into());
        Err(failed(&self.path)(source))
    }

    /// Waits until all is written.
    pub async fn finish(self) -> Result<(), ClientError> {
        drop(self.pieces);
        self.task.await.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(failed(&self.path))
    }
}

fn write_all(mut file: File, mut pieces: mpsc::Receiver<Bytes>) -> io::Result<()> {
    while let Some(piece) = pieces.blocking_recv() {
        file.write_all(&piece)?;
    }
    Ok(())
}
