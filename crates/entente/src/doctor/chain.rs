//! The node, and what is on its chain.

use std::time::{SystemTime, UNIX_EPOCH};

use ::chain::{Client, Head};
use alloy::primitives::{Address, Bytes, U256, utils::format_ether};
use bindings::{
    contracts::{Modicum, SolidWorx, Transax, TransaxSigned},
    is_compiled_from,
};

use super::{Findings, Patient, connect};
use crate::{
    cli::{At, AtModicum},
    exit::Failure,
    keeping::Subject,
    modicum, output, session, solidworx,
};

/// A newest block older than this is worth a look, seconds: Ethereum makes one every 12.
const OLD: u64 = 120;
/// How far clocks may be apart, seconds.
const SKEW: u64 = 15;
/// What a wallet should be able to pay for: about ten transactions of a solver.
const GAS_IN_HAND: u128 = 10_000_000;

/// Where a market is.
pub struct Market {
    chain_id: u64,
    rpc: String,
    first_block: u64,
    address: Address,
    /// What should be where.
    contracts: Vec<(&'static str, Address, &'static Bytes)>,
}

impl Market {
    /// What is followed of it for an account.
    pub fn subject(&self, account: Address) -> Subject {
        let Self { chain_id, first_block, address, .. } = *self;
        Subject { chain_id, contracts: vec![address], first_block, account }
    }
}

/// Examines the market of an agent that has one.
pub async fn examine(findings: &mut Findings, patient: &Patient, account: Option<Address>) -> Option<Market> {
    if !has_market(patient) {
        return None;
    }
    let market = match written_down(patient).await {
        Ok(market) => market,
        Err(failure) => {
            findings.fail("deployment", failure.message(), "put the file there that deploy wrote, and name it");
            return None;
        }
    };
    findings.ok("deployment", format!("the market is {} on chain {}", market.address, market.chain_id));
    let client = match connect(patient, &market.rpc).await {
        Ok(client) => client,
        Err(failure) => {
            let remedy = "start the node, or name another with --rpc or ENTENTE_RPC";
            findings.fail("node", patient.setting.redact(&failure.message()), remedy);
            return Some(market);
        }
    };
    if client.chain_id() != market.chain_id {
        let finding = format!("the node serves chain {}, and the market is on {}", client.chain_id(), market.chain_id);
        findings.fail("node", finding, "name a node of the market's chain with --rpc or ENTENTE_RPC");
        return Some(market);
    }
    match client.head().await {
        Ok(head) => clock(findings, head),
        Err(error) => findings.fail("node", patient.setting.redact(&error.to_string()), "look at the node's log"),
    }
    for (name, condition) in client.nodes() {
        if condition != "good" {
            findings.warn("node", format!("{name} is not asked: {condition}"), "look at its log, or name another");
        }
    }
    contracts(findings, patient, &client, &market).await;
    if let Some(account) = account {
        ether(findings, patient, &client, account).await;
    }
    Some(market)
}

/// A board and a directory of jobs know no chain, nor does anybody of `MinT`.
fn has_market(patient: &Patient) -> bool {
    match patient.system() {
        "transax" => patient.has_key(),
        system => matches!(system, "solidworx" | "modicum"),
    }
}

async fn written_down(patient: &Patient) -> Result<Market, Failure> {
    match patient.system() {
        "solidworx" => {
            let at =
                At { market: patient.option("market").unwrap_or_default(), directory: patient.option("directory") };
            let known = solidworx::Known::find(&at).await?;
            let contracts = vec![("SolidWorx", known.market, &SolidWorx::DEPLOYED_BYTECODE)];
            Ok(Market {
                chain_id: known.chain_id,
                rpc: known.rpc,
                first_block: known.block,
                address: known.market,
                contracts,
            })
        }
        "modicum" => {
            let known = modicum::Known::read(&patient.option::<std::path::PathBuf>("market").unwrap_or_default())?;
            let contracts = vec![("Modicum", known.market, &Modicum::DEPLOYED_BYTECODE)];
            Ok(Market {
                chain_id: known.chain_id,
                rpc: known.rpc,
                first_block: known.block,
                address: known.market,
                contracts,
            })
        }
        _ => {
            let deployment = patient.setting.deployment()?;
            // Its constructor makes the other half, as its first creation (EIP-161).
            let signed = deployment.market.create(1);
            let contracts = vec![
                ("Transax", deployment.market, &Transax::DEPLOYED_BYTECODE),
                ("TransaxSigned", signed, &TransaxSigned::DEPLOYED_BYTECODE),
            ];
            Ok(Market {
                chain_id: deployment.chain_id,
                rpc: deployment.rpc,
                first_block: deployment.block,
                address: deployment.market,
                contracts,
            })
        }
    }
}

