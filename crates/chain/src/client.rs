//! The nodes of a chain, asked over HTTP; every question has a name and a time limit.

mod endpoints;
mod error;
mod transport;

use std::{future::Future, sync::Arc, time::Duration};

use alloy::{
    consensus::BlockHeader,
    eips::{BlockId, BlockNumberOrTag},
    network::TransactionBuilder,
    primitives::{Address, B256, Bloom, Bytes, U256},
    providers::{Provider, RootProvider},
    rpc::{
        client::RpcClient,
        types::{Block, Filter, Log, TransactionInput, TransactionRequest},
    },
    sol_types::SolCall,
    transports::{TransportResult, utils::guess_local_url},
};
pub use endpoints::EndpointSettings;
use endpoints::Endpoints;
pub use error::ClientError;
use journal::BlockRef;
use tokio::sync::Mutex;
pub use transport::http_client;

use crate::fees::{Fees, Quote};

/// The most gas one transaction may use on Ethereum since Osaka (EIP-7825).
pub const TRANSACTION_GAS_CAP: u64 = 16_777_216;

/// How nodes are asked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long one node may take for a request.
    pub request_timeout: Duration,
    /// For how long a quote of fees is used again.
    pub fees_kept: Duration,
    /// How several nodes are used.
    pub endpoints: EndpointSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(20),
            fees_kept: Duration::from_secs(1),
            endpoints: EndpointSettings::default(),
        }
    }
}

/// What is asked of a contract, read-only or as a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The contract; `None` creates one.
    pub to: Option<Address>,
    /// Call data, or creation code with its arguments.
    pub data: Bytes,
    /// Ether that goes with it, wei.
    pub value: U256,
    /// From when on it is worth nothing, Unix seconds by the chain's clock.
    pub deadline: Option<u64>,
}

/// Call data with which a contract refused, empty where it gave none.
pub type Revert = Bytes;

/// The newest block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number and hash.
    pub block: BlockRef,
    /// Hash of the block before it.
    pub parent: B256,
    /// When it was made, Unix seconds: the time that counts.
    pub timestamp: u64,
    /// Its base fee, wei per gas; zero on chains without.
    pub base_fee: u64,
}

/// What is known of a mined transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction.
    pub transaction: B256,
    /// Where it was mined.
    pub block: BlockRef,
    /// Whether it took effect.
    pub succeeded: bool,
    /// What it used.
    pub gas_used: u64,
    /// What it paid for that, wei per gas.
    pub gas_price: u128,
    /// What it created.
    pub created: Option<Address>,
}

/// The nodes of a known chain. Clones share connections, and what is known of the nodes.
#[derive(Clone, Debug)]
pub struct Client {
    provider: RootProvider,
    endpoints: Endpoints,
    chain_id: u64,
    settings: Settings,
    quote: Arc<Mutex<Option<Quote>>>,
}

impl Client {
    /// Connects to `url` (http or https) and asks which chain it serves.
    pub async fn connect(url: &str, settings: Settings) -> Result<Self, ClientError> {
        Self::connect_all(&[url], settings).await
    }

    /// Connects to several nodes of one chain. One that answers is enough, and any that answers for another chain is an
    /// error. The first is asked, and while it fails or lags the next.
    pub async fn connect_all(urls: &[impl AsRef<str>], settings: Settings) -> Result<Self, ClientError> {
        let endpoints = Endpoints::new(urls, &settings)?;
        let is_local = urls.iter().all(guess_local_url);
        let provider = RootProvider::new(RpcClient::new(endpoints.clone(), is_local));
        let chain_id = endpoints.verify(settings.request_timeout).await?;
        Ok(Self { provider, endpoints, chain_id, settings, quote: Arc::default() })
    }

