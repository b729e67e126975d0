//! Who proposed what when, as figure 6.9 has it.

use crate::bars::{HEIGHT, MARGIN, WIDTH, number, push};

/// A solution that became a cycle's candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The cycle, a place in the names of cycles.
    pub cycle: usize,
    /// Whose it was, a place in the names of solvers.
    pub solver: usize,
    /// What it was worth.
    pub value: u128,
    /// Whether it became final.
    pub is_final: bool,
}

const COLOURS: [&str; 4] = ["#3a9b4b", "#2a5db0", "#e2b007", "#8e44ad"];

/// A picture: for each cycle the solutions that were its candidate, by solver, those filled that became final. A red
/// line before cycle `died` is where a solver died.
pub fn solutions_svg(
    title: &str,
    solvers: &[&str],
    cycles: &[String],
    proposed: &[Proposed],
    died: Option<usize>,
) -> String {
    let most = proposed.iter().map(|one| one.value).max().unwrap_or(0).max(1);
    let cycle_width = (WIDTH - 2.0 * MARGIN) / number(cycles.len() as u64).max(1.0);
    let x = |cycle: usize| MARGIN + cycle_width * number(cycle as u64);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"24\" font-size=\"16\">{title}</text>\n\
         <text x=\"{MARGIN}\" y=\"44\" font-size=\"11\">value of each candidate by its cycle; the highest is {most}</text>\n"
    );
    for (place, name) in solvers.iter().enumerate() {
        let (x, y, colour) = (WIDTH - 160.0, 14.0 + 15.0 * number(place as u64), COLOURS[place % COLOURS.len()]);
        push(&mut svg, format_args!("<text x=\"{x}\" y=\"{y}\" font-size=\"11\" fill=\"{colour}\">{name}</text>"));
    }
    for one in proposed {
        let height = (HEIGHT - 2.0 * MARGIN) * share(one.value, most);
        let (x, y, width) = (x(one.cycle) + cycle_width * 0.15, HEIGHT - MARGIN - height, cycle_width * 0.7);
        let colour = COLOURS[one.solver % COLOURS.len()];
        let fill = if one.is_final { colour } else { "none" };
        let size = format!("x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\"");
        push(&mut svg, format_args!("<rect {size} fill=\"{fill}\" stroke=\"{colour}\"/>"));
    }
    if let Some(cycle) = died {
        let (x, bottom) = (x(cycle), HEIGHT - MARGIN);
        let line = format!("x1=\"{x:.2}\" y1=\"{MARGIN}\" x2=\"{x:.2}\" y2=\"{bottom}\"");
        push(&mut svg, format_args!("<line {line} stroke=\"red\" stroke-width=\"2\"/>"));
    }
    let every = cycles.len().div_ceil(16).max(1);
    for (cycle, name) in cycles.iter().enumerate().step_by(every) {
        let (x, y) = (x(cycle), HEIGHT - MARGIN + 16.0);
        push(&mut svg, format_args!("<text x=\"{x:.2}\" y=\"{y}\" font-size=\"10\">{name}</text>"));
    }
    svg.push_str("</svg>\n");
    svg
}

#[expect(clippy::cast_precision_loss, reason = "a picture")]
fn share(value: u128, most: u128) -> f64 {
    value as f64 / most as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_candidate_is_drawn_and_where_a_solver_died() {
        let one = |cycle, solver, is_final| Proposed { cycle, solver, value: 7, is_final };
        let cycles = ["8:00".to_owned(), "8:15".to_owned()];
        let proposed = [one(0, 0, false), one(0, 1, true), one(1, 1, true)];
        let svg = solutions_svg("failover", &["a", "b"], &cycles, &proposed, Some(1));
        assert_eq!(svg.matches("<rect").count(), 1 + 3);
        assert_eq!((svg.matches("fill=\"none\"").count(), svg.matches("stroke=\"red\"").count()), (1, 1));
        assert!(!solutions_svg("failover", &["a", "b"], &cycles, &proposed, None).contains("red"));
    }
}