/// Compares the newest block's time with this machine's.
fn clock(findings: &mut Findings, head: Head) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let number = head.block.number;
    if head.timestamp > now + SKEW {
        let ahead = output::duration(head.timestamp - now);
        let finding = format!("block {number} is {ahead} ahead of this machine's clock");
        findings.warn("clock", finding, "set the clock (timedatectl set-ntp true); agents go by the chain's");
    } else if now.saturating_sub(head.timestamp) > OLD {
        let age = output::duration(now - head.timestamp);
        let finding = format!("the newest block, {number}, is {age} old");
        findings.warn("node", finding, "the node may still be synchronising, or have lost its peers");
    } else {
        findings.ok("node", format!("it answers; block {number} is {} s old", now.saturating_sub(head.timestamp)));
    }
}

async fn contracts(findings: &mut Findings, patient: &Patient, client: &Client, market: &Market) {
    for (name, address, artifact) in &market.contracts {
        match client.code(*address).await {
            Ok(code) if is_compiled_from(&code, artifact) => {
                findings.ok("contract", format!("{name} at {address} is what this program was built for"));
            }
            Ok(code) if code.is_empty() => {
                let remedy = "the deployment file is of another chain, or of one that was begun anew: deploy again";
                findings.fail("contract", format!("there is no contract at {address}"), remedy);
                return;
            }
            Ok(_) => findings.fail(
                "contract",
                format!("the code at {address} is not the {name} that this program was built for"),
                "use the release with which the market was deployed",
            ),
            Err(error) => {
                findings.fail("contract", patient.setting.redact(&error.to_string()), "look at the node's log");
            }
        }
    }
    let agrees = match patient.system() {
        "modicum" => {
            let at = AtModicum { market: patient.option("market").unwrap_or_default() };
            modicum::Session::open(&patient.setting, &at).await.map(|_| ())
        }
        "solidworx" => {
            let at =
                At { market: patient.option("market").unwrap_or_default(), directory: patient.option("directory") };
            solidworx::Session::open(&patient.setting, &at).await.map(|_| ())
        }
        _ => session::Session::open(&patient.setting).await.map(|_| ()),
    };
    match agrees {
        Ok(()) => findings.ok("terms", "the contract says the same as the deployment file"),
        Err(failure) => findings.fail(
            "terms",
            patient.setting.redact(&failure.message()),
            "get the deployment file of this market from whoever deployed it",
        ),
    }
}

async fn ether(findings: &mut Findings, patient: &Patient, client: &Client, account: Address) {
    let asked = async { Ok::<_, ::chain::ClientError>((client.balance(account).await?, client.fees().await?)) }.await;
    let (balance, fees) = match asked {
        Ok(answer) => answer,
        Err(error) => {
            return findings.fail("ether", patient.setting.redact(&error.to_string()), "look at the node's log");
        }
    };
    let needed = U256::from(fees.max_fee.saturating_mul(GAS_IN_HAND));
    let (has, needs) = (format_ether(balance), format_ether(needed));
    if balance.is_zero() {
        findings.fail("ether", format!("{account} has none"), format!("send it about {needs} ether for gas"));
    } else if balance < needed {
        let finding = format!("{account} has {has}; ten large transactions may take {needs}");
        findings.warn("ether", finding, "send it more");
    } else {
        findings.ok("ether", format!("{account} has {has}"));
    }
}
