//! Signed bills in a folder, a file each.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use alloy::primitives::Address;
use bindings::{Domain, SignedBill};

use crate::exit::Failure;

/// A folder of bills of one market. What is in it is never changed.
#[derive(Clone, Debug)]
pub struct Bills {
    folder: PathBuf,
    domain: Domain,
}

impl Bills {
    /// A folder for bills of this market; it is made where it is not there.
    pub fn open(folder: PathBuf, domain: Domain) -> Result<Self, Failure> {
        fs::create_dir_all(&folder)
            .map_err(|error| Failure::Usage(format!("the folder {} cannot be made: {error}", folder.display())))?;
        Ok(Self { folder, domain })
    }

    /// The prosumer's bill that ends last.
    pub fn last_of(&self, prosumer: Address) -> Result<Option<SignedBill>, Failure> {
        let failed = |error: io::Error| Failure::Usage(format!("the folder {}: {error}", self.folder.display()));
        let mut last: Option<SignedBill> = None;
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_own =
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{prosumer:#x}-")));
            if !is_own {
                continue;
            }
            let bill = read(&path, self.domain)?;
            if last.is_none_or(|last| last.bill.last < bill.bill.last) {
                last = Some(bill);
            }
        }
        Ok(last)
    }

    /// Adds a bill, all of it or nothing; fails where there is one of the same intervals.
    pub fn add(&self, bill: &SignedBill) -> io::Result<PathBuf> {
        let period = &bill.bill;
        let name = format!("{:#x}-{:08}-{:08}.json", period.prosumer, period.first.0, period.last.0);
        let path = self.folder.join(name);
        let draft = tempfile::NamedTempFile::new_in(&self.folder)?;
        fs::write(draft.path(), text(bill))?;
        draft.as_file().sync_all()?;
        draft.persist_noclobber(&path).map_err(|error| error.error)?;
        Ok(path)
    }
}

/// A bill as a file's text.
pub fn text(bill: &SignedBill) -> String {
    serde_json::to_string_pretty(bill).expect("a bill is plain data") + "\n"
}

/// Reads a bill of this market that its meter has signed.
pub fn read(file: &Path, domain: Domain) -> Result<SignedBill, Failure> {
    let named = |reason: String| Failure::Usage(format!("the bill {}: {reason}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
    let bill: SignedBill = serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
    let SignedBill { chain_id, market, meter, .. } = bill;
    if (Domain { chain_id, market }) != domain {
        return Err(named(format!("it is for the market {market} on chain {chain_id}, not for this one")));
    }
    if !bill.is_signed() {
        return Err(named(format!("its signature is not that of meter {meter} over what it says")));
    }
    Ok(bill)
}
