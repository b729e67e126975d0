//! `pow genesis`.

use std::{collections::BTreeSet, fmt, fs, io::Write, net::SocketAddr, path::PathBuf};

use ::pow::{Mode, Params};
use anyhow::Context;
use pow_node::Genesis;
use serde::Serialize;

use crate::{
    cli::{ModeName, PowGenesis},
    exit::Failure,
    setting::Setting,
};

/// Where it was written.
#[derive(Debug, Serialize)]
struct Written {
    file: PathBuf,
    members: usize,
    /// How many of them may fail at once.
    tolerated: usize,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, members, tolerated } = self;
        writeln!(f, "{} names {members} members, of which {tolerated} may fail at once", file.display())?;
        write!(f, "next, on each machine: entente pow node --genesis {} --key-file KEY", file.display())
    }
}

impl ModeName {
    /// As the protocol has it.
    pub const fn mode(self) -> Mode {
        match self {
            Self::Backups => Mode::Backups,
            Self::Single => Mode::SingleManager,
        }
    }
}

/// Writes it where there is no file yet.
pub fn run(setting: &Setting, words: PowGenesis) -> Result<(), Failure> {
    let PowGenesis { members, bits, mode, out } = words;
    let ids: BTreeSet<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let addresses: BTreeSet<SocketAddr> = members.iter().map(|member| member.address).collect();
    let count = members.len();
    if ids.len() < count || addresses.len() < count {
        return Err(Failure::Usage("two members have the same id or the same address".to_owned()));
    }
    let genesis = Genesis { params: Params { mode: mode.mode(), ..Params::new(bits) }, members };
    let text = serde_json::to_string_pretty(&genesis).map_err(anyhow::Error::from)?;
    let mut file =
        fs::File::create_new(&out).with_context(|| format!("{} cannot be written, or is there", out.display()))?;
    writeln!(file, "{text}")?;
    Ok(setting.output.result(&Written { file: out, members: count, tolerated: (count - 1) / 2 })?)
}
