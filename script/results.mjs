#!/usr/bin/env node
// Writes RESULTS.md from what was measured: gas snapshots and the reports of demo days. Run by `make results`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const number = (n) => Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
const row = (cells) => `| ${cells.join(" | ")} |`;
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

// The published contracts, whole transactions on anvil 1.7.1 under the same rules, and what this project aimed at.
const GOALS = {
  "post offer": [53_048, 80_000],
  "submit 97 trades": [11_829_323, 550_000],
  "finalize 97 trades": [1_219_035, 220_000],
  "submit 291 trades": [null, 1_000_000],
  "worse solution refused": [null, 75_000],
  "settle and deposit 1 interval": [null, 90_000],
  "settle and deposit 8 intervals": [null, 200_000],
  "register prosumer": [45_313, null],
};

const DAYS = [
  ["default", "fifteen homes (SimBench), 08:00 to 20:00, feeders' limits bind", "`make demo`"],
  ["fifteen", "the authors' fifteen prosumers, no limits", "`make demo DATA=…/fifteen/offers.csv`"],
  [
    "microgrid102",
    "the authors' 102 homes, their limits",
    "`make demo DATA=…/microgrid102/offers.csv INTERNAL_LIMIT_WH=2500000 EXTERNAL_LIMIT_WH=2000000`",
  ],
];

function gas() {
  const measured = read("snapshots/Transax.json");
  const lines = Object.keys(measured).sort().map((name) => {
    const [original, goal] = GOALS[name] ?? [null, null];
    const used = Number(measured[name]);
    return row([name, number(used), goal ? number(goal) : "–", original ? number(original) : "–"]);
  });
  return [row(["call", "gas", "goal", "original"]), row(["---", "--:", "--:", "--:"]), ...lines].join("\n");
}

function perTrade() {
  const measured = read("snapshots/Transax.json");
  const cost = (Number(measured["submit 97 trades"]) + Number(measured["finalize 97 trades"])) / 97;
  return `Submitting and finalising cost ${number(cost)} gas a trade at 97 trades; the original's cost 134,519.`;
}

function days() {
  const lines = DAYS.flatMap(([name, what, command]) => {
    const path = `target/results/${name}/report.json`;
    if (!existsSync(path)) return [];
    const r = read(path);
    const share = ((100 * r.traded_wh) / r.optimum_wh).toFixed(2);
    const solutions = Object.values(r.solutions_by_solver).join(" + ");
    return [
      row([
        `${what}: ${command}`,
        number(r.offers),
        number(r.traded_wh),
        number(r.optimum_wh),
        `${share} %`,
        r.violations,
        number(r.gas_total / r.offers),
        solutions,
      ]),
    ];
  });
  if (lines.length === 0) throw new Error("no demo reports in target/results; run `make results`");
  const header = ["day", "offers", "traded Wh", "optimum Wh", "share", "violations", "gas an offer", "solutions by solver"];
  return [row(header), row(["---", ...header.slice(1).map(() => "--:")]), ...lines].join("\n");
}

writeFileSync(
  "RESULTS.md",
  `# Results

Written by \`make results\`; do not edit. What is not measured here is not claimed elsewhere.

## Gas

Whole transactions, 21,000 gas and call data included, from \`snapshots/Transax.json\`, which CI holds to the gas. The
scenario is that of the dissertation: 102 prosumers on 11 feeders, five of them sellers; the market is in use, so that
only what is new costs a new storage slot. \`submit 291 trades\` is of 102 offers that span three intervals;
\`worse solution refused\` is a transaction that reverts. *Original* is the published research code under today's rules.
Its finalising moved neither money nor assets; here they move when somebody settles, at the cost shown.

${gas()}

${perTrade()}

## Days of trading

From deployment to bills on a local node, with two solvers that compete. *Optimum* is the most energy that could have
been traded had all offers of the day been known at its start, by one linear program over the whole day, rounded down.
*Gas an offer* is the gas of all transactions of the day, set-up and settlement included, by the number of offers.

${days()}
`,
);
