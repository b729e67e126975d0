//! Everything that can be asked of the contract.

use std::fmt;

use alloy::{
    primitives::{B256, Bytes, Uint},
    sol_types::SolCall,
};
use solidworx::{Alternative, Assignment, Pair, SetUp, Side, Terms, TypeRule, packing};

use crate::{contracts::SolidWorx as market, number::OutOfRange, number::narrow};

/// One call. `Display` says what it does; [`Call::data`] encodes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are documented at the contract's interface, whose names they bear")]
pub enum Call {
    /// The deployer declares rules of types.
    DeclareTypes(Vec<(u64, TypeRule)>),
    /// The deployer declares allowed pairs.
    DeclarePairs(Vec<Pair>),
    /// The deployer sets the market up for good, with the tables that the terms hold.
    Setup(Box<SetUp>),
    /// The caller makes a blank offer.
    CreateOffer { side: Side, misc: u64, deposit: u128 },
    /// The caller's offer lists something else of a type.
    UpdateOffer { id: u64, listed: Alternative },
    /// The caller posts its offer.
    PostOffer { id: u64 },
    /// The caller takes its offer back.
    CancelOffer { id: u64 },
    /// The caller makes, fills and posts an offer.
    PostPackedOffer { side: Side, misc: u64, alternatives: Vec<Alternative>, deposit: u128 },
    /// The caller takes a packed offer back.
    CancelPackedOffer { id: u64, contents: Bytes },
    /// The deposit of an offer of a past cycle goes to its owner.
    ReturnDeposit { id: u64, contents: Bytes },
    /// The offering phase ends.
    Close,
    /// A packed offer's contents go to storage.
    UnpackOffer { id: u64, contents: Bytes },
    /// The caller makes an empty solution.
    CreateSolution { misc: u64 },
    /// The caller's solution gets one more assignment.
    AddAssignment { id: u64, assignment: Assignment },
    /// A whole solution is proposed, with what it is worth.
    PostSolution { value: u128, solution: packing::Solution },
    /// The candidate's last assignments become final.
    Finalize { rest: B256, records: Bytes },
}

impl Call {
    /// Ether that goes with it, wei.
    pub const fn value(&self) -> u128 {
        match self {
            Self::CreateOffer { deposit, .. } | Self::PostPackedOffer { deposit, .. } => *deposit,
            _ => 0,
        }
    }

    /// Call data.
    pub fn data(&self) -> Result<Bytes, OutOfRange> {
        Ok(match self {
            Self::DeclareTypes(types) => encoded(&market::declareTypesCall {
                types: types.iter().map(|(resource_type, rule)| type_rule(*resource_type, *rule)).collect(),
            }),
            Self::DeclarePairs(pairs) => {
                encoded(&market::declarePairsCall { pairs: pairs.iter().copied().map(pair).collect() })
            }
            Self::Setup(set_up) => encoded(&setup(set_up)?),
            Self::CreateOffer { side, misc, .. } => {
                encoded(&market::createOfferCall { providing: *side == Side::Providing, misc: *misc })
            }
            Self::UpdateOffer { id, listed } => encoded(&market::updateOfferCall {
                id: *id,
                resourceType: listed.resource_type,
                quantity: listed.quantity,
                value: listed.price,
            }),
            Self::PostOffer { id } => encoded(&market::postOfferCall { id: *id }),
            Self::CancelOffer { id } => encoded(&market::cancelOfferCall { id: *id }),
            Self::PostPackedOffer { side, misc, alternatives, .. } => encoded(&market::postPackedOfferCall {
                providing: *side == Side::Providing,
                misc: *misc,
                alternatives: packing::alternatives(alternatives).into(),
            }),
            Self::CancelPackedOffer { id, contents } => {
                encoded(&market::cancelPackedOfferCall { id: *id, contents: contents.clone() })
            }
            Self::ReturnDeposit { id, contents } => {
                encoded(&market::returnDepositCall { id: *id, contents: contents.clone() })
            }
            Self::Close => encoded(&market::closeCall {}),
            Self::UnpackOffer { id, contents } => {
                encoded(&market::unpackOfferCall { id: *id, contents: contents.clone() })
            }
            Self::CreateSolution { misc } => encoded(&market::createSolutionCall { misc: *misc }),
            Self::AddAssignment { id, assignment } => encoded(&add_assignment(*id, *assignment)),
            Self::PostSolution { value, solution } => encoded(&market::postSolutionCall {
                value: *value,
                offers: solution.offers.clone().into(),
                assignments: solution.assignments.clone().into(),
            }),
            Self::Finalize { rest, records } => {
                encoded(&market::finalizeCall { rest: *rest, records: records.clone() })
            }
        })
    }
}

