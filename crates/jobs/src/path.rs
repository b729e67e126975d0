//! Paths inside a tree, which can name nothing outside it.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest path, bytes.
const LONGEST_PATH: usize = 1024;
/// The longest name, bytes; what common file systems hold.
const LONGEST_NAME: usize = 255;

/// A path from a tree's root to a file: names separated by `/`, none of them empty, `.` or `..`, all of them printable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TreePath(String);

/// Words that are no path inside a tree.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BadPath {
    /// It could lead out, or could be written in more than one way.
    #[error("the path `{0}` has a name that is empty, `.` or `..`")]
    Climbs(String),
    /// Not on every system.
    #[error("the path `{0}` holds a control character or a backslash")]
    Unprintable(String),
    /// Not on every system.
    #[error("the path `{0}` is too long; a name has at most {LONGEST_NAME} bytes, a path {LONGEST_PATH}")]
    TooLong(String),
}

impl TreePath {
    /// The path in words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where it is under a folder.
    pub fn under(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0)
    }

    /// The names of the folders above, outermost first, as paths.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(end, _)| &self.0[..end])
    }

    /// The rest below a folder at the root, where the path lies in it.
    pub fn below(&self, folder: &str) -> Option<&str> {
        self.0.strip_prefix(folder)?.strip_prefix('/')
    }
}

impl FromStr for TreePath {
    type Err = BadPath;

    fn from_str(words: &str) -> Result<Self, BadPath> {
        let shown = || words.chars().take(80).flat_map(char::escape_default).collect();
        if words.len() > LONGEST_PATH {
            return Err(BadPath::TooLong(shown()));
        }
        if words.chars().any(|letter| letter.is_control() || letter == '\\') {
            return Err(BadPath::Unprintable(shown()));
        }
        for name in words.split('/') {
            if matches!(name, "" | "." | "..") {
                return Err(BadPath::Climbs(shown()));
            }
            if name.len() > LONGEST_NAME {
                return Err(BadPath::TooLong(shown()));
            }
        }
        Ok(Self(words.to_owned()))
    }
}

impl TryFrom<String> for TreePath {
    type Error = BadPath;

    fn try_from(words: String) -> Result<Self, BadPath> {
        words.parse()
    }
}

impl From<TreePath> for String {
    fn from(path: TreePath) -> Self {
        path.0
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_climbs_out_is_refused() {
        for words in ["", "/", "/etc/passwd", "..", "../a", "a/../../b", "a//b", "a/", "./a", "a/."] {
            assert!(matches!(words.parse::<TreePath>(), Err(BadPath::Climbs(_))), "{words}");
        }
        for words in ["a\nb", "a\0b", "..\\a", "\u{85}"] {
            assert!(matches!(words.parse::<TreePath>(), Err(BadPath::Unprintable(_))), "{words}");
        }
        assert!(matches!("a".repeat(256).parse::<TreePath>(), Err(BadPath::TooLong(_))));
        assert!(matches!("a/".repeat(600).parse::<TreePath>(), Err(BadPath::TooLong(_))));
    }

    #[test]
    fn a_path_knows_its_folders() {
        let path: TreePath = "input/a/b.txt".parse().unwrap();
        assert_eq!(path.folders().collect::<Vec<_>>(), ["input", "input/a"]);
        assert_eq!(path.below("input"), Some("a/b.txt"));
        assert_eq!(path.below("inp"), None);
        assert_eq!(path.under(Path::new("x")), Path::new("x/input/a/b.txt"));
    }
}
