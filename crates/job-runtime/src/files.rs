//! The files that a job sees: its input, which it can only read, and its output.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io,
    ops::Bound,
    path::{Path, PathBuf},
};

use jobs::{Bundle, ContentHash, INPUT_FOLDER, MOST_ENTRIES, Source, TreePath};

use crate::end::End;

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// What the job is given.
    Input,
    /// What it gives back.
    Output,
}

/// A path from a root; empty for the root itself.
pub type At = (Root, String);
/// Which content.
pub type FileId = usize;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// A folder.
    Folder,
    /// A file.
    File(FileId),
}

/// A file's bytes.
#[derive(Debug)]
enum Content {
    /// Of the job's tree, and opened when it is read first.
    Given { size: u64, source: Source, opened: Option<File> },
    /// Written by the job into a numbered file of the scratch folder.
    Written { size: u64, file: File, path: PathBuf },
}

/// All files of a running job. Names live in memory, bytes on disk.
#[derive(Debug)]
pub struct Files {
    names: BTreeMap<At, Node>,
    contents: Vec<Content>,
    scratch: PathBuf,
    stored: u64,
    peak: u64,
    limit: u64,
}

impl Files {
    /// The input of a job, and no output yet; what it writes goes into `scratch`, `limit` bytes at most.
    pub fn new(job: &Bundle, scratch: &Path, limit: u64) -> Self {
        let names = BTreeMap::from([Root::Input, Root::Output].map(|root| ((root, String::new()), Node::Folder)));
        let mut files = Self { names, contents: Vec::new(), scratch: scratch.to_owned(), stored: 0, peak: 0, limit };
        for (path, entry, source) in job.sources() {
            let Some(below) = path.below(INPUT_FOLDER) else { continue };
            let below: TreePath = below.parse().expect("the rest of a path is a path");
            for folder in below.folders() {
                files.names.insert((Root::Input, folder.to_owned()), Node::Folder);
            }
            let id = files.contents.len();
            files.contents.push(Content::Given { size: entry.size, source: source.clone(), opened: None });
            files.names.insert((Root::Input, below.as_str().to_owned()), Node::File(id));
        }
        files
    }

    /// What is at a path.
    pub fn node(&self, at: &At) -> Option<Node> {
        self.names.get(at).copied()
    }

