//! A relay on a node: accounts without ether mix, offer and pay by what they sign.

use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use bindings::{
    Action, Call, Deployment, Domain, Refused, SignedAction, Target,
    contracts::{Transax, TransaxSigned},
    sign_certificate, sign_mix,
};
use chain::{
    Outcome, Request, SubmitSettings, Submitter,
    anvil::{Anvil, Options, dev_keys},
    deploy_market, deploy_token,
};
use http_fuzzer::{Fuzzer, Good};
use serde::de::DeserializeOwned;
use transax::{Authorization, Mix, Params, PostingTerms, PriceRule, Side};
use transax_relay::{Accepted, HandInError, Order, Policy, Relay, Relays, Terms, router};
use units::{GroupId, IntervalIndex, Money, Price, WattHours};
use web::{AskError, ErrorAnswer};

const FEE: Money = Money(1000);
const COIN: Money = Money(2_000_000);
const HOMES: usize = 3;

struct Stage {
    anvil: Anvil,
    keys: Vec<PrivateKeySigner>,
    deployment: Deployment,
    url: String,
    now: u64,
}

impl Stage {
    /// A market with three homes of one group, which have 1,000 Wh to consume in each of eight intervals, and a relay.
    async fn set() -> Self {
        let options = Options::default();
        let (keys, now) = (dev_keys(options.accounts), options.timestamp);
        let anvil = Anvil::start(options).await.expect("a node");
        let mut dso = submitter(&anvil, &keys[0]);
        let token = deploy_token(&mut dso).await.expect("a token");
        let params = Params {
            dso: keys[0].address(),
            token,
            genesis: now + 3600,
            interval_seconds: 900,
            clear_intervals: 1,
            plan_horizon: 8,
            offer_horizon: 96,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        };
        let deployment = deploy_market(&mut dso, &params).await.expect("a market");
        let mut stage = Self { anvil, keys, deployment, url: String::new(), now };
        stage.must(0, &Call::AddGroup { internal_limit: None, external_limit: None }).await;
        for home in 1..=HOMES {
            stage.move_in(home).await;
        }
        stage.url = stage.open_relay().await;
        stage
    }

    async fn move_in(&self, home: usize) {
        let (account, meter) = (self.keys[home].address(), Address::repeat_byte(u8::try_from(home).expect("few")));
        let (limit, amount) = (WattHours(1000), Money(10_000_000));
        let register =
            Call::RegisterSmartMeter { meter, group: GroupId(0), production_limit: limit, consumption_limit: limit };
        self.must(0, &register).await;
        self.must(0, &Call::Mint { account, amount }).await;
        let Domain { chain_id, market } = self.domain();
        let certificate = sign_certificate(&self.keys[0], chain_id, market, account, meter).expect("a certificate");
        let (first, last) = (IntervalIndex(0), IntervalIndex(7));
        for call in [
            Call::RegisterProsumer { meter, certificate },
            Call::WithdrawAssets { side: Side::Buy, first, last, energy: limit },
            Call::Approve { spender: market, amount },
            Call::DepositCredits { amount },
        ] {
            self.must(home, &call).await;
        }
    }

    async fn open_relay(&self) -> String {
        let policy = Policy { least_fee: FEE, least_seconds: 10 };
        let relay = Relay::new(submitter(&self.anvil, &self.keys[9]), self.domain(), policy);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(web::serve(listener, router(relay), std::future::pending()));
        url
    }

    async fn must(&self, key: usize, call: &Call) {
        let to = if call.target() == Target::Market { self.deployment.market } else { self.deployment.token };
        let request = Request::call(to, call.data().expect("figures that fit"));
        let outcome = submitter(&self.anvil, &self.keys[key]).submit(&call.to_string(), &request).await;
        assert!(matches!(outcome, Ok(Outcome::Landed(_))), "{call}: {outcome:?}");
    }

    const fn domain(&self) -> Domain {
        Domain { chain_id: self.deployment.chain_id, market: self.deployment.market }
    }

