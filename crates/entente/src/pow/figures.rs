//! Line charts as SVG, with units on both axes and a scale that may be logarithmic.

use std::fmt::Write;

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 200.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 60.0;
/// Okabe and Ito's colours.
const COLOURS: [&str; 7] = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000"];

/// A line of a chart.
pub struct Line {
    /// What it shows.
    pub label: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
    /// Whether it is a theory rather than a measurement: drawn dashed, without marks.
    pub is_theory: bool,
}

/// A chart.
pub struct Chart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// What runs to the right, with its unit.
    pub across: &'a str,
    /// What runs up, with its unit.
    pub up: &'a str,
    /// Whether the scale upwards is logarithmic.
    pub is_logarithmic: bool,
    /// The lines.
    pub lines: &'a [Line],
}

impl Chart<'_> {
    /// The chart as an SVG document.
    pub fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let (low_x, high_x) = points().fold((f64::MAX, f64::MIN), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
        let high_y = points().map(|(_, y)| *y).fold(f64::MIN_POSITIVE, f64::max);
        let low_y = points().map(|(_, y)| *y).filter(|y| *y > 0.0).fold(high_y, f64::min);
        let (low_y, high_y) = if self.is_logarithmic {
            (low_y.log10().floor(), high_y.log10().ceil().max(low_y.log10().floor() + 1.0))
        } else {
            (0.0, high_y * 1.1)
        };
        let scale = |y: f64| if self.is_logarithmic { y.max(1e-9).log10() } else { y };
        let at = |x: f64, y: f64| {
            let right = (x - low_x) / (high_x - low_x).max(1e-9) * (WIDTH - LEFT - RIGHT);
            (LEFT + right, HEIGHT - BOTTOM - (scale(y) - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM))
        };
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"14\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        text(&mut svg, (WIDTH / 2.0, 28.0), "middle", self.title);
        text(&mut svg, (LEFT, HEIGHT - 14.0), "start", self.across);
        text(&mut svg, (8.0, TOP - 8.0), "start", self.up);
        for step in 0..=5 {
            let level = low_y + (high_y - low_y) * f64::from(step) / 5.0;
            let value = if self.is_logarithmic { 10_f64.powf(level) } else { level };
            let (x, y) = at(low_x, value);
            let end = WIDTH - RIGHT;
            rule(&mut svg, (x, y), (end, y));
            text(&mut svg, (x - 8.0, y + 5.0), "end", &short(value));
        }
        let mut marks: Vec<f64> = points().map(|(x, _)| *x).collect();
        marks.sort_by(f64::total_cmp);
        marks.dedup();
        for mark in marks {
            text(&mut svg, (at(mark, 1.0).0, HEIGHT - BOTTOM + 20.0), "middle", &short(mark));
        }
        for (number, line) in self.lines.iter().enumerate() {
            draw(&mut svg, number, line, &at);
        }
        svg + "</svg>\n"
    }
}

fn draw(svg: &mut String, number: usize, line: &Line, at: &impl Fn(f64, f64) -> (f64, f64)) {
    let colour = COLOURS[number % COLOURS.len()];
    let dash = if line.is_theory { " stroke-dasharray=\"6 4\"" } else { "" };
    let places: Vec<(f64, f64)> = line.points.iter().map(|(x, y)| at(*x, *y)).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    push(
        svg,
        &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>",
            path.join(" ")
        ),
    );
    if !line.is_theory {
        for (x, y) in places {
            push(svg, &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>"));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "there are a few lines")]
    let y = TOP + 12.0 + 22.0 * number as f64;
    let x = WIDTH - RIGHT + 14.0;
    push(
        svg,
        &format!(
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"3\"{dash}/>",
            x + 24.0
        ),
    );
    text(svg, (x + 30.0, y + 5.0), "start", &line.label);
}

fn rule(svg: &mut String, (x, y): (f64, f64), (to_x, to_y): (f64, f64)) {
    push(svg, &format!("<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{to_x:.1}\" y2=\"{to_y:.1}\" stroke=\"#e1e1e1\"/>"));
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    push(svg, &format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"));
}

fn push(svg: &mut String, element: &str) {
    writeln!(svg, "{element}").expect("a string takes all");
}

fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 1.0 => format!("{}", (value * 10.0).round() / 10.0),
        _ => format!("{}", (value * 1_000.0).round() / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_shows_every_line_and_dashes_theory() {
        let line = |label: &str, is_theory| Line {
            label: label.to_owned(),
            points: vec![(1.0, 10.0), (2.0, 1_000.0), (8.0, 100.0)],
            is_theory,
        };
        for is_logarithmic in [false, true] {
            let lines = [line("a < b", false), line("theory", true)];
            let svg = Chart { title: "t", across: "nodes", up: "s", is_logarithmic, lines: &lines }.svg();
            assert!(svg.trim_end().ends_with("</svg>") && svg.contains("a &lt; b") && !svg.contains("NaN"));
            assert_eq!((svg.matches("<circle").count(), svg.matches("<polyline").count()), (3, 2));
            assert_eq!(svg.matches("dasharray").count(), 2, "the line and its key");
        }
    }
}
