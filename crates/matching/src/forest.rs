//! A forest whose edges come and go.

/// Splits edges, in the order in which they come, into those that join what was apart and those that close a cycle.
pub(crate) fn split(nodes: usize, ends: &[[usize; 2]], order: impl Iterator<Item = usize>) -> [Vec<usize>; 2] {
    let mut above: Vec<usize> = (0..nodes).collect();
    let (joining, closing) = order.partition(|edge| {
        let [one, other] = ends[*edge].map(|node| top_of(&mut above, node));
        above[one] = other;
        one != other
    });
    [joining, closing]
}

/// What stands for all that is joined with a node; halves the way there.
fn top_of(above: &mut [usize], mut node: usize) -> usize {
    while above[node] != node {
        above[node] = above[above[node]];
        node = above[node];
    }
    node
}

/// Trees by their nodes' parents. A search takes about as long as the way that it finds, or as the ways to the roots
/// where there is none; a change as long as the shorter way to a root.
pub(crate) struct Forest {
    /// For each node its parent and the edge that leads there.
    parents: Vec<Option<(usize, usize)>>,
    /// By which search a node was seen last, and from which of its ends.
    seen: Vec<u32>,
    searches: u32,
}

impl Forest {
    /// The trees of edges of which none closes a cycle; all edges' ends are given.
    pub fn new(nodes: usize, ends: &[[usize; 2]], edges: &[usize]) -> Self {
        let mut first = vec![0; nodes + 1];
        edges.iter().flat_map(|edge| ends[*edge]).for_each(|node| first[node + 1] += 1);
        (0..nodes).for_each(|node| first[node + 1] += first[node]);
        let (mut next, mut around) = (first.clone(), vec![(0, 0); 2 * edges.len()]);
        for edge in edges {
            let [one, other] = ends[*edge];
            for (node, neighbour) in [(one, other), (other, one)] {
                around[next[node]] = (neighbour, *edge);
                next[node] += 1;
            }
        }
        let mut forest = Self { parents: vec![None; nodes], seen: vec![0; nodes], searches: 0 };
        let mut is_known = vec![false; nodes];
        let mut waiting = Vec::new();
        for root in 0..nodes {
            waiting.extend((!is_known[root]).then_some(root));
            while let Some(node) = waiting.pop() {
                is_known[node] = true;
                for (neighbour, edge) in
                    around[first[node]..first[node + 1]].iter().filter(|(known, _)| !is_known[*known])
                {
                    forest.parents[*neighbour] = Some((node, *edge));
                    waiting.push(*neighbour);
                }
            }
        }
        forest
    }

    /// The edges between two nodes, each with the node that it leaves; `None` where nothing joins them.
    pub fn path(&mut self, from: usize, to: usize) -> Option<Vec<(usize, usize)>> {
        let meeting = self.meeting([from, to])?;
        let (mut node, mut path) = (from, Vec::new());
        while node != meeting {
            let (parent, edge) = self.parents[node]?;
            path.push((edge, node));
            node = parent;
        }
        let (mut node, mark) = (to, path.len());
        while node != meeting {
            let (parent, edge) = self.parents[node]?;
            path.push((edge, parent));
            node = parent;
        }
        path[mark..].reverse();
        Some(path)
    }

    /// Where the ways of two nodes to their root meet. Both are followed at once.
    fn meeting(&mut self, ends: [usize; 2]) -> Option<usize> {
        self.searches += 2;
        let mut at = [Some(ends[0]), Some(ends[1])];
        while at != [None, None] {
            for (side, mark) in [(0, self.searches), (1, self.searches + 1)] {
                let Some(node) = at[side] else { continue };
                if self.seen[node] >= self.searches && self.seen[node] != mark {
                    return Some(node);
                }
                self.seen[node] = mark;
                at[side] = self.parents[node].map(|(parent, _)| parent);
            }
        }
        None
    }

    /// Joins two trees.
    pub fn join(&mut self, edge: usize, [one, other]: [usize; 2]) {
        let (mut ways, mut child, mut parent) = ([one, other], one, other);
        while let Some((above, _)) = self.parents[ways[0]] {
            ways[0] = above;
            let Some((above, _)) = self.parents[ways[1]] else {
                (child, parent) = (other, one);
                break;
            };
            ways[1] = above;
        }
        let (mut node, mut above) = (child, Some((parent, edge)));
        loop {
            let before = std::mem::replace(&mut self.parents[node], above);
            let Some((parent, edge)) = before else { return };
            above = Some((node, edge));
            node = parent;
        }
    }

    /// Takes an edge out, if it is there.
    pub fn cut(&mut self, edge: usize, ends: [usize; 2]) {
        for node in ends {
            if self.parents[node].is_some_and(|(_, known)| known == edge) {
                self.parents[node] = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_through_what_was_joined_and_not_cut() {
        let ends = [[0, 1], [2, 3], [1, 2], [4, 5], [3, 0]];
        assert_eq!(split(6, &ends, 0..5), [vec![0, 1, 2, 3], vec![4]]);
        let mut forest = Forest::new(6, &ends, &[0, 1, 2, 3]);
        assert_eq!(forest.path(0, 3), Some(vec![(0, 0), (2, 1), (1, 2)]));
        assert_eq!(forest.path(3, 0), Some(vec![(1, 3), (2, 2), (0, 1)]));
        assert_eq!((forest.path(0, 4), forest.path(2, 2)), (None, Some(Vec::new())));
        forest.cut(2, [1, 2]);
        assert_eq!((forest.path(0, 3), forest.path(2, 3)), (None, Some(vec![(1, 2)])));
        forest.join(2, [3, 5]);
        assert_eq!(forest.path(4, 2), Some(vec![(3, 4), (2, 5), (1, 3)]));
    }
}
