//! An agent of an energy market with a runtime of its own.

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use runtime::Agent;

use crate::{
    cli::Host,
    exit::Failure,
    hosting::{self, Interrupt, Role},
    session::Session,
    setting::Setting,
    watching::Watch,
};

/// A market, and the key of who acts in it.
pub struct Hosting<'a> {
    /// The market.
    pub session: Session,
    setting: &'a Setting,
    host: &'a Host,
    key: PrivateKeySigner,
    interrupt: Interrupt,
    watch: Option<Watch>,
}

impl<'a> Hosting<'a> {
    /// Connects and unlocks, and keeps figures from now on where they are asked for.
    pub async fn open(setting: &'a Setting, host: &'a Host) -> Result<Self, Failure> {
        let interrupt = Interrupt::listen()?;
        let watch = Watch::asked(host).await?;
        let session = Session::open(setting).await?;
        let key = setting.unlock(&host.signer)?;
        Ok(Self { session, setting, host, key, interrupt, watch })
    }

    /// The key's address.
    pub const fn address(&self) -> Address {
        self.key.address()
    }

    /// The key itself, for an agent that signs more than transactions.
    pub const fn key(&self) -> &PrivateKeySigner {
        &self.key
    }

    /// Lets an agent act until Ctrl-C or a request to terminate; what it has sent is awaited then.
    pub async fn run(self, name: &'static str, agent: impl Agent) -> Result<(), Failure> {
        let Session { deployment, client } = self.session;
        let protocol = runtime::Transax { deployment: deployment.place(), params: deployment.params };
        let role = Role {
            name,
            key: self.key,
            settings: self.host.settings(),
            journal: self.setting.journaling(self.host)?,
            watch: self.watch,
        };
        hosting::run(self.setting.output, self.interrupt, client, protocol, role, agent).await
    }
}