    async fn order<T: DeserializeOwned>(&self, order: &Order) -> (u16, T) {
        let http = chain::http_client(&self.url, std::time::Duration::from_secs(30)).expect("a client");
        let body = serde_json::to_vec(order).expect("plain data");
        let answer = http.post(format!("{}/v1/orders", self.url)).body(body).send().await.expect("an answer");
        let (status, text) = (answer.status().as_u16(), answer.text().await.expect("text"));
        (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    async fn credits(&self, account: Address) -> Money {
        let held = self.anvil.client().read(self.deployment.market, &Transax::accountsCall { account }).await;
        Money(held.expect("an account")._0.to())
    }

    async fn held(&self, account: Address) -> u32 {
        let interval = "3".parse().expect("a number");
        let call = TransaxSigned::freeAssetsInCall { group: 0, account, side: 1, interval };
        self.anvil.client().read(self.deployment.market, &call).await.expect("assets")
    }

    /// The homes' joint transaction to three fresh accounts, signed by all.
    fn mix(&self, outputs: &[PrivateKeySigner]) -> Order {
        let mut homes: Vec<&PrivateKeySigner> = self.keys[1..=HOMES].iter().collect();
        homes.sort_unstable_by_key(|key| key.address());
        let mut outputs: Vec<Address> = outputs.iter().map(PrivateKeySigner::address).collect();
        outputs.sort_unstable();
        let joint = Mix {
            group: GroupId(0),
            side: Side::Buy,
            first: IntervalIndex(0),
            amounts: vec![[1000; 8]],
            credits: COIN,
            fee: FEE,
            relay: Some(self.keys[9].address()),
            deadline: self.now + 600,
            inputs: homes.iter().map(|key| key.address()).collect(),
            nonces: vec![0; HOMES],
            outputs,
        };
        let sign = |key: &&PrivateKeySigner| sign_mix(*key, self.domain(), &joint).expect("a signature");
        let signatures = homes.iter().map(sign).collect();
        Order::Mix { joint, signatures }
    }

    fn offer(&self, key: &PrivateKeySigner, nonce: u32, fee: Money) -> Order {
        let by = Authorization { account: key.address(), nonce, deadline: self.now + 600, fee, relay: None };
        let terms = PostingTerms {
            group: GroupId(0),
            side: Side::Buy,
            energy: WattHours(600),
            price: Price(100_000),
            start: IntervalIndex(3),
            end: IntervalIndex(4),
        };
        let action = Action::PostOffer(terms);
        Order::Action(SignedAction::sign(key, self.domain(), by, action).expect("a signature"))
    }
}

fn submitter(anvil: &Anvil, key: &PrivateKeySigner) -> Submitter<Refused> {
    Submitter::new(anvil.client().clone(), key.clone(), SubmitSettings::default(), Refused::decode)
}

fn fresh() -> Vec<PrivateKeySigner> {
    (0..3).map(|i| PrivateKeySigner::from_bytes(&B256::repeat_byte(0x40 + i)).expect("a key")).collect()
}

#[tokio::test]
async fn accounts_without_ether_mix_and_offer() {
    let (stage, anonymous) = (Stage::set().await, fresh());
    let relay = stage.keys[9].address();
    let (status, mixed) = stage.order::<Accepted>(&stage.mix(&anonymous)).await;
    assert_eq!(status, 200);
    assert!(mixed.gas_used > 100_000, "{mixed:?}");
    for account in anonymous.iter().map(PrivateKeySigner::address) {
        assert_eq!((stage.credits(account).await, stage.held(account).await), (COIN, 1000));
    }
    assert_eq!(stage.credits(relay).await, Money(3 * FEE.0));

    let order = stage.offer(&anonymous[0], 0, FEE);
    let (status, posted) = stage.order::<Accepted>(&order).await;
    assert_eq!(status, 200);
    let account = anonymous[0].address();
    assert_eq!((stage.credits(account).await, stage.held(account).await), (Money(COIN.0 - FEE.0 - 60_000), 400));
    // Handing it in again does nothing more.
    assert_eq!(stage.order::<Accepted>(&order).await, (200, posted));
    assert_eq!(stage.credits(relay).await, Money(4 * FEE.0));
}

#[tokio::test]
async fn nothing_is_sent_that_would_not_be_carried_out() {
    let (stage, anonymous) = (Stage::set().await, fresh());
    let declined = async |order: &Order| {
        let (status, ErrorAnswer { error }) = stage.order(order).await;
        (status, error)
    };
    // Of an account that has nothing.
    let (status, error) = declined(&stage.offer(&anonymous[0], 0, FEE)).await;
    assert!(status == 409 && error.contains("0 base units of credits are free"), "{status}: {error}");
    let (status, error) = declined(&stage.offer(&anonymous[0], 0, Money(1))).await;
    assert!(status == 422 && error.contains("pays 1 base units"), "{status}: {error}");
    let Order::Mix { joint, mut signatures } = stage.mix(&anonymous) else { unreachable!("a mix") };
    signatures.swap(0, 1);
    let (status, error) = declined(&Order::Mix { joint, signatures }).await;
    assert!(status == 422 && error.contains("not signed by everybody"), "{status}: {error}");
    let used = stage.anvil.client().transaction_count(stage.keys[9].address(), alloy::eips::BlockId::latest()).await;
    assert_eq!(used.expect("a count"), 0, "the relay paid for nothing");
}

#[tokio::test]
async fn a_relay_says_what_it_asks_for() {
    let stage = Stage::set().await;
    let http = chain::http_client(&stage.url, std::time::Duration::from_secs(30)).expect("a client");
    let answer = http.get(format!("{}/v1/terms", stage.url)).send().await.expect("an answer");
    let terms: Terms = serde_json::from_str(&answer.text().await.expect("text")).expect("terms");
    let Domain { chain_id, market } = stage.domain();
    let relay = stage.keys[9].address();
    assert_eq!(terms, Terms { chain_id, market, relay, least_fee: FEE, least_seconds: 10 });
    let (status, ErrorAnswer { error }) = {
        let answer = http.post(format!("{}/v1/orders", stage.url)).body("{}").send().await.expect("an answer");
        (answer.status(), serde_json::from_str(&answer.text().await.expect("text")).expect("an error"))
    };
    assert!(status == 400 && error.contains("no order"), "{status}: {error}");
}

#[tokio::test]
async fn orders_go_to_the_next_relay_where_one_is_away() {
    let (stage, anonymous) = (Stage::set().await, fresh());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let away = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let relays = Relays::new(&[away.clone(), stage.url.clone()]).expect("a client");
    let mixed = relays.hand_in(&stage.mix(&anonymous)).await.expect("one of the two carries it out");
    assert!(mixed.gas_used > 100_000, "{mixed:?}");
    for account in &anonymous {
        relays.hand_in(&stage.offer(account, 0, FEE)).await.expect("it is carried out");
    }
    let again = relays.hand_in(&stage.offer(&anonymous[0], 7, FEE)).await.expect_err("7 is not the next nonce");
    assert!(again.is_the_markets(), "{again}");
    let none = Relays::new(&[away]).expect("a client").hand_in(&stage.offer(&anonymous[0], 2, FEE)).await;
    assert!(matches!(none, Err(HandInError::Ask(AskError::Request { .. }))), "{none:?}");
}

#[tokio::test]
async fn no_request_is_answered_by_a_fault_of_the_relay() {
    let (stage, anonymous) = (Stage::set().await, fresh());
    let orders = [stage.mix(&anonymous), stage.offer(&anonymous[0], 0, FEE), stage.offer(&anonymous[1], 7, FEE)];
    let orders =
        orders.map(|order| Good::new("POST", "/v1/orders").json(serde_json::to_vec(&order).expect("plain data")));
    let known = [Good::get("/v1/terms").steady(), Good::get("/v1/health").steady()];
    let mut fuzzer = Fuzzer::new(&stage.url, 2, known.into_iter().chain(orders));
    fuzzer.run(3000).await;
    fuzzer.came_to(&[200, 400, 404, 405, 409, 422]);
    // Whatever was asked, whoever has signed is served.
    let (status, _) = stage.order::<Accepted>(&stage.offer(&anonymous[2], 0, FEE)).await;
    assert_eq!(status, 200);
}
