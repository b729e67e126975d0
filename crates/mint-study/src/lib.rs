#![doc = include_str!("../README.md")]

mod byzantine;
mod calibration;
mod experiment;
mod quiet;
mod steps;
mod telemetry;

pub use byzantine::{ByzantineRounds, Collusion, Scheme, StudyError, byzantine, collusion};
pub use calibration::{RunLengths, threshold_by_run_length};
pub use experiment::{Experiment, Figures, Trace, experiment, trace};
pub use quiet::{FalseAlarms, QuietRate, false_alarms, quiet_rate};
pub use steps::{StepFinding, step_finding};
pub use telemetry::{Burst, Fleet, Noise, Telemetry};
