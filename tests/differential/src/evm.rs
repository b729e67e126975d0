//! A chain of one contract and its token, in the process.

use alloy_primitives::{Address, Bytes, Log, TxKind, U256};
use alloy_sol_types::{SolCall, SolConstructor};
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, Output};
use revm::database::InMemoryDB;
use revm::handler::{MainnetContext, MainnetEvm};
use revm::primitives::hardfork::SpecId;
use revm::{Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext};

/// The most gas one transaction may use (EIP-7825).
const GAS: u64 = 16_777_216;

pub struct Evm {
    evm: MainnetEvm<MainnetContext<InMemoryDB>>,
}

/// What a transaction came to.
#[derive(Debug)]
pub enum Outcome {
    Done { output: Bytes, logs: Vec<Log>, gas: u64 },
    Reverted(Bytes),
}

impl Evm {
    pub fn new(time: u64) -> Self {
        let context = Context::mainnet().with_db(InMemoryDB::default()).modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE);
            cfg.disable_nonce_check = true;
        });
        let mut new = Self { evm: context.build_mainnet() };
        new.set_time(time);
        new
    }

    pub fn set_time(&mut self, time: u64) {
        self.evm.ctx.block.timestamp = U256::from(time);
    }

    pub fn deploy<C: SolConstructor>(&mut self, from: Address, bytecode: &Bytes, arguments: &C) -> Address {
        self.create(from, [bytecode.to_vec(), arguments.abi_encode()].concat().into())
    }

    /// Deploys what takes no arguments, or has them behind its code.
    pub fn create(&mut self, from: Address, code: Bytes) -> Address {
        let tx = transaction(from, TxKind::Create, code);
        match self.evm.transact_commit(tx).expect("a valid transaction") {
            ExecutionResult::Success { output: Output::Create(_, Some(address)), .. } => address,
            other => panic!("deployment failed: {other:?}"),
        }
    }

    /// Sends a transaction.
    pub fn send(&mut self, from: Address, to: Address, data: Bytes) -> Outcome {
        let tx = transaction(from, TxKind::Call(to), data);
        outcome(self.evm.transact_commit(tx).expect("a valid transaction"))
    }

    /// Sends what must succeed.
    pub fn must<C: SolCall>(&mut self, from: Address, to: Address, call: &C) {
        let outcome = self.send(from, to, call.abi_encode().into());
        assert!(matches!(outcome, Outcome::Done { .. }), "{} failed: {outcome:?}", C::SIGNATURE);
    }

    /// Calls without changing anything.
    pub fn call<C: SolCall>(&mut self, to: Address, call: &C) -> Outcome {
        let tx = transaction(Address::ZERO, TxKind::Call(to), call.abi_encode().into());
        outcome(self.evm.transact(tx).expect("a valid transaction").result)
    }

    /// Asks without changing anything.
    pub fn view<C: SolCall>(&mut self, to: Address, call: &C) -> C::Return {
        match self.call(to, call) {
            Outcome::Done { output, .. } => C::abi_decode_returns(&output).expect("the interface's own return"),
            Outcome::Reverted(data) => panic!("{} reverted: {data}", C::SIGNATURE),
        }
    }
}

fn transaction(from: Address, kind: TxKind, data: Bytes) -> TxEnv {
    TxEnv::builder().caller(from).kind(kind).data(data).gas_limit(GAS).build_fill()
}

fn outcome(result: ExecutionResult) -> Outcome {
    match result {
        ExecutionResult::Success { output, logs, gas, .. } => {
            Outcome::Done { output: output.into_data(), logs, gas: gas.tx_gas_used() }
        }
        ExecutionResult::Revert { output, .. } => Outcome::Reverted(output),
        ExecutionResult::Halt { reason, .. } => panic!("the machine halted: {reason:?}"),
    }
}
