//! Calls that name files by paths.

use super::{
    call::{Answer, Call},
    errno::Errno,
    open_files::{STAT_BYTES, about},
};
use crate::{
    files::{At, Files, Node, Root},
    host::{Open, Opened},
};

/// Files that may be open at a time.
const MOST_OPEN: usize = 1024;
/// `O_CREAT`, `O_DIRECTORY`, `O_EXCL` and `O_TRUNC`.
const CREATE: u32 = 1;
const FOLDER: u32 = 2;
const EXCLUSIVE: u32 = 4;
const TRUNCATE: u32 = 8;
/// The right to write.
const WRITE: u64 = 1 << 6;
/// `FDFLAGS_APPEND`.
const APPEND: u32 = 1;

/// How a file is opened.
#[derive(Clone, Copy)]
pub struct How {
    /// `oflags`.
    pub flags: u32,
    /// The rights asked for.
    pub rights: u64,
    /// `fdflags`.
    pub file_flags: u32,
}

impl Call<'_> {
    /// Resolves a path from an open folder. There are no links, so that `..` can be taken by its word.
    fn resolve(&mut self, folder: u32, address: u32, length: u32) -> Answer<At> {
        let Opened::Folder((root, base)) = self.opened(folder)? else { return Err(Errno::Notdir.into()) };
        let words = std::str::from_utf8(self.bytes(address, length)?).map_err(|_| Errno::Inval)?.to_owned();
        if words.starts_with('/') {
            return Err(Errno::Notcapable.into());
        }
        let mut names: Vec<&str> = base.split('/').filter(|name| !name.is_empty()).collect();
        for name in words.split('/') {
            match name {
                "" | "." => {}
                ".." => {
                    names.pop().ok_or(Errno::Notcapable)?;
                }
                name => names.push(name),
            }
        }
        let path = names.join("/");
        if !path.is_empty() && path.parse::<jobs::TreePath>().is_err() {
            return Err(Errno::Inval.into());
        }
        let at = (root, path);
        if words.ends_with('/') && matches!(self.host.files.node(&at), Some(Node::File(_))) {
            return Err(Errno::Notdir.into());
        }
        Ok(at)
    }

    /// Resolves a path at which something is to be made, changed or removed.
    fn resolve_output(&mut self, folder: u32, address: u32, length: u32) -> Answer<At> {
        let at = self.resolve(folder, address, length)?;
        if at.0 == Root::Input {
            return Err(Errno::Rofs.into());
        }
        let parent = at.1.rsplit_once('/').map_or("", |(parent, _)| parent);
        match self.host.files.node(&(at.0, parent.to_owned())) {
            Some(Node::Folder) if !at.1.is_empty() => Ok(at),
            Some(Node::Folder) => Err(Errno::Inval.into()),
            Some(Node::File(_)) => Err(Errno::Notdir.into()),
            None => Err(Errno::Noent.into()),
        }
    }

    fn node(&self, at: &At) -> Answer<Node> {
        Ok(self.host.files.node(at).ok_or(Errno::Noent)?)
    }

    /// `path_open`.
    pub fn path_open(&mut self, folder: u32, (address, length): (u32, u32), how: How, out: u32) -> Answer {
        let at = self.resolve(folder, address, length)?;
        let is_writable = how.rights & WRITE != 0;
        let what = match self.host.files.node(&at) {
            Some(_) if how.flags & CREATE != 0 && how.flags & EXCLUSIVE != 0 => return Err(Errno::Exist.into()),
            Some(Node::Folder) if is_writable || how.flags & TRUNCATE != 0 => return Err(Errno::Isdir.into()),
            Some(Node::Folder) => Opened::Folder(at),
            Some(Node::File(_)) if how.flags & FOLDER != 0 => return Err(Errno::Notdir.into()),
            Some(Node::File(id)) => {
                if at.0 == Root::Input && (is_writable || how.flags & TRUNCATE != 0) {
                    return Err(Errno::Rofs.into());
                }
                if how.flags & TRUNCATE != 0 {
                    self.host.files.set_size(id, 0)?;
                }
                Opened::File { at, id, is_writable }
            }
            None if how.flags & CREATE == 0 || how.flags & FOLDER != 0 => return Err(Errno::Noent.into()),
            None => {
                let at = self.resolve_output(folder, address, length)?;
                Opened::File { id: self.host.files.add_file(at.clone())?, at, is_writable }
            }
        };
        let number = self.add_open(Open { what, offset: 0, appends: how.file_flags & APPEND != 0 })?;
        self.put_u32(out, number)
    }

    fn add_open(&mut self, opened: Open) -> Answer<u32> {
        let open = &mut self.host.open;
        let free = open.iter().position(Option::is_none).unwrap_or(open.len());
        if free >= MOST_OPEN {
            return Err(Errno::Mfile.into());
        }
        match open.get_mut(free) {
            Some(place) => *place = Some(opened),
            None => open.push(Some(opened)),
        }
        Ok(u32::try_from(free).expect("not over the most that may be open"))
    }

    /// `path_filestat_get`.
    pub fn path_stat(&mut self, folder: u32, address: u32, length: u32, out: u32) -> Answer {
        let at = self.resolve(folder, address, length)?;
        let node = self.node(&at)?;
        let stat: [u8; STAT_BYTES] = about(&self.host.files, Files::serial(&at), node);
        self.put(out, &stat)
    }

    /// `path_create_directory`.
    pub fn path_create_folder(&mut self, folder: u32, address: u32, length: u32) -> Answer {
        let at = self.resolve_output(folder, address, length)?;
        if self.host.files.node(&at).is_some() {
            return Err(Errno::Exist.into());
        }
        Ok(self.host.files.add_folder(at)?)
    }

    /// `path_remove_directory`.
    pub fn path_remove_folder(&mut self, folder: u32, address: u32, length: u32) -> Answer {
        let at = self.resolve_output(folder, address, length)?;
        match self.node(&at)? {
            Node::File(_) => Err(Errno::Notdir.into()),
            Node::Folder if !self.host.files.children(&at).is_empty() => Err(Errno::Notempty.into()),
            Node::Folder => {
                self.host.files.remove(&at);
                Ok(())
            }
        }
    }

    /// `path_unlink_file`.
    pub fn path_unlink(&mut self, folder: u32, address: u32, length: u32) -> Answer {
        let at = self.resolve_output(folder, address, length)?;
        match self.node(&at)? {
            Node::Folder => Err(Errno::Isdir.into()),
            Node::File(_) => {
                self.host.files.remove(&at);
                Ok(())
            }
        }
    }

    /// `path_rename`.
    pub fn path_rename(&mut self, from: (u32, u32, u32), to: (u32, u32, u32)) -> Answer {
        let from = self.resolve_output(from.0, from.1, from.2)?;
        let to = self.resolve_output(to.0, to.1, to.2)?;
        let moved = self.node(&from)?;
        if from == to {
            return Ok(());
        }
        if to.1.strip_prefix(&from.1).is_some_and(|rest| rest.starts_with('/')) {
            return Err(Errno::Inval.into());
        }
        match (moved, self.host.files.node(&to)) {
            (_, None) | (Node::File(_), Some(Node::File(_))) => {}
            (Node::File(_), Some(Node::Folder)) => return Err(Errno::Isdir.into()),
            (Node::Folder, Some(Node::File(_))) => return Err(Errno::Notdir.into()),
            (Node::Folder, Some(Node::Folder)) if self.host.files.children(&to).is_empty() => {}
            (Node::Folder, Some(Node::Folder)) => return Err(Errno::Notempty.into()),
        }
        self.host.files.rename(&from, &to);
        Ok(())
    }
}
