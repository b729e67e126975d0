//! Keystores and passwords.

use std::path::Path;

use alloy::primitives::Address;

use super::{Findings, Patient};
use crate::exit::Failure;

/// Examines the wallet, and says whose it is.
pub fn examine(findings: &mut Findings, patient: &Patient) -> Option<Address> {
    if !patient.has_key() {
        return None;
    }
    let found = patient.setting.wallets().and_then(|wallets| {
        let name = patient.setting.wallet(&patient.signer)?;
        Ok((wallets.file(&name), wallets.address(&name)?, wallets.device(&name)?, name))
    });
    let (file, address, device, name) = match found {
        Ok(found) => found,
        Err(error) => {
            findings.fail("wallet", Failure::from(error).message(), "entente wallet list shows those there are");
            return None;
        }
    };
    if let Some(open) = open_to_others(&file) {
        findings.warn("wallet", format!("{} {open}", file.display()), format!("chmod 600 {}", file.display()));
    }
    if let Some(on_device) = device {
        let message = format!("the key of wallet {name}, which is {address}, stays in its {}", on_device.device);
        match patient.agent {
            None => findings.ok("wallet", message),
            Some(_) => findings.fail(
                "wallet",
                format!("{message}, and an agent signs on its own"),
                "make a wallet for the agent alone: entente wallet new NAME",
            ),
        }
        return Some(address);
    }
    let passwords = &patient.setting.passwords;
    if passwords.asks() {
        findings.warn(
            "password",
            format!("wallet {name} is {address}; its password is asked for on a terminal"),
            "name a file with --password-file or ENTENTE_PASSWORD_FILE, where nobody sits at the terminal",
        );
        return Some(address);
    }
    if let Some((file, open)) = passwords.file().and_then(|file| Some((file, open_to_others(file)?))) {
        let remedy = format!("chmod 600 {}, or let the system hand it over (LoadCredential)", file.display());
        findings.warn("password", format!("{} {open}", file.display()), remedy);
    }
    match patient.setting.unlock(&patient.signer) {
        Ok(_) => findings.ok("wallet", format!("wallet {name} is {address}, and opens")),
        Err(error) => {
            let remedy = "the first line of the password file is the password, all of it";
            findings.fail("wallet", Failure::from(error).message(), remedy);
        }
    }
    Some(address)
}

/// Who else may read a file, if anybody may.
#[cfg(unix)]
fn open_to_others(file: &Path) -> Option<&'static str> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file).ok()?.permissions().mode();
    match (mode & 0o007, mode & 0o070) {
        (0, 0) => None,
        (0, _) => Some("can be read by its group"),
        _ => Some("can be read by everybody"),
    }
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<&'static str> {
    None
}
