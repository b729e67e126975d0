// TRANSAX: gas from the snapshots, days from the demo's reports.
import { decimal, measured, number, read, table } from "./format.mjs";

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
  "mix 8 intervals and credits of 3": [null, 400_000],
  "mix 8 intervals and credits of 15": [null, 1_500_000],
  "mix 96 intervals and credits of 15": [null, 16_777_216],
  "mix 32 intervals and credits of 100": [null, 16_777_216],
  "post an account's first offer by signature": [null, 150_000],
  "post offer by signature": [null, 110_000],
  "settle and deposit 1 interval by signature": [null, 120_000],
  "transfer credits by signature": [null, 80_000],
};

const DAYS = {
  default: "fifteen homes (SimBench), 08:00 to 20:00, feeders' limits bind: `make demo`",
  fifteen: "the authors' fifteen prosumers, no limits: `make demo DATA=…/fifteen/offers.csv`",
  microgrid102:
    "the authors' 102 homes, their limits: `make demo DATA=…/microgrid102/offers.csv INTERNAL_LIMIT_WH=2500000 EXTERNAL_LIMIT_WH=2000000`",
};

function gas(snapshot) {
  const rows = Object.keys(snapshot).sort().map((name) => {
    const [original, goal] = GOALS[name] ?? [null, null];
    return [name, number(Number(snapshot[name])), goal ? number(goal) : "–", original ? number(original) : "–"];
  });
  return table(["call", "gas", "goal", "original"], rows);
}

function days(reports) {
  const rows = Object.keys(DAYS).filter((day) => reports[day]).map((day) => {
    const r = reports[day];
    return [
      DAYS[day],
      number(r.offers),
      number(r.traded_wh),
      number(r.optimum_wh),
      `${((100 * r.traded_wh) / r.optimum_wh).toFixed(2)} %`,
      r.violations,
      number(r.gas_total / r.offers),
      Object.values(r.solutions_by_solver).join(" + "),
    ];
  });
  const header = ["day", "offers", "traded Wh", "optimum Wh", "share", "violations", "gas an offer", "solutions by solver"];
  return table(header, rows);
}

function unseen(report) {
  if (!report?.unseen) return "";
  const u = report.unseen;
  const share = ((100 * u.unseen_wh) / u.seen_wh).toFixed(2);
  return `

The fifteen homes once more, from accounts that are mixed each period (\`make demo PRIVACY=on\`), beside the same day in the
same run traded openly: ${number(u.unseen_wh)} of ${number(u.seen_wh)} Wh, ${share} % (the goal is 99 %), of which ${number(u.openly_wh)} Wh from registered
accounts; ${u.mixes} mixes, each among ${u.fewest} homes or more; ${report.violations} violations; ${u.right} of ${u.bills} bills are what a verifier makes of
that prosumer's own trades and readings.`;
}

function endurance(report) {
  if (!report?.endurance) return "";
  const e = report.endurance;
  const mebibytes = (kib) => decimal(kib / 1024, 1);
  const growth = decimal((e.end_kib / e.middle_kib - 1) * 100, 1);
  return `

The day of the 102 homes with journals in files (\`demo transax --endurance\`): all agents of the day, 102 prosumers, their
meters, the finaliser and two solvers, have ${mebibytes(e.middle_kib)} MiB half-way and ${mebibytes(e.end_kib)} MiB at the end, ${growth} % more (the goal
is 5 %); ${number(report.missed_intervals)} intervals were missed (0); the largest journal takes ${decimal(e.journal_bytes / 1e6, 1)} MB (200), and the slowest runtime is up to date
${decimal(e.restart_seconds, 2)} s after a restart (5).`;
}

export function section() {
  const snapshot = read("snapshots/Transax.json");
  const reports = measured("transax");
  if (!reports) throw new Error("results/transax.json is missing; run `make results`");
  const aTrade = (Number(snapshot["submit 97 trades"]) + Number(snapshot["finalize 97 trades"])) / 97;
  return `## TRANSAX: gas

Whole transactions, 21,000 gas and call data included, from \`snapshots/Transax.json\`, which CI holds to the gas. The
scenario is that of the dissertation: 102 prosumers on 11 feeders, five of them sellers; the market is in use, so that
only what is new costs a new storage slot. \`submit 291 trades\` is of 102 offers that span three intervals;
\`worse solution refused\` is a transaction that reverts. *Original* is the published research code under today's rules.
Its finalising moved neither money nor assets; here they move when somebody settles, at the cost shown. A mix goes to
accounts that were never used, so that each of their storage slots is new; its last line is the gas of 96 intervals among
15, divided by both. No transaction may use more than 16,777,216 gas: a larger mix takes several, each whole by itself.

${gas(snapshot)}

Submitting and finalising cost ${number(aTrade)} gas a trade at 97 trades; the original's cost 134,519.

## TRANSAX: days of trading

From deployment to bills on a local node, with two solvers that compete. *Optimum* is the most energy that could have
been traded had all offers of the day been known at its start, by one linear program over the whole day, rounded down.
*Gas an offer* is the gas of all transactions of the day, set-up and settlement included, by the number of offers.

${days(reports)}${unseen(reports.unseen)}${endurance(reports.microgrid102)}`;
}
