//! Charts like the paper's figures 3 to 6.

use mint_detector::{Parameters, ROUND_THRESHOLD, threshold};
use mint_study::{Burst, Figures, Fleet, Noise, Scheme, Trace, byzantine, trace};
use report::{Curve, curves_svg};

use crate::exit::Failure;

/// The seed of what is drawn.
const SEED: u64 = 0;

/// File names and SVG documents.
pub fn all(noise: Noise, figures: &Figures) -> Result<Vec<(String, String)>, Failure> {
    let mut charts = figure_three(noise)?;
    charts.extend(figure_four(noise)?);
    charts.extend(figure_five(noise)?);
    charts.push(("figure-6.svg".to_owned(), figure_six(figures)?));
    Ok(charts)
}

/// The panels of figure 3: the mean of all miners, and the one that doubles its power at 200 s by other parameters.
fn figure_three(noise: Noise) -> Result<Vec<(String, String)>, Failure> {
    let (samples, double) = (400, Burst { from: 200, until: usize::MAX, extra: 100.0 });
    let calibrated = Parameters::calibrated();
    let wide = Parameters { tests: 24, gap: 13, threshold: threshold(2.3263, 12, 24), ..calibrated };
    let panels = [
        ("b", "l = 4, Q = 12", calibrated),
        ("c", "l = 8, Q = 12", Parameters { components: 8, ..calibrated }),
        ("d", "l = 4, Q = 24", wide),
        ("paper", "the paper's recipe", Parameters::paper()),
    ];
    let mut charts = vec![("figure-3a.svg".to_owned(), mean_of_all(noise, double, samples)?)];
    for (panel, title, parameters) in panels {
        let trace = trace(parameters, noise, SEED, vec![double], samples).map_err(anyhow::Error::from)?;
        let title = format!("A miner doubles its power at 200 s: {title}");
        charts.push((format!("figure-3{panel}.svg"), traced(&title, &trace, parameters.threshold)?));
    }
    Ok(charts)
}

#[expect(clippy::cast_precision_loss, reason = "sixteen miners")]
fn mean_of_all(noise: Noise, double: Burst, samples: usize) -> Result<String, Failure> {
    let mut fleet = Fleet::new(SEED, 16, 1, noise, &[double]);
    let mut detector = mint_detector::Detector::new(Parameters::calibrated()).map_err(anyhow::Error::from)?;
    let mut trace = Trace { samples: Vec::new(), points: Vec::new() };
    for _ in 0..samples {
        let now: Vec<f64> = fleet.miners.iter_mut().filter_map(Iterator::next).collect();
        let mean = now.iter().sum::<f64>() / now.len() as f64;
        trace.samples.push(mean);
        trace.points.push(detector.push(mean).map_err(anyhow::Error::from)?.point());
    }
    traced("The mean of 16 miners, one of which doubles its power at 200 s", &trace, Parameters::calibrated().threshold)
}

/// Steps at 125, 175, 225 and 275 s.
fn figure_four(noise: Noise) -> Result<Vec<(String, String)>, Failure> {
    let panel = |(panel, step): (char, f64)| {
        let burst = |from| Burst { from, until: usize::MAX, extra: step };
        let bursts = [125, 175, 225, 275].map(burst).to_vec();
        let parameters = Parameters::calibrated();
        let trace = trace(parameters, noise, SEED, bursts, 350).map_err(anyhow::Error::from)?;
        let title = format!("A miner takes {step} % more at 125, 175, 225 and 275 s");
        Ok((format!("figure-4{panel}.svg"), traced(&title, &trace, parameters.threshold)?))
    };
    [('a', 20.0), ('b', 30.0), ('c', 40.0), ('d', 50.0)].into_iter().map(panel).collect()
}

/// Two of sixteen take 10 % more in minutes 9 and 10: scores by minute, and distances in minute 9.
fn figure_five(noise: Noise) -> Result<Vec<(String, String)>, Failure> {
    let scheme = Scheme { cheats: 2, extra: 10.0, threshold: ROUND_THRESHOLD, noise };
    let rounds = byzantine(Parameters::calibrated(), scheme, SEED, 20).map_err(anyhow::Error::from)?;
    let curve = |place: usize| {
        let score = |(minute, round): (usize, &Option<mint_detector::Assessment>)| {
            let score = round.as_ref()?.scores.get(place)?;
            Some((minute_number(minute), score.score.max(1e-9).log10()))
        };
        let points = rounds.minutes.iter().enumerate().filter_map(score).map(|(x, y)| (x, y.max(0.0))).collect();
        Curve { name: format!("miner {place}{}", if place < 2 { ", cheats" } else { "" }), points }
    };
    let curves: Vec<Curve> = (0..6).map(curve).collect();
    let title = "Krum scores by minute: two of 16 take 10 % more in minutes 9 and 10 (six miners shown)";
    let chart = curves_svg(title, ("minute", "log10 of the score"), &curves).map_err(anyhow::Error::from)?;
    Ok(vec![("figure-5.svg".to_owned(), chart)])
}

#[expect(clippy::cast_precision_loss, reason = "minutes are few")]
fn minute_number(place: usize) -> f64 {
    (place + 1) as f64
}

/// False alarms over thresholds.
fn figure_six(figures: &Figures) -> Result<String, Failure> {
    let rates = &figures.false_alarms;
    let curve = |name: String, shares: &[f64]| Curve {
        name,
        points: rates.thresholds.iter().copied().zip(shares.iter().copied()).collect(),
    };
    let mut curves: Vec<Curve> =
        rates.network.iter().map(|(extra, shares)| curve(format!("mean W, two take {extra} % more"), shares)).collect();
    curves.push(curve("W of a single honest miner".to_owned(), &rates.single));
    let title = "Quiet seconds at which W exceeds the threshold";
    Ok(curves_svg(title, ("threshold h", "per cent"), &curves).map_err(anyhow::Error::from)?)
}

/// CPU and W over time; CPU in hundredths of per cent of the axis of W would hide it, so that it is scaled to it.
#[expect(clippy::cast_precision_loss, reason = "seconds are few")]
fn traced(title: &str, trace: &Trace, threshold: f64) -> Result<String, Failure> {
    let w: Vec<(f64, f64)> =
        trace.points.iter().enumerate().filter_map(|(t, p)| p.map(|p| (t as f64, p.cusum))).collect();
    let most = w.iter().map(|(_, w)| *w).fold(threshold, f64::max);
    let highest = trace.samples.iter().copied().fold(1.0, f64::max);
    let last = trace.samples.len().saturating_sub(1) as f64;
    let cpu = trace.samples.iter().enumerate().map(|(t, c)| (t as f64, c * most / highest)).collect();
    let curves = [
        Curve { name: format!("CPU, its highest {highest:.0} %"), points: cpu },
        Curve { name: "W".to_owned(), points: w },
        Curve { name: format!("h = {threshold:.3}"), points: vec![(0.0, threshold), (last, threshold)] },
    ];
    Ok(curves_svg(title, ("s", "W"), &curves).map_err(anyhow::Error::from)?)
}
