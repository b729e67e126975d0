//! What of a file's mode is part of a tree.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

/// Whether a file may be executed; of a mode's bits, this one alone is part of a tree. Where files have no such bit, all
/// are plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// 0644.
    Plain,
    /// 0755.
    Executable,
}

#[cfg(unix)]
impl Mode {
    /// A file's: whether its owner may execute it.
    pub fn of(about: &fs::Metadata) -> Self {
        use std::os::unix::fs::PermissionsExt;

        if about.permissions().mode() & 0o100 == 0 { Self::Plain } else { Self::Executable }
    }

    /// Gives it to a file, and with it the right to read that others have.
    pub fn apply(self, file: &Path) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;

        let bits = match self {
            Self::Plain => 0o644,
            Self::Executable => 0o755,
        };
        fs::set_permissions(file, fs::Permissions::from_mode(bits))
    }
}

#[cfg(not(unix))]
impl Mode {
    /// A file's.
    pub const fn of(_: &fs::Metadata) -> Self {
        Self::Plain
    }

    /// Gives it to a file.
    pub const fn apply(self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}
