// MODiCuM: gas from the snapshots.
import { decimal, measured, number, read, table } from "./format.mjs";

// The authors' contract compiled with its period compiler, whole transactions on anvil 1.7.1 under today's rules, and what
// this project aimed at. The creator's share is as published.
const GAS = {
  "happy path on chain": [1_094_575, 550_000],
  "happy path signed offers": [null, 320_000],
  "job creator's share, signed offers": [592_000, 60_000],
  mediated: [1_290_464, 750_000],
  "post match": [145_827, null],
  "post result": [246_710, null],
  "accept result": [153_012, null],
  "reject result": [67_182, null],
  "post mediation result": [281_719, null],
};

function gas(snapshot) {
  const first = Object.keys(GAS);
  const names = [...first, ...Object.keys(snapshot).filter((name) => !first.includes(name)).sort()];
  const rows = names.map((name) => {
    const [original, goal] = GAS[name] ?? [null, null];
    return [name, number(Number(snapshot[name])), goal ? number(goal) : "–", original ? number(original) : "–"];
  });
  return table(["transactions", "gas", "goal", "original"], rows);
}

const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];

// The goals are the project's; the paper's figures are those of its section 3.7.1.
function overhead({ bare, platform, provider }, { overhead_short: short }) {
  const of = (runs, key) => runs.map((run) => run[key]);
  const least = (runs) => Math.min(...of(runs, "cpuSeconds"));
  const more = (runs) => {
    const ratios = runs.map((run, at) => (run.cpuSeconds / bare[at].cpuSeconds - 1) * 100);
    return `${decimal(median(ratios), 2)} % (${decimal(Math.min(...ratios), 2)} to ${decimal(Math.max(...ratios), 2)} %)`;
  };
  const memory = (what, key, goal, paper) => {
    const [alone, ...others] = [bare, platform, provider].map((runs) => median(of(runs, key)) / 1024);
    return [what, decimal(alone, 1), ...others.flatMap((it) => [decimal(it, 1), decimal(it - alone, 1)]), goal, paper];
  };
  const seconds = (runs) => decimal(median(of(runs, "cpuSeconds")), 2);
  const quietest = (runs) => [decimal(least(runs), 2), `${decimal((least(runs) / least(bare) - 1) * 100, 2)} %`];
  // What surrounds a run is the same however long it is.
  const shortest = () => {
    const [alone, ...others] = [short.bare, short.platform, short.provider].map((runs) => median(of(runs, "cpuSeconds")));
    const most = (it) => `${decimal(((it - alone) / least(bare)) * 100, 2)} % of the above`;
    return ["CPU time of a job that ends at once, s", decimal(alone, 2), ...others.flatMap((it) => [decimal(it, 2), most(it)]), "", ""];
  };
  return `### Running a job

The same module in the same engine with the same settings: alone, by \`entente job run\`, and by a provider's agent, whose
whole process is watched from a stranger's offer until the result is there, on a chain with a block a second. ${bare.length} runs of
each in turn, in changing order, processes of their own. Other work on the machine only ever adds CPU time, and medians with
the ratios of single runs tell how much it varies: more than what is looked for. What surrounds a run does not grow with it,
so that a job which ends at once tells it apart.

${table(
  ["", "alone", "\`entente job run\`", "more", "provider", "more", "goal", "paper"],
  [
    ["least CPU time, s", decimal(least(bare), 2), ...quietest(platform), ...quietest(provider), "1 %", "4 %"],
    ["median CPU time, s", seconds(bare), seconds(platform), more(platform), seconds(provider), more(provider), "", ""],
    shortest(),
    memory("memory of its own, MiB", "ownMemoryKib", "10", "20–25"),
    memory("with the pages of its files, MiB", "memoryKib", "10", ""),
  ],
)}

The paper tells how much more memory was in use on a node; pages of files, which the system may drop, are commonly no part
of that. \`entente job run\` gives way to a small program,
\`entente-job\`, which holds what running jobs takes and nothing else.`;
}

