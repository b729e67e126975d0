//! What a running job has on the host's side.

use std::io;

use jobs::{Bundle, ContentHash};
use wasmtime::{Memory, ResourceLimiter};

use crate::{
    end::End,
    files::{At, FileId, Files, Root},
    meter::MOST_TABLE_ELEMENTS,
};

/// The state of a run.
pub struct Host {
    /// The files that it sees.
    pub files: Files,
    /// What its numbers for open files stand for.
    pub open: Vec<Option<Open>>,
    /// Its name and what it is told, each ended by a zero.
    pub arguments: Vec<Vec<u8>>,
    /// Its memory, once that was looked for.
    pub memory: Option<Memory>,
    /// Bytes that the call into the host moved that is being answered.
    pub moved: u64,
    /// What its random numbers are made from, and how many bytes it took.
    pub chance: (ContentHash, u64),
    /// Memory at its largest, bytes.
    pub memory_peak: usize,
    memory_limit: usize,
    /// What it printed.
    pub stdout: FileId,
    /// What it printed about errors.
    pub stderr: FileId,
}

/// An open file or folder.
#[derive(Clone, Debug)]
pub struct Open {
    /// What it is.
    pub what: Opened,
    /// Where the next byte is read or written.
    pub offset: u64,
    /// Whether each write goes to the end.
    pub appends: bool,
}

/// What is open.
#[derive(Clone, Debug)]
pub enum Opened {
    /// Standard input, which is empty.
    Nothing,
    /// Where it prints; not to be read.
    Print(FileId),
    /// A folder.
    Folder(At),
    /// A file, and whether it may be written.
    File { at: At, id: FileId, is_writable: bool },
}

impl Open {
    /// At the first byte.
    const fn at_start(what: Opened) -> Self {
        Self { what, offset: 0, appends: false }
    }
}

/// The folders that are open from the start, from number three on.
pub const PREOPENED: [(Root, &str); 2] = [(Root::Input, "/input"), (Root::Output, "/output")];

impl Host {
    /// At the beginning of a run.
    pub fn new(job: &Bundle, mut files: Files, arguments: &[String], memory_limit: u64) -> Result<Self, End> {
        let (stdout, stderr) = (files.add_nameless()?, files.add_nameless()?);
        let folders = PREOPENED.map(|(root, _)| Opened::Folder((root, String::new())));
        let opened = [Opened::Nothing, Opened::Print(stdout), Opened::Print(stderr)].into_iter().chain(folders);
        let open = opened.map(|what| Some(Open::at_start(what))).collect();
        let words = std::iter::once("job").chain(arguments.iter().map(String::as_str));
        Ok(Self {
            files,
            open,
            arguments: words.map(|word| [word.as_bytes(), b"\0"].concat()).collect(),
            memory: None,
            moved: 0,
            chance: (job.tree().hash(), 0),
            memory_peak: 0,
            memory_limit: usize::try_from(memory_limit).unwrap_or(usize::MAX),
            stdout,
            stderr,
        })
    }
}

/// What the engine says where a module asks for more than it can address.
const BEYOND_ADDRESSES: &str = "memory growth exceeds memory type's limits";

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _: usize, desired: usize, most: Option<usize>) -> wasmtime::Result<bool> {
        // Beyond the module's own maximum the job is told, as the standard has it.
        if most.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        if desired > self.memory_limit {
            return Err(wasmtime::Error::new(End::Memory));
        }
        self.memory_peak = self.memory_peak.max(desired);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        let words = error.to_string();
        // More than a module can address is its own affair, too; lack of memory here says nothing of the job.
        if words == BEYOND_ADDRESSES { Ok(()) } else { Err(End::Machine(io::Error::other(words)).into()) }
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MOST_TABLE_ELEMENTS)
    }
}
