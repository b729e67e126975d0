// What `make results-matching` measured of the matching engine.
import { decimal, measured, number, table } from "./format.mjs";

const BASELINE = { "dense-cbc": "dense CBC", "compact-cbc": "compact CBC" };
const NAMES = {
  "dense-cbc": "dense, CBC",
  "compact-cbc": "compact, CBC",
  "compact-highs": "compact, HiGHS",
  "first-answer": "auto, deadline at once",
  auto: "auto",
};

const milliseconds = (row) => (row.outcome ? row.outcome.milliseconds : null);

/** How many times faster than the slowest baseline that was run on the same case. */
const ratio = (row, rows) => {
  const same = rows.filter((other) => other.case === row.case);
  const baseline = Object.keys(BASELINE).map((method) => same.find((other) => other.method === method)).find(Boolean);
  if (!baseline || baseline === row || !row.outcome) return "";
  if (!baseline.outcome) return `> ${number(180_000 / milliseconds(row))} × ${BASELINE[baseline.method]}`;
  return `${decimal(milliseconds(baseline) / milliseconds(row), 1)} × ${BASELINE[baseline.method]}`;
};

const formulations = (rows) =>
  table(
    ["market", "way", "variables", "ms", "speed", "Wh", "bound Wh", "trades", "peak MiB"],
    rows.map((row) => [
      `${row.case}: ${number(row.sells)} × ${number(row.buys)} × ${row.intervals}`,
      NAMES[row.method],
      ...(row.outcome
        ? [
            number(row.outcome.variables),
            decimal(row.outcome.milliseconds, 1),
            ratio(row, rows),
            number(row.outcome.value),
            number(row.outcome.upper_bound),
            number(row.outcome.trades),
            row.outcome.peak_kib ? number(row.outcome.peak_kib / 1024) : "–",
          ]
        : ["–", "no answer in 180 s", "", "–", "–", "–", "–"]),
    ]),
  );

const time = (solved) => decimal(solved.build_ms + solved.solve_ms, 1);

const instances = (rows) =>
  table(
    ["instance", "optimum Wh", "found Wh", "bound Wh", "program", "trades", "ms, CBC", "ms, HiGHS"],
    rows.map(({ name, optimum, cbc, highs }) => [
      name,
      number(optimum),
      number(cbc.value),
      number(cbc.upper_bound),
      cbc.formulation,
      number(cbc.trades),
      time(cbc),
      time(highs),
    ]),
  );

const horizons = (rows) => {
  const cells = (solved) => [
    number(solved.value),
    `${decimal((100 * solved.value) / solved.upper_bound, 2)} %`,
    time(solved),
    solved.peak_kib ? decimal(solved.peak_kib / 1024, 1) : "–",
  ];
  const ways = (horizon) =>
    ["expiring-first", "plain"].map((way) => rows.find((row) => row.horizon === horizon && row.way === way));
  return table(
    ["T_h", "traded, expiring first", "of the optimum", "ms", "MiB", "traded, plain", "of the optimum", "ms", "MiB"],
    [...new Set(rows.map((row) => row.horizon))].map((horizon) => [horizon, ...ways(horizon).flatMap(cells)]),
  );
};

export const section = () => {
  const data = measured("matching");
  if (!data) return null;
  const parts = [
    `## Matching

Seeded markets of the benchmark (\`make results-matching\`), integer repair included: medians of five interleaved runs,
each in a process of its own, or one run where a way takes over five seconds. In the development profile, in which the
engine is optimised and the solvers' C and C++ are as always; on two cores that other work shared, so that ratios say
more than times.

${formulations(data.formulations)}`,
  ];
  if (data.instances) {
    parts.push(`Published instances whose integer optimum is known (\`entente solve FILE --backend …\`), the middle of five runs:

${instances(data.instances)}`);
  }
  if (data.horizons) {
    parts.push(`A day of the authors' 102 homes with batteries within their limits, planned step by step (\`entente solve … --horizons
0,1,2,…\`, with T_h intervals looked ahead), with offers that expire first preferred and plainly (figure 2.8). Time is that
of the whole day, in which every step is a flow, and memory the peak of the process, the middle one of three runs each:

${horizons(data.horizons)}

As charts: [energy](results/charts/matching/energy.svg), [time](results/charts/matching/time.svg),
[memory](results/charts/matching/memory.svg).`);
  }
  return parts.join("\n\n");
};
