//! The chart of a day: what was offered against what was traded, interval by interval.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};
use thiserror::Error;

use crate::{DayReport, IntervalFigures};

/// Size of the chart, pixels.
const SIZE: (u32, u32) = (1600, 800);
pub(crate) const FONT: &str = "sans-serif";
const INTERVAL_MINUTES: u32 = 15;
const INTERVALS_AN_HOUR: f64 = 4.0;
/// Room above the highest bar, for the legend.
const HEADROOM: f64 = 1.25;

// Okabe and Ito's colours, told apart by nearly everybody, and in grey by their lightness.
const SELL: RGBColor = RGBColor(86, 180, 233);
const BUY: RGBColor = RGBColor(230, 159, 0);
const TRADED: RGBColor = RGBColor(0, 0, 0);
const INK: RGBColor = RGBColor(60, 60, 60);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// A chart that could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChartError {
    /// There is no interval to show.
    #[error("the report has no intervals to draw; expected at least one entry in its series")]
    NoIntervals,
    /// There is no point to show.
    #[error("there is no point to draw")]
    NoPoints,
    /// The drawing library gave up.
    #[error("drawing the chart failed: {0}")]
    Drawing(String),
    /// The picture could not be encoded.
    #[error("encoding the chart as PNG failed: {0}")]
    Encoding(String),
}

/// The chart as an SVG document.
pub fn chart_svg(report: &DayReport) -> Result<String, ChartError> {
    let mut text = String::new();
    draw(&SVGBackend::with_string(&mut text, SIZE).into_drawing_area(), report)?;
    Ok(text)
}

/// The chart as a PNG file.
pub fn chart_png(report: &DayReport) -> Result<Vec<u8>, ChartError> {
    let mut pixels = vec![255; 3 * SIZE.0 as usize * SIZE.1 as usize];
    draw(&BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area(), report)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIZE.0, SIZE.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let encoding = |error: png::EncodingError| ChartError::Encoding(error.to_string());
    let mut writer = encoder.write_header().map_err(encoding)?;
    writer.write_image_data(&pixels).map_err(encoding)?;
    writer.finish().map_err(encoding)?;
    Ok(file)
}

/// The unit of the vertical axis: its name and how many Wh it has.
fn unit(most: u64) -> (&'static str, f64) {
    if most >= 10_000 { ("kWh", 1_000.0) } else { ("Wh", 1.0) }
}

/// The start of an interval, as a time of day.
fn clock(interval: u32) -> String {
    let minutes = interval * INTERVAL_MINUTES % 1440;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

pub(crate) fn font() -> Result<(), ChartError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let register = || register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).is_ok();
    let readable = *REGISTERED.get_or_init(register);
    if readable { Ok(()) } else { Err(ChartError::Drawing("the built-in font cannot be read".to_owned())) }
}

type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;
type Axes<'a, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

fn draw<B: DrawingBackend>(area: &DrawingArea<B, Shift>, report: &DayReport) -> Result<(), ChartError> {
    font()?;
    let (Some(first), Some(last)) = (report.series.first(), report.series.last()) else {
        return Err(ChartError::NoIntervals);
    };
    let span = (first.interval, last.interval + 1);
    draw_all(area, &report.series, span).map_err(|error| ChartError::Drawing(error.to_string()))
}

fn draw_all<B: DrawingBackend>(area: &DrawingArea<B, Shift>, series: &[IntervalFigures], span: (u32, u32)) -> Drawn<B> {
    let most = series.iter().map(|f| f.offered_sell_wh.max(f.offered_buy_wh).max(f.traded_wh)).max().unwrap_or(0);
    let (unit, watt_hours) = unit(most);
    area.fill(&WHITE)?;
    let area = area.margin(20, 0, 0, 0).titled("Energy offered and traded in each interval", text(34))?;
    let mut axes = ChartBuilder::on(&area)
        .margin(12)
        .margin_right(48)
        .x_label_area_size(72)
        .y_label_area_size(104)
        .build_cartesian_2d(hours(span.0)..hours(span.1), 0.0..amount(most.max(1), watt_hours) * HEADROOM)?;
    draw_axes(&mut axes, unit)?;
    let sell = |f: &IntervalFigures| amount(f.offered_sell_wh, watt_hours);
    let buy = |f: &IntervalFigures| amount(f.offered_buy_wh, watt_hours);
    draw_bars(&mut axes, series, ("offered for sale", SELL), (0.06, 0.48), sell)?;
    draw_bars(&mut axes, series, ("asked for", BUY), (0.52, 0.94), buy)?;
    draw_traded(&mut axes, series, watt_hours)?;
    axes.configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .margin(16)
        .legend_area_size(36)
        .background_style(WHITE.mix(0.9))
        .border_style(GRID)
        .label_font(text(24))
        .draw()?;
    area.present()
}

