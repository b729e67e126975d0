//! Wallets: keys in encrypted keystores (Web3 Secret Storage, version 3) or on devices, a file each, in one folder.

mod device;
mod error;
mod name;

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy::{
    primitives::Address,
    signers::{
        k256::elliptic_curve::rand_core::OsRng,
        local::{LocalSignerError, PrivateKeySigner},
    },
};
pub use device::OnDevice;
pub use error::WalletError;
pub use name::WalletName;
use serde_json::Value;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::password::Password;

const DRAFT: &str = "keystore";

/// The folder of all wallets.
#[derive(Clone, Debug)]
pub struct Wallets {
    home: PathBuf,
    folder: PathBuf,
}

impl Wallets {
    /// Those under `home`; by default under `entente` in the user's data folder.
    pub fn open(home: Option<PathBuf>) -> Result<Self, WalletError> {
        let home = home.or_else(data_folder).ok_or(WalletError::NoHome)?;
        let folder = home.join("wallets");
        Ok(Self { home, folder })
    }

    /// The folder of all that this program keeps.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every wallet with its address, by name.
    pub fn list(&self) -> Result<Vec<(WalletName, Address)>, WalletError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|source| self.failed(source))?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let file = entry.map_err(|source| self.failed(source))?.path();
            let is_json = file.extension().is_some_and(|extension| extension == "json");
            let name = file.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
            if let Some(name) = name.filter(|_| is_json) {
                let address = self.address(&name)?;
                found.push((name, address));
            }
        }
        found.sort();
        Ok(found)
    }

    /// A wallet's address, as its file says; no password is needed.
    pub fn address(&self, name: &WalletName) -> Result<Address, WalletError> {
        let keystore = serde_json::from_str::<Value>(&self.text(name)?).ok();
        let address = keystore.as_ref().and_then(address_in);
        address.ok_or_else(|| WalletError::Malformed { file: self.file(name) })
    }

    /// Which device holds a wallet's key; `None` where a keystore does.
    pub fn device(&self, name: &WalletName) -> Result<Option<OnDevice>, WalletError> {
        let text = self.text(name)?;
        let malformed = |_| WalletError::Malformed { file: self.file(name) };
        let kept: Value = serde_json::from_str(&text).map_err(malformed)?;
        if kept.get("device").is_none() {
            return Ok(None);
        }
        serde_json::from_value(kept).map(Some).map_err(malformed)
    }

    fn text(&self, name: &WalletName) -> Result<String, WalletError> {
        fs::read_to_string(self.file(name)).map_err(|source| self.absent_or_failed(name, source))
    }

    /// The key of a wallet that is in a keystore. Takes a moment: the password is hashed with scrypt.
    pub fn unlock(&self, name: &WalletName, password: &Password) -> Result<PrivateKeySigner, WalletError> {
        let address = self.address(name)?;
        let file = self.file(name);
        let signer = PrivateKeySigner::decrypt_keystore(&file, password.expose());
        let signer = signer.map_err(|source| WalletError::Locked { name: name.clone(), source })?;
        if signer.address() == address { Ok(signer) } else { Err(WalletError::Malformed { file }) }
    }

    /// Fails where there is a wallet of this name.
    pub fn check_absent(&self, name: &WalletName) -> Result<(), WalletError> {
        let file = self.file(name);
        if file.exists() { Err(WalletError::Exists { name: name.clone(), file }) } else { Ok(()) }
    }

    /// Makes a new key and keeps it under `name`.
    pub fn create(&self, name: &WalletName, password: &Password) -> Result<Address, WalletError> {
        self.keep(name, &Zeroizing::new(PrivateKeySigner::random().to_bytes().0), password)
    }

    /// Keeps `key` under `name`.
    pub fn keep(&self, name: &WalletName, key: &[u8; 32], password: &Password) -> Result<Address, WalletError> {
        let draft = self.draft(name)?;
        let refused = |source: LocalSignerError| WalletError::NotKept { name: name.clone(), source };
        let (signer, _) =
            PrivateKeySigner::encrypt_keystore(draft.path(), &mut OsRng, key, password.expose(), Some(DRAFT))
                .map_err(refused)?;
        let drafted = draft.path().join(DRAFT);
        add_address(&drafted, signer.address()).map_err(|source| self.failed(source))?;
        self.move_in(name, &drafted)?;
        Ok(signer.address())
    }

    /// Keeps under `name` where a key is that stays in its device.
    pub fn keep_device(&self, name: &WalletName, on_device: &OnDevice) -> Result<(), WalletError> {
        let draft = self.draft(name)?;
        let drafted = draft.path().join(DRAFT);
        let text = serde_json::to_string(on_device).map_err(|error| self.failed(error.into()))?;
        fs::write(&drafted, text).and_then(|()| make_private(&drafted, 0o600)).map_err(|source| self.failed(source))?;
        self.move_in(name, &drafted)
    }

    /// A folder for what will be a wallet: made there and moved in whole, a crash leaves no half of one under a name.
    fn draft(&self, name: &WalletName) -> Result<TempDir, WalletError> {
        self.check_absent(name)?;
        make_private_folder(&self.folder).map_err(|source| self.failed(source))?;
        tempfile::tempdir_in(&self.folder).map_err(|source| self.failed(source))
    }

    fn move_in(&self, name: &WalletName, drafted: &Path) -> Result<(), WalletError> {
        // Unlike a rename, a link never replaces a wallet that somebody else made meanwhile.
        fs::hard_link(drafted, self.file(name)).map_err(|source| self.failed(source))
    }

    /// Where a wallet is kept.
    pub fn file(&self, name: &WalletName) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    fn failed(&self, source: std::io::Error) -> WalletError {
        WalletError::Folder { folder: self.folder.clone(), source }
    }

    fn absent_or_failed(&self, name: &WalletName, source: std::io::Error) -> WalletError {
        if source.kind() == std::io::ErrorKind::NotFound {
            WalletError::Unknown { name: name.clone(), folder: self.folder.clone() }
        } else {
            self.failed(source)
        }
    }
}

