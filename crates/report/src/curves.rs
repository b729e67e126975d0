//! Curves over anything, each with a name.

use plotters::prelude::*;

use crate::chart::{ChartError, FONT, font};

/// Size of a chart, pixels.
const SIZE: (u32, u32) = (1200, 600);
// Okabe and Ito's colours.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// A named series of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What the legend calls it.
    pub name: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// Curves under a title, as an SVG document; axes span what there is, the vertical one from 0.
pub fn curves_svg(title: &str, axes: (&str, &str), curves: &[Curve]) -> Result<String, ChartError> {
    font()?;
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let (first, last, most) = points()
        .fold((f64::MAX, f64::MIN, 0.0), |(first, last, most), (x, y)| (x.min(first), x.max(last), y.max(most)));
    if first >= last {
        return Err(ChartError::NoPoints);
    }
    let mut text = String::new();
    let spans = (first..last, 0.0..(if most > 0.0 { most * 1.1 } else { 1.0 }));
    draw(&mut text, title, axes, spans, curves).map_err(|error| ChartError::Drawing(error.to_string()))?;
    Ok(text)
}

fn draw(
    text: &mut String,
    title: &str,
    (horizontal, vertical): (&str, &str),
    (x, y): (std::ops::Range<f64>, std::ops::Range<f64>),
    curves: &[Curve],
) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(text, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, (FONT, 26))
        .margin(14)
        .x_label_area_size(52)
        .y_label_area_size(72)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc(horizontal)
        .y_desc(vertical)
        .label_style((FONT, 18))
        .draw()?;
    for (place, curve) in curves.iter().enumerate() {
        let colour = COLOURS[place % COLOURS.len()];
        chart
            .draw_series(LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2)))?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], colour.stroke_width(3)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.2))
        .label_font((FONT, 18))
        .draw()?;
    area.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_names_its_curves() {
        let curve = Curve { name: "W of miner-03".to_owned(), points: vec![(0.0, 1.0), (1.0, 2.0)] };
        let svg = curves_svg("a title", ("s", "W"), &[curve]).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("W of miner-03") && svg.contains("a title"));
    }

    #[test]
    fn a_chart_of_nothing_is_refused() {
        assert_eq!(curves_svg("t", ("x", "y"), &[]), Err(ChartError::NoPoints));
    }
}