fn encoded(call: &impl SolCall) -> Bytes {
    call.abi_encode().into()
}

const fn type_rule(resource_type: u64, rule: TypeRule) -> market::TypeRule {
    let TypeRule { weight, min_price, max_price } = rule;
    market::TypeRule { resourceType: resource_type, weight, minPrice: min_price, maxPrice: max_price }
}

const fn pair(pair: Pair) -> market::Pair {
    let Pair { resource_type, provider, consumer } = pair;
    market::Pair { resourceType: resource_type, provider, consumer }
}

const fn add_assignment(id: u64, assignment: Assignment) -> market::addAssignmentCall {
    let Assignment { providing_offer, consuming_offer, resource_type, quantity, price } = assignment;
    market::addAssignmentCall {
        id,
        providingOffer: providing_offer,
        consumingOffer: consuming_offer,
        resourceType: resource_type,
        quantity,
        value: price,
    }
}

fn setup(set_up: &SetUp) -> Result<market::setupCall, OutOfRange> {
    let SetUp { terms, receive_seconds, solve_seconds, quantity_decimals, price_decimals, deposit } = set_up;
    let Terms { num_types, precision, max_quantity, weighted, benefit, bounded, paired, rules, pairs } = terms;
    let deposit: Uint<96, 2> = narrow("deposit", *deposit)?;
    Ok(market::setupCall {
        numTypes: *num_types,
        precision: *precision,
        maxQuantity: *max_quantity,
        lengthReceive: *receive_seconds,
        lengthSolve: *solve_seconds,
        extensions: market::Extensions {
            weighted: *weighted,
            benefit: *benefit,
            bounded: *bounded,
            paired: *paired,
            quantityDecimals: *quantity_decimals,
            priceDecimals: *price_decimals,
            deposit,
            types: rules.iter().map(|(resource_type, rule)| type_rule(*resource_type, *rule)).collect(),
            pairs: pairs.iter().copied().map(pair).collect(),
        },
    })
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeclareTypes(types) => write!(f, "declare rules of {} types", types.len()),
            Self::DeclarePairs(pairs) => write!(f, "declare {} allowed pairs", pairs.len()),
            Self::Setup(set_up) => write!(f, "set a market of {} types up", set_up.terms.num_types),
            Self::CreateOffer { side, misc, .. } => write!(f, "create an offer to {}, marked {misc}", verb(*side)),
            Self::UpdateOffer { id, listed: Alternative { resource_type, quantity, price } } => {
                write!(f, "let offer {id} list {quantity} of type {resource_type} at {price}")
            }
            Self::PostOffer { id } => write!(f, "post offer {id}"),
            Self::CancelOffer { id } | Self::CancelPackedOffer { id, .. } => write!(f, "cancel offer {id}"),
            Self::PostPackedOffer { side, misc, alternatives, .. } => {
                write!(f, "offer to {} one of {} alternatives, marked {misc}", verb(*side), alternatives.len())
            }
            Self::ReturnDeposit { id, .. } => write!(f, "return the deposit of offer {id}"),
            Self::Close => f.write_str("close the offering phase"),
            Self::UnpackOffer { id, .. } => write!(f, "write offer {id} to storage"),
            Self::CreateSolution { misc } => write!(f, "create a solution, marked {misc}"),
            Self::AddAssignment { id, assignment } => {
                let Assignment { providing_offer, consuming_offer, quantity, .. } = assignment;
                write!(f, "assign {quantity} of offer {providing_offer} to offer {consuming_offer} in solution {id}")
            }
            Self::PostSolution { value, solution } => {
                let assignments = solution.assignments.len() / packing::ASSIGNMENT;
                write!(f, "propose a solution worth {value} in {assignments} assignments")
            }
            Self::Finalize { records, .. } => {
                write!(f, "make {} assignments final", records.len() / packing::RECORD)
            }
        }
    }
}

const fn verb(side: Side) -> &'static str {
    match side {
        Side::Providing => "provide",
        Side::Consuming => "consume",
    }
}
