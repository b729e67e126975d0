// What `make results-ledger` measured of simulated ledgers.
import { decimal, measured, number, table } from "./format.mjs";

const ANCHOR = {
  "paper-001-figure-5": ["10 nodes, PBFT", 6.14, 48.2, 0.417],
  "paper-001-bigfoot": ["10 nodes, BigFoot", 4.96, 54.1, 0.372],
  "paper-001-figure-6": ["50 nodes, PBFT", 2.35, 43.4, 0.454],
};

const signed = (n, places) => `${n >= 0 ? "+" : ""}${decimal(n, places)}`;
const of = (found, anchor, places) => `${decimal(found, places)} (${signed((found / anchor - 1) * 100, 1)} %)`;

const comparison = ({ presets }) =>
  table(
    ["system", "latency s", "throughput tx/s", "inter-block s"],
    Object.entries(ANCHOR).map(([preset, [name, latency, throughput, gap]]) => {
      const found = presets[preset];
      return [name, of(found.latency_by_block, latency, 3), of(found.throughput, throughput, 2), of(found.inter_block, gap, 4)];
    }),
  );

const speed = ({ speed }) =>
  table(
    ["preset", "nodes", "events", "ms a run", "million events/s"],
    speed.map((row) => [
      row.preset,
      row.nodes,
      number(row.events),
      decimal(row.milliseconds, 2),
      decimal(row.million_events_a_second, 1),
    ]),
  );

const sweep = ({ sweep }) =>
  table(
    ["lost of 50", "links missing", "latency s", "deviation s", "change", "throughput tx/s", "change", "fell apart"],
    sweep.rows.map((row) => [
      row.lost,
      decimal(row.missing_links.mean, 1),
      decimal(row.latency.mean, 3),
      decimal(row.latency.deviation, 3),
      `${signed(row.latency_deviation.mean, 1)} %`,
      decimal(row.throughput.mean, 2),
      `${signed(row.throughput_deviation.mean, 1)} %`,
      row.apart,
    ]),
  );

const adapt = ({ adapt }) =>
  table(
    ["strategy", "latency s", "agent+ minus it, s", "steps simulated", "choosing s"],
    adapt.strategies.map((row) => [
      row.strategy,
      `${decimal(row.latency.mean, 4)} ± ${decimal(row.latency.confidence, 4)}`,
      `${signed(row.agent_plus_minus_this.mean, 4)} ± ${decimal(row.agent_plus_minus_this.confidence, 4)}`,
      decimal(row.simulated_steps.mean, 1),
      decimal(row.decision_seconds.mean, 4),
    ]),
  );

const speedPart = (data) => data.speed ? `Speed on one core, the fastest of 15 runs (\`cargo bench --package ledger-simulator\`):

${speed(data)}

` : "";

const difference = ({ strategies }) => {
  const { mean, confidence } = strategies.find((row) => row.strategy === "agent").agent_plus_minus_this;
  return `${signed(mean, 4)} ± ${decimal(confidence, 4)} s`;
};

const longerPart = ({ longer }) =>
  longer
    ? ` An agent that only learns makes up for it in time: of ${longer.intervals} choices
(\`--intervals ${longer.intervals}\`) the difference is ${difference(longer)}.`
    : "";

const adaptPart = (data) => {
  const a = data.adapt;
  return a ? `\n\nChoosing between PBFT and BigFoot on WL2, ${a.seeds} systems with ${a.intervals} choices each (\`entente ledger adapt\`);
± are 95 % confidence intervals, differences are of one system's latencies:

${adapt(data)}

Agent+ simulates ${decimal(a.decision_events_percent, 2)} % of the events that what-if at every step does, and takes
${decimal(a.decision_time_percent, 2)} % of its time to choose.${longerPart(data)} Charts: [latency](results/charts/ledger/adapt/latency.svg),
[time to choose](results/charts/ledger/adapt/decision-time.svg), [training](results/charts/ledger/adapt/training.svg).` : "";
};

/** The section, or null before the first measurement. */
export const section = () => {
  const data = measured("ledger");
  if (!data) return null;
  const { networks, sweep: s } = data;
  return `## Ledger

Measured by \`make results-ledger\` on two cores that other work shared.

Against the figures of the papers' own simulator (\`entente ledger simulate --preset ...\`). Each preset pins the random
network that comes closest: over ${networks.replicas} networks of figure 5's system, latency by block is
${decimal(networks.latency_by_block.mean, 2)} s with a standard deviation of ${decimal(networks.latency_by_block.deviation, 2)} s,
inter-block time ${decimal(networks.inter_block.mean, 3)} ± ${decimal(networks.inter_block.deviation, 3)} s.

${comparison(data)}

${speedPart(data)}Reports lost of ${s.nodes}, ${s.replicas} draws each (\`entente ledger sweep --preset paper-001-figure-6\`), against the
original's ${decimal(s.original.latency, 3)} s and ${decimal(s.original.throughput, 2)} tx/s; the whole sweep took
${decimal(s.run_seconds, 0)} s, in the development profile:

${sweep(data)}

As boxplots: [latency](results/charts/ledger/sweep/latency.svg), [throughput](results/charts/ledger/sweep/throughput.svg),
[inter-block time](results/charts/ledger/sweep/inter-block-time.svg),
[decentralisation](results/charts/ledger/sweep/decentralisation.svg). A network beside the one that was rebuilt of it with
three reports lost: [networks](results/charts/ledger/networks.svg).${adaptPart(data)}`;
};
