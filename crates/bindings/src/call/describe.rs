//! Calls in words.

use std::fmt;

use transax::{PostingTerms, Side};
use units::WattHours;

use super::Call;
use crate::signed::Action;

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddGroup { internal_limit, external_limit } => {
                write!(f, "add a group: {} inside, {} across", limit(*internal_limit), limit(*external_limit))
            }
            Self::RegisterSmartMeter { meter, group, .. } => write!(f, "register meter {meter} in group {group}"),
            Self::MoveSmartMeter { meter, group, from } => {
                write!(f, "move meter {meter} to group {group} from interval {from} on")
            }
            Self::RegisterProsumer { meter, .. } => write!(f, "register behind meter {meter}"),
            Self::WithdrawAssets { side, first, last, energy } => {
                write!(f, "withdraw assets to {} {energy} in each of {first}..={last}", verb(*side))
            }
            Self::DepositCredits { amount } => write!(f, "turn {amount} base units of tokens into credits"),
            Self::WithdrawCredits { amount } => write!(f, "turn {amount} base units of credits into tokens"),
            Self::PostOffer { side, energy, price, start, end } => {
                write!(f, "offer to {} {energy} at {price} within {start}..={end}", verb(*side))
            }
            Self::AugmentOffer { offer, energy_added, end } => {
                write!(f, "add {energy_added} to offer {offer} and let it end with {end}")
            }
            Self::CancelOffer { offer } => write!(f, "cancel offer {offer}"),
            Self::PostSolution { value, plan } => write!(f, "propose a plan of {value} in {} bytes", plan.len()),
            Self::Finalize { legs, .. } => write!(f, "finalise the next interval with {} legs", legs.len()),
            Self::Settle { account, settlements } => write!(f, "settle {} offers of {account}", settlements.len()),
            Self::Deposit { account, group, settlements, first, last } => {
                write!(f, "settle {} offers of {account} and deposit {first}..={last}", settlements.len())?;
                write!(f, " of group {group}")
            }
            Self::Signed(signed) => {
                let account = signed.by.account;
                match &signed.action {
                    Action::PostOffer(terms) => {
                        let PostingTerms { group, side, energy, price, start, end } = terms;
                        write!(f, "for {account}, offer to {} {energy} of group {group} ", verb(*side))?;
                        write!(f, "at {price} within {start}..={end}")
                    }
                    Action::CancelOffer { offer } => write!(f, "for {account}, cancel offer {offer}"),
                    Action::Deposit { settlements, meter, first, last, .. } => {
                        write!(f, "for {account}, settle {} offers ", settlements.len())?;
                        write!(f, "and deposit {first}..={last} to {meter}")
                    }
                    Action::Transfer(transfer) => {
                        let (credits, energy, to) = (transfer.credits, transfer.assets.energy, transfer.to);
                        write!(f, "for {account}, transfer {credits} base units of credits and {energy} to {to}")
                    }
                }
            }
            Self::Mix { joint, .. } => write!(f, "mix what {} accounts give", joint.inputs.len()),
            Self::Approve { spender, amount } => write!(f, "let {spender} move {amount} base units of tokens"),
            Self::Mint { account, amount } => write!(f, "make {amount} base units of tokens for {account}"),
        }
    }
}

const fn verb(side: Side) -> &'static str {
    match side {
        Side::Sell => "sell",
        Side::Buy => "buy",
    }
}

fn limit(limit: Option<WattHours>) -> String {
    limit.map_or_else(|| "no limit".to_owned(), |limit| format!("at most {limit}"))
}
