#![doc = include_str!("../README.md")]

mod figures;
mod network;

pub use figures::{Bar, bars, boxes, curve};
pub use network::networks;

use std::sync::OnceLock;

use plotters::{
    prelude::*,
    style::{FontStyle, register_font},
};
use thiserror::Error;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(60, 60, 60);
const GRID: RGBColor = RGBColor(225, 225, 225);
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(230, 159, 0);
const RED: RGBColor = RGBColor(213, 94, 0);

/// A chart that could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChartError {
    /// There is nothing to show.
    #[error("there is nothing to draw")]
    Empty,
    /// The drawing library gave up.
    #[error("drawing the chart failed: {0}")]
    Drawing(String),
}

impl ChartError {
    /// What a drawing library said.
    fn of(error: &dyn std::error::Error) -> Self {
        Self::Drawing(error.to_string())
    }
}

fn font() -> Result<(), ChartError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let register = || register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).is_ok();
    let readable = *REGISTERED.get_or_init(register);
    if readable { Ok(()) } else { Err(ChartError::Drawing("the built-in font cannot be read".to_owned())) }
}

fn text(size: u32) -> TextStyle<'static> {
    TextStyle::from((FONT, size)).color(&INK)
}
