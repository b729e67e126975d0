//! What is written down before it is sent, and what whoever comes after makes of it.

use std::{sync::Arc, time::Duration};

use alloy::{
    eips::BlockId,
    providers::{Provider, ext::AnvilApi},
    rpc::types::anvil::ReorgOptions,
};
use async_trait::async_trait;
use bindings::Refused;
use chain::{Client, Outcome, Receipt, Request, Settings, SubmitError, SubmitSettings, Submitter};
use journal::{Account, JournalError, MemoryOutbox, Outbox, Outgoing, Place, Store};
use tokio::sync::Notify;

use crate::{
    market::{Market, add_group, landed},
    proxy::Proxy,
    submit::{market_with_a_meter, registration},
};

/// Longer than anything takes, and so short that what is not mined is given up.
const PATIENCE: Duration = Duration::from_mins(1);
const IMPATIENCE: Duration = Duration::from_millis(50);

const DAY: u64 = 86_400;

/// Ends a process as soon as something is written down, or fails to write it.
#[derive(Default)]
struct Deadly {
    kept: MemoryOutbox,
    written: Notify,
    fails: bool,
}

#[async_trait]
impl Outbox for Deadly {
    async fn read(&self) -> Result<Option<Outgoing>, JournalError> {
        self.kept.read().await
    }

    async fn write(&self, outgoing: &Outgoing) -> Result<(), JournalError> {
        if self.fails {
            return Err(JournalError::Store("there is no room".into()));
        }
        self.kept.write(outgoing).await?;
        self.written.notify_one();
        std::future::pending().await
    }

    async fn clear(&self) -> Result<(), JournalError> {
        self.kept.clear().await
    }
}

/// Submits for a key of the market, as one process after another does.
struct Life {
    market: Market,
    key: usize,
    account: Account,
}

impl Life {
    async fn begin() -> Self {
        Self { market: Market::deploy().await, key: 0, account: Account::default() }
    }

    fn process(&self, account: &Account, patience: Duration) -> Submitter<Refused> {
        self.process_through(self.market.client(), account, SubmitSettings { patience, ..SubmitSettings::default() })
    }

    fn process_through(&self, client: &Client, account: &Account, settings: SubmitSettings) -> Submitter<Refused> {
        let key = self.market.keys[self.key].clone();
        Submitter::new(client.clone(), key, settings, Refused::decode).keeping(account.clone())
    }

    /// One that begins, until nothing is on its way.
    async fn successor(&self) -> Submitter<Refused> {
        let mut process = self.process(&self.account, PATIENCE);
        process.prepare().await.expect("it is decided");
        process
    }

    /// A process ends after it has written down what it does, and before it sends it.
    async fn killed_before_it_sends(&mut self, key: &str, request: &Request) {
        self.bounded_and_killed_before_it_sends(key, request, None).await;
    }

    /// The same, where so much may be spent on a day.
    async fn bounded_and_killed_before_it_sends(&mut self, key: &str, request: &Request, spend_at_most: Option<u128>) {
        let deadly = Arc::new(Deadly::default());
        let account = Account { outbox: deadly.clone(), ..self.account.clone() };
        let mut process = self.process_through(self.market.client(), &account, bounded(spend_at_most));
        tokio::select! {
            done = process.submit(key, request) => panic!("it goes on: {done:?}"),
            () = deadly.written.notified() => {}
        }
        let written = deadly.read().await.unwrap().expect("it is written down");
        self.account.outbox.write(&written).await.unwrap();
    }

    /// A process ends after it has sent, and before that is mined.
    async fn killed_before_it_is_mined(&self, key: &str, request: &Request) {
        self.mines(false).await;
        let pending = self.process(&self.account, IMPATIENCE).submit(key, request).await.unwrap_err();
        assert!(matches!(pending, SubmitError::Pending { .. }), "{pending:?}");
    }

    async fn mines(&self, mines: bool) {
        self.market.client().provider().anvil_set_auto_mine(mines).await.unwrap();
    }

    /// Whether the node knows what takes back what was sent.
    async fn holds_an_empty_one(&self) -> bool {
        let written = self.account.outbox.read().await.unwrap();
        let Some(empty) = written.and_then(|written| written.empty.last().copied()) else { return false };
        self.market.client().provider().get_transaction_by_hash(empty).await.unwrap().is_some()
    }

    async fn drop_what_waits(&self) {
        self.market.client().provider().anvil_drop_all_transactions().await.unwrap();
    }

    async fn reorganise(&self) {
        let options = ReorgOptions { depth: 1, tx_block_pairs: vec![] };
        self.market.client().provider().anvil_reorg(options).await.unwrap();
    }

