//! Networks, as figure 5a shows them.

use std::f64::consts::TAU;

use ledger_simulator::Topology;
use plotters::{coord::Shift, prelude::*};

use crate::{BLUE, ChartError, INK, RED, font, text};

const SIDE: u32 = 640;

/// The original beside what was rebuilt. Lost nodes are red; so are links that could not be rebuilt, on the left; links
/// that were rebuilt from what others say are blue, on the right. Numbers are bandwidths in MB/s.
pub fn networks(original: &Topology, rebuilt: &Topology, lost: &[u32]) -> Result<String, ChartError> {
    font()?;
    if original.nodes() == 0 {
        return Err(ChartError::Empty);
    }
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (2 * SIDE, SIDE)).into_drawing_area();
        area.fill(&WHITE).map_err(|error| ChartError::of(&error))?;
        let (left, right) = area.split_horizontally(SIDE);
        let missing = |edge: &(u32, u32)| if rebuilt.edges.contains(edge) { INK } else { RED };
        let guessed = |edge: &(u32, u32)| if lost.contains(&edge.0) || lost.contains(&edge.1) { BLUE } else { INK };
        draw(&left, "original", original, lost, &missing)?;
        draw(&right, "rebuilt", rebuilt, lost, &guessed)?;
        area.present().map_err(|error| ChartError::of(&error))?;
    }
    Ok(svg)
}

fn draw(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    title: &str,
    topology: &Topology,
    lost: &[u32],
    colour: &dyn Fn(&(u32, u32)) -> RGBColor,
) -> Result<(), ChartError> {
    let fail = |error: DrawingAreaErrorKind<_>| ChartError::of(&error);
    let nodes = topology.nodes();
    area.draw(&Text::new(title.to_owned(), (16, 12), text(26))).map_err(fail)?;
    for edge in &topology.edges {
        let ends = [place(edge.0, nodes, 0.0), place(edge.1, nodes, 0.0)];
        area.draw(&PathElement::new(ends, colour(edge).stroke_width(2))).map_err(fail)?;
    }
    for node in 0..nodes {
        let fill = if lost.contains(&node) { RED } else { BLUE };
        area.draw(&Circle::new(place(node, nodes, 0.0), 9, fill.filled())).map_err(fail)?;
        let bandwidth = topology.bandwidths[node as usize];
        let label = format!("{node}: {}.{}", bandwidth / 1_000_000, bandwidth / 100_000 % 10);
        let (x, y) = place(node, nodes, 34.0);
        area.draw(&Text::new(label, (x - 26, y - 8), text(16))).map_err(fail)?;
    }
    Ok(())
}

/// On a circle, clockwise from the top; so many pixels further out.
#[expect(clippy::cast_possible_truncation, reason = "a place on a small picture")]
fn place(node: u32, nodes: u32, out: f64) -> (i32, i32) {
    let middle = f64::from(SIDE) / 2.0;
    let (sine, cosine) = (TAU * f64::from(node) / f64::from(nodes)).sin_cos();
    let radius = middle * 0.78 + out;
    ((middle + radius * sine) as i32, (middle - radius * cosine) as i32 + 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_nodes_and_links_that_were_not_rebuilt_stand_out() {
        let original = Topology { bandwidths: vec![20_000_000; 4], edges: vec![(0, 1), (1, 2), (2, 3)] };
        let rebuilt = Topology { edges: vec![(0, 1), (1, 2)], ..original.clone() };
        let svg = networks(&original, &rebuilt, &[2, 3]).unwrap();
        // Two lost nodes on either side, and one missing link on the left.
        assert_eq!(svg.matches("#D55E00").count(), 5);
        assert!(svg.contains("original") && svg.contains("rebuilt") && svg.contains("0: 20.0"));
    }
}
