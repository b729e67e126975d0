// MinT: experiments on simulated telemetry and on processes that hash, and speed.
import { decimal, measured, number, table } from "./format.mjs";

function quiet({ quiet, quiet_by_noise }) {
  const row = (name, rate) => [
    name,
    number(rate.points),
    decimal(rate.alarms_per_thousand, 2),
    decimal(rate.points_in_alarm_per_thousand / 10, 1),
  ];
  const rows = quiet.map(([mode, rate]) => row(mode, rate));
  const noisy = quiet_by_noise.map(([noise, rate]) =>
    row(`calibrated, deviation ${noise.deviation}, correlation ${noise.correlation}`, rate));
  return table(["quiet miners", "points", "false alarms by 1,000 points", "time in alarm %"], [...rows, ...noisy]);
}

function steps({ steps, steps_noisy, experiment }) {
  const row = (mode, s) => [
    `${mode}, +${s.step} points`,
    decimal(s.found, 1),
    decimal(s.found_within_four, 1),
    s.median_samples,
    s.most_samples,
  ];
  const rows = steps.filter(([mode]) => !mode.includes("exact")).flatMap(([mode, all]) => all.map((s) => row(mode, s)));
  const noisy = steps_noisy.map((s) => row(`calibrated, deviation ${decimal(3 * experiment.noise.deviation, 1)}`, s));
  return table(["step", "found %", "within 4 samples %", "median samples", "most"], [...rows, ...noisy]);
}

function colluders({ collusion, collusion_past_h, collusion_noisy }) {
  const rows = collusion.map((c, i) => [
    `${c.scheme.cheats} of 16`,
    `${c.all_flagged} of ${c.runs}`,
    c.honest_flagged,
    `${c.honest_flags} of ${number(c.honest_rounds)}`,
    collusion_past_h[i].honest_flagged,
    `${collusion_noisy[i].all_flagged} of ${collusion_noisy[i].runs}`,
  ]);
  const header = ["colluders, +10 points", "seeds with all flagged", "seeds with an honest one flagged",
    "honest rounds flagged", "the same past h", "all flagged, three times the noise"];
  return table(header, rows);
}

function thresholds({ false_alarms }) {
  const shown = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0];
  const places = shown.map((h) => false_alarms.thresholds.findIndex((t) => Math.abs(t - h) < 1e-9));
  const row = (name, shares) => [name, ...places.map((place) => decimal(shares[place], 1))];
  const rows = false_alarms.network.map(([extra, shares]) => row(`mean W, two take +${extra}`, shares));
  return table(["% of quiet seconds with W past h", ...shown], [...rows, row("W of one honest miner", false_alarms.single)]);
}

function speed(s) {
  const ratio = (fast, plain) => `${decimal(plain / fast, 1)}×`;
  return table(["", "time", "goal", "plain way", "ratio"], [
    [`a sample of one twin of ${number(s.twins)}`, `${decimal(s.sample_ns / 1e3, 2)} µs`, "3 µs",
      `${decimal(s.sample_plain_ns / 1e3, 2)} µs`, ratio(s.sample_ns, s.sample_plain_ns)],
    ["Krum scores, n = 16, d = 60", `${decimal(s.krum_16_ns / 1e3, 2)} µs`, "2 µs",
      `${decimal(s.krum_16_plain_ns / 1e3, 2)} µs`, ratio(s.krum_16_ns, s.krum_16_plain_ns)],
    ["Krum scores, n = 1,000, d = 600", `${decimal(s.krum_1000_ns / 1e6, 1)} ms`, "10 ms",
      `${decimal(s.krum_1000_plain_ns / 1e6, 1)} ms`, ratio(s.krum_1000_ns, s.krum_1000_plain_ns)],
  ]);
}

function real(r) {
  const rows = r.miners.map((m, i) => [
    `${i}${m.cheats ? ", takes double" : ""}`,
    decimal(m.mean, 1),
    decimal(m.deviation, 1),
    m.alarms_before,
    m.found_after ?? "–",
    m.cap_test_after ?? "–",
  ]);
  return `Processes that hash (\`sha256sum /dev/zero\`), ${r.millicores} thousandths of a core each, held by ${r.mechanism}, a
sample every ${r.period_ms} ms; the first one takes double from sample ${r.doubles_at} on. \`entente mint experiment --real\`, on
two cores that were shared with other work. A slice of 5 ms is ${decimal((100 * 5) / ((r.millicores / 1000) * r.period_ms), 0)} % of what a miner may use in so short a time, so that
measurements stray far more than simulated ones. What the table says of miners that do not cheat are false alarms: so small
an allotment, sampled so often, is not fit for judging.

${table(["miner", "mean %", "deviation", "alarms before", "alarm after samples", "cap test after samples"], rows)}`;
}

export function section() {
  const m = measured("mint");
  if (!m) return null;
  const [paper, calibrated] = m.experiment.thresholds;
  const lengths = m.experiment.run_lengths.map((r) => `${number(r.run_length)} samples: ${decimal(r.threshold, 2)}`);
  const noise = m.experiment.experiment.noise;
  return `## MinT: fair mining

Sixteen simulated miners that use all they are allotted, with normal noise of deviation ${noise.deviation} percentage points (5 ms of
a core's second) and correlation ${noise.correlation}; ${m.experiment.experiment.runs} seeded runs of each question. \`make results-mint\`, by \`entente mint experiment\`.
h is ${decimal(paper, 4)} in mode paper and ${decimal(calibrated, 4)} calibrated; by simulated run length, one false alarm in
${lengths.join("; ")}. A false alarm counts once however long it lasts.

${quiet(m.experiment)}

The goal is at most 2 false alarms by 1,000 points. It is met at any deviation of uncorrelated noise; correlated noise is not
what the threshold is made for, and misses it: where it is found, take the threshold by run length.

${steps(m.experiment)}

A run that is in a false alarm when its step comes counts as missed. The plain cap test at 105 % finds every one of these
steps of 10 points and more at its first sample, and with certainty after three; it suffices whenever a miner exceeds its
allotment and reports it. The detector finds changes below the cap.

${colluders(m.experiment)}

A colluder counts as flagged in the first minute it cheats; vectors are a minute of W, f is 6. Miners are flagged past the
W that quiet series exceed once in a million samples; past the detector's h, honest miners in a false alarm are flagged.

${thresholds(m.experiment)}

${m.real ? real(m.real) : ""}

${m.speed ? speed(m.speed) : ""}

Vectors are independent and uniform; of vectors close to each other distances are measured directly, which takes longer.
Times are medians of CPU time, \`cargo bench --package mint-detector --bench speed\`, on two cores that were shared with other
work.

Charts like the paper's: a miner that doubles its power ([the mean of all](results/charts/mint/figure-3a.svg),
[the miner](results/charts/mint/figure-3b.svg), [l = 8](results/charts/mint/figure-3c.svg),
[Q = 24](results/charts/mint/figure-3d.svg), [mode paper](results/charts/mint/figure-3paper.svg)), one that takes more in
steps of [20](results/charts/mint/figure-4a.svg), [30](results/charts/mint/figure-4b.svg),
[40](results/charts/mint/figure-4c.svg) and [50 %](results/charts/mint/figure-4d.svg), two colluders
([scores by minute](results/charts/mint/figure-5.svg)), and [false alarms over
thresholds](results/charts/mint/figure-6.svg).${m.real ? " [Processes that hash](results/charts/mint/real.svg)." : ""}`;
}
