//! Why a call would be refused, under the names of the contract's errors.

use alloy_primitives::{Address, U256};
use thiserror::Error;

/// A rule that is broken. The fields are those of the contract's error of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "fields are documented at the contract's interface, whose names they bear")]
pub enum Refusal {
    /// A parameter of the set-up is zero.
    #[error("the number of types, the precision and the greatest quantity must not be zero")]
    ZeroParameter,
    /// There is no such offer.
    #[error("there is no offer {id}")]
    UnknownOffer { id: u64 },
    /// Offers are listed by ascending numbers.
    #[error("offer {id} is not listed in ascending order, from 1")]
    OffersNotAscending { id: u64 },
    /// The market has fewer types.
    #[error("there is no type {resource_type}: types are below {num_types}")]
    UnknownType { resource_type: u64, num_types: u64 },
    /// Something is listed or assigned, and none of it.
    #[error("a quantity is zero")]
    ZeroQuantity,
    /// The market takes no such quantity.
    #[error("{quantity} is more than the {max_quantity} that an offer may list")]
    QuantityTooLarge { quantity: u64, max_quantity: u64 },
    /// An offer has 1 to 256 alternatives.
    #[error("{size} bytes are not 1 to 256 alternatives")]
    BadNumberOfAlternatives { size: usize },
    /// Alternatives ascend by type.
    #[error("type {resource_type} is not listed in ascending order")]
    TypesNotAscending { resource_type: u64 },
    /// It provides where it should consume, or the other way round.
    #[error("offer {id} is on the other side")]
    WrongSide { id: u64 },
    /// The offer does not list the type.
    #[error("offer {id} does not list type {resource_type}")]
    UnlistedType { id: u64, resource_type: u64 },
    /// (6.3)
    #[error("price {price} is below the {reservation} that offer {id} asks")]
    PriceBelowOffer { id: u64, price: u64, reservation: u64 },
    /// (6.4)
    #[error("price {price} is above the {reservation} that offer {id} pays")]
    PriceAboveOffer { id: u64, price: u64, reservation: u64 },
    /// (6.13)
    #[error("price {price} of type {resource_type} is not within {min_price} to {max_price}")]
    PriceOutOfBounds { resource_type: u64, price: u64, min_price: u64, max_price: u64 },
    /// (6.14)
    #[error("{provider} may not provide type {resource_type} to {consumer}")]
    PairForbidden { resource_type: u64, provider: Address, consumer: Address },
    /// (6.1), (6.2)
    #[error("{used} parts of offer {id} are assigned, and it has {precision}")]
    ExceedsOffer { id: u64, used: U256, precision: u64 },
    /// The value has 128 bits.
    #[error("the value {value} is more than 128 bits hold")]
    ValueOverflow { value: U256 },
}
