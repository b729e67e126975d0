//! Calls as call data.

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::SolCall,
};
use transax::{Settlement, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use super::Call;
use crate::{
    OutOfRange,
    contracts::{PaymentToken as token, Transax as market},
    number::{limit_number, narrow},
    params::side_number,
    settlement,
    signed::{encode_action, encode_mix},
};

impl Call {
    /// Call data for the contract that [`Call::target`] names.
    pub fn data(&self) -> Result<Bytes, OutOfRange> {
        Ok(match self {
            Self::AddGroup { internal_limit, external_limit } => encoded(&market::addGroupCall {
                internalLimit: limit_number("internalLimit", *internal_limit)?,
                externalLimit: limit_number("externalLimit", *external_limit)?,
            }),
            Self::RegisterSmartMeter { meter, group, production_limit, consumption_limit } => {
                encoded(&register_smart_meter(*meter, *group, *production_limit, *consumption_limit)?)
            }
            Self::MoveSmartMeter { meter, group, from } => {
                encoded(&market::moveSmartMeterCall { meter: *meter, group: group.0, from: narrow("from", from.0)? })
            }
            Self::RegisterProsumer { meter, certificate } => {
                encoded(&market::registerProsumerCall { meter: *meter, certificate: certificate.clone() })
            }
            Self::WithdrawAssets { side, first, last, energy } => {
                encoded(&withdraw_assets(*side, *first, *last, *energy)?)
            }
            Self::DepositCredits { amount } => {
                encoded(&market::depositCreditsCall { amount: narrow("amount", amount.0)? })
            }
            Self::WithdrawCredits { amount } => {
                encoded(&market::withdrawCreditsCall { amount: narrow("amount", amount.0)? })
            }
            Self::PostOffer { side, energy, price, start, end } => {
                encoded(&post_offer(*side, *energy, *price, *start, *end)?)
            }
            Self::AugmentOffer { offer, energy_added, end } => encoded(&augment_offer(*offer, *energy_added, *end)?),
            Self::CancelOffer { offer } => encoded(&market::cancelOfferCall { offer: offer.0 }),
            Self::PostSolution { value, plan } => {
                encoded(&market::postSolutionCall { value: narrow("value", value.0)?, plan: plan.clone() })
            }
            Self::Finalize { links, legs } => {
                encoded(&market::finalizeCall { links: settlement::links(links)?, legs: legs.clone() })
            }
            Self::Settle { account, settlements } => {
                encoded(&market::settleCall { account: *account, settlements: settlement::settlements(settlements)? })
            }
            Self::Deposit { account, group, settlements, first, last } => {
                encoded(&deposit(*account, *group, settlements, *first, *last)?)
            }
            Self::Signed(signed) => encode_action(signed)?,
            Self::Mix { joint, signatures } => encode_mix(joint, signatures)?,
            Self::Approve { spender, amount } => {
                encoded(&token::approveCall { spender: *spender, value: U256::from(amount.0) })
            }
            Self::Mint { account, amount } => {
                encoded(&token::mintCall { account: *account, amount: U256::from(amount.0) })
            }
        })
    }
}

fn encoded(call: &impl SolCall) -> Bytes {
    call.abi_encode().into()
}

fn register_smart_meter(
    meter: Address,
    group: GroupId,
    production_limit: WattHours,
    consumption_limit: WattHours,
) -> Result<market::registerSmartMeterCall, OutOfRange> {
    Ok(market::registerSmartMeterCall {
        meter,
        group: group.0,
        productionLimit: narrow("productionLimit", production_limit.0)?,
        consumptionLimit: narrow("consumptionLimit", consumption_limit.0)?,
    })
}

fn withdraw_assets(
    side: Side,
    first: IntervalIndex,
    last: IntervalIndex,
    energy: WattHours,
) -> Result<market::withdrawAssetsCall, OutOfRange> {
    Ok(market::withdrawAssetsCall {
        side: side_number(side),
        first: narrow("first", first.0)?,
        last: narrow("last", last.0)?,
        energy: narrow("energy", energy.0)?,
    })
}

fn post_offer(
    side: Side,
    energy: WattHours,
    price: Price,
    start: IntervalIndex,
    end: IntervalIndex,
) -> Result<market::postOfferCall, OutOfRange> {
    Ok(market::postOfferCall {
        side: side_number(side),
        energy: narrow("energy", energy.0)?,
        price: narrow("price", price.0)?,
        start: narrow("start", start.0)?,
        end: narrow("end", end.0)?,
    })
}

fn augment_offer(
    offer: OfferId,
    energy_added: WattHours,
    end: IntervalIndex,
) -> Result<market::augmentOfferCall, OutOfRange> {
    Ok(market::augmentOfferCall {
        offer: offer.0,
        energyAdded: narrow("energyAdded", energy_added.0)?,
        end: narrow("end", end.0)?,
    })
}

fn deposit(
    account: Address,
    group: GroupId,
    settlements: &[Settlement],
    first: IntervalIndex,
    last: IntervalIndex,
) -> Result<market::depositCall, OutOfRange> {
    Ok(market::depositCall {
        account,
        group: group.0,
        settlements: settlement::settlements(settlements)?,
        first: narrow("first", first.0)?,
        last: narrow("last", last.0)?,
    })
}
