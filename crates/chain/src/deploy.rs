//! Brings a market to a chain.

use alloy::primitives::{Address, Bytes};
use bindings::{Deployment, OutOfRange, Refused, market_creation, token_creation};
use thiserror::Error;
use transax::Params;

use crate::{Outcome, Receipt, Request, SubmitError, Submitter};

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
    let (market, receipt) = create_contract(deployer, "market", market_creation(params)?).await?;
    let chain_id = deployer.client().chain_id();
    Ok(Deployment { chain_id, market, token: params.token, block: receipt.block.number })
}

/// Creates a contract, called `contract` in errors, and returns its address.
pub async fn create_contract<R: std::error::Error + 'static>(
    deployer: &mut Submitter<R>,
    contract: &'static str,
    data: Bytes,
) -> Result<(Address, Receipt), DeployError<R>> {
    // The key names the code too: a second market is another intent than the same one again.
    let key = format!("deploy {contract} {}", alloy::primitives::keccak256(&data));
    let submitted = deployer.submit(&key, &Request::create(data)).await;
    match submitted.map_err(|source| DeployError::Submit { contract, source })? {
        Outcome::Landed(receipt) => {
            receipt.created.map(|address| (address, receipt)).ok_or(DeployError::Failed { contract })
        }
        Outcome::Refused(source) => Err(DeployError::Refused { contract, source }),
        Outcome::Raced { .. } => Err(DeployError::Failed { contract }),
    }
}
