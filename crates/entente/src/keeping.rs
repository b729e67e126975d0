//! Where an agent keeps what it read, and which of several that share a key acts.

use std::{io, sync::Arc, time::Duration};

use alloy::primitives::Address;
use journal::{Account, Journal, JournalError, Lead, Leadership, Place, Store, StoreError};
use tokio::{sync::watch, time::sleep};

use crate::{
    exit::Failure,
    hosting::{Interrupt, Journaling},
    output::Output,
};

/// How often a stand-by asks whether the lead is free, and whoever leads whether it still does.
const BREATH: Duration = Duration::from_secs(1);

/// What an agent's journal is of. Each key has one of its own, since a journal has one writer.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The chain.
    pub chain_id: u64,
    /// The contracts that are followed.
    pub contracts: Vec<Address>,
    /// The first block that can hold any of their logs.
    pub first_block: u64,
    /// Who acts.
    pub account: Address,
}

impl Subject {
    /// The place for what is read.
    pub fn journal(&self, journaling: &Journaling) -> Place {
        journaling.place.clone().unwrap_or_else(|| {
            let market = self.contracts.first().copied().unwrap_or_default();
            let file = format!("{}-{market:#x}-{:#x}.sqlite", self.chain_id, self.account);
            Place::File(journaling.home.join("journals").join(file))
        })
    }

    /// The place for what the account spends and sends, in whichever market, and for who acts with its key. A journal is
    /// written all the time and can be read again; this is neither.
    pub fn sending(&self, journaling: &Journaling) -> Place {
        if let Some(place @ Place::Postgres(_)) = &journaling.place {
            return place.clone();
        }
        let file = format!("{}-{:#x}.sqlite", self.chain_id, self.account);
        Place::File(journaling.home.join("accounts").join(file))
    }

    fn name(&self) -> String {
        let Self { chain_id, contracts, first_block, account } = self;
        format!("chain {chain_id} from block {first_block}, contracts {contracts:?}, for {account}")
    }

    /// What must not be done twice at once: sending with one key.
    pub fn lead_name(&self) -> String {
        format!("chain {}, account {}", self.chain_id, self.account)
    }
}

/// A journal, and the leadership that goes with it.
pub struct Kept {
    /// The journal.
    pub journal: Arc<dyn Journal>,
    /// What the account spends, and is about to send.
    pub account: Account,
    place: Place,
    leadership: Leadership,
    /// Where it was free when the journal was opened.
    lead: Option<Lead>,
    leads: watch::Sender<bool>,
}

impl Kept {
    /// Opens what an agent needs, and says where it is and what was wrong with it.
    pub async fn open(output: Output, journaling: &Journaling, subject: &Subject) -> Result<Self, Failure> {
        let place = subject.sending(journaling);
        let sending = Store::open(place.clone()).await?;
        if let Some(aside) = sending.set_aside() {
            let aside = aside.display();
            tracing::warn!(%place, %aside, "what this account spent was damaged; today's bound begins anew");
        }
        // What must not be done twice at once spends from one purse, and sends one thing after another.
        let (account, leadership) = (sending.account(&subject.lead_name()), sending.leadership(&subject.lead_name()));
        let (lead, journal) = (leadership.take().await?, subject.journal(journaling));
        // Whoever stands by leaves a file as it is that another one writes.
        let store = match lead {
            Some(_) => Store::open(journal.clone()).await?,
            None => Store::open_sound(journal.clone()).await?,
        };
        let journal = read(output, &store, &journal, subject).await?;
        Ok(Self { journal, account, place, leadership, lead, leads: watch::Sender::new(false) })
    }

    /// The same for one who sends nothing, and only has to be the one writer.
    pub async fn reading(output: Output, place: Place, subject: &Subject) -> Result<Self, Failure> {
        let store = Store::open(place.clone()).await?;
        let (journal, leadership) =
            (read(output, &store, &place, subject).await?, store.leadership(&subject.lead_name()));
        let (account, leads) = (Account::default(), watch::Sender::new(false));
        Ok(Self { journal, account, place, leadership, lead: None, leads })
    }

    /// Whether this program leads.
    pub fn leads(&self) -> watch::Receiver<bool> {
        self.leads.subscribe()
    }

    /// Waits until no other program with the same key acts; `None` where it is interrupted before.
    pub async fn lead(&mut self, output: Output, interrupt: &mut Interrupt) -> Result<Option<Leading>, Failure> {
        let mut was_told = false;
        loop {
            let free = match self.lead.take() {
                None => self.leadership.take().await?,
                lead => lead,
            };
            if let Some(lead) = free {
                if was_told {
                    output.progress("the other one is gone; taking over");
                }
                self.leads.send_replace(true);
                return Ok(Some(Leading { lead, place: self.place.clone() }));
            }
            if !was_told {
                output.progress("another one with this key acts; standing by");
                was_told = true;
            }
            tokio::select! {
                () = sleep(BREATH) => {}
                heard = interrupt.heard() => return heard.map(|()| None).map_err(Failure::from),
            }
        }
    }
}

async fn read(output: Output, store: &Store, place: &Place, subject: &Subject) -> Result<Arc<dyn Journal>, Failure> {
    if let Some(aside) = store.set_aside() {
        tracing::warn!(%place, aside = %aside.display(), "the journal was damaged; it is read from the chain again");
    }
    let journal = store.journal(&subject.name()).await?;
    output.progress(format_args!("what it reads is kept in {place}"));
    Ok(Arc::new(journal))
}

/// This program acts, and no other one with its key.
pub struct Leading {
    lead: Lead,
    place: Place,
}

impl Leading {
    /// Returns when that may no longer be so.
    pub async fn lost(&mut self) -> io::Error {
        while self.lead.is_held().await {
            sleep(BREATH).await;
        }
        io::Error::other(format!("the connection to {} was lost, and with it the right to act alone", self.place))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::Other(error.into())
    }
}