    fn add_group(&self) -> Request {
        self.market.request(&add_group())
    }

    async fn sent(&self) -> u64 {
        self.market.transactions_of(self.key).await
    }

    /// There is one group; asking for it again changes nothing.
    async fn is_done_once(&self, process: &mut Submitter<Refused>, before: u64) -> Receipt {
        let receipt = landed(process.submit("a group", &self.add_group()).await.unwrap());
        assert_eq!((self.sent().await, self.market.read_anew().await.len()), (before + 1, 1));
        assert_eq!(self.account.outbox.read().await.unwrap(), None, "it is known what became of it");
        receipt
    }
}

#[tokio::test]
async fn what_was_written_down_and_not_sent_is_sent_by_whoever_comes_after() {
    let mut life = Life::begin().await;
    let before = life.sent().await;
    life.killed_before_it_sends("a group", &life.add_group()).await;
    assert_eq!(life.sent().await, before);
    let mut successor = life.successor().await;
    assert_eq!(life.sent().await, before + 1, "before anything is wanted");
    life.is_done_once(&mut successor, before).await;
}

#[tokio::test]
async fn what_was_mined_while_nobody_was_there_is_not_sent_again() {
    let life = Life::begin().await;
    let before = life.sent().await;
    life.killed_before_it_is_mined("a group", &life.add_group()).await;
    life.market.anvil.mine().await.unwrap();
    life.mines(true).await;
    let mut successor = life.successor().await;
    life.is_done_once(&mut successor, before).await;
}

#[tokio::test]
async fn what_no_node_holds_any_more_is_sent_again_as_it_was() {
    let life = Life::begin().await;
    let before = life.sent().await;
    life.killed_before_it_is_mined("a group", &life.add_group()).await;
    let written = life.account.outbox.read().await.unwrap().expect("it is written down");
    life.drop_what_waits().await;
    life.mines(true).await;
    let mut successor = life.successor().await;
    let receipt = life.is_done_once(&mut successor, before).await;
    assert_eq!(receipt.transaction, alloy::primitives::keccak256(&written.newest));
}

#[tokio::test]
async fn what_waits_still_is_waited_for() {
    let life = Life::begin().await;
    let before = life.sent().await;
    life.killed_before_it_is_mined("a group", &life.add_group()).await;
    let mut successor = life.process(&life.account, IMPATIENCE);
    let pending = successor.prepare().await.unwrap_err();
    assert!(matches!(&pending, SubmitError::Pending { key, .. } if key == "a group"), "{pending:?}");
    life.market.anvil.mine().await.unwrap();
    life.mines(true).await;
    successor.prepare().await.unwrap();
    life.is_done_once(&mut successor, before).await;
}

#[tokio::test]
async fn what_a_reorganisation_undoes_before_anybody_looked_is_done_once() {
    let life = Life::begin().await;
    let before = life.sent().await;
    life.killed_before_it_is_mined("a group", &life.add_group()).await;
    life.market.anvil.mine().await.unwrap();
    life.reorganise().await;
    assert_eq!(life.sent().await, before);
    life.mines(true).await;
    let mut successor = life.successor().await;
    life.is_done_once(&mut successor, before).await;
}

#[tokio::test]
async fn what_a_reorganisation_undoes_after_it_was_known_is_done_once_where_it_is_wanted_again() {
    let life = Life::begin().await;
    let before = life.sent().await;
    life.is_done_once(&mut life.successor().await, before).await;
    life.reorganise().await;
    assert_eq!(life.sent().await, before);
    let mut successor = life.successor().await;
    assert_eq!(life.sent().await, before, "nobody wants it yet");
    life.is_done_once(&mut successor, before).await;
}

#[tokio::test]
async fn what_waits_past_its_deadline_is_taken_back_by_whoever_comes_after() {
    let life = Life::begin().await;
    let (before, now) = (life.sent().await, life.market.client().head().await.unwrap().timestamp);
    let request = life.add_group().until(Some(now + 100));
    life.killed_before_it_is_mined("a group", &request).await;
    let written = life.account.outbox.read().await.unwrap().expect("it is written down");
    life.drop_what_waits().await;
    life.market.anvil.warp_to(now + 100).await.unwrap();
    let _sent = life.market.client().provider().send_raw_transaction(&written.newest).await.unwrap();
    let mut successor = life.process(&life.account, PATIENCE);
    let (prepared, ()) = tokio::join!(successor.prepare(), async {
        // Until the empty one has taken its place, which is sent after it is written down.
        while !life.holds_an_empty_one().await {
            tokio::task::yield_now().await;
        }
        life.mines(true).await;
        life.market.anvil.mine().await.unwrap();
    });
    prepared.unwrap();
    assert_eq!((life.sent().await, life.market.read_anew().await.len()), (before + 1, 0));
    let expired = successor.submit("a group", &request).await.unwrap();
    assert!(matches!(expired, Outcome::Expired { receipt: None }), "{expired:?}");
}

