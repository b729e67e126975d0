#![doc = include_str!("../README.md")]

mod chart;
mod curves;
mod day;
mod series;
mod table;

pub use chart::{ChartError, chart_png, chart_svg};
pub use curves::{Curve, curves_svg};
pub use day::{BillFigures, DayReport, IntervalFigures, Token};
pub use series::{OfferOutcome, series};
pub use table::table;
