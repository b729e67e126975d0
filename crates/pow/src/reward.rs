//! Who is paid for a block.

use crate::NodeId;

/// Divides an amount in proportion to work, exactly: the rest of the division goes, a unit each, to those whose share
/// was rounded down the most, on equal terms to the lower id. Without any work all goes to `manager`.
pub fn distribute(amount: u64, work: &[(NodeId, u64)], manager: NodeId) -> Vec<(NodeId, u64)> {
    let total: u128 = work.iter().map(|(_, hashes)| u128::from(*hashes)).sum();
    if total == 0 {
        return vec![(manager, amount)];
    }
    let share = |(node, hashes): &(NodeId, u64)| {
        let product = u128::from(amount).saturating_mul(u128::from(*hashes));
        let part = u64::try_from(product.checked_div(total).unwrap_or(0)).unwrap_or(u64::MAX);
        (product.checked_rem(total).unwrap_or(0), *node, part)
    };
    let mut shares: Vec<_> = work.iter().filter(|(_, hashes)| *hashes > 0).map(share).collect();
    shares.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let paid = shares.iter().fold(0_u64, |sum, (_, _, part)| sum.saturating_add(*part));
    let mut rest = amount.saturating_sub(paid);
    for (_, _, part) in &mut shares {
        let unit = rest.min(1);
        *part = part.saturating_add(unit);
        rest = rest.saturating_sub(unit);
    }
    let mut rewards: Vec<_> = shares.into_iter().map(|(_, node, part)| (node, part)).collect();
    rewards.sort_unstable();
    rewards
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_paid_and_in_proportion() {
        let work: Vec<_> = (1..=7_u8).map(|number| (NodeId([number; 32]), u64::from(number) * 1_000_003)).collect();
        for amount in [0, 1, 6, 1_000, 5_000_000, u64::MAX] {
            let rewards = distribute(amount, &work, NodeId::default());
            assert_eq!(rewards.iter().map(|(_, part)| u128::from(*part)).sum::<u128>(), u128::from(amount));
            for ((_, part), (_, hashes)) in rewards.iter().zip(&work) {
                let exact = u128::from(amount) * u128::from(*hashes) / (28 * 1_000_003);
                assert!(u128::from(*part).abs_diff(exact) <= 1);
            }
        }
    }

    #[test]
    fn without_work_the_manager_is_paid() {
        let manager = NodeId([9; 32]);
        assert_eq!(distribute(10, &[(NodeId([1; 32]), 0)], manager), [(manager, 10)]);
    }
}
