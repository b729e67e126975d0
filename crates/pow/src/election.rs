//! Whose turn it is to manage.

use crate::{Digest, NodeId};

/// Orders candidates by lot: the first one is the active manager, those that follow are its backups, in the order in
/// which they succeed it.
///
/// The lots are drawn without replacement from `seed`; a candidate's chance is its work, counted up to `cap` times the
/// median of those that worked. Those without work come last, by lot among themselves. The same input gives the same
/// order everywhere, whatever the order of the candidates.
pub fn elect(seed: &Digest, candidates: &[(NodeId, u64)], cap: u64) -> Vec<NodeId> {
    let mut worked: Vec<(NodeId, u64)> = candidates.iter().copied().filter(|(_, work)| *work > 0).collect();
    let mut idle: Vec<(NodeId, u64)> =
        candidates.iter().filter(|(_, work)| *work == 0).map(|(node, _)| (*node, 1)).collect();
    worked.sort_unstable();
    idle.sort_unstable();
    let mut ranked: Vec<u64> = worked.iter().map(|(_, work)| *work).collect();
    ranked.sort_unstable();
    let median = ranked.get(ranked.len() / 2).copied().unwrap_or(1);
    let most = median.saturating_mul(cap.max(1));
    for (_, work) in &mut worked {
        *work = (*work).min(most);
    }
    let mut order = draw(seed, 0, worked);
    order.extend(draw(seed, 1, idle));
    order
}

fn draw(seed: &Digest, round: u8, mut urn: Vec<(NodeId, u64)>) -> Vec<NodeId> {
    let mut order = Vec::with_capacity(urn.len());
    while !urn.is_empty() {
        let total: u128 = urn.iter().map(|(_, weight)| u128::from(*weight)).sum();
        let step = u32::try_from(order.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut lot = lot(&Digest::of(&[b"entente/pow/lot", &seed.0, &[round], &step]), total);
        let drawn = urn.iter().position(|(_, weight)| match lot.checked_sub(u128::from(*weight)) {
            Some(left) => {
                lot = left;
                false
            }
            None => true,
        });
        order.push(urn.remove(drawn.unwrap_or(0)).0);
    }
    order
}

/// A number below `total`, whose bias is below 2^-60 since weights have 64 bits and candidates are few.
fn lot(digest: &Digest, total: u128) -> u128 {
    let number = digest.0.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    number.checked_rem(total).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u8) -> NodeId {
        NodeId([number; 32])
    }

    fn firsts(candidates: &[(NodeId, u64)], cap: u64) -> Vec<usize> {
        let mut counts = vec![0; candidates.len()];
        for seed in 0..4_000_u32 {
            let order = elect(&Digest::of(&[&seed.to_be_bytes()]), candidates, cap);
            assert_eq!(order.len(), candidates.len());
            counts[candidates.iter().position(|(node, _)| *node == order[0]).unwrap()] += 1;
        }
        counts
    }

    #[test]
    fn chances_are_in_proportion_to_work() {
        let counts = firsts(&[(node(1), 100), (node(2), 100), (node(3), 200)], 3);
        // 1,000 and 2,000 are expected; six standard deviations are 190.
        assert!(counts[0].abs_diff(1_000) < 190 && counts[2].abs_diff(2_000) < 190, "{counts:?}");
    }

    #[test]
    fn the_strongest_counts_at_most_a_multiple_of_the_median() {
        let counts = firsts(&[(node(1), 100), (node(2), 100), (node(3), 1_000_000_000)], 2);
        assert!(counts[2].abs_diff(2_000) < 190, "{counts:?}");
    }

    #[test]
    fn those_without_work_come_last_and_the_order_of_candidates_does_not_matter() {
        let mut candidates = [(node(1), 0), (node(2), 5), (node(3), 0), (node(4), 9)];
        let order = elect(&Digest([7; 32]), &candidates, 3);
        assert!(order[2..].contains(&node(1)) && order[2..].contains(&node(3)));
        candidates.reverse();
        assert_eq!(elect(&Digest([7; 32]), &candidates, 3), order);
    }

    #[test]
    fn nobody_is_elected_where_nobody_stands() {
        assert!(elect(&Digest([7; 32]), &[], 3).is_empty());
    }
}
