//! The twin's refusals of `SolidWorx` as the contract's errors, byte by byte.

use alloy_sol_types::SolError;
use solidworx::Refusal as R;

use crate::contract::SolidWorx as S;

pub fn encode(refusal: R) -> Vec<u8> {
    match refusal {
        R::ZeroParameter => S::ZeroParameter {}.abi_encode(),
        R::UnknownOffer { id } => S::UnknownOffer { id }.abi_encode(),
        R::OffersNotAscending { id } => S::OffersNotAscending { id }.abi_encode(),
        R::UnknownType { resource_type, num_types } => {
            S::UnknownType { resourceType: resource_type, numTypes: num_types }.abi_encode()
        }
        R::ZeroQuantity => S::ZeroQuantity {}.abi_encode(),
        R::QuantityTooLarge { quantity, max_quantity } => {
            S::QuantityTooLarge { quantity, maxQuantity: max_quantity }.abi_encode()
        }
        R::BadNumberOfAlternatives { size } => {
            S::BadNumberOfAlternatives { size: alloy_primitives::U256::from(size) }.abi_encode()
        }
        R::TypesNotAscending { resource_type } => S::TypesNotAscending { resourceType: resource_type }.abi_encode(),
        R::WrongSide { id } => S::WrongSide { id }.abi_encode(),
        R::UnlistedType { id, resource_type } => S::UnlistedType { id, resourceType: resource_type }.abi_encode(),
        R::PriceBelowOffer { id, price, reservation } => S::PriceBelowOffer { id, price, reservation }.abi_encode(),
        R::PriceAboveOffer { id, price, reservation } => S::PriceAboveOffer { id, price, reservation }.abi_encode(),
        R::PriceOutOfBounds { resource_type, price, min_price, max_price } => {
            let (min, max) = (min_price, max_price);
            S::PriceOutOfBounds { resourceType: resource_type, price, minPrice: min, maxPrice: max }.abi_encode()
        }
        R::PairForbidden { resource_type, provider, consumer } => {
            S::PairForbidden { resourceType: resource_type, provider, consumer }.abi_encode()
        }
        R::ExceedsOffer { id, used, precision } => S::ExceedsOffer { id, used, precision }.abi_encode(),
        R::ValueOverflow { value } => S::ValueOverflow { value }.abi_encode(),
    }
}

/// The name of a refusal.
pub fn name(refusal: R) -> String {
    let words = format!("{refusal:?}");
    words.split([' ', '{']).next().unwrap_or_default().to_owned()
}
