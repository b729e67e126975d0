//! Brings a market to a chain.

use alloy::primitives::{Address, B256, Bytes, address, keccak256};
use bindings::{Deployment, OutOfRange, Refused, market_creation, token_creation};
use thiserror::Error;
use transax::Params;

use crate::{Outcome, Receipt, Request, SubmitError, Submitter};

/// Who creates contracts at addresses that follow from their code, on most chains the same
/// (<https://github.com/Arachnid/deterministic-deployment-proxy>).
pub const DETERMINISTIC_DEPLOYER: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");

/// Why a market could not be deployed. `R` is what its contracts say when they refuse.
#[derive(Debug, Error)]
pub enum DeployError<R: std::error::Error + 'static = Refused> {
    /// A parameter does not fit the contract.
    #[error("the market's parameters do not fit the contract")]
    Params(#[from] OutOfRange),
    /// The contract's constructor refuses them.
    #[error("the {contract} cannot be deployed like this")]
    Refused {
        /// Which contract.
        contract: &'static str,
        /// Why.
        #[source]
        source: R,
    },
    /// The transaction failed although it had been simulated.
    #[error("the deployment of the {contract} failed on the chain")]
    Failed {
        /// Which contract.
        contract: &'static str,
    },
    /// There is none that makes addresses which follow from the code.
    #[error("chain {chain_id} has no deterministic deployer at {DETERMINISTIC_DEPLOYER}; leave the salt out")]
    NoDeployer {
        /// The chain.
        chain_id: u64,
    },
    /// The very same contract is there already.
    #[error("there is such a {contract} at {address} already; another salt makes another one")]
    Exists {
        /// Which contract.
        contract: &'static str,
        /// Where.
        address: Address,
    },
    /// It could not be submitted.
    #[error("the {contract} could not be deployed")]
    Submit {
        /// Which contract.
        contract: &'static str,
        /// Why.
        #[source]
        source: SubmitError,
    },
}

/// Deploys a test token that `deployer` may mint, and returns its address.
pub async fn deploy_token(deployer: &mut Submitter<Refused>) -> Result<Address, DeployError> {
    let (address, _) = create_contract(deployer, "token", token_creation()).await?;
    Ok(address)
}

/// Deploys a market with exactly these parameters, and says where it is.
pub async fn deploy_market(deployer: &mut Submitter<Refused>, params: &Params) -> Result<Deployment, DeployError> {
    deploy_market_at(deployer, params, None).await
}

/// The same; with a salt at the address that follows from it and the parameters, see [`create_with_salt`].
pub async fn deploy_market_at(
    deployer: &mut Submitter<Refused>,
    params: &Params,
    salt: Option<B256>,
) -> Result<Deployment, DeployError> {
    let code = market_creation(params)?;
    let (market, receipt) = match salt {
        Some(salt) => create_with_salt(deployer, "market", code, salt).await?,
        None => create_contract(deployer, "market", code).await?,
    };
    let chain_id = deployer.client().chain_id();
    Ok(Deployment { chain_id, market, token: params.token, block: receipt.block.number })
}

/// Creates a contract, called `contract` in errors, at the address that follows from `salt` and its creation code alone
/// (EIP-1014), whoever sends it and on whichever chain: through [`DETERMINISTIC_DEPLOYER`], which must be there. The caller
/// of the constructor is that deployer, so this is for contracts that do not ask who it is.
pub async fn create_with_salt<R: std::error::Error + 'static>(
    deployer: &mut Submitter<R>,
    contract: &'static str,
    code: Bytes,
    salt: B256,
) -> Result<(Address, Receipt), DeployError<R>> {
    let address = DETERMINISTIC_DEPLOYER.create2(salt, keccak256(&code));
    let client = deployer.client().clone();
    let code_at = async |place| {
        let asked = client.code(place).await;
        asked.map_err(|source| DeployError::Submit { contract, source: source.into() })
    };
    if code_at(DETERMINISTIC_DEPLOYER).await?.is_empty() {
        return Err(DeployError::NoDeployer { chain_id: client.chain_id() });
    }
    if !code_at(address).await?.is_empty() {
        return Err(DeployError::Exists { contract, address });
    }
    let request = Request::call(DETERMINISTIC_DEPLOYER, [salt.as_slice(), &code].concat().into());
    let submitted = deployer.submit(&format!("deploy {contract} at {address}"), &request).await;
    match submitted.map_err(|source| DeployError::Submit { contract, source })? {
        Outcome::Landed(receipt) if !code_at(address).await?.is_empty() => Ok((address, receipt)),
        Outcome::Landed(_) | Outcome::Raced { .. } | Outcome::Expired { .. } | Outcome::Withheld { .. } => {
            Err(DeployError::Failed { contract })
        }
        Outcome::Refused(source) => Err(DeployError::Refused { contract, source }),
    }
}

/// Creates a contract, called `contract` in errors, and returns its address.
pub async fn create_contract<R: std::error::Error + 'static>(
    deployer: &mut Submitter<R>,
    contract: &'static str,
    data: Bytes,
) -> Result<(Address, Receipt), DeployError<R>> {
    // The key names the code too: a second market is another intent than the same one again.
    let key = format!("deploy {contract} {}", keccak256(&data));
    let submitted = deployer.submit(&key, &Request::create(data)).await;
    match submitted.map_err(|source| DeployError::Submit { contract, source })? {
        Outcome::Landed(receipt) => {
            receipt.created.map(|address| (address, receipt)).ok_or(DeployError::Failed { contract })
        }
        Outcome::Refused(source) => Err(DeployError::Refused { contract, source }),
        Outcome::Raced { .. } | Outcome::Expired { .. } | Outcome::Withheld { .. } => {
            Err(DeployError::Failed { contract })
        }
    }
}