    /// What lies in a folder, in the order of names.
    pub fn children(&self, (root, folder): &At) -> Vec<(String, Node)> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let first = (*root, prefix.clone());
        let after = self.names.range((Bound::Included(first), Bound::Unbounded));
        let inside = after.take_while(|((at, path), _)| at == root && path.starts_with(&prefix));
        let names = inside.filter_map(|((_, path), node)| Some((path.strip_prefix(&prefix)?, *node)));
        names
            .filter(|(name, _)| !name.is_empty() && !name.contains('/'))
            .map(|(name, node)| (name.to_owned(), node))
            .collect()
    }

    /// A number that a path has everywhere; never zero.
    pub fn serial(at: &At) -> u64 {
        let hash = ContentHash::of(format!("{:?}/{}", at.0, at.1).as_bytes());
        hash.0.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)) | 1
    }

    /// Adds a folder to the output.
    pub fn add_folder(&mut self, at: At) -> Result<(), End> {
        self.make_room()?;
        self.names.insert(at, Node::Folder);
        Ok(())
    }

    /// Adds an empty file to the output.
    pub fn add_file(&mut self, at: At) -> Result<FileId, End> {
        self.make_room()?;
        let id = self.add_nameless()?;
        self.names.insert(at, Node::File(id));
        Ok(id)
    }

    /// Adds an empty file that no path names.
    pub fn add_nameless(&mut self) -> Result<FileId, End> {
        let id = self.contents.len();
        let path = self.scratch.join(id.to_string());
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).map_err(End::Machine)?;
        self.contents.push(Content::Written { size: 0, file, path });
        Ok(id)
    }

    /// Takes a name away; a file that it named can still be used by whoever has it open, and is counted until the end.
    pub fn remove(&mut self, at: &At) {
        self.names.remove(at);
    }

    /// Gives what is at one path of the output, and all below it, another path.
    pub fn rename(&mut self, from: &At, to: &At) {
        let below = format!("{}/", from.1);
        let moved: Vec<_> =
            self.names.keys().filter(|(root, path)| *root == from.0 && path.starts_with(&below)).cloned().collect();
        for at in moved.into_iter().chain([from.clone()]) {
            if let Some(node) = self.names.remove(&at) {
                self.names.insert((to.0, format!("{}{}", to.1, &at.1[from.1.len()..])), node);
            }
        }
    }

    /// A file's size.
    pub fn size(&self, id: FileId) -> u64 {
        match self.contents.get(id) {
            Some(Content::Given { size, .. } | Content::Written { size, .. }) => *size,
            None => 0,
        }
    }

    /// Reads from an offset until the buffer is full or the file ends.
    pub fn read(&mut self, id: FileId, offset: u64, buffer: &mut [u8]) -> Result<usize, End> {
        match self.contents.get_mut(id) {
            Some(Content::Written { file, .. }) => read_at(file, offset, buffer).map_err(End::Machine),
            Some(Content::Given { source: Source::Bytes(bytes), .. }) => {
                let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
                let length = rest.len().min(buffer.len());
                buffer[..length].copy_from_slice(&rest[..length]);
                Ok(length)
            }
            Some(Content::Given { source: Source::File(path), opened, .. }) => {
                if opened.is_none() {
                    *opened = Some(File::open(path).map_err(End::Machine)?);
                }
                let file = opened.as_ref().expect("it was opened just now");
                read_at(file, offset, buffer).map_err(End::Machine)
            }
            None => Ok(0),
        }
    }

    /// Writes all bytes at an offset.
    pub fn write(&mut self, id: FileId, offset: u64, bytes: &[u8]) -> Result<(), End> {
        let end = offset.checked_add(bytes.len() as u64).ok_or(End::Storage)?;
        self.resize(id, end.max(self.size(id)))?;
        match self.contents.get(id) {
            Some(Content::Written { file, .. }) => write_at(file, offset, bytes).map_err(End::Machine),
            _ => Ok(()),
        }
    }

    /// Makes a file of the output longer or shorter.
    pub fn set_size(&mut self, id: FileId, size: u64) -> Result<(), End> {
        self.resize(id, size)?;
        match self.contents.get(id) {
            Some(Content::Written { file, .. }) => file.set_len(size).map_err(End::Machine),
            _ => Ok(()),
        }
    }

    /// What the output and what was printed hold, at their largest, bytes.
    pub const fn peak(&self) -> u64 {
        self.peak
    }

    /// The output's files with where their bytes are.
    pub fn written(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.names.iter().filter_map(|((root, path), node)| match (root, node) {
            (Root::Output, Node::File(id)) => Some((path.as_str(), self.scratch_path(*id)?)),
            _ => None,
        })
    }

    /// Where the bytes are of a file that the job wrote.
    pub fn scratch_path(&self, id: FileId) -> Option<&Path> {
        match self.contents.get(id)? {
            Content::Written { path, .. } => Some(path),
            Content::Given { .. } => None,
        }
    }

    fn make_room(&self) -> Result<(), End> {
        // A tree can hold no more; and those without a name any more have a scratch file still.
        if self.names.len().max(self.contents.len()) < MOST_ENTRIES { Ok(()) } else { Err(End::Storage) }
    }

    fn resize(&mut self, id: FileId, wanted: u64) -> Result<(), End> {
        let Some(Content::Written { size, .. }) = self.contents.get_mut(id) else { return Ok(()) };
        let stored = (self.stored - *size).checked_add(wanted).filter(|stored| *stored <= self.limit);
        self.stored = stored.ok_or(End::Storage)?;
        *size = wanted;
        self.peak = self.peak.max(self.stored);
        Ok(())
    }
}

fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;

    let mut length = 0;
    while length < buffer.len() {
        match file.read_at(&mut buffer[length..], offset + length as u64) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

fn write_at(file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt;

    file.write_all_at(bytes, offset)
}
