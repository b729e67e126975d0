//! Section 5 of the paper, on simulated telemetry.

use mint_detector::{BadParameters, Detector, Eigen, Parameters, Point, ROUND_THRESHOLD, State};
use serde::{Deserialize, Serialize};

use crate::{
    Burst, Collusion, FalseAlarms, Noise, QuietRate, RunLengths, Scheme, StepFinding, Telemetry,
    byzantine::{StudyError, collusion},
    calibration::threshold_by_run_length,
    quiet::{false_alarms, quiet_rate},
    steps::step_finding,
};

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// Seeded runs of each question.
    pub runs: u64,
    /// Samples of a quiet run.
    pub samples: usize,
    /// The noise of a miner's CPU share.
    pub noise: Noise,
}

impl Default for Experiment {
    fn default() -> Self {
        Self { runs: 200, samples: 1_000, noise: Noise::default() }
    }
}

/// What the experiments find.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// How much was measured.
    pub experiment: Experiment,
    /// The thresholds in force, paper and calibrated.
    pub thresholds: (f64, f64),
    /// Thresholds by simulated run length, calibrated.
    pub run_lengths: Vec<RunLengths>,
    /// False alarms by mode: paper, calibrated, calibrated with a full decomposition of every window.
    pub quiet: Vec<(String, QuietRate)>,
    /// False alarms of the calibrated mode under other noise.
    pub quiet_by_noise: Vec<(Noise, QuietRate)>,
    /// Steps found, by mode.
    pub steps: Vec<(String, Vec<StepFinding>)>,
    /// Steps found in calibrated mode with three times the noise.
    pub steps_noisy: Vec<StepFinding>,
    /// Figure 6.
    pub false_alarms: FalseAlarms,
    /// 1 to 6 colluders of 16, ten percentage points more; flagged past the threshold of rounds.
    pub collusion: Vec<Collusion>,
    /// The same, flagged past the detector's h.
    pub collusion_past_h: Vec<Collusion>,
    /// The same as the first, with three times the noise.
    pub collusion_noisy: Vec<Collusion>,
}

/// The modes that are compared.
fn modes() -> [(&'static str, Parameters); 3] {
    let calibrated = Parameters::calibrated();
    [
        ("paper", Parameters::paper()),
        ("calibrated", calibrated),
        ("calibrated, exact eigenvectors", Parameters { eigen: Eigen::Exact, ..calibrated }),
    ]
}

/// Runs all of it; `told` hears what is being measured.
pub fn experiment(setting: Experiment, mut told: impl FnMut(&str)) -> Result<Figures, StudyError> {
    let Experiment { runs, samples, noise } = setting;
    let calibrated = Parameters::calibrated();
    told("false alarms of quiet miners");
    let quiet = modes()
        .into_iter()
        .map(|(mode, parameters)| Ok((mode.to_owned(), quiet_rate(parameters, noise, runs, samples)?)))
        .collect::<Result<_, BadParameters>>()?;
    let others = [(1.5, 0.0), (5.0, 0.0), (0.5, -0.3), (0.5, 0.3), (0.5, 0.6)];
    let quiet_by_noise = others
        .into_iter()
        .map(|(deviation, correlation)| Noise { deviation, correlation })
        .map(|noise| Ok((noise, quiet_rate(calibrated, noise, runs, samples)?)))
        .collect::<Result<_, BadParameters>>()?;
    told("steps");
    let sizes = [5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 100.0];
    let noisy = Noise { deviation: 3.0 * noise.deviation, ..noise };
    let find = |parameters, noise| {
        let found = sizes.iter().map(|step| step_finding(parameters, noise, *step, 200, runs));
        found.collect::<Result<Vec<_>, _>>()
    };
    let steps = modes()
        .into_iter()
        .map(|(mode, parameters)| Ok((mode.to_owned(), find(parameters, noise)?)))
        .collect::<Result<_, BadParameters>>()?;
    let steps_noisy = find(calibrated, noisy)?;
    told("thresholds by simulated run length");
    let run_lengths = [100.0, 500.0, 1000.0]
        .into_iter()
        .map(|length| threshold_by_run_length(calibrated, noise, length, runs, samples))
        .collect::<Result<_, _>>()?;
    told("false alarms over thresholds");
    let false_alarms = false_alarms(calibrated, noise, (runs / 10).max(1))?;
    told("colluders");
    let colluders = |threshold, noise| {
        let schemes = (1..=6).map(move |cheats| Scheme { cheats, extra: 10.0, threshold, noise });
        schemes.map(|scheme| collusion(calibrated, scheme, runs)).collect::<Result<Vec<_>, _>>()
    };
    let past_round = colluders(ROUND_THRESHOLD, noise)?;
    let past_h = colluders(calibrated.threshold, noise)?;
    let collusion_noisy = colluders(ROUND_THRESHOLD, noisy)?;
    let thresholds = (Parameters::paper().threshold, calibrated.threshold);
    Ok(Figures {
        experiment: setting,
        thresholds,
        run_lengths,
        quiet,
        quiet_by_noise,
        steps,
        steps_noisy,
        false_alarms,
        collusion: past_round,
        collusion_past_h: past_h,
        collusion_noisy,
    })
}

/// A miner's samples and what the detector says to each; what figures 3 and 4 show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Per cent of the allotment, a sample a second.
    pub samples: Vec<f64>,
    /// The statistics, once there are any.
    pub points: Vec<Option<Point>>,
}

/// The trace of one simulated miner.
pub fn trace(
    parameters: Parameters,
    noise: Noise,
    seed: u64,
    bursts: Vec<Burst>,
    samples: usize,
) -> Result<Trace, BadParameters> {
    let mut detector = Detector::new(parameters)?;
    let samples: Vec<f64> = Telemetry::new(seed, 0, noise, bursts).take(samples).collect();
    let points = samples.iter().map(|c| detector.push(*c).ok().and_then(State::point)).collect();
    Ok(Trace { samples, points })
}
