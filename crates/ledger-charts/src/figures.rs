//! Boxplots, bars and curves.

use plotters::{coord::types::RangedCoordf64, prelude::*};
use simulation::Summary;

use crate::{BLUE, ChartError, GRID, INK, ORANGE, font, text};

const SIZE: (u32, u32) = (1000, 640);
/// Room beyond the extremes, as a share of their distance.
const ROOM: f64 = 0.08;

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What of.
    pub name: String,
    /// How high.
    pub mean: f64,
    /// Half the width of the confidence interval.
    pub confidence: f64,
}

type Axes<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Failed<'b> = DrawingAreaErrorKind<<SVGBackend<'b> as DrawingBackend>::ErrorType>;

/// Boxes from the first to the third quartile with the median, whiskers to the extremes.
pub fn boxes(title: &str, unit: &str, samples: &[(String, Summary)]) -> Result<String, ChartError> {
    let least = samples.iter().map(|(_, summary)| summary.least).fold(f64::INFINITY, f64::min);
    let most = samples.iter().map(|(_, summary)| summary.greatest).fold(f64::NEG_INFINITY, f64::max);
    let names: Vec<_> = samples.iter().map(|(name, _)| name.clone()).collect();
    chart(title, unit, &names, (least, most), |axes| {
        for (place, (_, summary)) in (0..).map(f64::from).zip(samples) {
            let [lower, median, upper] = summary.quartiles;
            let line = |from: (f64, f64), to: (f64, f64)| PathElement::new([from, to], INK.stroke_width(2));
            axes.draw_series([
                line((place, summary.least), (place, lower)),
                line((place, upper), (place, summary.greatest)),
            ])?;
            let shape = [(place - 0.3, lower), (place + 0.3, upper)];
            axes.draw_series([
                Rectangle::new(shape, BLUE.mix(0.4).filled()),
                Rectangle::new(shape, INK.stroke_width(1)),
            ])?;
            axes.draw_series([line((place - 0.3, median), (place + 0.3, median))])?;
        }
        Ok(())
    })
}

/// Bars from zero with confidence intervals.
pub fn bars(title: &str, unit: &str, bars: &[Bar]) -> Result<String, ChartError> {
    let most = bars.iter().map(|bar| bar.mean + bar.confidence).fold(0.0, f64::max);
    let names: Vec<_> = bars.iter().map(|bar| bar.name.clone()).collect();
    chart(title, unit, &names, (0.0, most), |axes| {
        for (place, bar) in (0..).map(f64::from).zip(bars) {
            let shape = [(place - 0.35, 0.0), (place + 0.35, bar.mean)];
            axes.draw_series([Rectangle::new(shape, BLUE.mix(0.6).filled())])?;
            let ends = [(place, bar.mean - bar.confidence), (place, bar.mean + bar.confidence)];
            axes.draw_series([PathElement::new(ends, INK.stroke_width(3))])?;
        }
        Ok(())
    })
}

/// A curve over numbered episodes, with named levels to compare it with.
pub fn curve(title: &str, unit: &str, values: &[f64], levels: &[(String, f64)]) -> Result<String, ChartError> {
    let all = || values.iter().copied().chain(levels.iter().map(|(_, level)| *level));
    let span = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let names: Vec<_> =
        (1..=values.len()).map(|episode| if episode % 5 == 0 { episode.to_string() } else { String::new() }).collect();
    chart(title, unit, &names, span, |axes| {
        let places = || (0..).map(f64::from);
        axes.draw_series([PathElement::new(
            places().zip(values.iter().copied()).collect::<Vec<_>>(),
            BLUE.stroke_width(3),
        )])?;
        let end = places().take(values.len()).last().unwrap_or(0.0);
        for (name, level) in levels {
            axes.draw_series([PathElement::new([(0.0, *level), (end, *level)], ORANGE.stroke_width(2))])?;
            axes.draw_series([Text::new(name.clone(), (end * 0.8, *level), text(20))])?;
        }
        Ok(())
    })
}

fn chart(
    title: &str,
    unit: &str,
    names: &[String],
    (least, most): (f64, f64),
    draw: impl for<'a, 'b> FnOnce(&mut Axes<'a, 'b>) -> Result<(), Failed<'b>>,
) -> Result<String, ChartError> {
    font()?;
    let count = u32::try_from(names.len()).ok().filter(|count| *count > 0).ok_or(ChartError::Empty)?;
    let room = (most - least).abs().max(1e-9) * ROOM;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let fail = |error: Failed<'_>| ChartError::of(&error);
        area.fill(&WHITE).map_err(fail)?;
        let floor = if least == 0.0 { 0.0 } else { least - room };
        let mut axes = ChartBuilder::on(&area)
            .caption(title, text(28))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(84)
            .build_cartesian_2d(-0.6..f64::from(count) - 0.4, floor..most + room)
            .map_err(|error| ChartError::of(&error))?;
        let name = |place: &f64| at(names, *place);
        axes.configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_labels(names.len() * 2 + 2)
            .x_label_formatter(&name)
            .y_desc(unit)
            .label_style(text(20))
            .draw()
            .map_err(|error| ChartError::of(&error))?;
        draw(&mut axes).map_err(|error| ChartError::of(&error))?;
        area.present().map_err(|error| ChartError::of(&error))?;
    }
    Ok(svg)
}

/// The name at a whole place, nothing between.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place on an axis")]
fn at(names: &[String], place: f64) -> String {
    let whole = (place - place.round()).abs() < 1e-6 && place > -0.5;
    if whole { names.get(place.round() as usize).cloned().unwrap_or_default() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boxplot_has_a_box_for_each_sample_and_names_it() {
        let samples: Vec<_> =
            [3.0, 5.0].map(|lost| (format!("{lost}"), Summary::of(&[lost, lost + 1.0, lost + 4.0]))).into();
        let svg = boxes("latency", "s", &samples).unwrap();
        assert!(svg.trim_end().ends_with("</svg>") && svg.contains("latency"));
        assert_eq!(svg.matches("#0072B2").count(), 2);
        assert_eq!(boxes("latency", "s", &[]), Err(ChartError::Empty));
    }

    #[test]
    fn a_curve_shows_what_it_is_compared_with() {
        let svg = curve("training", "s", &[3.0, 2.0, 1.5], &[("pbft".to_owned(), 2.5)]).unwrap();
        assert!(svg.contains("pbft") && svg.contains("#0072B2") && svg.contains("#E69F00"));
    }
}