    /// Fails unless the chain is `expected` and there is code at each of `contracts`. Of several nodes, those without are
    /// not asked as long as they lack it.
    pub async fn expect(&self, expected: u64, contracts: &[Address]) -> Result<(), ClientError> {
        if self.chain_id != expected {
            return Err(ClientError::WrongChain { expected, found: self.chain_id });
        }
        self.endpoints.require_code(contracts).await
    }

    /// How each node is: its scheme, host and port, and `good`, `failing`, `behind`, `another fork`, `another chain`,
    /// `no contract` or `unverified`.
    pub fn nodes(&self) -> Vec<(String, &'static str)> {
        self.endpoints.conditions()
    }

    /// How often another node came to be asked: answers from before and after may not fit together.
    pub fn switches(&self) -> u64 {
        self.endpoints.switches()
    }

    /// The code at an address; empty where there is no contract.
    pub async fn code(&self, address: Address) -> Result<Bytes, ClientError> {
        self.ask("eth_getCode", self.provider.get_code_at(address)).await
    }

    /// The chain it serves.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The provider, for requests that this client does not name.
    pub const fn provider(&self) -> &RootProvider {
        &self.provider
    }

    /// The newest block. From time to time, all nodes are compared beside.
    pub async fn head(&self) -> Result<Head, ClientError> {
        Ok(self.head_and_bloom().await?.0)
    }

    /// The newest block, and a filter of all that it emitted.
    pub(crate) async fn head_and_bloom(&self) -> Result<(Head, Bloom), ClientError> {
        self.endpoints.survey_if_due();
        let head = self.block_and_bloom(BlockNumberOrTag::Latest).await?;
        head.ok_or(ClientError::NoHead)
    }

    /// The block at a height; `None` where the chain does not reach it.
    pub async fn block(&self, number: BlockNumberOrTag) -> Result<Option<Head>, ClientError> {
        Ok(self.block_and_bloom(number).await?.map(|(head, _)| head))
    }

    async fn block_and_bloom(&self, number: BlockNumberOrTag) -> Result<Option<(Head, Bloom)>, ClientError> {
        let block = self.ask("eth_getBlockByNumber", async { self.provider.get_block_by_number(number).await }).await?;
        let head = |block: &Block| Head {
            block: BlockRef { number: block.header.number(), hash: block.header.hash },
            parent: block.header.parent_hash(),
            timestamp: block.header.timestamp(),
            base_fee: block.header.base_fee_per_gas().unwrap_or(0),
        };
        Ok(block.map(|block| (head(&block), block.header.logs_bloom())))
    }

    /// Logs that match, in order.
    pub async fn logs(&self, filter: &Filter) -> Result<Vec<Log>, ClientError> {
        self.ask("eth_getLogs", self.provider.get_logs(filter)).await
    }

    /// Balance in wei.
    pub async fn balance(&self, account: Address) -> Result<U256, ClientError> {
        self.ask("eth_getBalance", self.provider.get_balance(account)).await
    }

    /// Asks a view function at the newest block.
    pub async fn read<C: SolCall>(&self, contract: Address, call: &C) -> Result<C::Return, ClientError> {
        let request = Request::call(contract, call.abi_encode().into());
        let answer = self.simulate(Address::ZERO, &request, BlockId::latest()).await?;
        let data = answer.map_err(|revert| ClientError::Reverted { function: C::SIGNATURE, revert })?;
        C::abi_decode_returns(&data).map_err(|source| ClientError::Undecodable { function: C::SIGNATURE, source })
    }

    /// Runs a request on the state after `block` without sending it: what it returns, or how it is refused.
    pub async fn simulate(
        &self,
        from: Address,
        request: &Request,
        block: BlockId,
    ) -> Result<Result<Bytes, Revert>, ClientError> {
        let call = self.provider.call(request.to_call(from)).block(block);
        let answer = self.ask("eth_call", call).await;
        match answer {
            Ok(data) => Ok(Ok(data)),
            Err(error) => error.into_revert().map(Err),
        }
    }

