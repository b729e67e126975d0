//! The journal, the disk below it, and ports.

use std::{
    fs, io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use alloy::primitives::Address;
use journal::{Place, Store, StoreError};

use super::{Findings, Patient, chain::Market};
use crate::{exit::Failure, hosting::Journaling, keeping::Subject};

/// Free bytes below which a disk is as good as full.
const NO_SPACE: u64 = 200 << 20;
/// Free bytes that should be left: a journal of months, with its snapshots.
const LITTLE_SPACE: u64 = 2 << 30;

/// What to do where a database cannot be used.
const USABLE: &str = "see that the file, or the database, can be used by this user";

/// Examines where an agent would keep what it reads. Returns whether another program with its key acts.
pub async fn journal(
    findings: &mut Findings,
    patient: &Patient,
    market: Option<&Market>,
    account: Option<Address>,
) -> bool {
    let (Some(market), Some(account)) = (market, account) else { return false };
    if patient.verb.as_ref().is_some_and(|verb| verb.try_contains_id("journal").is_err()) {
        // A relay reads nothing that it would have to keep.
        return false;
    }
    let subject = market.subject(account);
    let Ok(wallets) = patient.setting.wallets() else { return false };
    let journaling = Journaling { place: patient.option::<Place>("journal"), home: wallets.home().to_owned() };
    let (place, sending) = (subject.journal(&journaling), subject.sending(&journaling));
    let is_led = match led(&sending, &subject).await {
        Ok(is_led) => is_led,
        Err(error) => {
            findings.fail("journal", Failure::from(error).message(), USABLE);
            return false;
        }
    };
    if let Place::File(file) = &place {
        let folder = existing(file.parent().unwrap_or(Path::new("")));
        if !space(findings, &folder) || !writable(findings, file, &folder) {
            return is_led;
        }
        if !file.exists() {
            findings.ok("journal", format!("{} will be made", file.display()));
            return is_led;
        }
    }
    opens(findings, place, is_led).await;
    is_led
}

async fn opens(findings: &mut Findings, place: Place, is_led: bool) {
    match Store::open_sound(place.clone()).await {
        Ok(store) => {
            store.close().await;
            if is_led {
                findings.warn(
                    "journal",
                    format!("{place} opens; another program with this key acts"),
                    "a second one would stand by until the first is gone, which may be what is wanted",
                );
            } else {
                findings.ok("journal", format!("{place} opens, and nobody else acts with this key"));
            }
        }
        // It is left as it is for whoever acts.
        Err(StoreError::Damaged { file }) => findings.warn(
            "journal",
            format!("{} is damaged", file.display()),
            "nothing, unless it happens again: the agent sets it aside when it starts, and reads the chain anew",
        ),
        Err(error) => findings.fail("journal", Failure::from(error).message(), USABLE),
    }
}

/// Whether another program acts with this key.
async fn led(sending: &Place, subject: &Subject) -> Result<bool, StoreError> {
    if matches!(sending, Place::File(file) if !file.exists()) {
        return Ok(false);
    }
    let store = match Store::open_sound(sending.clone()).await {
        // The agent says what it loses by that.
        Err(StoreError::Damaged { .. }) => return Ok(false),
        opened => opened?,
    };
    let lead = store.leadership(&subject.lead_name()).take().await;
    store.close().await;
    Ok(lead.is_ok_and(|lead| lead.is_none()))
}

/// The nearest folder above that there is.
fn existing(folder: &Path) -> PathBuf {
    let found = folder.ancestors().find(|folder| folder.is_dir());
    found.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn writable(findings: &mut Findings, file: &Path, folder: &Path) -> bool {
    let tried = tempfile::tempfile_in(folder).map(|_| ());
    let tried = tried.and_then(|()| match fs::OpenOptions::new().append(true).open(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    });
    if let Err(error) = tried {
        let remedy = format!("let its user own {}, or name another place with --journal", folder.display());
        findings.fail("journal", format!("{} cannot be written: {error}", file.display()), remedy);
        return false;
    }
    true
}

#[cfg(unix)]
fn space(findings: &mut Findings, folder: &Path) -> bool {
    let Ok(disk) = rustix::fs::statvfs(folder) else { return true };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let finding = format!("{} MiB are free at {}", free >> 20, folder.display());
    if free < NO_SPACE {
        findings.fail("disk", finding, "make room, or name another place with --journal");
        return false;
    }
    if free < LITTLE_SPACE {
        findings.warn("disk", finding, "a journal of months may take more");
    } else {
        findings.ok("disk", finding);
    }
    true
}

#[cfg(not(unix))]
fn space(_: &mut Findings, _: &Path) -> bool {
    true
}

/// Examines the ports that an agent would listen at.
pub fn ports(findings: &mut Findings, patient: &Patient, is_led: bool) {
    for option in ["metrics", "listen"] {
        let Some(address) = patient.option::<SocketAddr>(option) else { continue };
        match TcpListener::bind(address) {
            Ok(_) => findings.ok("port", format!("{option}: {address} is free")),
            Err(error) if is_led && error.kind() == io::ErrorKind::AddrInUse => findings.warn(
                "port",
                format!("{option}: {address} is taken, by the program that acts as it seems"),
                "nothing, where that is this agent; another port for one that is to stand by",
            ),
            Err(error) => findings.fail(
                "port",
                format!("{option}: nobody can listen at {address}: {error}"),
                "end what listens there (ss -ltnp), or name another port",
            ),
        }
    }
}
