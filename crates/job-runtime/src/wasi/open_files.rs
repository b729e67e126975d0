//! Calls that name files by the numbers they are open under.

use super::{
    call::{Answer, Call},
    errno::Errno,
};
use crate::{
    files::{FileId, Files, Node, Root},
    host::{Open, Opened, PREOPENED},
};

/// Bytes of what is told about a file.
pub const STAT_BYTES: usize = 64;
const CHARACTERS: u8 = 2;
const FOLDER: u8 = 3;
const FILE: u8 = 4;
/// All rights that there are, and those among them that change something.
const RIGHTS: u64 = (1 << 29) - 1;
const CHANGES: u64 = 1 << 6 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 19 | 1 << 22 | 1 << 24 | 1 << 25;
/// Seeking and telling: without these a character device is a terminal or a pipe.
const SEEKS: u64 = 1 << 2 | 1 << 5;

/// What is told about a file: no times, one device, a number that its path has everywhere.
pub fn about(files: &Files, serial: u64, node: Node) -> [u8; STAT_BYTES] {
    let (kind, size) = match node {
        Node::Folder => (FOLDER, 0),
        Node::File(id) => (FILE, files.size(id)),
    };
    stat(serial, kind, size)
}

fn stat(serial: u64, kind: u8, size: u64) -> [u8; STAT_BYTES] {
    let mut stat = [0; STAT_BYTES];
    stat[8..16].copy_from_slice(&serial.to_le_bytes());
    stat[16] = kind;
    stat[24..32].copy_from_slice(&1_u64.to_le_bytes());
    stat[32..40].copy_from_slice(&size.to_le_bytes());
    stat
}