    /// Gas a transaction would use on the newest state, without any margin.
    pub async fn estimate_gas(&self, from: Address, request: &Request) -> Result<u64, ClientError> {
        self.ask("eth_estimateGas", self.provider.estimate_gas(request.to_call(from)).block(BlockId::latest())).await
    }

    /// How many transactions of `account` the chain holds, or with `BlockId::pending()` those waiting too.
    pub async fn transaction_count(&self, account: Address, block: BlockId) -> Result<u64, ClientError> {
        self.ask("eth_getTransactionCount", self.provider.get_transaction_count(account).block_id(block)).await
    }

    /// A transaction's receipt once it is mined.
    pub async fn receipt(&self, transaction: B256) -> Result<Option<Receipt>, ClientError> {
        let receipt = self.ask("eth_getTransactionReceipt", self.provider.get_transaction_receipt(transaction)).await?;
        Ok(receipt.and_then(|receipt| {
            Some(Receipt {
                transaction,
                block: BlockRef { number: receipt.block_number?, hash: receipt.block_hash? },
                succeeded: receipt.status(),
                gas_used: receipt.gas_used,
                gas_price: receipt.effective_gas_price,
                created: receipt.contract_address,
            })
        }))
    }

    /// Offers a signed transaction to the node.
    pub async fn send_raw(&self, transaction: &[u8]) -> Result<(), ClientError> {
        let sent = async { self.provider.send_raw_transaction(transaction).await.map(|_| ()) };
        self.ask("eth_sendRawTransaction", sent).await
    }

    /// What to pay for gas now.
    pub async fn fees(&self) -> Result<Fees, ClientError> {
        let mut quote = self.quote.lock().await;
        if let Some(fees) = quote.as_ref().and_then(|quote| quote.fees_within(self.settings.fees_kept)) {
            return Ok(fees);
        }
        let tip = self.ask("eth_maxPriorityFeePerGas", self.provider.get_max_priority_fee_per_gas()).await;
        let fees = Fees::quote(self.head().await?.base_fee, tip.map(Some).or_else(ClientError::into_unsupported)?);
        *quote = Some(Quote::now(fees));
        Ok(fees)
    }

    async fn ask<T>(
        &self,
        method: &'static str,
        question: impl IntoFuture<Output = TransportResult<T>, IntoFuture: Future>,
    ) -> Result<T, ClientError> {
        let limit = self.settings.request_timeout * u32::try_from(self.endpoints.count()).unwrap_or(u32::MAX);
        match tokio::time::timeout(limit, question.into_future()).await {
            Ok(answer) => answer.map_err(|source| ClientError::Request { method, source }),
            Err(_) => Err(ClientError::Timeout { method, limit }),
        }
    }
}

impl Request {
    /// A call of `contract`, without ether.
    pub const fn call(contract: Address, data: Bytes) -> Self {
        Self { to: Some(contract), data, value: U256::ZERO, deadline: None }
    }

    /// Creates a contract, without ether.
    pub const fn create(data: Bytes) -> Self {
        Self { to: None, data, value: U256::ZERO, deadline: None }
    }

    /// The same with so many wei.
    #[must_use]
    pub fn paying(self, wei: u128) -> Self {
        Self { value: U256::from(wei), ..self }
    }

    /// The same, worth nothing from `deadline` on (Unix seconds by the chain's clock): nothing is sent then, and what
    /// still waits is taken back.
    #[must_use]
    pub fn until(self, deadline: Option<u64>) -> Self {
        Self { deadline, ..self }
    }

    fn to_call(&self, from: Address) -> TransactionRequest {
        let mut call =
            TransactionRequest::default().with_from(from).with_value(self.value).with_gas_limit(TRANSACTION_GAS_CAP);
        // Not every node knows the newer of the two names, or takes `null` for what is to be left out.
        call.input = TransactionInput::both(self.data.clone());
        match self.to {
            Some(to) => call.with_to(to),
            None => call,
        }
    }
}
