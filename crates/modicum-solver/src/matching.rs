//! The most pairs that can be made at once: Hopcroft and Karp, SIAM J. Comput. 2(4), 1973.

use std::collections::VecDeque;

const FAR: usize = usize::MAX;

/// Pairs of a bipartite graph, as many as there can be. `edges[left]` lists the right ones that fit, better ones first;
/// there are `rights` of them. Returns by left one its right one. O(E·√V).
pub fn most_pairs(edges: &[Vec<usize>], rights: usize) -> Vec<Option<usize>> {
    let mut search =
        Search { edges, of_left: vec![None; edges.len()], of_right: vec![None; rights], depth: Vec::new() };
    while search.layers() {
        for left in 0..edges.len() {
            if search.of_left[left].is_none() {
                search.augment(left);
            }
        }
    }
    search.of_left
}

struct Search<'a> {
    edges: &'a [Vec<usize>],
    of_left: Vec<Option<usize>>,
    of_right: Vec<Option<usize>>,
    /// By left one, how many pairs lie between it and a free one.
    depth: Vec<usize>,
}

impl Search<'_> {
    /// Whether some free right one can be reached from a free left one.
    fn layers(&mut self) -> bool {
        self.depth = self.of_left.iter().map(|pair| if pair.is_none() { 0 } else { FAR }).collect();
        let mut open: VecDeque<_> = (0..self.edges.len()).filter(|left| self.depth[*left] == 0).collect();
        let mut is_found = false;
        while let Some(left) = open.pop_front() {
            for right in &self.edges[left] {
                match self.of_right[*right] {
                    None => is_found = true,
                    Some(next) if self.depth[next] == FAR => {
                        self.depth[next] = self.depth[left] + 1;
                        open.push_back(next);
                    }
                    Some(_) => {}
                }
            }
        }
        is_found
    }

    /// Pairs a free left one along a shortest way, without recursion: ways may be as long as there are offers.
    fn augment(&mut self, start: usize) {
        let mut way = vec![(start, 0)];
        while let Some((left, next)) = way.last_mut() {
            let (left, tried) = (*left, *next);
            let Some(right) = self.edges[left].get(tried).copied() else {
                self.depth[left] = FAR;
                way.pop();
                continue;
            };
            *next += 1;
            match self.of_right[right] {
                None => return self.flip(&way),
                Some(other) if self.depth[other] == self.depth[left] + 1 => way.push((other, 0)),
                Some(_) => {}
            }
        }
    }

    fn flip(&mut self, way: &[(usize, usize)]) {
        for (left, next) in way {
            let right = self.edges[*left][next - 1];
            self.of_left[*left] = Some(right);
            self.of_right[right] = Some(*left);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn size(pairs: &[Option<usize>]) -> usize {
        pairs.iter().flatten().count()
    }

    /// By trying everything.
    fn most(edges: &[Vec<usize>], taken: u32) -> usize {
        let Some((first, rest)) = edges.split_first() else { return 0 };
        let free = first.iter().filter(|right| taken & (1 << **right) == 0);
        let with = free.map(|right| 1 + most(rest, taken | (1 << right))).max().unwrap_or(0);
        with.max(most(rest, taken))
    }

    #[test]
    fn a_greedy_choice_is_undone() {
        // The first would take what alone fits the second.
        assert_eq!(most_pairs(&[vec![0, 1], vec![0]], 2), [Some(1), Some(0)]);
        // And along a longer way.
        let pairs = most_pairs(&[vec![0, 1], vec![1, 2], vec![0], vec![2, 3]], 4);
        assert_eq!(size(&pairs), 4);
    }

    #[test]
    fn a_long_way_needs_no_deep_stack() {
        let many = 20_000;
        let mut edges: Vec<Vec<usize>> = (0..many).map(|left| vec![left, left + 1]).collect();
        edges.push(vec![0]);
        assert_eq!(size(&most_pairs(&edges, many + 1)), many + 1);
    }

    proptest! {
        #[test]
        fn no_way_to_pair_makes_more_pairs(edges in prop::collection::vec(prop::collection::vec(0_usize..7, 0..7), 0..8)) {
            let pairs = most_pairs(&edges, 7);
            prop_assert_eq!(size(&pairs), most(&edges, 0));
            let mut rights: Vec<_> = pairs.iter().flatten().collect();
            rights.sort_unstable();
            rights.dedup();
            prop_assert_eq!(rights.len(), size(&pairs));
            for (left, right) in pairs.iter().enumerate() {
                prop_assert!(right.is_none_or(|right| edges[left].contains(&right)));
            }
        }
    }
}
