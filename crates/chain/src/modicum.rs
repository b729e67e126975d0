//! Brings a `Modicum` market to a chain.

use bindings::modicum::{Place, Refused, creation};
use modicum::Config;

use crate::{DeployError, Receipt, Submitter, create_contract};

/// Deploys a market with exactly this configuration, and says where it is.
pub async fn deploy_modicum(
    deployer: &mut Submitter<Refused>,
    config: &Config,
) -> Result<(Place, Receipt), DeployError<Refused>> {
    let (market, receipt) = create_contract(deployer, "market", creation(config)?).await?;
    let chain_id = deployer.client().chain_id();
    Ok((Place { chain_id, market, token: config.token, block: receipt.block.number }, receipt))
}