#[tokio::test]
async fn what_is_nowhere_past_its_deadline_is_let_go() {
    let mut life = Life::begin().await;
    let (before, now) = (life.sent().await, life.market.client().head().await.unwrap().timestamp);
    life.killed_before_it_sends("a group", &life.add_group().until(Some(now + 100))).await;
    life.market.anvil.warp_to(now + 100).await.unwrap();
    life.successor().await;
    assert_eq!((life.sent().await, life.account.outbox.read().await.unwrap()), (before, None));
}

#[tokio::test]
async fn what_would_be_refused_by_now_is_let_go() {
    let (market, account) = (market_with_a_meter().await, Account::default());
    let mut life = Life { market, key: 1, account };
    let wanted = registration(&life.market, 1);
    life.killed_before_it_sends("register", &wanted).await;
    landed(life.market.submitter(2).submit("register", &registration(&life.market, 2)).await.unwrap());
    let refused = life.successor().await.submit("register", &wanted).await.unwrap();
    assert!(matches!(refused, Outcome::Refused(_)), "{refused:?}");
    assert_eq!((life.sent().await, life.account.outbox.read().await.unwrap()), (0, None));
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_sent() {
    let life = Life::begin().await;
    let before = life.sent().await;
    let fails = Deadly { fails: true, ..Deadly::default() };
    let mut process = life.process(&Account { outbox: Arc::new(fails), ..Account::default() }, PATIENCE);
    let error = process.submit("a group", &life.add_group()).await.unwrap_err();
    assert!(matches!(error, SubmitError::Outbox(_)) && error.is_retryable(), "{error:?}");
    let held = life.market.client().transaction_count(process.address(), BlockId::pending()).await.unwrap();
    assert_eq!(held, before);
}

fn bounded(spend_at_most: Option<u128>) -> SubmitSettings {
    SubmitSettings { patience: PATIENCE, spend_at_most, ..SubmitSettings::default() }
}

const fn cost(receipt: &Receipt) -> u128 {
    receipt.gas_price * receipt.gas_used as u128
}

#[tokio::test]
async fn what_was_set_aside_is_taken_off_a_day_once_however_often_a_node_fails_meanwhile() {
    let mut life = Life::begin().await;
    let (plenty, group) = (10_u128.pow(18), life.add_group());
    let mut first = life.process_through(life.market.client(), &life.account, bounded(Some(plenty)));
    let spent_before = cost(&landed(first.submit("a group", &group).await.unwrap()));
    life.bounded_and_killed_before_it_sends("another", &group, Some(plenty)).await;
    let day = life.market.client().head().await.unwrap().timestamp / DAY;
    // What was spent, and the most that what is written down may cost.
    let cap = life.account.spending.spent(day).await.unwrap();
    assert!(cap > 2 * spent_before, "{cap} of which {spent_before} are spent");

    let proxy = Proxy::start(&life.market.anvil.url()).await;
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    let mut successor = life.process_through(&client, &life.account, bounded(Some(cap)));
    for asked in ["eth_getTransactionReceipt", "eth_getTransactionReceipt", "eth_getTransactionCount"] {
        proxy.refuse(asked);
        let failed = successor.prepare().await.unwrap_err();
        assert!(matches!(failed, SubmitError::Client(_)), "{failed:?}");
    }
    let spent = spent_before + cost(&landed(successor.submit("another", &group).await.unwrap()));
    assert_eq!(life.account.spending.spent(day).await.unwrap(), spent);
    let refused = successor.submit("one more", &group).await.unwrap_err();
    assert!(matches!(refused, SubmitError::TooDear { spent: told, .. } if told == spent), "{refused:?}");
}

#[tokio::test]
async fn a_file_tells_it_to_whoever_opens_it_next() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("journal.sqlite"));
    let mut life = Life::begin().await;
    let before = life.sent().await;
    let store = Store::open(place.clone()).await.unwrap();
    life.account = store.account("a key");
    life.killed_before_it_is_mined("a group", &life.add_group()).await;
    store.close().await;
    life.drop_what_waits().await;
    life.mines(true).await;
    life.account = Store::open(place).await.unwrap().account("a key");
    let mut successor = life.successor().await;
    life.is_done_once(&mut successor, before).await;
}
