//! Brings a `SolidWorx` market to a chain.

use std::collections::{BTreeMap, BTreeSet};

use bindings::solidworx::{Call, Place, Refused, creation};
use solidworx::{SetUp, Terms};

use crate::{DeployError, Outcome, Receipt, Request, Submitter, create_contract};

/// How many rules or pairs are declared in a call; each takes about 25,000 gas.
const DECLARED_AT_ONCE: usize = 200;

/// Deploys a market and sets it up, tables of types and pairs in as many calls as they need; its first offering phase
/// begins. Returns where it is, and what was sent.
pub async fn deploy_solidworx(
    deployer: &mut Submitter<Refused>,
    set_up: &SetUp,
) -> Result<(Place, Vec<Receipt>), DeployError<Refused>> {
    let (market, receipt) = create_contract(deployer, "market", creation()).await?;
    let place = Place { chain_id: deployer.client().chain_id(), market, block: receipt.block.number };
    let mut receipts = vec![receipt];
    for (number, call) in calls(set_up).into_iter().enumerate() {
        let request = Request::call(market, call.data()?);
        let key = format!("set up {market}, {number}: {call}");
        let submitted = deployer.submit(&key, &request).await;
        match submitted.map_err(|source| DeployError::Submit { contract: "market", source })? {
            Outcome::Landed(receipt) => receipts.push(receipt),
            Outcome::Refused(source) => return Err(DeployError::Refused { contract: "market", source }),
            Outcome::Raced { .. } | Outcome::Expired { .. } | Outcome::Withheld { .. } => {
                return Err(DeployError::Failed { contract: "market" });
            }
        }
    }
    Ok((place, receipts))
}

fn calls(set_up: &SetUp) -> Vec<Call> {
    let SetUp { terms, .. } = set_up;
    if terms.rules.len() + terms.pairs.len() <= DECLARED_AT_ONCE {
        return vec![Call::Setup(Box::new(set_up.clone()))];
    }
    let rules: Vec<_> = terms.rules.iter().map(|(resource_type, rule)| (*resource_type, *rule)).collect();
    let pairs: Vec<_> = terms.pairs.iter().copied().collect();
    let bare = Terms { rules: BTreeMap::new(), pairs: BTreeSet::new(), ..terms.clone() };
    let types = rules.chunks(DECLARED_AT_ONCE).map(|chunk| Call::DeclareTypes(chunk.to_vec()));
    let pairs = pairs.chunks(DECLARED_AT_ONCE).map(|chunk| Call::DeclarePairs(chunk.to_vec()));
    let last = Call::Setup(Box::new(SetUp { terms: bare, ..set_up.clone() }));
    types.chain(pairs).chain([last]).collect()
}
