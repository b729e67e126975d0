//! Why a call is refused, by the numbers of WASI preview 1.

use crate::end::End;

/// An error number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Errno {
    /// No such open file.
    Badf = 8,
    /// There already.
    Exist = 20,
    /// An address outside the memory.
    Fault = 21,
    /// A nonsensical argument.
    Inval = 28,
    /// A folder where a file is due.
    Isdir = 31,
    /// Too many open files.
    Mfile = 33,
    /// Not there.
    Noent = 44,
    /// Not offered.
    Nosys = 52,
    /// A file where a folder is due.
    Notdir = 54,
    /// A folder that is not empty.
    Notempty = 55,
    /// Not offered for this kind of file.
    Notsup = 58,
    /// Read-only.
    Rofs = 69,
    /// What prints has no position.
    Spipe = 70,
    /// A path that leads out.
    Notcapable = 76,
}

/// Why a call does not succeed.
#[derive(Debug)]
pub enum Stop {
    /// The job is told, and goes on.
    Errno(Errno),
    /// The job is over.
    End(End),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<End> for Stop {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}
