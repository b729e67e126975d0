//! Quantities along time, as figures 6.6 to 6.8 have them.

use std::fmt::Write as _;

use solidworx::{Assignment, Side};

use crate::Case;

pub(crate) const WIDTH: f64 = 960.0;
pub(crate) const HEIGHT: f64 = 420.0;
pub(crate) const MARGIN: f64 = 60.0;

/// A picture: in each slot what could be provided, what could be consumed, and what is assigned.
pub fn bars_svg(title: &str, case: &Case, assignments: &[Assignment]) -> String {
    let series = [
        ("could be provided", "#3a9b4b", case.offered(Side::Providing)),
        ("could be consumed", "#c0392b", case.offered(Side::Consuming)),
        ("assigned", "#2a5db0", case.assigned(assignments)),
    ];
    let most = series.iter().flat_map(|(.., values)| values).max().copied().unwrap_or(0).max(1);
    let slot_width = (WIDTH - 2.0 * MARGIN) / number(case.slots.len() as u64).max(1.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"24\" font-size=\"16\">{title}</text>\n\
         <text x=\"{MARGIN}\" y=\"44\" font-size=\"11\">{} in a slot; the highest bar is {most}</text>\n",
        case.unit
    );
    for (place, (name, colour, values)) in (0_u32..).zip(&series) {
        let x = WIDTH - 160.0;
        let y = 14.0 + 15.0 * f64::from(place);
        push(&mut svg, format_args!("<text x=\"{x}\" y=\"{y}\" font-size=\"11\" fill=\"{colour}\">{name}</text>"));
        for (slot, value) in (0..).zip(values) {
            let height = (HEIGHT - 2.0 * MARGIN) * number(*value) / number(most);
            let bar = slot_width / 4.0;
            let x = MARGIN + slot_width * number(slot) + bar * f64::from(place);
            let y = HEIGHT - MARGIN - height;
            push(
                &mut svg,
                format_args!(
                    "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{bar:.2}\" height=\"{height:.2}\" fill=\"{colour}\"/>"
                ),
            );
        }
    }
    let every = case.slots.len().div_ceil(16).max(1);
    for (slot, name) in case.slots.iter().enumerate().step_by(every) {
        let (x, y) = (MARGIN + slot_width * number(slot as u64), HEIGHT - MARGIN + 16.0);
        push(&mut svg, format_args!("<text x=\"{x:.2}\" y=\"{y}\" font-size=\"10\">{name}</text>"));
    }
    svg.push_str("</svg>\n");
    svg
}

pub(crate) fn push(svg: &mut String, element: std::fmt::Arguments) {
    writeln!(svg, "{element}").expect("writing to a string cannot fail");
}

#[expect(clippy::cast_precision_loss, reason = "a picture")]
pub(crate) const fn number(value: u64) -> f64 {
    value as f64
}
