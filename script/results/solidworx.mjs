// SolidWorx: its case studies.
import { decimal, measured, number, table } from "./format.mjs";

const NAMES = {
  carpool: "carpool, 75 people",
  energy: "energy, 102 homes",
  "energy-battery": "energy, with batteries",
  food: "surplus food",
};

export const section = () => {
  const data = measured("solidworx");
  if (!data) return null;
  const rows = Object.entries(data.cases).map(([name, report]) => [
    NAMES[name],
    number(report.offers),
    `${number(report.assigned)} ${report.unit}`,
    number(report.value),
    number(report.upper_bound),
    report.method,
    decimal(report.solver_ms, 1),
  ]);
  return `## SolidWorx

What the solver allocates in each case study (\`make results-solidworx\`): the value of an allocation that the exact twin
of the contract accepts, and what no allocation exceeds. The time is the middle one of five solves, from the offers to
the verified allocation, with CBC in a child process, on two cores shared with other work, in the development profile;
the dissertation's solver took 23 ms for its carpool, on data that are not published. The reference for the energy market
is the optimum of an independent linear program: 4,131,200 Wh, and 4,332,000 Wh with batteries.

${table(["case", "offers", "assigned", "value", "bound", "program", "solver ms"], rows)}`;
};