function streaming({ mib, serviceMemoryKib, serviceGrowthKib, clientMemoryKib, putSeconds, getSeconds }) {
  const [service, growth, client] = [serviceMemoryKib, serviceGrowthKib, clientMemoryKib].map((kib) => decimal(kib / 1024, 1));
  return `### Moving a job

A directory in a process of its own, and a client that stores and fetches a job of one file of ${number(mib)} MiB, after one
of 8 MiB. Every byte is hashed on both ends, and on the disk when it is acknowledged. Both run in a build for development;
the machine's two cores were busy with other work, which lengthens times and leaves memory as it is.

${table(
  ["", "figure"],
  [
    ["the service's memory at its most, MiB", service],
    ["of it, more than for 8 MiB, MiB", growth],
    ["the client's memory at its most, MiB", client],
    ["storing, s", decimal(putSeconds, 1)],
    ["fetching, s", decimal(getSeconds, 1)],
  ],
)}`;
}

// Figure 3.6 of the dissertation: n and the best p_a, as published.
const PUBLISHED = { 1: 0.5, 2: 0.8047, 3: 0.9032, 4: 0.9431, 6: 0.9737 };

const gain = ({ mean, error }) => `${decimal(mean, 3)} ± ${decimal(error, 3)}`;

function strategies(study) {
  const best = study.best_determinism.map(({ verifications, determinism }) => [
    verifications, decimal(determinism, 4), decimal(PUBLISHED[verifications], 4),
  ]);
  const providers = study.providers.map(({ execution, gain: earned, disputes }) => [
    decimal(execution, 2), gain(earned), number(disputes),
  ]);
  const creators = study.creators.map(({ determinism, gain: earned, disputes }) => [
    decimal(determinism, 2), gain(earned), number(disputes),
  ]);
  const { verification } = study.providers[0];
  return `### Strategies

Measured by \`make results-modicum\`. The p_a with which a creator that would cheat with its job gains most, at
g_m = θ = 0 and p_e = 1; with the platform's choice, n = 2 and θ = 50, it is ${decimal(study.platform.determinism, 4)}, and
${decimal(study.platform.verification_rate, 4)} of the results need to be verified:

${table(["n", "best p_a", "published"], best)}

A simulated market of ${number(study.jobs)} jobs each (seed ${study.seed}), paid by the contract's own payout function;
gains a job, in prices, with standard errors. Providers that execute so often, where ${decimal(verification, 4)} of the
results are verified:

${table(["p_e", "provider's gain", "disputes"], providers)}

and creators whose jobs are so deterministic, where all is verified:

${table(["p_a", "creator's gain", "disputes"], creators)}`;
}

function demonstration({ matches, ledger, gas_used }) {
  const tokens = (amount) => decimal(amount / 1e6, 4);
  const rows = matches.map(({ job, provider, why, price, burned }) => [job, provider, why, tokens(price), tokens(burned)]);
  const held = ledger.balances + ledger.stakes + ledger.deposits;
  return `### Demonstration

\`make demo-modicum\`: every match and its end, in tokens. Of ${tokens(ledger.paid_in)} paid in, ${tokens(ledger.paid_out)}
were paid out, ${tokens(held)} are held as stakes, and ${tokens(ledger.burned)} were burned; all transactions together used
${number(gas_used)} gas.

${table(["job", "provider", "why it ended", "price", "burned"], rows)}`;
}

export function section() {
  const snapshot = read("snapshots/Modicum.json");
  if (!snapshot) return null;
  const figures = measured("modicum") ?? {};
  const written = { overhead, streaming, study: strategies, demo: demonstration };
  const parts = Object.entries(written).map(([name, write]) => figures[name] && write(figures[name], figures));
  return [costs(snapshot), ...parts].filter(Boolean).join("\n\n");
}

function costs(snapshot) {
  return `## MODiCuM

Gas of whole transactions (21,000, call data and execution, less refunds), measured by \`make snapshots\`, where
everybody has had a match before. A happy path is two offers, match, result and acceptance; signed offers are not posted,
but brought along with the match. Mediated is the same with a rejection and a verdict for the acceptance. Deposits come
from balances that the parties have paid in before, and go back there: \`deposit funds\` and \`withdraw funds\` are not part of
a path, as one of each serves any number of jobs. The original's \`postMatch\` checked nothing; its figures are those of the
published code, and the creator's share is the paper's own.

${gas(snapshot)}`;
}