fn draw_axes<B: DrawingBackend>(axes: &mut Axes<'_, B>, unit: &str) -> Drawn<B> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the axis runs over hours")]
    let time = |hours: &f64| clock((hours * INTERVALS_AN_HOUR).round() as u32);
    axes.configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .x_labels(13)
        .x_label_formatter(&time)
        .y_label_formatter(&|energy| format!("{energy}"))
        .x_desc("start of the interval, time of day")
        .y_desc(format!("energy in an interval of {INTERVAL_MINUTES} minutes, {unit}"))
        .label_style(text(22))
        .axis_desc_style(text(24))
        .draw()
}

fn draw_bars<B: DrawingBackend>(
    axes: &mut Axes<'_, B>,
    series: &[IntervalFigures],
    (label, colour): (&str, RGBColor),
    (left, right): (f64, f64),
    height: impl Fn(&IntervalFigures) -> f64,
) -> Drawn<B> {
    let bar = |f: &IntervalFigures| {
        let at = |share: f64| hours(f.interval) + share / INTERVALS_AN_HOUR;
        Rectangle::new([(at(left), 0.0), (at(right), height(f))], colour.filled())
    };
    let key = move |(x, y)| Rectangle::new([(x, y - 8), (x + 28, y + 8)], colour.filled());
    axes.draw_series(series.iter().map(bar))?.label(label).legend(key);
    Ok(())
}

fn draw_traded<B: DrawingBackend>(axes: &mut Axes<'_, B>, series: &[IntervalFigures], watt_hours: f64) -> Drawn<B> {
    let middle = |f: &IntervalFigures| (hours(f.interval) + 0.5 / INTERVALS_AN_HOUR, amount(f.traded_wh, watt_hours));
    let line = LineSeries::new(series.iter().map(middle), TRADED.stroke_width(3));
    let key = |(x, y)| PathElement::new([(x, y), (x + 28, y)], TRADED.stroke_width(3));
    axes.draw_series(line)?.label("traded").legend(key);
    axes.draw_series(series.iter().map(|f| Circle::new(middle(f), 4, TRADED.filled())))?;
    Ok(())
}

fn text(size: u32) -> TextStyle<'static> {
    TextStyle::from((FONT, size)).color(&INK)
}

/// The start of an interval in hours, so that the axis is labelled at whole ones.
fn hours(interval: u32) -> f64 {
    f64::from(interval) / INTERVALS_AN_HOUR
}

#[expect(clippy::cast_precision_loss, reason = "a picture is not exact to the watt-hour")]
fn amount(energy: u64, watt_hours: f64) -> f64 {
    energy as f64 / watt_hours
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day like the shipped one: sun at noon, loads in the morning and at night.
    fn report(intervals: u32, scale: u64) -> DayReport {
        let figures = |interval: u32| {
            let sun = 1_200_u64.saturating_sub(u64::from(interval.abs_diff(54)).pow(2) * 3);
            let load = 420 + u64::from(interval * 37 % 11) * 20;
            IntervalFigures {
                interval,
                offered_sell_wh: sun * scale,
                offered_buy_wh: load * scale,
                traded_wh: sun.min(load) * scale,
            }
        };
        DayReport { series: (32..32 + intervals).map(figures).collect(), ..DayReport::default() }
    }

    #[test]
    fn the_svg_names_what_it_shows_with_units_and_times() {
        let svg = chart_svg(&report(48, 1)).unwrap();
        assert!(svg.trim_end().ends_with("</svg>"));
        for part in ["offered for sale", "asked for", "traded", "Wh", "08:00", "time of day"] {
            assert!(svg.contains(part), "{part} is missing");
        }
        let bars = |colour: &str| svg.matches(colour).count();
        assert_eq!((bars("#56B4E9"), bars("#E69F00")), (48 + 1, 48 + 1));
    }

    #[test]
    fn the_png_is_one_and_shows_all_its_colours() {
        let file = chart_png(&report(96, 1_000)).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width, frame.height), SIZE);
        for colour in [SELL, BUY, TRADED, GRID] {
            assert!(pixels.chunks(3).any(|pixel| pixel == [colour.0, colour.1, colour.2]));
        }
    }

    #[test]
    fn large_amounts_are_in_kilowatt_hours_and_times_wrap_at_midnight() {
        assert_eq!((unit(9_999).0, unit(10_000).0), ("Wh", "kWh"));
        assert_eq!((clock(32), clock(97)), ("08:00".to_owned(), "00:15".to_owned()));
    }

    #[test]
    fn a_report_without_intervals_is_refused() {
        assert_eq!(chart_svg(&DayReport::default()), Err(ChartError::NoIntervals));
        assert_eq!(chart_png(&DayReport::default()), Err(ChartError::NoIntervals));
    }
}
