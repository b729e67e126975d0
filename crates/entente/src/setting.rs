//! What the options common to all verbs resolve to.

use std::path::PathBuf;

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use chain::{Client, ClientError, Settings};

use hardware_wallet::HardwareWallet;

use crate::{
    cli::{AccountName, Global, Host, Signer},
    deployment::Deployment,
    exit::Failure,
    hosting::Journaling,
    key::Key,
    output::Output,
    password::PasswordSource,
    rpc::RpcUrls,
    session::Recall,
    wallet::{WalletError, WalletName, Wallets},
};

/// Where things are, and where results go.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where results go.
    pub output: Output,
    /// Where the market is written down.
    pub deployment_file: PathBuf,
    /// The nodes to ask, where the deployment file's is not to be used.
    pub rpc: Option<RpcUrls>,
    /// Where passwords come from.
    pub passwords: PasswordSource,
    home: Option<PathBuf>,
}

impl Setting {
    /// Resolves the options.
    pub fn new(global: Global) -> Self {
        Self {
            output: Output::new(global.json),
            deployment_file: global.deployment,
            rpc: global.rpc,
            passwords: PasswordSource::new(global.password_file),
            home: global.data_dir,
        }
    }

    /// `text` without secrets of the node's address.
    pub fn redact(&self, text: &str) -> String {
        self.rpc.as_ref().map_or_else(|| text.to_owned(), |rpc| rpc.redact(text))
    }

    /// Connects to the nodes that are named, or else to the one that was written down.
    pub async fn connect(&self, written_down: &str) -> Result<Client, ClientError> {
        let urls = self.rpc.as_ref().map_or_else(|| vec![written_down], RpcUrls::expose);
        Client::connect_all(&urls, Settings::default()).await
    }

    /// The market written down.
    pub fn deployment(&self) -> Result<Deployment, Failure> {
        Ok(Deployment::read(&self.deployment_file)?)
    }

    /// All wallets.
    pub fn wallets(&self) -> Result<Wallets, WalletError> {
        Wallets::open(self.home.clone())
    }

    /// Where an agent keeps what it reads.
    pub fn journaling(&self, host: &Host) -> Result<Journaling, WalletError> {
        Ok(Journaling { place: host.journal.clone(), home: self.wallets()?.home().to_owned() })
    }

    /// Where verbs leave what they have read of markets: beside what agents keep, or nowhere.
    pub fn recall(&self) -> Recall {
        let home = self.wallets().map(|wallets| wallets.home().to_owned());
        home.map_or_else(|_| Recall::default(), |home| Recall::kept_in(home, self.output))
    }

    /// The wallet that is named, or the only one there is.
    pub fn wallet(&self, signer: &Signer) -> Result<WalletName, WalletError> {
        if let Some(name) = &signer.wallet {
            return Ok(name.clone());
        }
        let mut all = self.wallets()?.list()?;
        match (all.pop(), all.is_empty()) {
            (None, _) => Err(WalletError::None),
            (Some((name, _)), true) => Ok(name),
            (Some(last), false) => {
                all.push(last);
                let names: Vec<_> = all.iter().map(|(name, _)| name.to_string()).collect();
                Err(WalletError::Several { names: names.join(", ") })
            }
        }
    }

    /// The address of the wallet that is named; its password is not needed.
    pub fn address(&self, signer: &Signer) -> Result<Address, WalletError> {
        self.wallets()?.address(&self.wallet(signer)?)
    }

    /// The key of the wallet that is named, from its keystore.
    pub fn unlock(&self, signer: &Signer) -> Result<PrivateKeySigner, WalletError> {
        let name = self.wallet(signer)?;
        let wallets = self.wallets()?;
        // What is wrong with the name is told before a password is asked for.
        wallets.address(&name)?;
        if let Some(on_device) = wallets.device(&name)? {
            return Err(WalletError::OnDevice { name, maker: on_device.device });
        }
        wallets.unlock(&name, &self.passwords.existing(&name.to_string())?)
    }

    /// What signs for the wallet that is named, where somebody sits: its key, or the device that holds it.
    pub async fn key(&self, signer: &Signer) -> Result<Key, WalletError> {
        let name = self.wallet(signer)?;
        let Some(on_device) = self.wallets()?.device(&name)? else { return Ok(Key::Unlocked(self.unlock(signer)?)) };
        let found = HardwareWallet::connect_as(on_device.device, &on_device.path, on_device.address).await;
        let device = found.map_err(|source| WalletError::Device { name, source })?;
        Ok(Key::OnDevice(device, self.output))
    }

    /// The address that is given, or that of the wallet that is named.
    pub fn account(&self, account: &AccountName) -> Result<Address, WalletError> {
        match account {
            AccountName::Address(address) => Ok(*address),
            AccountName::Wallet(name) => self.wallets()?.address(name),
        }
    }
}
