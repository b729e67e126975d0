#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "tests count little, and some sums are exact")
)]

mod baseline;
mod batch;
mod behaviour;
mod covariance;
mod detector;
mod distances;
mod gram;
mod krum;
mod parameters;
mod reconstruction;
mod score;
mod subspace;
mod tape;
mod threshold;

pub use batch::Batch;
pub use behaviour::{Behaviours, VectorRefused, tolerable};
pub use detector::{BadValue, Detector, Point, State};
pub use distances::krum_scores_reference;
pub use krum::Krum;
pub use parameters::{BadParameters, Eigen, Mode, Parameters};
pub use reconstruction::{diagonal_weights, reconstruct};
pub use score::{Assessment, NotEnoughMiners, Score};
pub use threshold::{ROUND_THRESHOLD, T_ALARM, T_PAPER, threshold};
