//! What a job printed and wrote, while it does so.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Where a job's prints go, and how much there may be.
#[derive(Debug)]
pub struct Prints {
    stdout: File,
    stderr: File,
    bytes: u64,
    most: u64,
}

impl Prints {
    /// Files in a folder, which hold at most so many bytes together.
    pub fn create(folder: &Path, most: u64) -> io::Result<Self> {
        let create = |name| File::create_new(folder.join(name));
        Ok(Self { stdout: create("stdout")?, stderr: create("stderr")?, bytes: 0, most })
    }

    /// Adds what was printed; whether it was within the limit. What is beyond is not kept.
    pub fn add(&mut self, is_error: bool, bytes: &[u8]) -> io::Result<bool> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > self.most {
            return Ok(false);
        }
        if is_error { self.stderr.write_all(bytes) } else { self.stdout.write_all(bytes) }?;
        Ok(true)
    }

    /// How much was printed.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// The bytes of all files below a folder, by their lengths; a job may be changing them.
pub fn bytes_below(folder: &Path) -> io::Result<u64> {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut bytes = 0_u64;
    while let Some(folder) = folders.pop() {
        let Some(entries) = present(fs::read_dir(&folder))? else { continue };
        for found in entries {
            let found = found?;
            // Of the thing itself: a link is not followed.
            let Some(about) = present(found.metadata())? else { continue };
            if about.is_dir() {
                folders.push(found.path());
            } else {
                bytes = bytes.saturating_add(about.len());
            }
        }
    }
    Ok(bytes)
}

fn present<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_are_kept_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let mut prints = Prints::create(folder.path(), 5).unwrap();
        assert!(prints.add(false, b"abc").unwrap() && prints.add(true, b"\0\n").unwrap());
        assert!(!prints.add(false, b"d").unwrap());
        assert_eq!(fs::read(folder.path().join("stdout")).unwrap(), b"abc");
        assert_eq!(fs::read(folder.path().join("stderr")).unwrap(), b"\0\n");
        assert_eq!(prints.bytes(), 6);
    }

    #[test]
    fn bytes_are_those_of_files_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/c"), [7; 100]).unwrap();
        fs::write(folder.path().join("d"), [7; 11]).unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("link")).unwrap();
        assert_eq!(bytes_below(folder.path()).unwrap(), 111 + 1, "a link is as long as what it says");
        assert_eq!(bytes_below(&folder.path().join("nowhere")).unwrap(), 0);
    }
}
