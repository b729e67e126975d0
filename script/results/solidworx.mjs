// SolidWorx: gas from the snapshots, case studies from the demo's reports.
import { decimal, measured, number, read, table } from "./format.mjs";

// The published contract, whole transactions on anvil 1.7.1 under the same rules, and what this project aimed at.
const GAS = {
  "post offer 1 type": [168_138, 75_000],
  "post offer 4 types": [405_671, 90_000],
  "finalize 97 assignments": [1_138_844, null],
  "submit and finalize, an assignment": [153_519, 15_000],
};

const NAMES = {
  carpool: "carpool, 75 people",
  "carpool-blocks": "carpool, a block every 12 s",
  energy: "energy, 102 homes",
  "energy-battery": "energy, with batteries",
  "energy-failover": "energy, a solver killed at 8:15",
  "energy-one-cycle": "energy, the whole day in one cycle",
  food: "surplus food",
};

/// The same market as another case, solved once.
const LIVED_ONLY = ["carpool-blocks", "energy-failover", "energy-one-cycle"];

function gas(snapshot) {
  const rows = Object.keys(snapshot).sort().map((name) => {
    const [original, goal] = GAS[name] ?? [null, null];
    return [name, number(Number(snapshot[name])), goal ? number(goal) : "–", original ? number(original) : "–"];
  });
  return table(["call", "gas", "goal", "original"], rows);
}

function solved(cases) {
  const rows = cases.filter(([name]) => !LIVED_ONLY.includes(name)).map(([name, r]) => [
    NAMES[name],
    number(r.offers),
    `${number(r.assigned)} ${r.unit}`,
    number(r.value),
    number(r.upper_bound),
    r.method,
    decimal(r.solver_ms, 1),
    r.solution_bytes ? number(r.solution_bytes) : "–",
  ]);
  return table(["case", "offers", "assigned", "value", "bound", "program", "solver ms", "solution bytes"], rows);
}

function lived(cases) {
  const rows = cases.filter(([, r]) => r.chain).map(([name, { chain, unit }]) => {
    const { gas, finals } = chain;
    const solvers = (gas["solver-a"] ?? 0) + (gas["solver-b"] ?? 0);
    return [
      NAMES[name],
      number(chain.prosumers),
      number(chain.cycles),
      number(chain.offers),
      `${number(chain.assigned)} ${unit}`,
      number(chain.assignments),
      `${finals["solver-a"] ?? 0} + ${finals["solver-b"] ?? 0}`,
      number(gas.prosumers / chain.offers),
      number((solvers + gas.directory) / chain.assignments),
      decimal(chain.finalise_to_events_ms / 1000, 3),
    ];
  });
  const header = ["case", "prosumers", "cycles", "offers", "final", "assignments", "by solver", "gas an offer"];
  return table([...header, "gas an assignment", "finalise to events s"], rows);
}

export const section = () => {
  const data = measured("solidworx");
  if (!data) return null;
  const cases = Object.keys(NAMES).filter((name) => data.cases[name]).map((name) => [name, data.cases[name]]);
  return `## SolidWorx: gas

Whole transactions, 21,000 gas and call data included, from \`snapshots/SolidWorx.json\`, which CI holds to the gas: 102
offers of 102 prosumers, 97 assignments. \`submit and finalize, an assignment\` is the two packed calls by their 97
assignments. *Original* is the published research code under today's rules, whose interface is the one step by step.

${gas(read("snapshots/SolidWorx.json"))}

## SolidWorx: case studies

What the solver allocates in each case study (\`make results-solidworx\`): the value of an allocation that the exact twin
of the contract accepts, and what no allocation exceeds. The time is the middle one of five solves, from the offers to
the verified allocation, with CBC in a child process, on two cores shared with other work, in the development profile;
the dissertation's solver took 23 ms for its carpool, on data that are not published. The reference for the energy market
is the optimum of an independent linear program: 4,131,200 Wh, and 4,332,000 Wh with batteries. *Solution bytes* is what
the packed solution takes: a transaction that nodes pass on has 131,072 bytes at most, so that a whole day of 102 homes
does not fit one cycle, and an interval does.

${solved(cases)}

The same on a chain of its own (\`entente demo solidworx …\`): every prosumer an agent with a key, a directory that closes
and finalises, two solvers. Energy is a cycle an interval, what a cycle left of an offer is offered in the next; other
cases are repeated. The twin judges every final allocation again. *Gas an assignment* is all that both solvers and the
directory paid, lost races, failed proposals and closing included. *Finalise to events* is the middle one of the times
from the block that allows to finalise until the prosumers know what is final, with a block every 10 ms where it is not
said otherwise; in the dissertation 29 s passed, on a private network.

${lived(cases)}

Pictures like the dissertation's: the carpool's trips on a [map](results/charts/solidworx/carpool-map.svg) (figures 6.5 to
6.7) and by [slot](results/charts/solidworx/carpool.svg), energy [by interval](results/charts/solidworx/energy.svg) (6.8), and
[whose solution became final](results/charts/solidworx/failover.svg) though a solver was killed at 8:15 (6.9).`;
};