impl Call<'_> {
    /// `fd_close`.
    pub fn close(&mut self, number: u32) -> Answer {
        self.open(number)?;
        self.host.open[number as usize] = None;
        Ok(())
    }

    /// `fd_renumber`.
    pub fn renumber(&mut self, from: u32, to: u32) -> Answer {
        self.open(to)?;
        let moved = self.open(from)?.clone();
        self.host.open[from as usize] = None;
        self.host.open[to as usize] = Some(moved);
        Ok(())
    }

    /// `fd_fdstat_get`.
    pub fn number_stat(&mut self, number: u32, out: u32) -> Answer {
        let open = self.open(number)?;
        let appends = u8::from(open.appends);
        let (kind, rights, inherited) = match &open.what {
            Opened::Nothing | Opened::Print(_) => (CHARACTERS, RIGHTS & !SEEKS, 0),
            Opened::Folder((Root::Input, _)) => (FOLDER, RIGHTS & !CHANGES, RIGHTS & !CHANGES),
            Opened::Folder((Root::Output, _)) => (FOLDER, RIGHTS, RIGHTS),
            Opened::File { is_writable: true, .. } => (FILE, RIGHTS, 0),
            Opened::File { .. } => (FILE, RIGHTS & !CHANGES, 0),
        };
        let mut stat = [0; 24];
        stat[0] = kind;
        stat[2] = appends;
        stat[8..16].copy_from_slice(&rights.to_le_bytes());
        stat[16..24].copy_from_slice(&u64::to_le_bytes(inherited));
        self.put(out, &stat)
    }

    /// `fd_fdstat_set_flags`.
    pub fn set_flags(&mut self, number: u32, flags: u32) -> Answer {
        self.open(number)?.appends = flags & 1 != 0;
        Ok(())
    }

    /// `fd_filestat_get`.
    pub fn file_stat(&mut self, number: u32, out: u32) -> Answer {
        let stat = match self.opened(number)? {
            Opened::Nothing | Opened::Print(_) => stat(u64::from(number) + 1, CHARACTERS, 0),
            Opened::Folder(at) => stat(Files::serial(&at), FOLDER, 0),
            Opened::File { at, id, .. } => stat(Files::serial(&at), FILE, self.host.files.size(id)),
        };
        self.put(out, &stat)
    }

    /// `fd_filestat_set_size`.
    pub fn set_size(&mut self, number: u32, size: u64) -> Answer {
        let id = self.writable(number)?;
        Ok(self.host.files.set_size(id, size)?)
    }

    /// `fd_allocate`.
    pub fn allocate(&mut self, number: u32, offset: u64, length: u64) -> Answer {
        let id = self.writable(number)?;
        let end = offset.checked_add(length).ok_or(Errno::Inval)?;
        let size = end.max(self.host.files.size(id));
        Ok(self.host.files.set_size(id, size)?)
    }

    fn writable(&mut self, number: u32) -> Answer<FileId> {
        match self.opened(number)? {
            Opened::File { id, is_writable: true, .. } => Ok(id),
            Opened::Folder(_) => Err(Errno::Isdir.into()),
            _ => Err(Errno::Badf.into()),
        }
    }

    /// `fd_prestat_get`.
    pub fn preopened(&mut self, number: u32, out: u32) -> Answer {
        let name = preopened_name(number)?;
        self.put_u32(out, 0)?;
        self.put_u32(out.wrapping_add(4), u32::try_from(name.len()).expect("a short name"))
    }

    /// `fd_prestat_dir_name`.
    pub fn preopened_name(&mut self, number: u32, out: u32, length: u32) -> Answer {
        let name = preopened_name(number)?;
        if (length as usize) < name.len() {
            return Err(Errno::Inval.into());
        }
        self.put(out, name.as_bytes())
    }

    /// `fd_read`, and `fd_pread` where an offset is given.
    pub fn read(&mut self, number: u32, vectors: (u32, u32), offset: Option<u64>, out: u32) -> Answer {
        let opened = self.open(number)?.clone();
        let id = match opened.what {
            Opened::Nothing => return self.put_u32(out, 0),
            Opened::Print(_) => return Err(Errno::Badf.into()),
            Opened::Folder(_) => return Err(Errno::Isdir.into()),
            Opened::File { id, .. } => id,
        };
        let start = offset.unwrap_or(opened.offset);
        let mut at = start;
        for (address, length) in self.vectors(vectors.0, vectors.1)? {
            let left = self.host.files.size(id).saturating_sub(at);
            let length = u32::try_from(left).map_or(length, |left| left.min(length));
            let (buffer, host) = self.buffer(address, length)?;
            at += host.files.read(id, at, buffer)? as u64;
        }
        if offset.is_none() {
            self.open(number)?.offset = at;
        }
        self.put_u32(out, u32::try_from(at - start).map_err(|_| Errno::Inval)?)
    }

    /// `fd_write`, and `fd_pwrite` where an offset is given.
    pub fn write(&mut self, number: u32, vectors: (u32, u32), offset: Option<u64>, out: u32) -> Answer {
        let opened = self.open(number)?.clone();
        let (id, start) = match opened {
            Open { what: Opened::Print(id), .. } => (id, self.host.files.size(id)),
            Open { what: Opened::File { id, is_writable: true, .. }, appends: true, .. } => {
                (id, self.host.files.size(id))
            }
            Open { what: Opened::File { id, is_writable: true, .. }, .. } => (id, offset.unwrap_or(opened.offset)),
            _ => return Err(Errno::Badf.into()),
        };
        let mut at = start;
        for (address, length) in self.vectors(vectors.0, vectors.1)? {
            let (bytes, host) = self.bytes_and_host(address, length)?;
            host.files.write(id, at, bytes)?;
            at += u64::from(length);
        }
        if offset.is_none() {
            self.open(number)?.offset = at;
        }
        self.put_u32(out, u32::try_from(at - start).map_err(|_| Errno::Inval)?)
    }

    /// `fd_seek`.
    pub fn seek(&mut self, number: u32, by: i64, from: u32, out: u32) -> Answer {
        let open = self.open(number)?.clone();
        let Opened::File { id, .. } = open.what else { return Err(Errno::Spipe.into()) };
        let base = match from {
            0 => 0,
            1 => open.offset,
            2 => self.host.files.size(id),
            _ => return Err(Errno::Inval.into()),
        };
        let to = base.checked_add_signed(by).ok_or(Errno::Inval)?;
        self.open(number)?.offset = to;
        self.put_u64(out, to)
    }

    /// `fd_tell`.
    pub fn tell(&mut self, number: u32, out: u32) -> Answer {
        let open = self.open(number)?.clone();
        let Opened::File { .. } = open.what else { return Err(Errno::Spipe.into()) };
        self.put_u64(out, open.offset)
    }

    /// `fd_readdir`: in the order of names, whatever the order in which they were made.
    pub fn read_folder(&mut self, number: u32, (address, length): (u32, u32), cookie: u64, out: u32) -> Answer {
        let Opened::Folder(at) = self.opened(number)? else { return Err(Errno::Notdir.into()) };
        let (root, folder) = &at;
        let mut listed = vec![(".".to_owned(), Node::Folder, Files::serial(&at))];
        listed.push(("..".to_owned(), Node::Folder, Files::serial(&at)));
        for (name, node) in self.host.files.children(&at) {
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            listed.push((name, node, Files::serial(&(*root, path))));
        }
        // Looking for names is work, wherever it begins.
        self.host.moved += listed.len() as u64;
        let mut bytes = Vec::new();
        for ((name, node, serial), next) in
            listed.iter().zip(1_u64..).skip(usize::try_from(cookie).unwrap_or(usize::MAX))
        {
            let kind = if *node == Node::Folder { FOLDER } else { FILE };
            bytes.extend(next.to_le_bytes());
            bytes.extend(serial.to_le_bytes());
            bytes.extend(u32::try_from(name.len()).expect("a short name").to_le_bytes());
            bytes.extend([kind, 0, 0, 0]);
            bytes.extend(name.as_bytes());
            if bytes.len() >= length as usize {
                break;
            }
        }
        bytes.truncate(length as usize);
        self.put(address, &bytes)?;
        self.put_u32(out, u32::try_from(bytes.len()).expect("cut to a length of 32 bits"))
    }
}

fn preopened_name(number: u32) -> Answer<&'static str> {
    let index = (number as usize).checked_sub(3).ok_or(Errno::Badf)?;
    Ok(PREOPENED.get(index).ok_or(Errno::Badf)?.1)
}
