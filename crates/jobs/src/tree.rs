//! Trees of files, and the one way to write a tree down.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::Serialize;
use thiserror::Error;

use crate::{BadPath, ContentHash, Mode, TreePath};

const HEADER: &str = "entente tree 1";
/// Files that a tree may hold.
pub const MOST_ENTRIES: usize = 65_536;
/// Bytes that a manifest may take.
pub const MOST_MANIFEST_BYTES: usize = 16 << 20;

/// A file in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its mode.
    pub mode: Mode,
    /// Its bytes, how many.
    pub size: u64,
    /// Its bytes, what they are called.
    pub hash: ContentHash,
}

/// Files by their paths. A folder is there because a file is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: BTreeMap<TreePath, Entry>,
}

/// Why a manifest describes no tree.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TreeError {
    /// A line is not as it must be.
    #[error("line {line} of the manifest is malformed")]
    Malformed {
        /// Which, from one.
        line: usize,
    },
    /// A path is no path.
    #[error(transparent)]
    Path(#[from] BadPath),
    /// A path is there twice, or a file is also a folder.
    #[error("the tree holds `{0}` twice, or as a file and as a folder")]
    Collision(TreePath),
    /// The same tree could be written in another way, so that it would have two hashes.
    #[error("the manifest is not in canonical form")]
    NotCanonical,
    /// More than anybody must handle.
    #[error("the tree is too large: over {MOST_ENTRIES} files, or over {MOST_MANIFEST_BYTES} bytes of manifest")]
    TooLarge,
    /// Sizes that add up to nothing that can be counted.
    #[error("the sizes of the tree's files overflow")]
    Overflow,
}