/// `$XDG_DATA_HOME/entente`, or `~/.local/share/entente`.
fn data_folder() -> Option<PathBuf> {
    let absolute = |variable| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("entente"))
}

fn address_in(keystore: &Value) -> Option<Address> {
    format!("0x{}", keystore.get("address")?.as_str()?.trim_start_matches("0x")).parse().ok()
}

/// Adds the standard's optional field, so that a wallet can be listed without its password.
fn add_address(file: &Path, address: Address) -> std::io::Result<()> {
    let mut keystore: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    keystore["address"] = Value::String(format!("{address:x}"));
    fs::write(file, keystore.to_string())?;
    make_private(file, 0o600)
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    make_private(folder, 0o700)
}

#[cfg(unix)]
fn make_private(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn make_private(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use hardware_wallet::{DerivationPath, Maker};

    use super::*;

    fn name(text: &str) -> WalletName {
        text.parse().expect("a name")
    }

    #[test]
    fn a_wallet_opens_with_its_password_only() {
        let home = tempfile::tempdir().expect("a folder");
        let wallets = Wallets::open(Some(home.path().into())).expect("a home");
        let (alice, right, wrong) = (name("alice"), Password::new("right".into()), Password::new("wrong".into()));
        let key = [7; 32];
        let address = wallets.keep(&alice, &key, &right).expect("kept");
        assert_eq!(wallets.list().expect("a list"), [(alice.clone(), address)]);
        assert_eq!(wallets.unlock(&alice, &right).expect("unlocked").to_bytes(), key);
        assert!(matches!(wallets.unlock(&alice, &wrong), Err(WalletError::Locked { .. })));
        assert!(matches!(wallets.create(&alice, &right), Err(WalletError::Exists { .. })));
        assert!(matches!(wallets.address(&name("bob")), Err(WalletError::Unknown { .. })));
    }

    #[test]
    fn a_keystore_that_names_another_address_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        let wallets = Wallets::open(Some(home.path().into())).expect("a home");
        let password = Password::new("right".into());
        wallets.create(&name("alice"), &password).expect("made");
        add_address(&wallets.file(&name("alice")), Address::ZERO).expect("changed");
        assert!(matches!(wallets.unlock(&name("alice"), &password), Err(WalletError::Malformed { .. })));
    }

    #[test]
    fn a_wallet_on_a_device_has_an_address_and_no_key() {
        let home = tempfile::tempdir().expect("a folder");
        let wallets = Wallets::open(Some(home.path().into())).expect("a home");
        let (dso, address) = (name("dso"), Address::repeat_byte(0xab));
        let on_device = OnDevice { address, device: Maker::Ledger, path: DerivationPath::default() };
        wallets.keep_device(&dso, &on_device).expect("kept");
        assert_eq!(wallets.list().expect("a list"), [(dso.clone(), address)]);
        assert_eq!(wallets.device(&dso).expect("read"), Some(on_device.clone()));
        assert!(matches!(wallets.keep_device(&dso, &on_device), Err(WalletError::Exists { .. })));
        let file = wallets.file(&dso);
        let text = fs::read_to_string(&file).expect("a file");
        fs::write(&file, text.replace("m/44'", "n/44'")).expect("changed");
        assert!(matches!(wallets.device(&dso), Err(WalletError::Malformed { .. })));
        let password = Password::new("right".into());
        wallets.create(&name("alice"), &password).expect("made");
        assert_eq!(wallets.device(&name("alice")).expect("read"), None);
    }

    #[test]
    fn there_are_no_wallets_before_the_first() {
        let home = tempfile::tempdir().expect("a folder");
        let wallets = Wallets::open(Some(home.path().join("new"))).expect("a home");
        assert!(wallets.list().expect("a list").is_empty());
    }
}