impl Tree {
    /// Adds a file.
    pub fn insert(&mut self, path: TreePath, entry: Entry) -> Result<(), TreeError> {
        if self.entries.len() >= MOST_ENTRIES {
            return Err(TreeError::TooLarge);
        }
        let is_file_above = path.folders().any(|folder| {
            let folder = TreePath::from_str(folder).expect("part of a path is a path");
            self.entries.contains_key(&folder)
        });
        if is_file_above || self.has_folder(path.as_str()) || self.entries.contains_key(&path) {
            return Err(TreeError::Collision(path));
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    /// Puts another file in the place of one that is there. Whether there was one.
    pub fn replace(&mut self, path: &TreePath, entry: Entry) -> bool {
        self.entries.get_mut(path).map(|there| *there = entry).is_some()
    }

    /// Whether files lie below this path.
    pub fn has_folder(&self, path: &str) -> bool {
        let Ok(first) = TreePath::from_str(&format!("{path}/ ")) else { return false };
        self.entries.range(first..).next().is_some_and(|(next, _)| next.below(path).is_some())
    }

    /// The file at a path.
    pub fn get(&self, path: &TreePath) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// All files in the order of their paths, byte by byte.
    pub fn entries(&self) -> impl Iterator<Item = (&TreePath, &Entry)> {
        self.entries.iter()
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What moving the tree takes: the bytes of all files and of the manifest.
    pub fn transfer_bytes(&self) -> u64 {
        let files = self.entries.values().fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
        files.saturating_add(self.to_string().len() as u64)
    }

    /// The canonical hash: that of the manifest, which holds those of all files.
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(self.to_string().as_bytes())
    }

    /// Reads a manifest, in canonical form only.
    pub fn parse(manifest: &[u8]) -> Result<Self, TreeError> {
        if manifest.len() > MOST_MANIFEST_BYTES {
            return Err(TreeError::TooLarge);
        }
        let text = std::str::from_utf8(manifest).map_err(|_| TreeError::NotCanonical)?;
        let mut lines = text.lines().zip(1..);
        if lines.next().is_none_or(|(line, _)| line != HEADER) {
            return Err(TreeError::Malformed { line: 1 });
        }
        let (mut tree, mut sum) = (Self::default(), 0_u64);
        for (text, line) in lines {
            let (path, entry) = parse_line(text).ok_or(TreeError::Malformed { line })?;
            sum = sum.checked_add(entry.size).ok_or(TreeError::Overflow)?;
            tree.insert(path.parse()?, entry)?;
        }
        if tree.to_string() == text { Ok(tree) } else { Err(TreeError::NotCanonical) }
    }
}

fn parse_line(text: &str) -> Option<(&str, Entry)> {
    let mut words = text.splitn(4, ' ');
    let mode = match words.next()? {
        "plain" => Mode::Plain,
        "executable" => Mode::Executable,
        _ => return None,
    };
    let size = words.next()?.parse().ok()?;
    let hash = words.next()?.parse().ok()?;
    Some((words.next()?, Entry { mode, size, hash }))
}

/// The manifest, in canonical form: a header, then a line a file with its mode, size, hash and path.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        for (path, Entry { mode, size, hash }) in &self.entries {
            let mode = match mode {
                Mode::Plain => "plain",
                Mode::Executable => "executable",
            };
            writeln!(f, "{mode} {size} {hash} {path}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(bytes: &[u8]) -> Entry {
        Entry { mode: Mode::Plain, size: bytes.len() as u64, hash: ContentHash::of(bytes) }
    }

    fn tree(paths: &[&str]) -> Result<Tree, TreeError> {
        let mut tree = Tree::default();
        for path in paths {
            tree.insert(path.parse()?, entry(path.as_bytes()))?;
        }
        Ok(tree)
    }

    #[test]
    fn the_hash_of_a_known_tree_never_changes() {
        let hash = tree(&["b", "a/c", "a/b", "a.b"]).unwrap().hash();
        assert_eq!(hash, tree(&["a.b", "a/b", "a/c", "b"]).unwrap().hash());
        assert_eq!(hash.to_string(), "9cb7460bdd25040bef774be8f70d7d18605af3c83aa02cca2f7848f2abdb13a2");
    }

    #[test]
    fn a_file_that_is_also_a_folder_is_refused() {
        for paths in [["a", "a/b"], ["a/b", "a"], ["a", "a"], ["a/b/c", "a/b"], ["a", "a/b/c"]] {
            assert!(matches!(tree(&paths), Err(TreeError::Collision(_))), "{paths:?}");
        }
        assert!(tree(&["a", "a!", "a.b", "b/a", "a /b"]).is_ok());
    }

    #[test]
    fn a_manifest_in_another_form_is_refused() {
        let good = tree(&["a", "b"]).unwrap().to_string();
        assert!(Tree::parse(good.as_bytes()).is_ok());
        let mut lines: Vec<_> = good.lines().collect();
        lines.swap(1, 2);
        let forms = [
            lines.join("\n") + "\n",
            good.trim_end().to_owned(),
            good.replace('\n', "\r\n"),
            good.replace("plain 1", "plain 01"),
            good.replace("plain 1", "plain +1"),
            good.to_uppercase().replace("ENTENTE TREE", "entente tree").replace("PLAIN", "plain"),
        ];
        for form in forms {
            assert_eq!(Tree::parse(form.as_bytes()), Err(TreeError::NotCanonical), "{form}");
        }
    }

    #[test]
    fn a_manifest_with_a_path_that_climbs_out_is_refused() {
        let good = tree(&["abc"]).unwrap().to_string();
        for path in ["../a", "/ab", "a/..", "a\\b"] {
            let manifest = good.replace("abc", path);
            assert!(matches!(Tree::parse(manifest.as_bytes()), Err(TreeError::Path(_))), "{path}");
        }
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        let good = tree(&["a", "b"]).unwrap().to_string();
        let bomb = good.replace("plain 1 ", &format!("plain {} ", u64::MAX));
        assert_eq!(Tree::parse(bomb.as_bytes()), Err(TreeError::Overflow));
    }

    proptest! {
        #[test]
        fn a_manifest_reads_back(paths in prop::collection::btree_set("[a-c./ ]{1,8}", 0..12)) {
            let mut made = Tree::default();
            for path in paths {
                if let Ok(path) = path.parse() {
                    let _ = made.insert(path, entry(b"x"));
                }
            }
            prop_assert_eq!(Tree::parse(made.to_string().as_bytes()), Ok(made));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut manifest = format!("{HEADER}\n").into_bytes();
            manifest.extend(bytes);
            let _ = Tree::parse(&manifest);
        }
    }
}
